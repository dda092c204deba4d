"""Calendars as rows: all working time of a load in one set of arrays, read by number.

Work runs in working time only. What may pause starts in working time and goes on after each break
or night; what may not pause lies inside one working interval.

Units   int64 seconds since the engine epoch.
Cost    O(log intervals) each.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled

__all__ = [
    "NEVER",
    "OPENS",
    "SHUTS",
    "WORKED",
    "Calendars",
    "begin_s",
    "done_s",
    "first_above",
    "instant_at_s",
    "ready_to_end_s",
    "unbroken_s",
    "worked_s",
]

#: no such instant inside the horizon
NEVER = -1


#: rows of `Calendars.rows`: first working second, first second after it, working seconds of the
#: calendar's earlier intervals
OPENS, SHUTS, WORKED = range(3)


class Calendars(NamedTuple):
    """Working intervals of numbered calendars, sorted and disjoint within each.

    Args:
        ptr: int64, shape (calendars + 1,), bounds of each calendar's intervals.
        rows: int64, shape (3, intervals).
    """

    ptr: Seconds
    rows: NDArray[np.int64]


@compiled
def first_above(values: Seconds, low: int, high: int, instant_s: int) -> int:
    """Return the first row in [low, high) whose sorted value is above an instant, or high."""
    while low < high:
        middle = (low + high) // 2
        if values[middle] > instant_s:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def begin_s(calendars: Calendars, calendar: int, instant_s: int) -> int:
    """Return the first working second at or after an instant, or NEVER."""
    low, high = calendars.ptr[calendar], calendars.ptr[calendar + 1]
    row = first_above(calendars.rows[SHUTS], low, high, instant_s)
    if row == high:
        return NEVER
    return max(instant_s, calendars.rows[OPENS, row])


@compiled
def done_s(calendars: Calendars, calendar: int, start_s: int, content_s: int) -> int:
    """Return when `content_s` > 0 working seconds from a working second on are done, or NEVER."""
    low, high = calendars.ptr[calendar], calendars.ptr[calendar + 1]
    row = first_above(calendars.rows[SHUTS], low, high, start_s)
    if row == high:
        return NEVER
    end = start_s + content_s
    if end <= calendars.rows[SHUTS, row]:
        return end
    target = calendars.rows[WORKED, row] + (start_s - calendars.rows[OPENS, row]) + content_s
    last = first_above(calendars.rows[WORKED], row, high, target - 1) - 1
    end = calendars.rows[OPENS, last] + target - calendars.rows[WORKED, last]
    return end if end <= calendars.rows[SHUTS, last] else NEVER


@compiled
def unbroken_s(calendars: Calendars, calendar: int, instant_s: int, content_s: int) -> int:
    """Return the first start at or after an instant with `content_s` unbroken, or NEVER."""
    low, high = calendars.ptr[calendar], calendars.ptr[calendar + 1]
    row = first_above(calendars.rows[SHUTS], low, high, instant_s)
    while row < high:
        start = max(instant_s, calendars.rows[OPENS, row])
        if start + content_s <= calendars.rows[SHUTS, row]:
            return start
        row += 1
    return NEVER


@compiled
def worked_s(calendars: Calendars, calendar: int, instant_s: int) -> int:
    """Return the working seconds of a calendar before an instant."""
    low, high = calendars.ptr[calendar], calendars.ptr[calendar + 1]
    row = first_above(calendars.rows[OPENS], low, high, instant_s) - 1
    if row < low:
        return 0
    into = min(instant_s, calendars.rows[SHUTS, row]) - calendars.rows[OPENS, row]
    return calendars.rows[WORKED, row] + into


@compiled
def instant_at_s(calendars: Calendars, calendar: int, worked: int) -> int:
    """Return the first working second with so many working seconds before it, or NEVER."""
    low, high = calendars.ptr[calendar], calendars.ptr[calendar + 1]
    row = first_above(calendars.rows[WORKED], low, high, worked) - 1
    if row < low:
        return calendars.rows[OPENS, low] if low < high else NEVER
    at = calendars.rows[OPENS, row] + worked - calendars.rows[WORKED, row]
    return at if at < calendars.rows[SHUTS, row] else NEVER


@compiled
def ready_to_end_s(
    calendars: Calendars, calendar: int, end_s: int, content_s: int, pausable: bool
) -> int:
    """Return the earliest start that makes work end at or after `end_s`, 0 when any does.

    Work that starts there or later ends at or after `end_s`; work that starts before ends before.
    """
    if not pausable:
        return max(0, end_s - content_s)
    low, high = calendars.ptr[calendar], calendars.ptr[calendar + 1]
    row = (
        first_above(calendars.rows[OPENS], low, high, end_s - 1) - 1
    )  # the last begun before end_s
    if row < low:
        return 0
    reached = (
        calendars.rows[WORKED, row]
        + min(end_s, calendars.rows[SHUTS, row])
        - calendars.rows[OPENS, row]
    )
    if calendars.rows[SHUTS, row] < end_s:
        reached += 1  # ending in the pause is ending before it: go one second beyond
    begun = reached - content_s
    if begun <= 0:
        return 0
    row = first_above(calendars.rows[WORKED], low, high, begun) - 1
    return calendars.rows[OPENS, row] + begun - calendars.rows[WORKED, row]
