"""Fit: the earliest stretch for one operation on one seat, with its operator and its tools.

Work runs on the work unit's calendar, attended work while its operator works too. A slot holds the
pauses inside it. No booked second is touched: not of the seat, not of the operator while attended,
not of a tool while the slot lasts. Starting later never finishes sooner, so the first stretch that
is free is the one that finishes first; where something is in the way, the walk goes on where that
ends, since no start in between could be free.

Cost    O(log rows + rows passed x log intervals) for each seat.
"""

import numpy as np

from manufold.scheduling.calendar_rows import (
    NEVER,
    Calendars,
    begin_s,
    done_s,
    first_above,
    unbroken_s,
)
from manufold.scheduling.changeovers import Changeovers, change_before_s, leaves_room
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.routing_rows import (
    ALT_CALENDAR,
    ALT_DOOR,
    ALT_JOINT,
    ALT_MATRIX,
    ALT_SEAT,
    ALT_SEATS,
    ATTENDED,
    ATTENDED_ALL,
    ATTENDED_NONE,
    ATTENDED_SETUP,
    BATCH,
    FAMILY,
    PAUSABLE,
    TOOLS,
    TOOLS_END,
    WHO_AT,
    WHO_END,
    RoutingRows,
    own_setup_s,
    work_s,
)
from manufold.scheduling.rows import (
    CHANGED,
    COUNT,
    COVERED,
    ENDS,
    FAMILY_OF,
    NO_SHARE,
    PTR,
    SHARED,
    STARTS,
    Rows,
    busy_until_s,
)

__all__ = [
    "ALT",
    "CHANGE",
    "END",
    "FOUND",
    "SEAT",
    "SETUP",
    "SETUP_END",
    "SHARE",
    "START",
    "WHO",
    "fit",
    "share_of",
    "stretch",
]

#: columns of what is found: alternative, seat, start, end of set-up, end, seconds of set-up and
#: the changeover among them, operator, share of a batch; the seats of tools follow from FOUND on
ALT, SEAT, START, SETUP_END, END, SETUP, CHANGE, WHO, SHARE, FOUND = range(10)


@compiled
def fit(
    rows: Rows,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    op: int,
    alt: int,
    quantity: int,
    ready_s: int,
    best: Seconds,
) -> None:
    """Write the stretch on an alternative that finishes first into `best`, if it beats it.

    Args:
        ready_s: it starts at or after.
        best: int64, at least FOUND long, what was found so far; END is NEVER where nothing was.
    """
    if routing.alts[ALT_DOOR, alt] >= 0 and routing.ops[op, BATCH] >= 0:
        _fit_batch(rows, calendars, changes, routing, op, alt, quantity, ready_s, best)
        return
    first = routing.alts[ALT_SEAT, alt]
    for seat in range(first, first + routing.alts[ALT_SEATS, alt]):
        _walk(rows, calendars, changes, routing, op, alt, quantity, ready_s, seat, best)
        if rows.bounds[COUNT, seat] == 0 and routing.alts[ALT_MATRIX, alt] < 0:
            break  # no other seat can be freer; with a matrix one may be set up already


@compiled
def _walk(
    rows: Rows,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    op: int,
    alt: int,
    quantity: int,
    ready_s: int,
    seat: int,
    best: Seconds,
) -> None:
    """Walk along the gaps of a seat until one holds the work and all it needs."""
    setup, whole = own_setup_s(routing, alt), work_s(routing, alt, quantity)
    matrix, family = routing.alts[ALT_MATRIX, alt], routing.ops[op, FAMILY]
    high = rows.bounds[PTR, seat] + rows.bounds[COUNT, seat]
    row = first_above(rows.columns[COVERED], rows.bounds[PTR, seat], high, ready_s)
    instant = ready_s
    while True:
        while row < high and rows.columns[STARTS, row] < instant + whole:
            instant = max(
                instant, rows.columns[COVERED, row]
            )  # too short whatever the calendar says
            row += 1
        if best[END] != NEVER and instant + whole >= best[END]:
            return
        change = 0
        if matrix >= 0:
            change = change_before_s(rows, changes, seat, row, matrix, family)
        start, set_up, end = stretch(
            calendars, routing, op, alt, instant, setup + change, whole - setup
        )
        too_long = row < high and (start == NEVER or end > rows.columns[STARTS, row])
        hopeless = start == NEVER or (best[END] != NEVER and end >= best[END])
        if hopeless and too_long and change > 0:  # a later gap may ask for less set-up
            least, _, soonest = stretch(calendars, routing, op, alt, instant, setup, whole - setup)
            hopeless = least == NEVER or (best[END] != NEVER and soonest >= best[END])
        if hopeless:
            return
        if too_long or (
            row < high and matrix >= 0 and not leaves_room(rows, changes, seat, row, matrix, family)
        ):
            instant = max(instant, rows.columns[COVERED, row])
            row += 1
            continue
        who, later = _attended(rows, routing, op, alt, start, set_up, end)
        later = _with_tools(rows, routing, alt, later, end)
        if later > start:
            instant = later
            while row < high and rows.columns[COVERED, row] <= instant:
                row += 1
            continue
        best[ALT], best[SEAT], best[START], best[SETUP_END] = alt, seat, start, set_up
        best[END], best[SETUP], best[CHANGE] = end, setup + change, change
        best[WHO], best[SHARE] = who, NO_SHARE
        return


@compiled
def stretch(
    calendars: Calendars,
    routing: RoutingRows,
    op: int,
    alt: int,
    instant_s: int,
    setup_s: int,
    run_s: int,
) -> tuple[int, int, int]:
    """Return (start, end of set-up, end) of work begun at or after an instant, or NEVERs.

    Args:
        setup_s: working seconds of set-up, changeover included.
        run_s: of what follows it.
    """
    attended = routing.ops[op, ATTENDED]
    running = routing.alts[ALT_CALENDAR, alt]
    setting_up = running if attended == ATTENDED_NONE else routing.alts[ALT_JOINT, alt]
    if attended == ATTENDED_ALL:
        running = setting_up
    if routing.ops[op, PAUSABLE]:
        start = begin_s(calendars, setting_up if setup_s > 0 else running, instant_s)
        if start == NEVER:
            return NEVER, NEVER, NEVER
        set_up = start
        if setup_s > 0:
            set_up = done_s(calendars, setting_up, start, setup_s)
            if set_up == NEVER or run_s == 0:
                return (NEVER if set_up == NEVER else start), set_up, set_up
        goes_on = begin_s(calendars, running, set_up)
        if goes_on == NEVER:
            return NEVER, NEVER, NEVER
        end = done_s(calendars, running, goes_on, run_s)
        return (NEVER if end == NEVER else start), set_up, end
    start = instant_s
    while True:
        start = unbroken_s(calendars, running, start, setup_s + run_s)
        if start == NEVER:
            return NEVER, NEVER, NEVER
        if setting_up == running or setup_s == 0:
            break
        attended_s = unbroken_s(calendars, setting_up, start, setup_s)
        if attended_s == start:
            break
        if attended_s == NEVER:
            return NEVER, NEVER, NEVER
        start = attended_s
    return start, start + setup_s, start + setup_s + run_s


@compiled
def _attended(
    rows: Rows,
    routing: RoutingRows,
    op: int,
    alt: int,
    start_s: int,
    set_up_s: int,
    end_s: int,
) -> tuple[int, int]:
    """Return an operator free while attended and `start_s`, or -1 and when to try again."""
    attended = routing.ops[op, ATTENDED]
    until = set_up_s if attended == ATTENDED_SETUP else end_s
    if attended == ATTENDED_NONE or until == start_s:
        return -1, start_s
    soonest = NEVER
    for at in range(routing.alts[WHO_AT, alt], routing.alts[WHO_END, alt]):
        free_s = busy_until_s(rows, routing.who[at], start_s, until, NO_SHARE)
        if free_s == start_s:
            return routing.who[at], start_s
        if soonest == NEVER or free_s < soonest:
            soonest = free_s
    return -1, soonest


@compiled
def _with_tools(rows: Rows, routing: RoutingRows, alt: int, start_s: int, end_s: int) -> int:
    """Return `start_s` when all tools are free until `end_s`, or when to try again."""
    later = start_s
    for at in range(routing.alts[TOOLS, alt], routing.alts[TOOLS_END, alt], 3):
        first, seats, wanted = routing.tool[at], routing.tool[at + 1], routing.tool[at + 2]
        free = np.zeros(seats, dtype=np.int64)
        for seat in range(seats):
            free[seat] = busy_until_s(rows, first + seat, start_s, end_s, NO_SHARE)
        later = max(later, np.sort(free)[wanted - 1])
    return later


@compiled
def _fit_batch(
    rows: Rows,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    op: int,
    alt: int,
    quantity: int,
    ready_s: int,
    best: Seconds,
) -> None:
    """Join a batch that has room, or open one: whichever ends first; a tie joins.

    A batch is what the work unit holds at once: all its seats begin and end together, with one
    batch family, and one setup family where changing over takes time. It claims the work unit's
    door, which only its own members share.
    """
    door, first, seats = (
        routing.alts[ALT_DOOR, alt],
        routing.alts[ALT_SEAT, alt],
        routing.alts[ALT_SEATS, alt],
    )
    setup, whole = own_setup_s(routing, alt), work_s(routing, alt, quantity)
    opened = best.copy()
    _walk(rows, calendars, changes, routing, op, alt, quantity, ready_s, door, opened)
    low, high = rows.bounds[PTR, door], rows.bounds[PTR, door] + rows.bounds[COUNT, door]
    for row in range(first_above(rows.columns[STARTS], low, high, ready_s - 1), high):
        begin, end = rows.columns[STARTS, row], rows.columns[ENDS, row]
        if opened[END] != NEVER and end > opened[END]:
            break
        if rows.columns[SHARED, row] != share_of(door, routing.ops[op, BATCH], begin, end):
            continue
        if (
            routing.alts[ALT_MATRIX, alt] >= 0
            and rows.columns[FAMILY_OF, row] != routing.ops[op, FAMILY]
        ):
            continue  # it is set up for another family
        change = rows.columns[CHANGED, row]
        start, set_up, same = stretch(
            calendars, routing, op, alt, begin, setup + change, whole - setup
        )
        if start != begin or same != end:
            continue
        who, later = _attends_batch(
            rows, routing, op, alt, begin, set_up, end, rows.columns[SHARED, row]
        )
        if max(later, _with_tools(rows, routing, alt, begin, end)) > begin:
            continue
        for seat in range(first, first + seats):
            if busy_until_s(rows, seat, begin, end, NO_SHARE) == begin:
                best[ALT], best[SEAT], best[START], best[SETUP_END] = alt, seat, begin, set_up
                best[END], best[SETUP], best[CHANGE] = end, setup + change, change
                best[WHO], best[SHARE] = who, rows.columns[SHARED, row]
                return
    if opened[END] != NEVER and (best[END] == NEVER or opened[END] < best[END]):
        best[:] = opened
        best[SEAT] = first
        best[SHARE] = share_of(door, routing.ops[op, BATCH], best[START], best[END])


@compiled
def _attends_batch(
    rows: Rows,
    routing: RoutingRows,
    op: int,
    alt: int,
    start_s: int,
    set_up_s: int,
    end_s: int,
    share: int,
) -> tuple[int, int]:
    """Return who attends a batch already, somebody free otherwise; else -1 and when to try."""
    until = set_up_s if routing.ops[op, ATTENDED] == ATTENDED_SETUP else end_s
    if routing.ops[op, ATTENDED] != ATTENDED_NONE and until > start_s:
        for at in range(routing.alts[WHO_AT, alt], routing.alts[WHO_END, alt]):
            who = routing.who[at]
            if (
                busy_until_s(rows, who, start_s, until, NO_SHARE) > start_s
                and busy_until_s(rows, who, start_s, until, share) == start_s
            ):
                return who, start_s
    return _attended(rows, routing, op, alt, start_s, set_up_s, end_s)


@compiled
def share_of(door: int, batch: int, start_s: int, end_s: int) -> int:
    """Return the number under which the members of one batch share their work unit's door."""
    mixed = (door * 1_000_003 + batch) * 1_000_033 + start_s
    mixed = mixed * 1_000_037 + end_s
    return mixed & 0x7FFFFFFFFFFFFFFF
