"""Place: one job on the rows of a load, operation by operation, in routing order.

Each operation takes, among the alternatives of its site, the stretch that finishes first. What is
placed is booked at once where a later operation may want the same. Where a successor would
wait longer than its maximum lag, its predecessor is put off and all is placed anew.

Exact for a routing that is a chain; an upper bound where operations of one job compete.
Source  serial schedule generation: R. Kolisch, Eur. J. Oper. Res. 90 (1996) 320-333.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, Calendars, ready_to_end_s
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.fit import (
    ALT,
    CHANGE,
    END,
    FOUND,
    SEAT,
    SETUP_END,
    SHARE,
    START,
    WHO,
    fit,
)
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.overlap import overlapped_ready_s
from manufold.scheduling.routing_rows import (
    ALT_CALENDAR,
    ALT_DOOR,
    ALT_SITE,
    ALTS,
    ALTS_END,
    ATTENDED,
    ATTENDED_SETUP,
    BEFORE,
    BEFORE_END,
    FAMILY,
    MAX_LAG,
    MIN_LAG,
    PAUSABLE,
    TOOLS,
    TOOLS_END,
    TRANSFER,
    WANTED,
    RoutingRows,
    work_s,
)
from manufold.scheduling.rows import (
    COUNT,
    NO_SHARE,
    PTR,
    ROOM,
    Row,
    Rows,
    busy_until_s,
    insert_row,
    remove_rows,
)

__all__ = [
    "FIXED_END",
    "FIXED_START",
    "LAG_RETRIES",
    "NO_ROOM",
    "PLACED",
    "TOO_LATE",
    "TOUCHED",
    "Ask",
    "Found",
    "after_s",
    "book",
    "held_s",
    "place",
    "way_s",
]

#: how often a predecessor is put off so that its successor keeps its maximum lag
LAG_RETRIES = 200

#: how it ended: all placed; an operation ends beyond the horizon; a maximum lag cannot be kept
PLACED, NO_ROOM, TOO_LATE = range(3)

#: columns of what a pass has touched: seat, its block's first row, rows and room before, start
TOUCHED = 5

#: int64, shape (operations, FOUND and one for each tool an operation holds at most)
Found = NDArray[np.int64]


#: columns of `Ask.fixed`
FIXED_START, FIXED_END = range(2)


class Ask(NamedTuple):
    """What is asked of a routing.

    Args:
        quantity: pieces started in every operation.
        release_s: nothing starts before.
        alt_ready_s: int64, the material is there; by alternative from `first_alt` on.
        lane_s: int64, shape (sites, sites), NEVER where there is no way.
        fixed: int64, shape (ops, 2), start and end of what is placed already, else NEVER.
        group: number its rows are released by.
    """

    quantity: int
    release_s: int
    alt_ready_s: Seconds
    first_alt: int
    lane_s: NDArray[np.int64]
    fixed: NDArray[np.int64]
    group: int


@compiled
def way_s(routing: RoutingRows, ask: Ask, op: int, from_site: int, to_site: int) -> int:
    """Return the least seconds from a predecessor's end to an operation's start, or NEVER.

    Curing goes on while the pieces travel: it is the longer of the two. A lane that takes longer
    than the operation may wait is none.
    """
    lane, longest = ask.lane_s[from_site, to_site], routing.ops[op, MAX_LAG]
    if lane == NEVER or (longest >= 0 and lane > longest):
        return NEVER
    return max(lane, routing.ops[op, MIN_LAG])


@compiled
def after_s(
    calendars: Calendars,
    routing: RoutingRows,
    ask: Ask,
    op: int,
    alt: int,
    before: int,
    found: Seconds,
    start_site: int,
) -> int:
    """Return from when a predecessor lets an alternative start, or NEVER."""
    way = way_s(routing, ask, op, start_site, routing.alts[ALT_SITE, alt])
    if way == NEVER:
        return NEVER
    if ask.fixed[before, FIXED_END] != NEVER:
        return ask.fixed[before, FIXED_END] + way
    if 0 < routing.ops[before, TRANSFER] < ask.quantity:
        return overlapped_ready_s(calendars, routing, ask.quantity, before, found, way, op, alt)
    return found[END] + way


@compiled
def place(
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    ask: Ask,
    site: Seconds,
    found: Found,
    held: Seconds,
    keep: bool,
) -> tuple[int, int, int]:
    """Place all operations that are not fixed; return (how it ended, operation, rows in use).

    Args:
        site: int64, shape (ops,), number of each operation's site.
        found: written, one row an operation.
        held: int64, shape (ops,), written: an end before which a predecessor may not end.
        keep: whether the rows stay booked; otherwise they are as before.
    """
    count = routing.ops.shape[0]
    held[:] = 0
    touched = np.zeros((count * (3 + len(routing.tool)), TOUCHED), dtype=np.int64)
    for _ in range(LAG_RETRIES):
        ended, at, later, marks = _one_pass(
            rows, used, calendars, changes, routing, ask, site, found, held, touched, keep
        )
        early = NEVER
        if ended == PLACED:
            early, must_end = _lag_broken(routing, ask, found)
            if early == NEVER and keep:
                return PLACED, 0, later
        undo(rows, ask.group, touched, marks)
        if ended != PLACED:
            return ended, at, used
        if early == NEVER:
            return PLACED, 0, used
        if ask.fixed[early, FIXED_END] != NEVER:
            return TOO_LATE, early, used
        held[early] = must_end
    return TOO_LATE, early, used


@compiled
def _one_pass(
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    ask: Ask,
    site: Seconds,
    found: Found,
    held: Seconds,
    touched: NDArray[np.int64],
    keep: bool,
) -> tuple[int, int, int, int]:
    """Place each operation in turn; return how it ended, where, rows in use, seats touched."""
    marks = 0
    for op in range(routing.ops.shape[0]):
        if ask.fixed[op, FIXED_END] != NEVER:
            continue
        found[op, END] = NEVER
        for alt in range(routing.ops[op, ALTS], routing.ops[op, ALTS_END]):
            if routing.alts[ALT_SITE, alt] != site[op]:
                continue
            ready = ready_s(calendars, routing, ask, site, found, op, alt)
            if ready == NEVER:
                continue
            if held[op]:
                ready = max(ready, held_s(calendars, routing, ask, op, alt, held[op]))
            fit(rows, calendars, changes, routing, op, alt, ask.quantity, ready, found[op])
        if found[op, END] == NEVER:
            return NO_ROOM, op, used, marks
        if keep or routing.ops[op, WANTED]:
            used, marks = book(rows, used, routing, op, found[op], ask.group, 1, touched, marks)
    return PLACED, 0, used, marks


@compiled
def ready_s(
    calendars: Calendars,
    routing: RoutingRows,
    ask: Ask,
    site: Seconds,
    found: Found,
    op: int,
    alt: int,
) -> int:
    """Return from when an alternative may start: release, material and predecessors, or NEVER."""
    ready = max(ask.release_s, ask.alt_ready_s[alt - ask.first_alt])
    for at in range(routing.ops[op, BEFORE], routing.ops[op, BEFORE_END]):
        before = routing.before[at]
        after = after_s(calendars, routing, ask, op, alt, before, found[before], site[before])
        if after == NEVER:
            return NEVER
        ready = max(ready, after)
    return ready


@compiled
def held_s(
    calendars: Calendars, routing: RoutingRows, ask: Ask, op: int, alt: int, end_s: int
) -> int:
    """Return from when an alternative may start so that it also ends at or after `end_s`."""
    calendar = routing.alts[ALT_CALENDAR, alt]
    whole = work_s(routing, alt, ask.quantity)
    return ready_to_end_s(calendars, calendar, end_s, whole, routing.ops[op, PAUSABLE] == 1)


@compiled
def _lag_broken(routing: RoutingRows, ask: Ask, found: Found) -> tuple[int, int]:
    """Return the first predecessor that ends too early and when it should end, or NEVER."""
    for op in range(routing.ops.shape[0]):
        if routing.ops[op, MAX_LAG] < 0 or ask.fixed[op, FIXED_END] != NEVER:
            continue
        for at in range(routing.ops[op, BEFORE], routing.ops[op, BEFORE_END]):
            before = routing.before[at]
            ended = ask.fixed[before, FIXED_END]
            if ended == NEVER:
                ended = found[before, END]
            must_end = found[op, START] - routing.ops[op, MAX_LAG]
            if ended < must_end:
                return before, must_end
    return NEVER, 0


@compiled
def book(
    rows: Rows,
    used: int,
    routing: RoutingRows,
    op: int,
    found: Seconds,
    group: int,
    firm: int,
    touched: NDArray[np.int64],
    marks: int,
) -> tuple[int, int]:
    """Book an operation's seat, its batch, its operator and its tools.

    Args:
        found: where it was placed; the seats of its tools are written into it.
        touched: written from row `marks` on: seat, and its bounds before, for whoever undoes it.

    Returns:
        Rows of the pool in use, and rows of `touched` written.
    """
    alt, share, tools = found[ALT], found[SHARE], FOUND
    start, end, family = found[START], found[END], routing.ops[op, FAMILY]
    own = Row(start, end, family, found[CHANGE], firm, NO_SHARE, group)
    used, marks = _insert(rows, used, found[SEAT], own, touched, marks)
    shared = Row(start, end, family, found[CHANGE], firm, share, group)
    if share != NO_SHARE:
        used, marks = _insert(rows, used, routing.alts[ALT_DOOR, alt], shared, touched, marks)
    if found[WHO] >= 0:
        until = found[SETUP_END] if routing.ops[op, ATTENDED] == ATTENDED_SETUP else end
        attended = Row(start, until, 0, 0, firm, share, group)
        used, marks = _insert(rows, used, found[WHO], attended, touched, marks)
    for at in range(routing.alts[TOOLS, alt], routing.alts[TOOLS_END, alt], 3):
        left = routing.tool[at + 2]
        for seat in range(routing.tool[at], routing.tool[at] + routing.tool[at + 1]):
            if left and busy_until_s(rows, seat, start, end, NO_SHARE) == start:
                held = Row(start, end, 0, 0, firm, NO_SHARE, group)
                used, marks = _insert(rows, used, seat, held, touched, marks)
                found[tools] = seat
                tools += 1
                left -= 1
    return used, marks


@compiled
def _insert(
    rows: Rows, used: int, seat: int, row: Row, touched: NDArray[np.int64], marks: int
) -> tuple[int, int]:
    touched[marks, 0], touched[marks, 1] = seat, rows.bounds[PTR, seat]
    touched[marks, 2], touched[marks, 3] = rows.bounds[COUNT, seat], rows.bounds[ROOM, seat]
    touched[marks, 4] = row.start_s
    return insert_row(rows, used, seat, row), marks + 1


@compiled
def undo(rows: Rows, group: int, touched: NDArray[np.int64], marks: int) -> None:
    """Take back what was booked last: a block that moved is forgotten, another loses its row."""
    for mark in range(marks - 1, -1, -1):
        seat = touched[mark, 0]
        if rows.bounds[PTR, seat] == touched[mark, 1]:
            remove_rows(rows, seat, touched[mark, 4], group)
        else:
            rows.bounds[PTR, seat], rows.bounds[COUNT, seat] = touched[mark, 1], touched[mark, 2]
            rows.bounds[ROOM, seat] = touched[mark, 3]
