"""Ruin and recreate, one move after the other, until it is told to stop.

A move takes a late job, often only from some operation on, and a few jobs that stand in its way
where it waits; it books them again one after the other, each operation where it ends first, in a
gap or, now and then, in front of others that are pushed aside. Simulated annealing decides; the
threshold is drawn before the move, so that a move stops as soon as it cannot be accepted.

Source  G. Schrimpf et al., J. Comput. Phys. 159 (2000) 139-171, doi:10.1006/jcph.1999.6413;
        blinks: J. Christiaens, G. Vanden Berghe, Transp. Sci. 54 (2020) 417-433,
        doi:10.1287/trsc.2019.0914.
"""

import math
from typing import NamedTuple

import numpy as np

from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.shop.tardiness_log import (
    PRICED,
    Log,
    book_out,
    booked,
    cost_of,
    priced,
    push,
    ready_of,
    undo,
)
from manufold.scheduling.shop.tardiness_table import NEVER, Book, Ints, Table, gap, where

__all__ = ["CROWD", "Scratch", "anneal"]

#: jobs that one move takes out at most
CROWD = 3
#: how often: the later of two late jobs is taken; any job, late or not; a job from its first
#: operation on; a blocking job only from where it blocks; a late job alone; another waiting
#: operation is looked at; in another order; an alternative is not looked at; others are pushed;
#: one slot more is overtaken
LATER, ANY, WHOLE, SUFFIX, ALONE, ELSEWHERE = 0.5, 0.1, 0.5, 0.75, 0.3, 0.5
SHUFFLED, BLINK, PUSHED, DEEPER = 0.3, 0.02, 0.2, 0.5


class Scratch(NamedTuple):
    """What a search remembers beside its table.

    Args:
        rng: uint64, shape (1,), state of the generator of random numbers.
        job: shape (CROWD,), jobs of this move; likewise `first`, the operation each is out from.
        dirty: shape (ops + 1,), operations that changed since the best; how many is the last.
        dirty_at: shape (ops,), whether an operation is among them.
        best_alt: shape (ops,); likewise `best_start`.
        value: int64, shape (3,), the current and the best value, and the moves tried.
    """

    rng: Ints
    job: Ints
    first: Ints
    dirty: Ints
    dirty_at: Ints
    best_alt: Ints
    best_start: Ints
    value: Seconds


@compiled
def _draw(rng: Ints) -> float:
    """Return a number in [0, 1): xorshift64 (G. Marsaglia, doi:10.18637/jss.v008.i14)."""
    state = rng[0]
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    rng[0] = state
    return float(state >> np.uint64(11)) / 9007199254740992.0


@compiled
def _pick(rng: Ints, count: int) -> int:
    return int(_draw(rng) * count)


@compiled
def _squeezed(
    book: Book, table: Table, rng: Ints, machine: int, ready: int, at: int
) -> int:  # fmt: skip
    """Return an instant before `at` behind a slot or at `ready`, a few slots ahead; or `at`."""
    base = book.row[machine]
    last = base + table.used[machine]
    row = where(book, table, machine, ready)
    if row < last and table.slot_from[row] < ready:
        row += 1
    stop = row
    while stop < last and table.slot_from[stop] < at:
        stop += 1
    if stop == row:
        return at
    depth = 1
    while _draw(rng) < DEEPER:
        depth += 1
    row = max(row, stop - depth)
    return min(at, max(ready, table.slot_to[row - 1]) if row > base else ready)


@compiled
def _recreated(
    book: Book, table: Table, log: Log, rng: Ints, job: int, first: int, limit: int, eager: float
) -> bool:
    """Book a job from `first` on; return False if it cannot be done within the `limit`."""
    weight, due = book.weight[job], book.due[job]
    for op in range(first, book.job_ptr[job + 1]):
        ready = ready_of(book, table, op)
        best, at, to = NEVER, NEVER, book.bounds[1] + 1
        for alt in range(book.alt_ptr[op], book.alt_ptr[op + 1]):
            if best != NEVER and _draw(rng) < BLINK:
                continue
            span = book.alt_span[alt]
            begin = gap(book, table, book.alt_machine[alt], ready, span, to)
            if begin != NEVER:
                best, at, to = alt, begin, begin + span
        if best == NEVER:
            return False
        if at > ready and _draw(rng) < eager:
            early = _squeezed(book, table, rng, book.alt_machine[best], ready, at)
            booked(book, table, log, op, best, early)
            if early < at and not push(book, table, log, op, limit):
                return False
        else:
            booked(book, table, log, op, best, at)
        if log.at[1] + weight * max(0, table.end[op] + book.tail[op] - due) > limit:
            return False
    priced(table, log, job, cost_of(book, table, job))
    return bool(log.at[1] <= limit)


@compiled
def _seed_job(book: Book, table: Table, rng: Ints) -> int:
    """Return the job that a move is about: one that is late, seldom any."""
    jobs = len(table.cost)
    if _draw(rng) < ANY:
        return _pick(rng, book.bounds[0])
    late = table.late[jobs]
    job = table.late[_pick(rng, late)]
    if _draw(rng) < LATER:
        other = table.late[_pick(rng, late)]
        if table.cost[other] > table.cost[job]:
            return int(other)
    return int(job)


@compiled
def _waiting_op(book: Book, table: Table, rng: Ints, job: int, first: int) -> int:
    """Return an operation that waits, likely where it waits long; any if none does."""
    total, focus = 0, NEVER
    for op in range(first, book.job_ptr[job + 1]):
        wait = table.start[op] - ready_of(book, table, op)
        if wait > 0:
            total += wait
            if _draw(rng) * total < wait:
                focus = op
    if focus == NEVER:
        focus = first + _pick(rng, book.job_ptr[job + 1] - first)
    return focus


@compiled
def _blocker(book: Book, table: Table, scratch: Scratch, op: int, count: int) -> int:
    """Return an operation of another job that stands where `op` could have been, or NEVER."""
    rng = scratch.rng
    alt = book.alt_ptr[op] + _pick(rng, book.alt_ptr[op + 1] - book.alt_ptr[op])
    machine = book.alt_machine[alt]
    ready = ready_of(book, table, op)
    until = max(table.start[op], ready + book.alt_span[alt])
    row = where(book, table, machine, ready)
    last = book.row[machine] + table.used[machine]
    seen, found = 0, NEVER
    while row < last and table.slot_from[row] < until:
        other = book.job_of[table.slot_op[row]]
        fresh = other < book.bounds[0]
        for i in range(count):
            fresh = fresh and scratch.job[i] != other
        if fresh:
            seen += 1
            if _pick(rng, seen) == 0:
                found = table.slot_op[row]
        row += 1
    return found


@compiled
def _ruined(book: Book, table: Table, scratch: Scratch) -> int:
    """Choose the jobs of a move and from where on they are taken out; return how many."""
    rng = scratch.rng
    job = _seed_job(book, table, rng)
    first = book.job_ptr[job]
    if _draw(rng) >= WHOLE:
        first += _pick(rng, book.job_ptr[job + 1] - first)
    scratch.job[0], scratch.first[0] = job, first
    count = 1
    if _draw(rng) < ALONE:
        return count
    want = 2 + _pick(rng, CROWD - 1)
    focus = _waiting_op(book, table, rng, job, first)
    for _ in range(3 * want):
        blocker = _blocker(book, table, scratch, focus, count)
        if blocker != NEVER:
            other = book.job_of[blocker]
            scratch.job[count] = other
            scratch.first[count] = blocker if _draw(rng) < SUFFIX else book.job_ptr[other]
            count += 1
            if count == want:
                break
        if _draw(rng) < ELSEWHERE:
            focus = _waiting_op(book, table, rng, job, first)
    return count


@compiled
def _kept(table: Table, log: Log, scratch: Scratch) -> None:
    """Accept a move; if it leads to the best so far, note everything that changed since."""
    ops = len(table.alt)
    for i in range(log.at[0]):
        op = log.what[i]
        if log.kind[i] != PRICED and not scratch.dirty_at[op]:
            scratch.dirty_at[op] = 1
            scratch.dirty[scratch.dirty[ops]] = op
            scratch.dirty[ops] += 1
    log.at[0] = 0
    scratch.value[0] = log.at[1]
    if scratch.value[0] < scratch.value[1]:
        scratch.value[1] = scratch.value[0]
        for i in range(scratch.dirty[ops]):
            op = scratch.dirty[i]
            scratch.dirty_at[op] = 0
            scratch.best_alt[op] = table.alt[op]
            scratch.best_start[op] = table.start[op]
        scratch.dirty[ops] = 0


@compiled
def anneal(
    book: Book, table: Table, log: Log, scratch: Scratch, moves: int, heat: float
) -> None:  # fmt: skip
    """Try moves; a move that makes the value worse by `heat` is accepted once in e times."""
    book, table, log, scratch = unowned((book, table, log, scratch))
    jobs = len(table.cost)
    rng = scratch.rng
    for _ in range(moves):
        if table.late[jobs] == 0:
            return
        scratch.value[2] += 1
        count = _ruined(book, table, scratch)
        limit = scratch.value[0] + int(-math.log(_draw(rng) + 1e-12) * heat)
        for i in range(count):
            job = scratch.job[i]
            for op in range(scratch.first[i], book.job_ptr[job + 1]):
                book_out(book, table, log, op)
            priced(table, log, job, 0)
        if _draw(rng) < SHUFFLED:
            for i in range(count - 1, 0, -1):
                k = _pick(rng, i + 1)
                scratch.job[i], scratch.job[k] = scratch.job[k], scratch.job[i]
                scratch.first[i], scratch.first[k] = scratch.first[k], scratch.first[i]
        good = True
        for i in range(count):
            eager = PUSHED if i == 0 else 0.0
            job, first = scratch.job[i], scratch.first[i]
            if not _recreated(book, table, log, rng, job, first, limit, eager):
                good = False
                break
        if good:
            _kept(table, log, scratch)
        else:
            undo(book, table, log)
