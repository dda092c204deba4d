"""Outages: what is down now or will be, who will be away, and until when it is expected to be."""

from collections.abc import Iterable, Iterator

from manufold.model.execution import UnitState
from manufold.model.network import Network
from manufold.model.units import HOUR_S
from manufold.scheduling.outages import Outage

__all__ = ["outages_of"]


def outages_of(network: Network, units: Iterable[UnitState], now_s: int) -> tuple[Outage, ...]:
    """Return the outages that are known at an instant: what is down, and what a planner told.

    A repair is expected to take its mean time from now on, an hour where none is known; the next
    planner's round knows better. What a planner told of operators counts as well.
    """
    return tuple(one for unit in units for one in _outages(network, unit, now_s))


def _outages(network: Network, unit: UnitState, now_s: int) -> Iterator[Outage]:
    name = unit.resource_id
    if unit.down_since_s is not None and name in network.work_unit:
        yield Outage(name, unit.down_since_s, now_s + _repair_s(network, name))
    if name in network.work_unit or name in network.operator:  # the network may have changed
        for from_s, to_s in unit.told:
            if to_s > now_s:
                yield Outage(name, from_s, to_s)


def _repair_s(network: Network, resource_id: str) -> int:
    return max(1, network.work_unit[resource_id].mttr_h) * HOUR_S
