"""The dispatcher's loop: whoever can start first starts; a rule decides among those who can.

Non-delay list scheduling: no seat waits while an operation could start on it. What is booked takes
its seat, its operator and its tools away from others, so only those who meant to use one of them
look again, and only once they seem to be the first to start.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, Calendars
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.fit import ALT, END, SEAT, START, WHO, fit
from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.overlap import overlapped_ready_s
from manufold.scheduling.place import TOUCHED, Found, book
from manufold.scheduling.routing_rows import (
    ALT_DOOR,
    ALT_SITE,
    ALTS,
    ALTS_END,
    BEFORE,
    BEFORE_END,
    MAX_LAG,
    MIN_LAG,
    TOOLS,
    TOOLS_END,
    TRANSFER,
    RoutingRows,
    work_s,
)
from manufold.scheduling.rows import Rows

__all__ = ["ATC", "CR", "EDD", "FIFO", "SPT", "WSPT", "Queue", "run_rule"]

FIFO, EDD, SPT, WSPT, CR, ATC = range(6)


class Queue(NamedTuple):
    """Operations of many jobs, one entry each, in routing order within a job.

    Args:
        row: in the book of routings.
        first: row of its routing's first operation there.
        quantity, group, site: of its job.
        bound_s: ready without its predecessors.
        remaining_s: wall seconds from its start to its job's end at best.
        due_s, weight: of its job.
        fixed_s: where it is placed already, its end; else NEVER.
        missing: predecessors not placed yet.
        next_ptr, after: entries that wait for it.
        lane_s: int64, shape (sites, sites).
    """

    row: Seconds
    first: Seconds
    quantity: Seconds
    group: Seconds
    site: Seconds
    bound_s: Seconds
    remaining_s: Seconds
    due_s: Seconds
    weight: Seconds
    fixed_s: Seconds
    missing: Seconds
    next_ptr: Seconds
    after: Seconds
    lane_s: NDArray[np.int64]


@compiled
def run_rule(
    rule: int,
    k_factor: float,
    mean_s: float,
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    queue: Queue,
    found: Found,
) -> int:
    """Place all operations that are not fixed; return how many could not be.

    Args:
        found: written, one row an operation; END is NEVER for one that did not fit.
    """
    rows, calendars, changes = unowned((rows, calendars, changes))
    routing, queue, found = unowned((routing, queue, found))
    count = len(queue.row)
    left, stale = queue.missing.copy(), np.ones(count, dtype=np.bool_)
    touched = np.zeros((3 + found.shape[1], TOUCHED), dtype=np.int64)
    opened = np.zeros(count, dtype=np.int64)
    size = 0
    for op in range(count):
        if left[op] == 0 and queue.fixed_s[op] == NEVER:
            opened[size] = op
            size += 1
    while size > 0:
        winner = _winner(
            rule, k_factor, mean_s, rows, calendars, changes, routing, queue, found, opened, size,
            stale,
        )  # fmt: skip
        if winner == NEVER:
            break
        op = opened[winner]
        used, _ = book(
            rows, used, routing, queue.row[op], found[op], queue.group[op], 1, touched, 0
        )
        size -= 1
        opened[winner:size] = opened[winner + 1 : size + 1].copy()
        for at in range(size):
            stale[opened[at]] |= _concerned(routing, found[opened[at]], found[op])
        for at in range(queue.next_ptr[op], queue.next_ptr[op + 1]):
            after = queue.after[at]
            left[after] -= 1
            if left[after] == 0:
                opened[size] = after
                size += 1
    for at in range(size):
        found[opened[at], END] = NEVER
    return size


@compiled
def _winner(
    rule: int,
    k_factor: float,
    mean_s: float,
    rows: Rows,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    queue: Queue,
    found: Found,
    opened: Seconds,
    size: int,
    stale: NDArray[np.bool_],
) -> int:
    """Return who starts next among the open operations, NEVER when nobody can."""
    soonest, looked = NEVER, True
    while looked:  # only who seems to start first must be sure of it
        looked = False
        for at in range(size):
            op = opened[at]
            if stale[op] and (found[op, END] == NEVER or found[op, START] == soonest):
                _look(rows, calendars, changes, routing, queue, found, op)
                stale[op], looked = False, True
        soonest = NEVER
        for at in range(size):
            op = opened[at]
            if found[op, END] != NEVER and (soonest == NEVER or found[op, START] < soonest):
                soonest = found[op, START]
        for at in range(size):
            op = opened[at]
            looked |= stale[op] and found[op, START] == soonest
    winner, urgency = NEVER, 0.0
    for at in range(size):
        op = opened[at]
        if found[op, END] != NEVER and found[op, START] == soonest:
            content = work_s(routing, found[op, ALT], queue.quantity[op])
            value = _priority(
                rule, k_factor, mean_s, op, soonest, _ready_s(queue, routing, found, op), content,
                queue,
            )  # fmt: skip
            if winner == NEVER or value > urgency:
                winner, urgency = at, value
    return winner


@compiled
def _look(
    rows: Rows,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    queue: Queue,
    found: Found,
    op: int,
) -> None:
    """Find where an open operation would finish first."""
    row = queue.row[op]
    found[op, :] = NEVER
    for alt in range(routing.ops[row, ALTS], routing.ops[row, ALTS_END]):
        if routing.alts[ALT_SITE, alt] != queue.site[op]:
            continue
        ready = queue.bound_s[op]
        for at in range(routing.ops[row, BEFORE], routing.ops[row, BEFORE_END]):
            before = queue.first[op] + routing.before[at]
            one = op + before - row
            way = _way_s(routing, queue, row, queue.site[one], queue.site[op])
            if way == NEVER:
                ready = NEVER
                break
            after = queue.fixed_s[one] + way
            if queue.fixed_s[one] == NEVER:
                after = found[one, END] + way
                if 0 < routing.ops[before, TRANSFER] < queue.quantity[op]:
                    after = overlapped_ready_s(
                        calendars, routing, queue.quantity[op], before, found[one], way, row, alt
                    )
            if after == NEVER:
                ready = NEVER
                break
            ready = max(ready, after)
        if ready != NEVER:
            fit(rows, calendars, changes, routing, row, alt, queue.quantity[op], ready, found[op])


@compiled
def _way_s(routing: RoutingRows, queue: Queue, row: int, from_site: int, to_site: int) -> int:
    """Return the least seconds from a predecessor's end, NEVER where there is no way."""
    lane, longest = queue.lane_s[from_site, to_site], routing.ops[row, MAX_LAG]
    if lane == NEVER or (longest >= 0 and lane > longest):
        return NEVER
    return max(lane, routing.ops[row, MIN_LAG])


@compiled
def _ready_s(queue: Queue, routing: RoutingRows, found: Found, op: int) -> int:
    """Return when an operation came into the queue: what FIFO goes by."""
    row, ready = queue.row[op], queue.bound_s[op]
    for at in range(routing.ops[row, BEFORE], routing.ops[row, BEFORE_END]):
        one = op + queue.first[op] + routing.before[at] - row
        end = queue.fixed_s[one] if queue.fixed_s[one] != NEVER else found[one, END]
        ready = max(ready, end + routing.ops[row, MIN_LAG])
    return ready


@compiled
def _concerned(routing: RoutingRows, other: Seconds, taken: Seconds) -> bool:
    """Return whether an open operation meant to use something that has just been taken."""
    if other[END] == NEVER:
        return False
    alt, gone = other[ALT], taken[ALT]
    if other[SEAT] == taken[SEAT] or (taken[WHO] >= 0 and other[WHO] == taken[WHO]):
        return True
    if routing.alts[TOOLS, alt] < routing.alts[TOOLS_END, alt]:
        return True
    door = routing.alts[ALT_DOOR, alt]
    return bool(door >= 0 and door == routing.alts[ALT_DOOR, gone])


@compiled
def _priority(
    rule: int,
    k_factor: float,
    mean_s: float,
    op: int,
    now_s: int,
    ready_s: int,
    content_s: int,
    queue: Queue,
) -> float:
    """Return how urgent an operation is under a rule; the largest goes first."""
    if rule == FIFO:
        return -float(ready_s)
    if rule == EDD:
        return -float(queue.due_s[op])
    if rule == SPT:
        return -float(content_s)
    if rule == WSPT:
        return float(queue.weight[op] / content_s)
    if rule == CR:
        return float(-(queue.due_s[op] - now_s) / max(1, queue.remaining_s[op]))
    slack_s = max(0, queue.due_s[op] - now_s - queue.remaining_s[op])
    return float(queue.weight[op] / content_s * math.exp(-slack_s / (k_factor * mean_s)))
