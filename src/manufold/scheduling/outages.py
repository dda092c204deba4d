"""Outages: a work unit that is down, told to everyone by its calendar.

A network with outages is an ordinary network in which each work unit that is down has a calendar
of its own with a closure. Load, promise, dispatch, forecast and judge need not know more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from manufold.model.errors import InputFault
from manufold.model.network import Network

__all__ = ["Outage", "with_outages"]


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch [from_s, to_s) in which a work unit does nothing."""

    resource_id: str
    from_s: int
    to_s: int

    def __post_init__(self) -> None:
        if self.from_s >= self.to_s:
            raise InputFault("schedule.outage_backwards", resource=self.resource_id)


def with_outages(network: Network, outages: Iterable[Outage]) -> Network:
    """Return the network in which these work units are down.

    Raises:
        InputFault: `schedule.resource_unknown`.
    """
    down: dict[str, list[tuple[int, int]]] = {}
    for outage in outages:
        if outage.resource_id not in network.work_unit:
            raise InputFault("schedule.resource_unknown", resource=outage.resource_id)
        down.setdefault(outage.resource_id, []).append((outage.from_s, outage.to_s))
    if not down:
        return network
    calendars, units = list(network.calendars), []
    for unit in network.work_units:
        if unit.work_unit_id in down:
            own = f"{unit.calendar_id}, {unit.work_unit_id} down"
            usual = network.calendar[unit.calendar_id]
            closures = (*usual.closures, *down[unit.work_unit_id])
            calendars.append(replace(usual, calendar_id=own, closures=closures))
            unit = replace(unit, calendar_id=own)
        units.append(unit)
    return replace(network, calendars=tuple(calendars), work_units=tuple(units))
