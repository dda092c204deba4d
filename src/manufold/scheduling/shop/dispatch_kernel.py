"""The event loop of `dispatch`, compiled."""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.shop.problem import Shop

__all__ = ["ATC", "EDD", "FIFO", "MWKR", "SPT", "dispatched"]

FIFO, SPT, EDD, MWKR, ATC = range(5)
NEVER_S = 2**62


@compiled
def dispatched(
    shop: Shop,
    rank: NDArray[np.float64],
    kind: int,
    slack_s: Seconds,
    per_second: float,
    patient: bool,
) -> tuple[Seconds, Seconds]:
    """Return the alternative and the start of each operation.

    Args:
        shop: to schedule.
        rank: float64, shape (ops,), of MWKR and EDD; of ATC, minus the logarithm of the weight.
        kind: of rule.
        slack_s: int64, shape (ops,), of ATC: latest end that leaves its job in time.
        per_second: of ATC: how much a second of slack weighs.
        patient: whether operations wait for a busy machine that would end them sooner.
    """
    ops, machines = len(shop.job_of), shop.machine_count
    alt_op = np.repeat(np.arange(ops), shop.alt_ptr[1:] - shop.alt_ptr[:-1])
    queue_ptr = np.zeros(machines + 1, np.int64)
    for m in shop.alt_machine:
        queue_ptr[m + 1] += 1
    queue_ptr = np.cumsum(queue_ptr)
    queue = np.zeros(len(alt_op), np.int64)
    queued = np.zeros(machines, np.int64)
    machine_free_s = np.zeros(machines, np.int64)
    worker_free_s = np.zeros(shop.worker_count + 1, np.int64)  # the last is nobody, always free
    last = np.full(machines, -1, np.int64)
    hungry = np.zeros(machines, np.int64)
    is_hungry = np.zeros(machines, np.bool_)
    waits = shop.before_ptr[1:] - shop.before_ptr[:-1]
    ready_s = np.zeros(ops, np.int64)
    alt = np.full(ops, -1, np.int64)
    start_s = np.zeros(ops, np.int64)
    released = np.flatnonzero(waits == 0)
    released = released[np.argsort(shop.release_s[shop.job_of[released]], kind="mergesort")]
    heap_s = np.zeros(machines + 2, np.int64)
    heap_op = np.zeros(machines + 2, np.int64)
    running, hungers, coming, begun = 0, 0, 0, 0
    while begun < ops:
        now_s = heap_s[1] if running else NEVER_S
        if coming < len(released):
            now_s = min(now_s, shop.release_s[shop.job_of[released[coming]]])
        while coming < len(released) and shop.release_s[shop.job_of[released[coming]]] <= now_s:
            op = released[coming]
            coming += 1
            ready_s[op] = now_s
            hungers = _enqueued(shop, op, queue, queue_ptr, queued, hungry, is_hungry, hungers)
        while running and heap_s[1] <= now_s:
            done = heap_op[1]
            running = _popped(heap_s, heap_op, running)
            m = shop.alt_machine[alt[done]]
            if queued[m] and not is_hungry[m]:
                is_hungry[m] = True
                hungry[hungers] = m
                hungers += 1
            for row in range(shop.after_ptr[done], shop.after_ptr[done + 1]):
                op = shop.after_op[row]
                waits[op] -= 1
                if waits[op] == 0:
                    ready_s[op] = now_s
                    hungers = _enqueued(
                        shop, op, queue, queue_ptr, queued, hungry, is_hungry, hungers
                    )
        at = 0
        while at < hungers:
            m = hungry[at]
            row = -1
            if machine_free_s[m] <= now_s:
                row = _chosen(
                    shop,
                    m,
                    now_s,
                    (rank, kind, slack_s, per_second, patient),
                    (alt_op, alt, ready_s, last, machine_free_s, worker_free_s),
                    queue[queue_ptr[m] : queue_ptr[m + 1]],
                    queued,
                )
            if row < 0:
                if queued[m] == 0 or machine_free_s[m] > now_s:
                    is_hungry[m] = False
                    hungers -= 1
                    hungry[at] = hungry[hungers]
                else:
                    at += 1  # only for whom it waits; looked at again at the next event
                continue
            op = alt_op[row]
            row = _soonest(shop, op, row, now_s, last, machine_free_s, worker_free_s, True)
            m = shop.alt_machine[row]
            alt[op] = row
            start_s[op] = _start_s(shop, op, row, now_s, last, machine_free_s, worker_free_s)
            end_s = start_s[op] + shop.alt_span_s[row]
            machine_free_s[m] = end_s
            if shop.alt_worker[row] >= 0:
                worker_free_s[shop.alt_worker[row]] = end_s
            last[m] = op
            begun += 1
            running = _pushed(heap_s, heap_op, running, end_s, op)
    return alt, start_s


@compiled
def _enqueued(
    shop: Shop,
    op: int,
    queue: Seconds,
    queue_ptr: Seconds,
    queued: Seconds,
    hungry: Seconds,
    is_hungry: NDArray[np.bool_],
    hungers: int,
) -> int:
    """Put an operation into the queues of its machines; return how many machines look for work."""
    for row in range(shop.alt_ptr[op], shop.alt_ptr[op + 1]):
        m = shop.alt_machine[row]
        queue[queue_ptr[m] + queued[m]] = row
        queued[m] += 1
        if not is_hungry[m]:
            is_hungry[m] = True
            hungry[hungers] = m
            hungers += 1
    return hungers


@compiled
def _chosen(
    shop: Shop,
    m: int,
    now_s: int,
    rule: tuple[NDArray[np.float64], int, Seconds, float, bool],
    state: tuple[Seconds, Seconds, Seconds, Seconds, Seconds, Seconds],
    waiting: Seconds,
    queued: Seconds,
) -> int:
    """Return the alternative that an idle machine takes, -1 for none; forget what has begun."""
    rank, kind, slack_s, per_second, patient = rule
    alt_op, alt, ready_s, last, machine_free_s, worker_free_s = state
    changes = shop.setup_s.shape[0] > 0 and last[m] >= 0
    best, best_key, i = -1, np.inf, 0
    while i < queued[m]:
        row = waiting[i]
        op = alt_op[row]
        if alt[op] >= 0:
            queued[m] -= 1
            waiting[i] = waiting[queued[m]]
            continue
        i += 1
        if worker_free_s[shop.alt_worker[row]] > now_s:
            continue
        late_s = 0
        if changes:
            late_s = max(0, machine_free_s[m] + shop.setup_s[m, last[m], op] - now_s)
        span_s = late_s + shop.alt_span_s[row]
        key = rank[op] + late_s
        if kind == FIFO:
            key += ready_s[op]
        elif kind == SPT:
            key += shop.alt_span_s[row]
        elif kind == ATC:
            key = rank[op] + np.log(max(1.0, span_s))
            key += max(0.0, (slack_s[op] - span_s - now_s) * per_second)
        if best < 0 or key < best_key:
            if patient:
                soonest = _soonest(shop, op, row, now_s, last, machine_free_s, worker_free_s, False)
                if soonest != row and not _is_idle(
                    shop, soonest, now_s, machine_free_s, worker_free_s
                ):
                    continue
            best, best_key = row, key
    return best


@compiled
def _is_idle(
    shop: Shop, row: int, now_s: int, machine_free_s: Seconds, worker_free_s: Seconds
) -> bool:
    free = machine_free_s[shop.alt_machine[row]] <= now_s
    return bool(free and worker_free_s[shop.alt_worker[row]] <= now_s)


@compiled
def _soonest(
    shop: Shop,
    op: int,
    row: int,
    now_s: int,
    last: Seconds,
    machine_free_s: Seconds,
    worker_free_s: Seconds,
    idle: bool,
) -> int:
    """Return the alternative that ends an operation first; the given one where none is sooner."""
    if shop.alt_ptr[op + 1] - shop.alt_ptr[op] == 1:
        return row
    best = row
    end_s = shop.alt_span_s[row] + _start_s(
        shop, op, row, now_s, last, machine_free_s, worker_free_s
    )
    for other in range(shop.alt_ptr[op], shop.alt_ptr[op + 1]):
        if idle and not _is_idle(shop, other, now_s, machine_free_s, worker_free_s):
            continue
        other_s = shop.alt_span_s[other] + _start_s(
            shop, op, other, now_s, last, machine_free_s, worker_free_s
        )
        if other_s < end_s:
            best, end_s = other, other_s
    return best


@compiled
def _start_s(
    shop: Shop,
    op: int,
    row: int,
    now_s: int,
    last: Seconds,
    machine_free_s: Seconds,
    worker_free_s: Seconds,
) -> int:
    """Return when an alternative could start if it were the next on its machine."""
    m = shop.alt_machine[row]
    free_s = machine_free_s[m]
    if shop.setup_s.shape[0] > 0 and last[m] >= 0:
        free_s += shop.setup_s[m, last[m], op]
    return int(max(now_s, free_s, worker_free_s[shop.alt_worker[row]]))


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
