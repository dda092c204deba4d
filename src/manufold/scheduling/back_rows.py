"""Rows of dropping back: what was planned on every line and for everybody, and what stands there.

A line is what is changed over as one: a seat, of an oven the whole of it. Its steps are disjoint.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.shift_rows import (
    DOOR,
    KIND,
    PLACE,
    PLANNED_END,
    PLANNED_START,
    SETUP_PLACE,
    UNTIL,
    ShiftRows,
)

__all__ = ["PINNED", "BackRows", "back_rows"]

#: of `BackRows.active`
PINNED = 2


class BackRows(NamedTuple):
    """What was planned, and what stands; all int64.

    Args:
        line: shape (steps,), the line of each.
        ptr: shape (places + 1,), where each line begins in `planned` and in `standing`.
        planned: steps of each line by planned start.
        starts_s, ends_s: of these, when they were to begin and end.
        standing: steps that were put on each line, by start.
        tally: shape (2, places): how many stand on each line; of `planned` how many come before
            the first that may still come as planned.
        wish_ptr, wish: per person and tool what was planned: start, end and step, shape (3, n).
        active: shape (steps,), not 0 while a step may still come as planned: PINNED for one
            that nobody pushes.
        push_s: shape (steps,), by how much each may push what was planned, ANY_S for any.
    """

    line: Seconds
    ptr: Seconds
    planned: Seconds
    starts_s: Seconds
    ends_s: Seconds
    standing: Seconds
    tally: NDArray[np.int64]
    wish_ptr: Seconds
    wish: NDArray[np.int64]
    active: Seconds
    push_s: Seconds


def back_rows(rows: ShiftRows, places: int, push_s: Seconds, pinned: Seconds) -> BackRows | None:
    """Return what was planned, None where the steps of a line were not planned one by one.

    Args:
        push_s, pinned: by slot.
    """
    first = rows.step_slots[rows.step_ptr[:-1]]
    steps = len(first)
    line = rows.slots[first, SETUP_PLACE]
    starts, ends = rows.slots[first, PLANNED_START], rows.slots[first, PLANNED_END]
    planned = np.lexsort((ends, starts, line))
    same = line[planned[1:]] == line[planned[:-1]]
    if bool((same & (starts[planned[1:]] < ends[planned[:-1]])).any()):
        return None
    holds = rows.claims[:, KIND] != DOOR
    slot = np.repeat(np.arange(len(rows.slots)), np.diff(rows.claim_ptr))[holds]
    place = rows.claims[holds, PLACE]
    wish = np.stack(
        [rows.slots[slot, PLANNED_START], rows.claims[holds, UNTIL], rows.step_of[slot]]
    )
    order = np.lexsort((wish[0], place))
    return BackRows(
        line,
        _ptr(line, places),
        seconds(planned),
        seconds(starts[planned]),
        seconds(ends[planned]),
        np.full(steps, -1, dtype=np.int64),
        np.zeros((2, places), dtype=np.int64),
        _ptr(place, places),
        np.ascontiguousarray(wish[:, order], dtype=np.int64),
        seconds(np.where(pinned[first], PINNED, 1)),
        seconds(push_s[first]),
    )


def _ptr(number: Seconds, places: int) -> Seconds:
    return seconds(np.concatenate([[0], np.cumsum(np.bincount(number, minlength=places))]))
