"""The event loop of `dispatch`, compiled."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled, seconds, unowned
from manufold.scheduling.shop.problem import Shop

__all__ = ["ATC", "EDD", "FIFO", "MWKR", "SPT", "Chooser", "dispatched", "empty_floor"]

FIFO, SPT, EDD, MWKR, ATC = range(5)
NEVER_S = 2**62
HUNGRY, RUNNING, COMING = range(3)  # places in `Floor.totals`


class Chooser(NamedTuple):
    """How machines choose.

    Args:
        rank: float64, shape (ops,), of MWKR and EDD; of ATC, minus the logarithm of the weight.
        kind: of rule.
        slack_s: int64, shape (ops,), of ATC: latest end that leaves its job in time.
        per_second: of ATC: how much a second of slack weighs.
        patient: whether operations wait for a busy machine that would end them sooner.
    """

    rank: NDArray[np.float64]
    kind: int
    slack_s: Seconds
    per_second: float
    patient: bool


class Floor(NamedTuple):
    """What happens: int64 arrays.

    Args:
        alt: shape (ops,), alternative taken, -1 before.
        start_s: shape (ops,).
        ready_s: shape (ops,), when its predecessors had ended.
        waits: shape (ops,), predecessors still to end.
        alt_op: shape (alts,), operation of each alternative.
        queue_ptr: shape (machines + 1,), bounds of each machine's queue.
        queue: shape (alts,), alternatives that wait; begun ones are forgotten when met.
        queued: shape (machines,), how many stand in each queue.
        machine_free_s: shape (machines,).
        worker_free_s: shape (workers + 1,); the last is nobody, always free.
        last: shape (machines,), operation done last, -1 before the first.
        hungry: shape (machines,), idle machines with a queue, in any order.
        is_hungry: shape (machines,).
        heap_s: shape (runs,), ends of what runs, a heap from 1.
        heap_op: shape (runs,), the operations.
        coming: shape (sources,), operations without predecessors by release.
        totals: shape (3,), of hungry machines, of running and of released operations.
    """

    alt: Seconds
    start_s: Seconds
    ready_s: Seconds
    waits: Seconds
    alt_op: Seconds
    queue_ptr: Seconds
    queue: Seconds
    queued: Seconds
    machine_free_s: Seconds
    worker_free_s: Seconds
    last: Seconds
    hungry: Seconds
    is_hungry: Seconds
    heap_s: Seconds
    heap_op: Seconds
    coming: Seconds
    totals: Seconds


def empty_floor(shop: Shop) -> Floor:
    """Return a floor on which nothing has begun."""
    ops, machines = len(shop.job_of), shop.machine_count
    waits = seconds(np.diff(shop.before_ptr))
    sources = np.flatnonzero(waits == 0)
    release_s = shop.release_s[shop.job_of[sources]]
    runs = 2 + machines + int(np.count_nonzero(shop.alt_span_s == 0))  # these end as they begin
    queue_ptr = np.zeros(machines + 1, dtype=np.int64)
    np.cumsum(np.bincount(shop.alt_machine, minlength=machines), out=queue_ptr[1:])
    return Floor(
        alt=np.full(ops, -1, dtype=np.int64),
        start_s=np.zeros(ops, dtype=np.int64),
        ready_s=np.zeros(ops, dtype=np.int64),
        waits=waits,
        alt_op=seconds(np.repeat(np.arange(ops), np.diff(shop.alt_ptr))),
        queue_ptr=queue_ptr,
        queue=np.zeros(len(shop.alt_machine), dtype=np.int64),
        queued=np.zeros(machines, dtype=np.int64),
        machine_free_s=np.zeros(machines, dtype=np.int64),
        worker_free_s=np.zeros(shop.worker_count + 1, dtype=np.int64),
        last=np.full(machines, -1, dtype=np.int64),
        hungry=np.zeros(machines, dtype=np.int64),
        is_hungry=np.zeros(machines, dtype=np.int64),
        heap_s=np.zeros(runs, dtype=np.int64),
        heap_op=np.zeros(runs, dtype=np.int64),
        coming=seconds(sources[np.argsort(release_s, kind="stable")]),
        totals=np.zeros(3, dtype=np.int64),
    )


@compiled
def dispatched(shop: Shop, floor: Floor, chooser: Chooser) -> None:
    """Let time go until every operation has begun; the floor then holds the schedule."""
    shop, floor, chooser = unowned((shop, floor, chooser))
    begun, ops = 0, len(shop.job_of)
    while begun < ops:
        now_s = floor.heap_s[1] if floor.totals[RUNNING] else NEVER_S
        if floor.totals[COMING] < len(floor.coming):
            job = shop.job_of[floor.coming[floor.totals[COMING]]]
            now_s = min(now_s, shop.release_s[job])
        _happened(shop, floor, now_s)
        at = 0
        while at < floor.totals[HUNGRY]:
            m = floor.hungry[at]
            busy = floor.machine_free_s[m] > now_s
            row = -1 if busy else _chosen(shop, floor, chooser, m, now_s)
            if row < 0:
                if floor.queued[m] == 0 or busy:
                    floor.is_hungry[m] = 0
                    floor.totals[HUNGRY] -= 1
                    floor.hungry[at] = floor.hungry[floor.totals[HUNGRY]]
                else:
                    at += 1  # only for whom it waits; looked at again at the next event
                continue
            _started(shop, floor, _soonest(shop, floor, row, now_s, True), now_s)
            begun += 1


@compiled
def _happened(shop: Shop, floor: Floor, now_s: int) -> None:
    """Let operations come and end; their machines and successors look for work."""
    while floor.totals[COMING] < len(floor.coming):
        op = floor.coming[floor.totals[COMING]]
        if shop.release_s[shop.job_of[op]] > now_s:
            break
        floor.totals[COMING] += 1
        _enqueued(shop, floor, op, now_s)
    while floor.totals[RUNNING] and floor.heap_s[1] <= now_s:
        done = floor.heap_op[1]
        floor.totals[RUNNING] = _popped(floor.heap_s, floor.heap_op, floor.totals[RUNNING])
        m = shop.alt_machine[floor.alt[done]]
        if floor.queued[m]:
            _hungered(floor, m)
        for row in range(shop.after_ptr[done], shop.after_ptr[done + 1]):
            op = shop.after_op[row]
            floor.waits[op] -= 1
            if floor.waits[op] == 0:
                _enqueued(shop, floor, op, now_s)


@compiled
def _enqueued(shop: Shop, floor: Floor, op: int, now_s: int) -> None:
    """Put an operation into the queues of its machines."""
    floor.ready_s[op] = now_s
    for row in range(shop.alt_ptr[op], shop.alt_ptr[op + 1]):
        m = shop.alt_machine[row]
        floor.queue[floor.queue_ptr[m] + floor.queued[m]] = row
        floor.queued[m] += 1
        _hungered(floor, m)


@compiled
def _hungered(floor: Floor, m: int) -> None:
    """Let a machine look for work."""
    if not floor.is_hungry[m]:
        floor.is_hungry[m] = 1
        floor.hungry[floor.totals[HUNGRY]] = m
        floor.totals[HUNGRY] += 1


@compiled
def _started(shop: Shop, floor: Floor, row: int, now_s: int) -> None:
    """Start an alternative as soon as its machine and worker can."""
    op, m = floor.alt_op[row], shop.alt_machine[row]
    start_s = _start_s(shop, floor, row, now_s)
    end_s = start_s + shop.alt_span_s[row]
    floor.alt[op], floor.start_s[op] = row, start_s
    floor.machine_free_s[m], floor.last[m] = end_s, op
    if shop.alt_worker[row] >= 0:
        floor.worker_free_s[shop.alt_worker[row]] = end_s
    floor.totals[RUNNING] = _pushed(floor.heap_s, floor.heap_op, floor.totals[RUNNING], end_s, op)


@compiled
def _chosen(shop: Shop, floor: Floor, chooser: Chooser, m: int, now_s: int) -> int:
    """Return the alternative that an idle machine takes, -1 for none; forget what has begun."""
    last = floor.last[m]
    changes = shop.setup_s.shape[0] > 0 and last >= 0
    begin, best, best_key, i = floor.queue_ptr[m], -1, np.inf, 0
    while i < floor.queued[m]:
        row = floor.queue[begin + i]
        op = floor.alt_op[row]
        if floor.alt[op] >= 0:
            floor.queued[m] -= 1
            floor.queue[begin + i] = floor.queue[begin + floor.queued[m]]
            continue
        i += 1
        if floor.worker_free_s[shop.alt_worker[row]] > now_s:
            continue
        late_s = 0
        if changes:
            late_s = max(0, floor.machine_free_s[m] + shop.setup_s[m, last, op] - now_s)
        key = chooser.rank[op] + late_s
        if chooser.kind == FIFO:
            key += floor.ready_s[op]
        elif chooser.kind == SPT:
            key += shop.alt_span_s[row]
        elif chooser.kind == ATC:
            span_s = late_s + shop.alt_span_s[row]
            key = chooser.rank[op] + np.log(max(1.0, span_s))
            key += max(0.0, (chooser.slack_s[op] - span_s - now_s) * chooser.per_second)
        if best < 0 or key < best_key:
            if chooser.patient:
                soonest = _soonest(shop, floor, row, now_s, False)
                if soonest != row and not _is_idle(shop, floor, soonest, now_s):
                    continue
            best, best_key = row, key
    return best


@compiled
def _is_idle(shop: Shop, floor: Floor, row: int, now_s: int) -> bool:
    free = floor.machine_free_s[shop.alt_machine[row]] <= now_s
    return bool(free and floor.worker_free_s[shop.alt_worker[row]] <= now_s)


@compiled
def _soonest(shop: Shop, floor: Floor, row: int, now_s: int, idle: bool) -> int:
    """Return the alternative that ends its operation first; the given one where none is sooner."""
    op = floor.alt_op[row]
    if shop.alt_ptr[op + 1] - shop.alt_ptr[op] == 1:
        return row
    best = row
    end_s = shop.alt_span_s[row] + _start_s(shop, floor, row, now_s)
    for other in range(shop.alt_ptr[op], shop.alt_ptr[op + 1]):
        if idle and not _is_idle(shop, floor, other, now_s):
            continue
        other_s = shop.alt_span_s[other] + _start_s(shop, floor, other, now_s)
        if other_s < end_s:
            best, end_s = other, other_s
    return best


@compiled
def _start_s(shop: Shop, floor: Floor, row: int, now_s: int) -> int:
    """Return when an alternative could start if it were the next on its machine."""
    m = shop.alt_machine[row]
    free_s = floor.machine_free_s[m]
    if shop.setup_s.shape[0] > 0 and floor.last[m] >= 0:
        free_s += shop.setup_s[m, floor.last[m], floor.alt_op[row]]
    return int(max(now_s, free_s, floor.worker_free_s[shop.alt_worker[row]]))


@compiled
def _pushed(heap_s: Seconds, heap_op: Seconds, count: int, at_s: int, op: int) -> int:
    """Put an end into the heap (from 1); return its size."""
    count += 1
    i = count
    while i > 1 and heap_s[i // 2] > at_s:
        heap_s[i], heap_op[i] = heap_s[i // 2], heap_op[i // 2]
        i //= 2
    heap_s[i], heap_op[i] = at_s, op
    return count


@compiled
def _popped(heap_s: Seconds, heap_op: Seconds, count: int) -> int:
    """Take the first end out of the heap; return its size."""
    at_s, op = heap_s[count], heap_op[count]
    count -= 1
    i = 1
    while 2 * i <= count:
        child = 2 * i
        if child < count and heap_s[child + 1] < heap_s[child]:
            child += 1
        if heap_s[child] >= at_s:
            break
        heap_s[i], heap_op[i] = heap_s[child], heap_op[child]
        i = child
    heap_s[i], heap_op[i] = at_s, op
    return count
