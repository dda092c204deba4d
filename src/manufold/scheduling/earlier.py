"""Earlier: what would bring a promised finish forward, one change of the floor at a time.

For each work unit that a promise uses: the promise again on a network in which that unit works one
more shift a week, on the first day of the weekend that it rests. What is booked stays where it is;
only new working time is won. Whoever asks puts money and carbon to the answer.

Cost    a load and a promise for each work unit tried, at most `UNITS_MAX`; asked for, never on the
        way of an offer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from manufold.model.calendar import WorkCalendar
from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job
from manufold.model.units import DAY_S
from manufold.scheduling.load import Load
from manufold.scheduling.promise import Promised, promise
from manufold.scheduling.worktime import compiled_worktime

__all__ = ["GAIN_LEAST_S", "Earlier", "earlier", "with_extra_shift"]

#: most work units tried; a longer routing shares most of them
UNITS_MAX = 8
#: less than this is no date that anybody would pay for
GAIN_LEAST_S = 3600

_DAYS = ("sat", "sun")


@dataclass(frozen=True, slots=True)
class Earlier:
    """One change, and what it would bring.

    Args:
        resource_id: the work unit that works longer.
        day: of the week on which it does, "sat" or "sun".
        shifts: how many such days until the work would end.
        open_s: working seconds that they add, each of them whole.
        gain_s: how much sooner the last operation would end.
        promised: where everything would stand.
    """

    resource_id: str
    day: str
    shifts: int
    open_s: int
    gain_s: int
    promised: Promised


def earlier(
    network: Network,
    load_of: Callable[[Network], Load],
    job: Job,
    *,
    sites: frozenset[str],
    to_site_or_zone: str | None = None,
    ready_s: Mapping[tuple[str, str], int] | None = None,
) -> tuple[Earlier, ...]:
    """Return the changes that bring a job's finish forward, the greatest gain first.

    Args:
        load_of: builds the load of what is booked now on a network with another calendar.
        sites: where it is made; they stay as they are.

    Raises:
        CannotMake: as `promise`, when it cannot be made as things are.
    """
    at = load_of(network)

    def placed(load: Load) -> Promised:
        return promise(
            load, load.network, job, sites=sites, to_site_or_zone=to_site_or_zone, ready_s=ready_s
        )

    usual = placed(at)
    found: list[Earlier] = []
    units = dict.fromkeys(slot.resource_id for slot in usual.slots)
    for resource_id in list(units)[:UNITS_MAX]:
        longer = with_extra_shift(network, resource_id)
        if longer is None:
            continue
        changed, day = longer
        try:
            new = placed(load_of(changed))
        except CannotMake:
            continue
        gain_s = usual.finish_s - new.finish_s
        if gain_s >= GAIN_LEAST_S and any(s.resource_id == resource_id for s in new.slots):
            last_s = max(slot.end_s for slot in new.slots if slot.resource_id == resource_id)
            shifts, open_s = _added(network, changed, resource_id, at.from_s, last_s)
            found.append(Earlier(resource_id, day, shifts, open_s, gain_s, new))
    return tuple(sorted(found, key=lambda one: (-one.gain_s, one.resource_id)))


def with_extra_shift(network: Network, resource_id: str) -> tuple[Network, str] | None:
    """Return the network in which a work unit works one more shift a week, and on which day; None
    where it works every day or never."""
    unit = network.work_unit[resource_id]
    usual = network.calendar[unit.calendar_id]
    day = next((d for d in _DAYS if all(d not in shift.days for shift in usual.shifts)), None)
    if day is None or not usual.shifts:
        return None
    own = f"{usual.calendar_id}, {resource_id} {day}"
    extra = replace(usual.shifts[0], days=(day,))
    more = replace(usual, calendar_id=own, shifts=(*usual.shifts, extra))
    units = tuple(
        replace(one, calendar_id=own) if one.work_unit_id == resource_id else one
        for one in network.work_units
    )
    return replace(network, calendars=(*network.calendars, more), work_units=units), day


def _added(
    network: Network, changed: Network, resource_id: str, from_s: int, to_s: int
) -> tuple[int, int]:
    """Return how many shifts a change begins in a span, and their whole working seconds."""

    def worked_s(one: Network) -> int:
        calendar = one.calendar[one.work_unit[resource_id].calendar_id]
        return compiled_worktime(calendar, from_s, to_s).total_s

    shift_s = _shift_s(changed, resource_id)
    shifts = -(-(worked_s(changed) - worked_s(network)) // shift_s)
    return shifts, shifts * shift_s


def _shift_s(changed: Network, resource_id: str) -> int:
    """Return the working seconds of the shift that was added."""
    calendar = changed.calendar[changed.work_unit[resource_id].calendar_id]
    alone = WorkCalendar("alone", calendar.zone, calendar.shifts[-1:])
    (start_s, _end_s), *_ = alone.intervals(0, 14 * DAY_S)
    return sum(end_s - at_s for at_s, end_s in alone.intervals(start_s, start_s + DAY_S))
