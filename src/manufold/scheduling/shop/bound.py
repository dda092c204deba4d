"""Lower bounds: what no schedule of a shop can undercut, in a second or two at any size.

Makespan is the largest of three: the longest path of fastest spans; per machine, what must run
there, pausing allowed, between the heads and tails of its operations (Jackson's preemptive
schedule); and the load that machines and workers share when operations may be split among their
alternatives, by weights of the resources that a few steps of multiplicative ascent find. Each holds
by itself; set-ups only make it worse. Weighted tardiness is each job's own, were it alone.

Source  J. Carlier, Eur. J. Oper. Res. 11 (1982) 42-47, doi:10.1016/S0377-2217(82)80007-6, for one
        machine; any weights of the resources that sum to one give a bound by duality.
"""

import math

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.shop.paths import heads_s, shortest_spans_s, tails_s
from manufold.scheduling.shop.problem import Goal, Shop

__all__ = ["lower_bound"]

#: alternatives looked at in all while weights rise, and the most steps
LOOKS = 10_000_000
STEPS_MOST = 300
#: relative error that sums of floats may have, given away before rounding up
SAFE = 1e-9


def lower_bound(shop: Shop, goal: Goal) -> int:
    """Return a value that no answer is below."""
    span_s = shortest_spans_s(shop)
    head_s = heads_s(shop, span_s)
    if goal == "tardiness":
        done_s = np.maximum.reduceat(head_s + span_s, shop.job_ptr[:-1])
        return int((shop.weight * np.maximum(0, done_s - shop.due_s)).sum())
    tail_s = tails_s(shop, span_s) - span_s
    longest_s = int((head_s + span_s + tail_s).max())
    bounds = [longest_s, _fixed_s(shop, head_s, span_s, tail_s)]
    if len(shop.alt_machine) > len(shop.job_of) or shop.worker_count:
        bounds.append(_shared_s(shop, head_s, tail_s))
    return max(bounds)


def _fixed_s(shop: Shop, head_s: Seconds, span_s: Seconds, tail_s: Seconds) -> int:
    """Return the bound of the machine that operations with no other choice load most."""
    first = shop.alt_ptr[:-1]
    low = np.minimum.reduceat(shop.alt_machine, first)
    ops = np.flatnonzero(low == np.maximum.reduceat(shop.alt_machine, first))
    if len(ops) == 0:
        return 0
    ops = ops[np.lexsort((head_s[ops], low[ops]))]
    counts = np.bincount(low[ops], minlength=shop.machine_count)
    machine_ptr = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))
    return _jackson(machine_ptr, head_s[ops], span_s[ops], tail_s[ops])


def _shared_s(shop: Shop, head_s: Seconds, tail_s: Seconds) -> int:
    """Return the bound of resources that share their work as well as can be."""
    first = shop.alt_ptr[:-1]
    alt_op = np.repeat(np.arange(len(first)), np.diff(shop.alt_ptr))
    resources = shop.machine_count + shop.worker_count + 1  # the last is nobody
    worker = np.where(shop.alt_worker < 0, resources - 1, shop.machine_count + shop.alt_worker)
    idle_s = np.zeros(resources)
    for who in (shop.alt_machine, worker):
        before_s = np.full(resources, np.inf)
        after_s = np.full(resources, np.inf)
        np.minimum.at(before_s, who, head_s[alt_op].astype(float))
        np.minimum.at(after_s, who, tail_s[alt_op].astype(float))
        used = np.isfinite(before_s)
        idle_s[used] = before_s[used] + after_s[used]
    usable = np.zeros(resources, dtype=bool)
    usable[shop.alt_machine] = usable[worker] = True
    usable[-1] = False
    idle_s[-1] = 0.0
    best_s, weight = 0.0, usable / usable.sum()
    span_s = shop.alt_span_s.astype(float)
    steps = int(np.clip(LOOKS // len(alt_op), 4, STEPS_MOST))
    for step in range(steps):
        paid = (weight[shop.alt_machine] + weight[worker]) * span_s
        least = np.minimum.reduceat(paid, first)
        best_s = max(best_s, float(least.sum() + (weight * idle_s).sum()))
        load_s = idle_s + _loads(shop, worker, alt_op, paid, least, span_s, resources)
        rate = 4.0 / math.sqrt(step + 1.0)
        weight = weight * np.exp(rate * (load_s / max(1.0, load_s[usable].max()) - 1.0)) * usable
        weight = weight / weight.sum()
    return math.ceil(best_s * (1.0 - SAFE) - SAFE)


def _loads(
    shop: Shop,
    worker: Seconds,
    alt_op: Seconds,
    paid: NDArray[np.float64],
    least: NDArray[np.float64],
    span_s: NDArray[np.float64],
    resources: int,
) -> NDArray[np.float64]:
    """Return the load of each resource where operations take what is cheapest, ties split."""
    cheap = paid <= least[alt_op] * (1.0 + SAFE)
    share = cheap / np.add.reduceat(cheap.astype(float), shop.alt_ptr[:-1])[alt_op]
    load_s = np.bincount(shop.alt_machine, share * span_s, minlength=resources)
    return np.asarray(load_s + np.bincount(worker, share * span_s, minlength=resources))


@compiled
def _jackson(machine_ptr: Seconds, head_s: Seconds, span_s: Seconds, tail_s: Seconds) -> int:
    """Return the worst of the machines, each with its operations by head, pausing allowed."""
    worst_s = 0
    for m in range(len(machine_ptr) - 1):
        begin, end = machine_ptr[m], machine_ptr[m + 1]
        heap = np.zeros(end - begin + 1, np.int64)  # operations by the longest tail, from 1
        left_s = span_s[begin:end].copy()
        tails = tail_s[begin:end]
        count, coming, now_s = 0, 0, 0
        while count or coming < end - begin:
            if count == 0:
                now_s = max(now_s, head_s[begin + coming])
            while coming < end - begin and head_s[begin + coming] <= now_s:
                count = _raised(heap, count, coming, tails)
                coming += 1
            op = heap[1]
            run_s = left_s[op]
            if coming < end - begin:
                run_s = min(run_s, head_s[begin + coming] - now_s)
            now_s += run_s
            left_s[op] -= run_s
            if left_s[op] == 0:
                worst_s = max(worst_s, now_s + tails[op])
                count = _sunk(heap, count, tails)
    return worst_s


@compiled
def _raised(heap: Seconds, count: int, op: int, tails: Seconds) -> int:
    """Put an operation into the heap; return its size."""
    count += 1
    i = count
    while i > 1 and tails[heap[i // 2]] < tails[op]:
        heap[i] = heap[i // 2]
        i //= 2
    heap[i] = op
    return count


@compiled
def _sunk(heap: Seconds, count: int, tails: Seconds) -> int:
    """Take the first out of the heap; return its size."""
    op = heap[count]
    count -= 1
    i = 1
    while 2 * i <= count:
        child = 2 * i
        if child < count and tails[heap[child + 1]] > tails[heap[child]]:
            child += 1
        if tails[heap[child]] <= tails[op]:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = op
    return count
