"""Dispatch by apparent tardiness cost with expected waits: run time forward, the urgent first.

A machine that is free takes, of what waits for it, the operation with the greatest
`worth / span * exp(-slack / scale)`, where slack counts down to the latest start that leaves the
`lead` to the job's end. The event loop never waits: a machine is idle only if nobody waits for it.
A *patient* floor lets an operation wait for a busy machine that would still end it sooner.
`rules` learns `worth` and `lead`; `dispatch` of the shops of the literature knows neither.

Source  A. Vepsalainen, T. Morton, Manage. Sci. 33 (1987) 1035-1047, doi:10.1287/mnsc.33.8.1035.
"""

import heapq
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import compiled
from manufold.scheduling.shop.tardiness_table import NEVER, Book, Ints

__all__ = ["Floor", "Floats", "dispatch", "floor_of"]

#: float64, shape (ops,)
Floats = NDArray[np.float64]


class Floor(NamedTuple):
    """What stands where while time runs.

    Args:
        queue: shape (alts,), alternatives that wait, in the rows of their machine.
        waiting: shape (machines,), how many do.
        owner: shape (alts,), operation of an alternative, NEVER once it began somewhere.
        free_at: shape (machines,), when the machine is done.
        missing: shape (ops,), predecessors that did not begin yet.
        touched: shape (machines,), machines that may choose now; `stamp` says which are there.
        stamp: shape (machines,).
        start: shape (ops,), the schedule; likewise `alt`.
        wake: shape (1,), when the soonest machine is free for which somebody was patient, or NEVER.
    """

    queue: Ints
    waiting: Ints
    owner: Ints
    free_at: Ints
    missing: Ints
    touched: Ints
    stamp: Ints
    start: Ints
    alt: Ints
    wake: Ints


def floor_of(book: Book) -> Floor:
    """Return the floor before anything begins."""
    ops, alts, machines = len(book.job_of), len(book.alt_span), len(book.row) - 1

    def numbers(rows: int) -> Ints:
        return np.zeros(rows, dtype=np.int32)

    owner = np.repeat(np.arange(ops, dtype=np.int32), np.diff(book.alt_ptr))
    return Floor(
        numbers(alts), numbers(machines), owner, np.zeros(machines, dtype=np.int64),
        np.diff(book.before_ptr), numbers(machines), np.full(machines, NEVER, dtype=np.int64),
        np.zeros(ops, dtype=book.alt_span.dtype), numbers(ops),
        np.zeros(1, dtype=np.int64),
    )  # fmt: skip


@compiled
def _sooner_s(book: Book, floor: Floor, op: int, alt: int, now_s: int) -> int:
    """Return when the busy machine is free that ends an operation sooner than `alt`, or NEVER."""
    end, free_s = now_s + book.alt_span[alt], NEVER
    for other in range(book.alt_ptr[op], book.alt_ptr[op + 1]):
        at = max(now_s, floor.free_at[book.alt_machine[other]])
        if at + book.alt_span[other] < end:
            end, free_s = at + book.alt_span[other], at
    return int(free_s) if free_s > now_s else NEVER


@compiled
def _best(
    book: Book, floor: Floor, machine: int, now_s: int, worth: Floats, lead: Floats,
    scale: float, patient: bool,
) -> int:  # fmt: skip
    """Return the best alternative that waits, or NEVER; those begun elsewhere are dropped."""
    low = book.row[machine]
    at, last = low, low + floor.waiting[machine]
    best, most = NEVER, -1.0
    floor.wake[0] = NEVER
    while at < last:
        alt = floor.queue[at]
        op = floor.owner[alt]
        if op < 0:
            last -= 1
            floor.queue[at] = floor.queue[last]
            continue
        slack = book.due[book.job_of[op]] - lead[op] - now_s
        index = worth[op] / max(1, book.alt_span[alt])
        if slack > 0:
            index *= math.exp(-slack / scale)
        if index > most:
            free_s = _sooner_s(book, floor, op, alt, now_s) if patient else NEVER
            if free_s == NEVER:
                best, most = alt, index
            elif floor.wake[0] == NEVER or free_s < floor.wake[0]:
                floor.wake[0] = free_s
        at += 1
    floor.waiting[machine] = last - low
    return best


@compiled
def _begun(book: Book, floor: Floor, alt: int, machine: int, now_s: int) -> int:
    """Begin an operation; return it."""
    op = floor.owner[alt]
    for other in range(book.alt_ptr[op], book.alt_ptr[op + 1]):
        floor.owner[other] = NEVER
    floor.start[op] = now_s
    floor.alt[op] = alt
    floor.free_at[machine] = now_s + book.alt_span[alt]
    return int(op)


@compiled
def _ready(book: Book, floor: Floor, op: int) -> int:
    """Return when an operation may begin whose predecessors all began."""
    at = int(book.release[book.job_of[op]])
    for row in range(book.before_ptr[op], book.before_ptr[op + 1]):
        before = book.before_op[row]
        at = max(at, int(floor.start[before] + book.alt_span[floor.alt[before]]))
    return at


@compiled
def _touch(floor: Floor, machine: int, now_s: int, count: int) -> int:
    """Let a machine choose, once an instant and if it is free; return how many will."""
    if floor.free_at[machine] <= now_s and floor.stamp[machine] != now_s:
        floor.stamp[machine] = now_s
        floor.touched[count] = machine
        count += 1
    return count


@compiled
def dispatch(
    book: Book, floor: Floor, worth: Floats, lead: Floats, scale: float, patient: bool
) -> None:
    """Fill `floor.start` and `floor.alt`; an event is its instant times `size` plus who."""
    ops = len(book.job_of)
    size = np.int64(ops + len(book.row) - 1)
    events = [np.int64(0) for _ in range(0)]
    for op in range(ops):
        if floor.missing[op] == 0:
            heapq.heappush(events, _ready(book, floor, op) * size + op)
    while len(events) > 0:
        now_s = int(events[0] // size)
        count = 0
        while len(events) > 0 and events[0] // size == now_s:
            who = int(heapq.heappop(events) % size)
            if who >= ops:
                count = _touch(floor, who - ops, now_s, count)
                continue
            for alt in range(book.alt_ptr[who], book.alt_ptr[who + 1]):
                machine = book.alt_machine[alt]
                floor.queue[book.row[machine] + floor.waiting[machine]] = alt
                floor.waiting[machine] += 1
                count = _touch(floor, machine, now_s, count)
        for i in range(count):
            machine = floor.touched[i]
            floor.stamp[machine] = NEVER  # what takes no time may bring more at this instant
            alt = _best(book, floor, machine, now_s, worth, lead, scale, patient)
            if alt == NEVER:
                if floor.wake[0] != NEVER:
                    heapq.heappush(events, floor.wake[0] * size + ops + machine)
                continue
            op = _begun(book, floor, alt, machine, now_s)
            heapq.heappush(events, np.int64(floor.free_at[machine]) * size + ops + machine)
            for row in range(book.after_ptr[op], book.after_ptr[op + 1]):
                after = book.after_op[row]
                floor.missing[after] -= 1
                if floor.missing[after] == 0:
                    heapq.heappush(events, _ready(book, floor, after) * size + after)
