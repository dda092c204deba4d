"""Waits as rows: the seconds of each cause for each operation of a job, in one compiled pass.

From the end of its predecessors to its own end, every second of an operation has one cause. The
causes lie one behind the other in time, each with the instant at which it was over.

Cost    O(operations x (predecessors + bookings waited for) x log bookings).
"""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, Calendars, begin_s, unbroken_s
from manufold.scheduling.fit import ALT, END, SETUP, START, stretch
from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.place import Ask, Found, after_s, held_s, way_s
from manufold.scheduling.routing_rows import (
    ALT_CALENDAR,
    ALT_SEAT,
    ALT_SEATS,
    ALT_SITE,
    ALTS,
    ALTS_END,
    ATTENDED,
    ATTENDED_NONE,
    ATTENDED_SETUP,
    BEFORE,
    BEFORE_END,
    PAUSABLE,
    TOOLS,
    TOOLS_END,
    WHO_AT,
    WHO_END,
    RoutingRows,
    own_setup_s,
    work_s,
)
from manufold.scheduling.rows import NO_SHARE, Rows, busy_until_s

__all__ = [
    "BUSY",
    "CALENDAR",
    "CAUSES",
    "DECIDING",
    "LAG",
    "LANE",
    "MATERIAL",
    "OPERATOR",
    "PAUSE",
    "PLANNED",
    "SUCCESSOR",
    "TOLD",
    "TOOL",
    "UNTIL",
    "WORK",
    "told_of",
]

#: columns of what is told of an operation: seconds of each cause in the order of time, its work,
#: when each cause was over, and the row of the predecessor that decided, -1 for none
(LANE, LAG, MATERIAL, SUCCESSOR, CALENDAR, BUSY, OPERATOR, TOOL, PLANNED, PAUSE, CAUSES) = range(11)
WORK, UNTIL = CAUSES, CAUSES + 1
DECIDING = UNTIL + CAUSES
TOLD = DECIDING + 1


@compiled
def told_of(
    rows: Rows,
    calendars: Calendars,
    routing: RoutingRows,
    ask: Ask,
    site: Seconds,
    found: Found,
    held: Seconds,
    rest: int,
) -> NDArray[np.int64]:
    """Return what is told of each operation, int64, shape (ops, TOLD).

    Args:
        found: rows whose END is NEVER are left out.
        rest: the cause of what no single booking explains.
    """
    rows, calendars, routing, ask = unowned((rows, calendars, routing, ask))
    site, found, held = unowned((site, found, held))
    told = np.zeros((routing.ops.shape[0], TOLD), dtype=np.int64)
    for op in range(routing.ops.shape[0]):
        told[op, DECIDING] = -1
        if found[op, END] != NEVER:
            _one(rows, calendars, routing, ask, site, found, held[op], op, rest, told[op])
    return told


@compiled
def _one(
    rows: Rows,
    calendars: Calendars,
    routing: RoutingRows,
    ask: Ask,
    site: Seconds,
    found: Found,
    held: int,
    op: int,
    rest: int,
    told: Seconds,
) -> None:
    alt, start = found[op, ALT], found[op, START]
    handed, lane, ready = ask.release_s, ask.release_s, ask.release_s
    for at in range(routing.ops[op, BEFORE], routing.ops[op, BEFORE_END]):
        before = routing.before[at]
        from_site = site[before]
        way = way_s(routing, ask, op, from_site, site[op])
        after = after_s(calendars, routing, ask, op, alt, before, found[before], from_site)
        if told[DECIDING] < 0 or after > ready:
            told[DECIDING], ready, handed = before, after, after - way
            lane = handed + ask.lane_s[from_site, site[op]]
    instant = max(ask.release_s, handed)
    instant = _until(told, LANE, instant, max(instant, lane))
    instant = _until(told, LAG, instant, max(instant, ready))
    instant = _until(told, MATERIAL, instant, max(instant, ask.alt_ready_s[alt - ask.first_alt]))
    if held:
        put_off = held_s(calendars, routing, ask, op, alt, held)
        instant = _until(told, SUCCESSOR, instant, max(instant, put_off))
    run = work_s(routing, alt, ask.quantity) - own_setup_s(routing, alt)
    content = run + found[op, SETUP]
    opens = _opens_s(calendars, routing, op, alt, instant, content)
    free = _stretch_from(calendars, routing, op, alt, instant, found[op, SETUP], run, start)
    instant = _until(told, CALENDAR, instant, min(max(instant, opens), free))
    instant = _until(told, OPERATOR, instant, free)
    while instant < start:
        cause, later = _in_the_way(rows, calendars, routing, found, op, instant, run)
        if cause < 0:
            cause, later = rest, start
        later = min(start, max(later, instant + 1))
        begins = _stretch_from(calendars, routing, op, alt, later, found[op, SETUP], run, start)
        instant = _until(told, cause, instant, begins)
    told[WORK] = content
    told[PAUSE] = found[op, END] - start - content
    told[UNTIL + PAUSE] = found[op, END]


@compiled
def _until(told: Seconds, cause: int, from_s: int, to_s: int) -> int:
    """Count a cause; return when it was over."""
    if to_s > from_s:
        told[cause] += to_s - from_s
        told[UNTIL + cause] = to_s
    return max(from_s, to_s)


@compiled
def _opens_s(
    calendars: Calendars, routing: RoutingRows, op: int, alt: int, instant_s: int, content_s: int
) -> int:
    """Return when the work unit itself would be there, whoever attends it."""
    calendar = routing.alts[ALT_CALENDAR, alt]
    if routing.ops[op, PAUSABLE]:
        return begin_s(calendars, calendar, instant_s)
    return unbroken_s(calendars, calendar, instant_s, content_s)


@compiled
def _stretch_from(
    calendars: Calendars,
    routing: RoutingRows,
    op: int,
    alt: int,
    instant_s: int,
    setup_s: int,
    run_s: int,
    start_s: int,
) -> int:
    """Return where it would begin from an instant on if nothing were booked, `start_s` at most."""
    begins, _set_up, _end = stretch(calendars, routing, op, alt, instant_s, setup_s, run_s)
    return start_s if begins == NEVER else min(begins, start_s)


@compiled
def _in_the_way(
    rows: Rows,
    calendars: Calendars,
    routing: RoutingRows,
    found: Found,
    op: int,
    instant_s: int,
    run_s: int,
) -> tuple[int, int]:
    """Return what is in the way of a stretch and until when, (-1, -1) when no one thing is."""
    alt = found[op, ALT]
    begin, set_up, end = stretch(calendars, routing, op, alt, instant_s, found[op, SETUP], run_s)
    if begin == NEVER:
        return -1, -1
    seat_s = _seat_until_s(rows, routing, op, alt, begin, end)
    if seat_s > begin:
        return BUSY, seat_s
    attended = routing.ops[op, ATTENDED]
    until = begin
    if attended != ATTENDED_NONE:
        until = set_up if attended == ATTENDED_SETUP else end
    if until > begin and routing.alts[WHO_END, alt] > routing.alts[WHO_AT, alt]:
        soonest = NEVER
        for at in range(routing.alts[WHO_AT, alt], routing.alts[WHO_END, alt]):
            free = busy_until_s(rows, routing.who[at], begin, until, NO_SHARE)
            soonest = free if soonest == NEVER else min(soonest, free)
        if soonest > begin:
            return OPERATOR, soonest
    for at in range(routing.alts[TOOLS, alt], routing.alts[TOOLS_END, alt], 3):
        free, soonest = 0, NEVER
        for seat in range(routing.tool[at], routing.tool[at] + routing.tool[at + 1]):
            later = busy_until_s(rows, seat, begin, end, NO_SHARE)
            if later == begin:
                free += 1
            else:
                soonest = later if soonest == NEVER else min(soonest, later)
        if free < routing.tool[at + 2] and soonest != NEVER:
            return TOOL, soonest
    return -1, -1


@compiled
def _seat_until_s(
    rows: Rows, routing: RoutingRows, op: int, own: int, begin_s: int, end_s: int
) -> int:
    """Return until when every seat at the site that could do it is taken, `begin_s` when one is
    free."""
    soonest = NEVER
    for alt in range(routing.ops[op, ALTS], routing.ops[op, ALTS_END]):
        if routing.alts[ALT_SITE, alt] != routing.alts[ALT_SITE, own]:
            continue
        first = routing.alts[ALT_SEAT, alt]
        for seat in range(first, first + routing.alts[ALT_SEATS, alt]):
            free = busy_until_s(rows, seat, begin_s, end_s, NO_SHARE)
            if free == begin_s:
                return begin_s
            soonest = free if soonest == NEVER else min(soonest, free)
    return max(begin_s, soonest)
