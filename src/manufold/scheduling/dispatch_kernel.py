"""The dispatcher's loop: whoever can start first starts; a rule decides among those who can.

Non-delay list scheduling: no seat waits while an operation could start on it. Starts never go
back in time, so a seat needs to remember only when its newest slot ends, beside what was booked
before. All arrays are int64; `ptr` arrays hold the n + 1 bounds of n ranges; NEVER marks what
cannot be.
"""

import math
from typing import NamedTuple

import numpy as np

from manufold.scheduling.gaps import NEVER, earliest_gap
from manufold.scheduling.kernel import Seconds, compiled

__all__ = ["ATC", "CR", "EDD", "FIFO", "SPT", "WSPT", "Ops", "Seats", "run_rule"]

FIFO, EDD, SPT, WSPT, CR, ATC = range(6)


class Seats(NamedTuple):
    """Seats with their calendars and what is booked."""

    calendar: Seconds
    cal_ptr: Seconds
    cal_start: Seconds
    cal_end: Seconds
    cal_before: Seconds
    booked_ptr: Seconds
    booked_start: Seconds
    booked_covered: Seconds


class Ops(NamedTuple):
    """Operations with their bounds, successors and alternatives.

    `bound` is when one is ready without its predecessors, `remaining` the wall seconds from its
    start to its job's end at best, `missing` how many predecessors are not placed yet, `alt_ready`
    the same bound per alternative.
    """

    bound: Seconds
    remaining: Seconds
    due: Seconds
    weight: Seconds
    lag: Seconds
    pausable: Seconds
    missing: Seconds
    next_ptr: Seconds
    next_op: Seconds
    alt_ptr: Seconds
    alt_seat: Seconds
    alt_content: Seconds
    alt_ready: Seconds


@compiled
def run_rule(
    rule: int, k_factor: float, mean_s: float, ops: Ops, seats: Seats
) -> tuple[Seconds, Seconds, Seconds]:
    """Return each operation's alternative, start_s and end_s; alternative NEVER if not placed."""
    count = len(ops.bound)
    chosen = np.full(count, NEVER, dtype=np.int64)
    start, end = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    bound, left, ready = ops.bound.copy(), ops.missing.copy(), ops.alt_ready.copy()
    free = np.zeros(len(seats.calendar), dtype=np.int64)
    stale = np.ones(count, dtype=np.bool_)
    opened = np.zeros(count, dtype=np.int64)
    size = 0
    for op in range(count):
        if left[op] == 0:
            opened[size] = op
            size += 1
    while size > 0:
        soonest = NEVER
        for at in range(size):
            op = opened[at]
            if stale[op]:
                chosen[op], start[op], end[op] = best_alternative(op, ready, free, ops, seats)
                stale[op] = False
            if chosen[op] != NEVER and (soonest == NEVER or start[op] < soonest):
                soonest = start[op]
        if soonest == NEVER:
            break
        winner, urgency = NEVER, 0.0
        for at in range(size):
            op = opened[at]
            if chosen[op] != NEVER and start[op] == soonest:
                content_s = ops.alt_content[chosen[op]]
                value = priority(rule, k_factor, mean_s, op, soonest, bound[op], content_s, ops)
                if winner == NEVER or value > urgency:
                    winner, urgency = at, value
        op = opened[winner]
        seat = ops.alt_seat[chosen[op]]
        free[seat] = end[op]
        size -= 1
        opened[winner:size] = opened[winner + 1 : size + 1].copy()
        for at in range(size):
            other = opened[at]
            if chosen[other] != NEVER and ops.alt_seat[chosen[other]] == seat:
                stale[other] = True
        for at in range(ops.next_ptr[op], ops.next_ptr[op + 1]):
            after = ops.next_op[at]
            pass_on(after, end[op], bound, ready, ops)
            left[after] -= 1
            if left[after] == 0:
                opened[size] = after
                size += 1
    for at in range(size):  # still open: it never fitted
        chosen[opened[at]] = NEVER
    return chosen, start, end


@compiled
def best_alternative(
    op: int, ready: Seconds, free: Seconds, ops: Ops, seats: Seats
) -> tuple[int, int, int]:
    """Return (alternative, start_s, end_s) that finishes first."""
    best, best_start, best_end = NEVER, NEVER, NEVER
    for alt in range(ops.alt_ptr[op], ops.alt_ptr[op + 1]):
        if ready[alt] == NEVER:
            continue
        seat = ops.alt_seat[alt]
        low, high = seats.cal_ptr[seats.calendar[seat]], seats.cal_ptr[seats.calendar[seat] + 1]
        first, last = seats.booked_ptr[seat], seats.booked_ptr[seat + 1]
        start, end = earliest_gap(
            max(ready[alt], free[seat]),
            ops.alt_content[alt],
            ops.pausable[op] != 0,
            seats.cal_start[low:high],
            seats.cal_end[low:high],
            seats.cal_before[low:high],
            seats.booked_start[first:last],
            seats.booked_covered[first:last],
        )
        if start != NEVER and (best == NEVER or end < best_end):
            best, best_start, best_end = alt, start, end
    return best, best_start, best_end


@compiled
def pass_on(after: int, end_s: int, bound: Seconds, ready: Seconds, ops: Ops) -> None:
    """Tell a successor when a predecessor ends."""
    reached_s = end_s + ops.lag[after]
    bound[after] = max(bound[after], reached_s)
    for alt in range(ops.alt_ptr[after], ops.alt_ptr[after + 1]):
        if ready[alt] != NEVER:
            ready[alt] = max(ready[alt], reached_s)


@compiled
def priority(
    rule: int,
    k_factor: float,
    mean_s: float,
    op: int,
    now_s: int,
    ready_s: int,
    content_s: int,
    ops: Ops,
) -> float:
    """Return how urgent an operation is under a rule; the largest goes first."""
    if rule == FIFO:
        return -float(ready_s)
    if rule == EDD:
        return -float(ops.due[op])
    if rule == SPT:
        return -float(content_s)
    if rule == WSPT:
        return float(ops.weight[op] / content_s)
    if rule == CR:
        return float(-(ops.due[op] - now_s) / max(1, ops.remaining[op]))
    slack_s = max(0, ops.due[op] - now_s - ops.remaining[op])
    return float(ops.weight[op] / content_s * math.exp(-slack_s / (k_factor * mean_s)))
