"""A shop built from what a file or a test says: chains linked, what is not said filled in."""

import numpy as np
from numpy.typing import NDArray

from manufold.model.errors import InputFault
from manufold.scheduling.kernel import Seconds, compiled, seconds
from manufold.scheduling.shop.problem import Shop

__all__ = ["built"]

#: no sum of spans, set-ups and dates of a shop goes beyond: products with weights fit int64
LONGEST_S = 2**50


def built(
    job_ptr: Seconds,
    alt_ptr: Seconds,
    machine: Seconds,
    span_s: Seconds,
    machines: int,
    *,
    worker: Seconds | None = None,
    workers: int = 0,
    arcs: Seconds | None = None,
    release_s: Seconds | None = None,
    due_s: Seconds | None = None,
    weight: Seconds | None = None,
    setup_s: NDArray[np.int32] | None = None,
) -> Shop:
    """Return the shop of these arrays; see `Shop` for shapes.

    Args:
        job_ptr: operations of each job.
        alt_ptr: alternatives of each operation.
        machine: of each alternative.
        span_s: of each alternative.
        machines: how many there are.
        worker: of each alternative; nobody unless given.
        workers: how many there are.
        arcs: (before, after) pairs, shape (n, 2); a chain in each job unless given.
        release_s: of each job; 0 unless given.
        due_s: of each job; 0 unless given.
        weight: of each job; 1 unless given.
        setup_s: nothing changes over unless given.

    Raises:
        InputFault: `shop.cyclic`, `shop.too_long`.
    """
    jobs, ops = len(job_ptr) - 1, len(alt_ptr) - 1
    if arcs is None:
        before_ptr, before_op, after_ptr, after_op = _chains(job_ptr)
    else:
        pairs = np.unique(arcs.reshape(-1, 2), axis=0)
        after_ptr, after_op = _grouped(pairs[:, 0], pairs[:, 1], ops)
        before_ptr, before_op = _grouped(pairs[:, 1], pairs[:, 0], ops)
        stuck = _stuck(before_ptr, after_ptr, after_op)
        if stuck >= 0:
            raise InputFault("shop.cyclic", operation=stuck)
    shop = Shop(
        job_ptr=seconds(job_ptr),
        job_of=seconds(np.repeat(np.arange(jobs), np.diff(job_ptr))),
        alt_ptr=seconds(alt_ptr),
        alt_machine=seconds(machine),
        alt_worker=seconds(np.full(len(machine), -1) if worker is None else worker),
        alt_span_s=seconds(span_s),
        before_ptr=before_ptr,
        before_op=before_op,
        after_ptr=after_ptr,
        after_op=after_op,
        release_s=seconds(np.zeros(jobs) if release_s is None else release_s),
        due_s=seconds(np.zeros(jobs) if due_s is None else due_s),
        weight=seconds(np.ones(jobs) if weight is None else weight),
        setup_s=np.zeros((0, 0, 0), dtype=np.int32) if setup_s is None else setup_s,
        machine_count=machines,
        worker_count=workers,
    )
    _bounded(shop)
    return shop


def _bounded(shop: Shop) -> None:
    """Refuse a shop whose sums could leave the numbers we count in."""
    longest_s = float(shop.release_s.max(initial=0))
    longest_s += float(np.maximum.reduceat(shop.alt_span_s, shop.alt_ptr[:-1]).sum(dtype=float))
    longest_s += float(shop.setup_s.max(initial=0)) * len(shop.job_of)
    weighted = max(longest_s, float(shop.due_s.max(initial=0))) * float(
        shop.weight.sum(dtype=float)
    )
    if longest_s >= LONGEST_S or weighted >= 2.0**62:
        raise InputFault("shop.too_long", most_s=LONGEST_S)


def _chains(job_ptr: Seconds) -> tuple[Seconds, Seconds, Seconds, Seconds]:
    """Return predecessors and successors where each job is a chain."""
    ops = int(job_ptr[-1])
    first, last = np.zeros(ops, dtype=bool), np.zeros(ops, dtype=bool)
    first[job_ptr[:-1]] = True
    last[job_ptr[1:] - 1] = True
    before_ptr = seconds(np.concatenate(([0], np.cumsum(~first))))
    after_ptr = seconds(np.concatenate(([0], np.cumsum(~last))))
    before_op = seconds(np.flatnonzero(~first) - 1)
    return before_ptr, before_op, after_ptr, seconds(np.flatnonzero(~last) + 1)


def _grouped(key: Seconds, value: Seconds, ops: int) -> tuple[Seconds, Seconds]:
    """Return the values of each key: bounds, and values ordered by key."""
    order = np.argsort(key, kind="stable")
    bounds = np.concatenate(([0], np.cumsum(np.bincount(key, minlength=ops))))
    return seconds(bounds), seconds(value[order])


@compiled
def _stuck(before_ptr: Seconds, after_ptr: Seconds, after_op: Seconds) -> int:
    """Return an operation of a cycle or behind one, -1 where the precedences have an order."""
    ops = len(before_ptr) - 1
    waits = before_ptr[1:] - before_ptr[:-1]
    ready = np.zeros(ops, np.int64)
    count, at = 0, 0
    for op in range(ops):
        if waits[op] == 0:
            ready[count] = op
            count += 1
    while at < count:
        op = ready[at]
        at += 1
        for row in range(after_ptr[op], after_ptr[op + 1]):
            waits[after_op[row]] -= 1
            if waits[after_op[row]] == 0:
                ready[count] = after_op[row]
                count += 1
    for op in range(ops):
        if waits[op] > 0:
            return op
    return -1
