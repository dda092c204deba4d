"""Earlier: what would bring a finish forward, one change of the floor at a time.

For each work unit that is used: the promise again on a load in which that unit works more, on the
first day of the weekend that it rests, or in the evening of its working days. Whoever attends the
work there comes along. What is booked stays where it is; only new working time is won. Whoever
asks puts money and carbon to the answer.

Cost    a promise and the calendars of the network for each change tried, two for each of at most
        `UNITS_MAX` work units; asked for, never on the way of an offer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.model.units import DAY_S
from manufold.scheduling.clocks import clocks_of
from manufold.scheduling.load import Load
from manufold.scheduling.promise import Promised, promise
from manufold.scheduling.resources import resources_of
from manufold.scheduling.worktime import compiled_worktime

__all__ = ["GAIN_LEAST_S", "Earlier", "Extra", "earlier", "extra_shifts", "with_extra"]

#: most work units tried; a longer routing shares most of them
UNITS_MAX = 8
#: less than this is no date that anybody would pay for
GAIN_LEAST_S = 3600

_WEEKEND = ("sat", "sun")
#: minutes of a day
_DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Extra:
    """One more shift a week, or one on each working day.

    Args:
        resource_id: the work unit.
        who: whose calendars get it: the work unit unless it works then already, and operators.
        day: "sat", "sun", or "late" for the evenings of its working days.
        shift: the first one, in the local time of each calendar.
    """

    resource_id: str
    who: tuple[str, ...]
    day: str
    shift: Shift


@dataclass(frozen=True, slots=True)
class Earlier:
    """One change, and what it would bring.

    Args:
        shifts: how many such shifts the work would see, from its first slot there to its last.
        open_s: working seconds that they add for each of `extra.who`, each shift whole.
        gain_s: how much sooner the last operation would end.
        load: on which it would.
        promised: where everything would stand.
    """

    extra: Extra
    shifts: int
    open_s: int
    gain_s: int
    load: Load
    promised: Promised


def earlier(
    load: Load,
    job: Job,
    slots: Sequence[Slot],
    finish_s: int,
    *,
    sites: frozenset[str] | None = None,
    to_site_or_zone: str | None = None,
    ready_s: Mapping[tuple[str, str], int] | None = None,
    fixed: Mapping[str, Slot] | None = None,
) -> tuple[Earlier, ...]:
    """Return the changes that bring a finish forward, the greatest gain first.

    Args:
        load: without what is booked for the job and may move.
        slots: where the job stands as things are, what is fixed left out; they end at `finish_s`.
        sites, to_site_or_zone, ready_s, fixed: as for `promise`.
    """
    found: list[Earlier] = []
    for extra in extra_shifts(load.network, slots):
        changed = with_extra(load.network, extra)
        longer = replace(
            load,
            network=changed,
            resources=resources_of(changed),
            clocks=clocks_of(changed, load.from_s, load.from_s + load.horizon_s),
            routings={},
        )
        try:
            new = promise(
                longer,
                changed,
                job,
                sites=sites,
                to_site_or_zone=to_site_or_zone,
                ready_s=ready_s,
                fixed=fixed,
            )
        except CannotMake:  # greedy: more time can, rarely, lead where there is no way on
            continue
        gain_s = finish_s - new.finish_s
        used = [slot for slot in new.slots if slot.resource_id == extra.resource_id]
        if gain_s >= GAIN_LEAST_S and used:
            from_s, to_s = min(s.start_s for s in used), max(s.end_s for s in used)
            shifts, open_s = _added(load.network, changed, extra, from_s, to_s)
            if shifts:
                found.append(Earlier(extra, shifts, open_s, gain_s, longer, new))
    found.sort(key=lambda one: (-one.gain_s, one.open_s, one.extra.resource_id))
    return tuple(found)


def extra_shifts(network: Network, slots: Iterable[Slot]) -> Iterator[Extra]:
    """Yield the shifts that the work units of slots, and whoever attends there, could work more."""
    people: dict[str, dict[str, None]] = {}
    for slot in slots:
        there = people.setdefault(slot.resource_id, {})
        there |= {c.resource_id: None for c in slot.also if c.resource_id in network.operator}
    for resource_id in list(people)[:UNITS_MAX]:
        unit = network.calendar[network.work_unit[resource_id].calendar_id]
        theirs = {name: _calendar(network, name) for name in people[resource_id]}
        yield from _weekend(resource_id, unit, theirs)
        yield from _evenings(resource_id, unit, theirs)


def with_extra(network: Network, extra: Extra) -> Network:
    """Return the network in which a shift is worked more."""
    made: dict[str, WorkCalendar] = {}
    for name in extra.who:
        usual = _calendar(network, name)
        own = f"{usual.calendar_id}, {name} {extra.day}"
        made[name] = replace(usual, calendar_id=own, shifts=(*usual.shifts, extra.shift))
    units = tuple(
        replace(one, calendar_id=made[one.work_unit_id].calendar_id)
        if one.work_unit_id in made
        else one
        for one in network.work_units
    )
    operators = tuple(
        replace(one, calendar_id=made[one.operator_id].calendar_id)
        if one.operator_id in made
        else one
        for one in network.operators
    )
    calendars = (*network.calendars, *made.values())
    return replace(network, calendars=calendars, work_units=units, operators=operators)


def _weekend(
    resource_id: str, unit: WorkCalendar, people: Mapping[str, WorkCalendar]
) -> Iterator[Extra]:
    """Yield the first day of the weekend on which the unit rests, or all who attend it do."""
    for day in _WEEKEND:
        rest = [name for name, calendar in people.items() if not _works_on(calendar, day)]
        unit_rests = not _works_on(unit, day)
        usual = unit.shifts if unit_rests else [s for n in rest for s in people[n].shifts]
        if usual and (unit_rests or len(rest) == len(people)):
            who = (*([resource_id] if unit_rests else []), *rest)
            yield Extra(resource_id, who, day, replace(usual[0], days=(day,)))
            return


def _evenings(
    resource_id: str, unit: WorkCalendar, people: Mapping[str, WorkCalendar]
) -> Iterator[Extra]:
    """Yield a second shift on the days on which a unit works only one, as long as the first."""
    if len(unit.shifts) != 1:
        return
    first = unit.shifts[0]
    begins_min, ends_min = _minutes(first.start), first.end_min
    span_min = ends_min - begins_min
    if ends_min + span_min > _DAY_MIN:
        return
    second = Shift(first.days, first.end, _clock(ends_min + span_min))
    idle = [name for name, calendar in people.items() if _idle(calendar, ends_min)]
    yield Extra(resource_id, (resource_id, *idle), "late", second)


def _works_on(calendar: WorkCalendar, day: str) -> bool:
    return any(day in shift.days for shift in calendar.shifts)


def _idle(calendar: WorkCalendar, from_min: int) -> bool:
    return all(shift.end_min <= from_min for shift in calendar.shifts)


def _calendar(network: Network, resource_id: str) -> WorkCalendar:
    unit = network.work_unit.get(resource_id)
    if unit is not None:
        return network.calendar[unit.calendar_id]
    return network.calendar[network.operator[resource_id].calendar_id]


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _added(
    network: Network, changed: Network, extra: Extra, from_s: int, to_s: int
) -> tuple[int, int]:
    """Return how many shifts a change begins in a span, and their whole working seconds."""
    name = extra.who[0]

    def worked_s(one: Network) -> int:
        return compiled_worktime(_calendar(one, name), from_s, to_s).total_s

    alone = WorkCalendar("alone", _calendar(changed, name).zone, (extra.shift,))
    (start_s, _end_s), *_ = alone.intervals(0, 14 * DAY_S)
    shift_s = sum(end_s - at_s for at_s, end_s in alone.intervals(start_s, start_s + DAY_S))
    shifts = -(-(worked_s(changed) - worked_s(network)) // shift_s)
    return shifts, shifts * shift_s
