"""Outages: what is down now, and until when it is expected to be."""

from collections.abc import Iterable

from manufold.model.execution import UnitState
from manufold.model.network import Network
from manufold.model.units import HOUR_S
from manufold.scheduling.outages import Outage

__all__ = ["outages_of"]


def outages_of(network: Network, units: Iterable[UnitState], now_s: int) -> tuple[Outage, ...]:
    """Return the outages of the work units that are down at an instant.

    A repair is expected to take its mean time from now on, an hour where none is known; the next
    planner's round knows better.
    """
    return tuple(
        Outage(unit.resource_id, unit.down_since_s, now_s + _repair_s(network, unit.resource_id))
        for unit in units
        if unit.down_since_s is not None and unit.resource_id in network.work_unit
    )


def _repair_s(network: Network, resource_id: str) -> int:
    return max(1, network.work_unit[resource_id].mttr_h) * HOUR_S
