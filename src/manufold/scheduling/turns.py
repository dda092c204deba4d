"""Turns: when people and tools are taken, and who else of a site may take somebody's place.

A machine works off its list in order; a person goes where there is work. So a person or a tool is
only in the way of others while it is really taken, not before its next turn. The turns of a place
are disjoint [start, end), sorted.

Cost    O(log turns of the place) to ask, O(turns of the place) to take.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from manufold.model.network import Network, Operator
from manufold.model.schedule import Job, Slot
from manufold.scheduling.calendar_rows import NEVER, first_above
from manufold.scheduling.kernel import Seconds, compiled

__all__ = ["stand_ins", "take", "taken_until_s"]

#: (site, skill) -> who has it, whoever can least else first
Able = Mapping[tuple[str, str], tuple[Operator, ...]]

_FIRST, _COUNT, _ROOM = range(3)
#: turns a place has room for at first
_LEAST = 4


@compiled
def take(
    turns: NDArray[np.int64],
    pool: NDArray[np.int64],
    used: Seconds,
    place: int,
    start_s: int,
    end_s: int,
) -> None:
    """Note that a place is taken; what that overlaps or touches becomes one with it.

    Args:
        turns: shape (3, places): first row, rows, room of each.
        pool: shape (2, rows): starts and ends; eight rows for each turn taken are enough.
        used: shape (1,), rows of the pool that belong to a place.
    """
    if turns[_COUNT, place] == turns[_ROOM, place]:
        _moved(turns, pool, used, place)
    begin, count = turns[_FIRST, place], turns[_COUNT, place]
    low = first_above(pool[1], begin, begin + count, start_s - 1)
    high = first_above(pool[0], begin, begin + count, end_s)
    if low < high:
        start_s, end_s = min(start_s, pool[0, low]), max(end_s, pool[1, high - 1])
    more = 1 - (high - low)
    if more > 0:
        for row in range(begin + count - 1, low - 1, -1):
            pool[0, row + 1], pool[1, row + 1] = pool[0, row], pool[1, row]
    elif more < 0:
        for row in range(high, begin + count):
            pool[0, row + more], pool[1, row + more] = pool[0, row], pool[1, row]
    pool[0, low], pool[1, low] = start_s, end_s
    turns[_COUNT, place] = count + more


@compiled
def _moved(turns: NDArray[np.int64], pool: NDArray[np.int64], used: Seconds, place: int) -> None:
    """Give a place twice the room behind all others."""
    begin, count, fresh = turns[_FIRST, place], turns[_COUNT, place], used[0]
    for row in range(count):
        pool[0, fresh + row], pool[1, fresh + row] = pool[0, begin + row], pool[1, begin + row]
    room = max(_LEAST, 2 * count)
    turns[_FIRST, place], turns[_ROOM, place] = fresh, room
    used[0] = fresh + room


@compiled
def taken_until_s(
    turns: NDArray[np.int64], pool: NDArray[np.int64], place: int, start_s: int, end_s: int
) -> int:
    """Return until when a place is taken that is wanted over [start_s, end_s), NEVER where it is
    free."""
    begin = turns[_FIRST, place]
    high = begin + turns[_COUNT, place]
    row = first_above(pool[1], begin, high, start_s)
    if row == high or pool[0, row] >= end_s:
        return NEVER
    return pool[1, row]


def stand_ins(network: Network, able: Able, job: Job | None, slot: Slot) -> tuple[str, str] | None:
    """Return by which site and skill somebody else could attend a slot, None for nobody.

    Nobody for the members of a batch, who share one operator, nor for unknown work.

    Args:
        able: `resources.able_operators` of the network.
    """
    if job is None or not slot.also:
        return None
    named = [claim for claim in slot.also if claim.resource_id in network.operator]
    if len(named) != 1 or named[0].shared_as:
        return None
    skill = job.plan.operation[slot.operation_id].skill
    key = network.operator[named[0].resource_id].site_id, skill or ""
    return key if skill is not None and key in able else None
