"""Outages: a work unit that is down, an operator who is away, told to everyone by a calendar.

A network with outages is an ordinary network in which each work unit that is down and each operator
who is away has a calendar of its own with a closure. Load, promise, dispatch, forecast and judge
need not know more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from manufold.model.calendar import WorkCalendar
from manufold.model.errors import InputFault
from manufold.model.network import Network

__all__ = ["Outage", "with_outages"]


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch [from_s, to_s) in which a work unit or an operator does nothing."""

    resource_id: str
    from_s: int
    to_s: int

    def __post_init__(self) -> None:
        if self.from_s >= self.to_s:
            raise InputFault("schedule.outage_backwards", resource=self.resource_id)


def with_outages(network: Network, outages: Iterable[Outage]) -> Network:
    """Return the network in which these work units are down and these operators away.

    Raises:
        InputFault: `schedule.resource_unknown`.
    """
    down: dict[str, list[tuple[int, int]]] = {}
    for outage in outages:
        if outage.resource_id not in network.work_unit | network.operator:
            raise InputFault("schedule.resource_unknown", resource=outage.resource_id)
        down.setdefault(outage.resource_id, []).append((outage.from_s, outage.to_s))
    if not down:
        return network
    more: list[WorkCalendar] = []

    def closed(name: str, calendar_id: str) -> str:
        if name not in down:
            return calendar_id
        own, usual = f"{calendar_id}, {name} down", network.calendar[calendar_id]
        closures = (*usual.closures, *down[name])
        more.append(replace(usual, calendar_id=own, closures=closures))
        return own

    units = tuple(
        replace(unit, calendar_id=closed(unit.work_unit_id, unit.calendar_id))
        for unit in network.work_units
    )
    operators = tuple(
        replace(one, calendar_id=closed(one.operator_id, one.calendar_id))
        for one in network.operators
    )
    return replace(
        network, calendars=(*network.calendars, *more), work_units=units, operators=operators
    )
