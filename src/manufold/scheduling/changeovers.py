"""Changeovers as rows, and what of them a seat's neighbours ask for.

A set-up must fit whatever will have run before it. A firm row stays, a hold may vanish: so what is
placed behind holds books the longest changeover from any of them and from the firm row before
them, and behind nothing known the longest there is. What is placed before others must leave them
the changeover they have booked. Then nothing that is inserted or expires later makes a set-up too
short; only cancelling firm work can, and the next forecast mends that (`scheduling.shift`).
"""

from typing import NamedTuple

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.rows import CHANGED, COUNT, FAMILY_OF, FIRM, PTR, Rows

__all__ = ["Changeovers", "change_before_s", "leaves_room"]

#: how many holds in a row are looked at; behind more, the worst is booked
HOLDS_MAX = 12


class Changeovers(NamedTuple):
    """Setup matrices by number, sparse; families by their numbers in the load.

    Args:
        ptr: int64, shape (matrices + 1,), listed pairs of each matrix.
        pair: int64, shape (pairs,), `from << 20 | to`, sorted within each matrix.
        span_s: int64, shape (pairs,).
        default_s: int64, shape (matrices,), pairs that are not listed.
    """

    ptr: Seconds
    pair: Seconds
    span_s: Seconds
    default_s: Seconds


@compiled
def changeover_s(changes: Changeovers, matrix: int, before: int, after: int) -> int:
    """Return the seconds between two families on a seat with that matrix."""
    wanted = (before << 20) | after
    low, high = changes.ptr[matrix], changes.ptr[matrix + 1]
    while low < high:
        middle = (low + high) // 2
        if changes.pair[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    if low < changes.ptr[matrix + 1] and changes.pair[low] == wanted:
        return changes.span_s[low]
    return 0 if before == after else changes.default_s[matrix]


@compiled
def worst_into_s(changes: Changeovers, matrix: int, after: int) -> int:
    """Return the longest changeover into a family, whatever ran before."""
    worst = changes.default_s[matrix]
    for row in range(changes.ptr[matrix], changes.ptr[matrix + 1]):
        if changes.pair[row] & 0xFFFFF == after:
            worst = max(worst, changes.span_s[row])
    return worst


@compiled
def change_before_s(
    rows: Rows, changes: Changeovers, seat: int, row: int, matrix: int, family: int
) -> int:
    """Return the changeover to book before a row of a seat, whichever holds vanish."""
    low, longest = rows.bounds[PTR, seat], 0
    for before in range(row - 1, max(low, row - 1 - HOLDS_MAX) - 1, -1):
        longest = max(
            longest, changeover_s(changes, matrix, rows.columns[FAMILY_OF, before], family)
        )
        if rows.columns[FIRM, before]:
            return longest
    return max(longest, worst_into_s(changes, matrix, family))


@compiled
def leaves_room(
    rows: Rows, changes: Changeovers, seat: int, row: int, matrix: int, family: int
) -> bool:
    """Return whether a family before a row leaves it, and those behind it, their set-up."""
    for after in range(row, rows.bounds[PTR, seat] + rows.bounds[COUNT, seat]):
        if rows.columns[CHANGED, after] < changeover_s(
            changes, matrix, family, rows.columns[FAMILY_OF, after]
        ):
            return False
        if rows.columns[FIRM, after]:
            return True
    return True
