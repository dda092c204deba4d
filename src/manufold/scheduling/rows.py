"""Rows: what is booked on every seat of everything that can be booked, in one pool of arrays.

A seat's rows lie together in the pool, sorted by start. Those of one holder may overlap, so each
row also carries the latest end of all up to it. A seat that changes gets a new block behind all
others and leaves its old one as it was: whoever still holds the old bounds reads the old truth.

Cost    O(rows of the seat) for a change.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import first_above
from manufold.scheduling.kernel import Seconds, compiled

__all__ = [
    "ANY_S",
    "CHANGED",
    "COUNT",
    "COVERED",
    "ENDS",
    "FAMILY_OF",
    "FIRM",
    "GROUP",
    "NO_SHARE",
    "PTR",
    "ROOM",
    "SHARED",
    "STARTS",
    "WIDTH",
    "Row",
    "Rows",
    "busy_until_s",
    "insert_row",
    "insert_sorted",
    "packed",
    "remove_rows",
    "without_group",
]

#: changeover booked by a row about which nobody said: long enough for any
ANY_S = 1 << 60
#: share of a row that nothing may overlap
NO_SHARE = -1


class Row(NamedTuple):
    """One booked stretch.

    Args:
        family: number of its setup family.
        change_s: changeover it has booked.
        firm: 0 for a hold, which may vanish at any time.
        share: rows of one share may overlap (an oven filled once), NO_SHARE for none.
        group: number of the name it is released by.
    """

    start_s: int
    end_s: int
    family: int = 0
    change_s: int = ANY_S
    firm: int = 1
    share: int = NO_SHARE
    group: int = 0


#: rows of `Rows.bounds`: where a seat's block begins, rows in it, rows it can take in place
PTR, COUNT, ROOM = range(3)
#: rows of `Rows.columns`: as `Row`, and the latest end of a row and all before it in its block
STARTS, ENDS, COVERED, FAMILY_OF, CHANGED, FIRM, SHARED, GROUP, WIDTH = range(9)


class Rows(NamedTuple):
    """All rows.

    Args:
        bounds: int64, shape (3, seats).
        columns: int64, shape (WIDTH, rows of the pool).
    """

    bounds: NDArray[np.int64]
    columns: NDArray[np.int64]


@compiled
def busy_until_s(rows: Rows, seat: int, start_s: int, end_s: int, share: int) -> int:
    """Return `start_s` when a seat is free over [start_s, end_s), else the first instant at which
    a stretch that ends no sooner could begin there."""
    low = rows.bounds[PTR, seat]
    high = low + rows.bounds[COUNT, seat]
    row = first_above(rows.columns[COVERED], low, high, start_s)
    if row == high or rows.columns[STARTS, row] >= end_s:
        return start_s
    until = start_s
    while row < high and rows.columns[STARTS, row] < end_s:
        if rows.columns[ENDS, row] > start_s and (
            share == NO_SHARE or rows.columns[SHARED, row] != share
        ):
            until = max(until, rows.columns[ENDS, row])
        row += 1
    return until


@compiled
def _copy_row(rows: Rows, source: int, target: int) -> None:
    for column in range(WIDTH):
        rows.columns[column, target] = rows.columns[column, source]


@compiled
def insert_row(rows: Rows, used: int, seat: int, row: Row) -> int:
    """Book a row; return how many rows of the pool are in use then.

    A block without room moves behind all others, a quarter longer; the pool must hold it.
    """
    low, count = rows.bounds[PTR, seat], rows.bounds[COUNT, seat]
    at = first_above(rows.columns[STARTS], low, low + count, row.start_s)
    if count == rows.bounds[ROOM, seat]:
        room = count + count // 4 + 5
        for old in range(low, at):
            _copy_row(rows, old, used + old - low)
        for old in range(at, low + count):
            _copy_row(rows, old, used + old - low + 1)
        at = used + at - low
        low = used
        rows.bounds[PTR, seat], rows.bounds[ROOM, seat] = low, room
        used += room
    else:
        for old in range(low + count - 1, at - 1, -1):
            _copy_row(rows, old, old + 1)
    rows.bounds[COUNT, seat] = count + 1
    rows.columns[STARTS, at], rows.columns[ENDS, at] = row.start_s, row.end_s
    rows.columns[FAMILY_OF, at], rows.columns[CHANGED, at] = row.family, row.change_s
    rows.columns[FIRM, at], rows.columns[SHARED, at], rows.columns[GROUP, at] = (
        row.firm,
        row.share,
        row.group,
    )
    _cover(rows, low, at, low + count + 1)
    return used


@compiled
def remove_rows(rows: Rows, seat: int, start_s: int, group: int) -> None:
    """Free the rows of a group on a seat that start at or after an instant; in place."""
    low = rows.bounds[PTR, seat]
    high = low + rows.bounds[COUNT, seat]
    at = first_above(rows.columns[STARTS], low, high, start_s - 1)
    kept = at
    for row in range(at, high):
        if rows.columns[GROUP, row] != group:
            if kept != row:
                _copy_row(rows, row, kept)
            kept += 1
    rows.bounds[COUNT, seat] = kept - low
    if kept != high:
        _cover(rows, low, at, kept)


@compiled
def _cover(rows: Rows, low: int, at: int, high: int) -> None:
    """Set the latest ends from a row on."""
    covered = rows.columns[COVERED, at - 1] if at > low else 0
    for row in range(at, high):
        covered = max(covered, rows.columns[ENDS, row])
        rows.columns[COVERED, row] = covered


@compiled
def without_group(rows: Rows, used: int, group: int) -> int:
    """Free all rows of a group, in new blocks; return how many rows of the pool are in use."""
    for seat in range(rows.bounds.shape[1]):
        low, count = rows.bounds[PTR, seat], rows.bounds[COUNT, seat]
        for row in range(low, low + count):
            if rows.columns[GROUP, row] == group:
                for old in range(low, low + count):
                    _copy_row(rows, old, used + old - low)
                rows.bounds[PTR, seat], rows.bounds[ROOM, seat] = used, count
                used += count
                remove_rows(rows, seat, -ANY_S, group)
                rows.bounds[ROOM, seat] = rows.bounds[COUNT, seat]
                break
    return used


@compiled
def insert_sorted(rows: Rows, used: int, found: NDArray[np.int64], seats: Seconds) -> int:
    """Book rows in new blocks; return how many rows of the pool are in use.

    Args:
        found: int64, shape (n, WIDTH), a seat and a `Row` each, sorted by seat and start.
        seats: int64, the seats among them, sorted.
    """
    at = 0
    for seat in seats:
        low, count = rows.bounds[PTR, seat], rows.bounds[COUNT, seat]
        first = at
        while at < len(found) and found[at, 0] == seat:
            at += 1
        old, new, row = low, first, used
        while old < low + count or new < at:
            takes_old = new == at or (
                old < low + count and rows.columns[STARTS, old] <= found[new, 1]
            )
            if takes_old:
                _copy_row(rows, old, row)
                old += 1
            else:
                rows.columns[STARTS, row], rows.columns[ENDS, row] = found[new, 1], found[new, 2]
                rows.columns[FAMILY_OF, row], rows.columns[CHANGED, row] = (
                    found[new, 3],
                    found[new, 4],
                )
                rows.columns[FIRM, row], rows.columns[SHARED, row] = found[new, 5], found[new, 6]
                rows.columns[GROUP, row] = found[new, 7]
                new += 1
            row += 1
        rows.bounds[PTR, seat], rows.bounds[COUNT, seat] = used, row - used
        rows.bounds[ROOM, seat] = row - used
        _cover(rows, used, used, row)
        used = row
    return used


@compiled
def packed(rows: Rows, into: Rows, spare: int) -> int:
    """Copy all blocks into another pool, one behind the other, with spare room in each; return
    how many rows of it are in use. The bounds of `into` are written, too."""
    used = 0
    for seat in range(rows.bounds.shape[1]):
        low, count = rows.bounds[PTR, seat], rows.bounds[COUNT, seat]
        for old in range(low, low + count):
            row = used + old - low
            for column in range(WIDTH):
                into.columns[column, row] = rows.columns[column, old]
        into.bounds[PTR, seat], into.bounds[COUNT, seat], into.bounds[ROOM, seat] = (
            used,
            count,
            count + spare,
        )
        used += count + spare
    return used
