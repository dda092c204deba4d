"""Rows of operations with alternatives, as most formats of flexible shops write them."""

from typing import NamedTuple

import numpy as np

from manufold.model.errors import InputFault
from manufold.scheduling.kernel import Seconds, compiled, seconds
from manufold.scheduling.shop.read_numbers import Numbers

__all__ = ["Rows", "operation_rows"]

SHORT, LONG, NO_OPERATION, NO_ALTERNATIVE, MACHINE, WORKER, NO_WORKER, NEGATIVE = range(1, 9)


class Rows(NamedTuple):
    """What the rows say.

    Args:
        job_ptr: int64, shape (rows + 1,), operations of each row.
        alt_ptr: int64, shape (ops + 1,).
        machine: int64, shape (alts,), from 0.
        worker: int64, shape (alts,), from 0; -1 where nobody is needed.
        span_s: int64, shape (alts,).
        lead: int64, shape (rows, 3), what stands before the operations: release, due, weight.
    """

    job_ptr: Seconds
    alt_ptr: Seconds
    machine: Seconds
    worker: Seconds
    span_s: Seconds
    lead: Seconds


def operation_rows(
    found: Numbers,
    first: int,
    rows: int,
    *,
    machines: int,
    workers: int = 0,
    base: int = 0,
    leads: bool = False,
    single: bool = False,
) -> Rows:
    """Return the operations of rows `first` to `first + rows`.

    Args:
        found: numbers of the file.
        first: the first row that holds operations.
        rows: how many do.
        machines: how many machines there are.
        workers: how many workers there are; 0 where rows name none.
        base: the number of the first machine and worker in the file.
        leads: whether release, due date and weight stand before the operations.
        single: whether a row is one operation and does not say how many.

    Raises:
        InputFault: `shop.no_jobs`, `shop.row_short`, `shop.row_long`, `shop.no_operation`,
            `shop.no_alternative`, `shop.no_worker`, `shop.machine_outside`,
            `shop.worker_outside`, `shop.negative`.
    """
    if rows == 0:
        raise InputFault("shop.no_jobs", line=found.head_line)
    row_ptr = found.row_ptr[first : first + rows + 1]
    walked = _walked(found.value, row_ptr, machines, workers, base, 3 if leads else 0, single)
    job_ptr, alt_ptr, machine, worker, span_s, lead, fault, row, operation, value = walked
    if fault:
        line = int(found.row_line[first + row])
        raise _refusal(fault, line, operation, value, base, machines, workers)
    return Rows(
        seconds(job_ptr), seconds(alt_ptr), seconds(machine), seconds(worker), seconds(span_s), lead
    )


def _refusal(
    fault: int, line: int, operation: int, value: int, base: int, machines: int, workers: int
) -> InputFault:
    if fault == SHORT:
        return InputFault("shop.row_short", line=line, operation=operation)
    if fault == LONG:
        return InputFault("shop.row_long", line=line, extra=value)
    if fault == NO_OPERATION:
        return InputFault("shop.no_operation", line=line)
    if fault == NO_ALTERNATIVE:
        return InputFault("shop.no_alternative", line=line, operation=operation)
    if fault == NO_WORKER:
        return InputFault("shop.no_worker", line=line, operation=operation)
    if fault in (MACHINE, WORKER):
        code = "shop.machine_outside" if fault == MACHINE else "shop.worker_outside"
        last = base + (machines if fault == MACHINE else workers) - 1
        return InputFault(code, line=line, operation=operation, found=value, first=base, last=last)
    return InputFault("shop.negative", line=line, found=value)


@compiled
def _walked(
    value: Seconds,
    row_ptr: Seconds,
    machines: int,
    workers: int,
    base: int,
    leads: int,
    single: bool,
) -> tuple[Seconds, Seconds, Seconds, Seconds, Seconds, Seconds, int, int, int, int]:
    """Walk the rows; the last four say fault (0: none), row, operation in it and what stood there.

    Rows are checked as they are read, so that counts from a broken file never index anything.
    """
    rows = len(row_ptr) - 1
    most = row_ptr[rows] - row_ptr[0] + 1
    job_ptr = np.zeros(rows + 1, np.int64)
    alt_ptr = np.zeros(most, np.int64)
    machine = np.zeros(most, np.int64)
    worker = np.full(most, -1, np.int64)
    span_s = np.zeros(most, np.int64)
    lead = np.zeros((rows, 3), np.int64)
    bounds = (machines, workers, base)
    ops, alts, fault, row, i, what = 0, 0, 0, 0, 0, 0
    while row < rows:
        at, stop = row_ptr[row], row_ptr[row + 1]
        i, count = 0, 1
        needed = leads + (0 if single else 1)
        if stop - at < needed:
            fault = SHORT
            break
        for k in range(leads):
            lead[row, k] = value[at + k]
            if lead[row, k] < 0:
                fault, what = NEGATIVE, lead[row, k]
        if fault:
            break
        if not single:
            count = value[at + leads]
        at += needed
        if count < 1:
            fault = NO_OPERATION
            break
        while i < count:
            at, alts, fault, what = _operation(
                value, at, stop, bounds, machine, worker, span_s, alts
            )
            if fault:
                break
            i += 1
            ops += 1
            alt_ptr[ops] = alts
        if fault == 0 and at < stop:
            fault, what = LONG, stop - at
        if fault:
            break
        row += 1
        job_ptr[row] = ops
    return (
        job_ptr,
        alt_ptr[: ops + 1].copy(),
        machine[:alts].copy(),
        worker[:alts].copy(),
        span_s[:alts].copy(),
        lead,
        fault,
        row,
        i,
        what,
    )


@compiled
def _operation(
    value: Seconds,
    at: int,
    stop: int,
    bounds: tuple[int, int, int],
    machine: Seconds,
    worker: Seconds,
    span_s: Seconds,
    alts: int,
) -> tuple[int, int, int, int]:
    """Read one operation that ends before `stop`; return place, alternatives, fault and number."""
    machines, workers, base = bounds
    if at >= stop:
        return at, alts, SHORT, 0
    choices = value[at]
    at += 1
    if choices < 1:
        return at, alts, NO_ALTERNATIVE, 0
    for _ in range(choices):
        if at + 1 >= stop:
            return at, alts, SHORT, 0
        m, people = value[at] - base, 1
        at += 1
        if m < 0 or m >= machines:
            return at, alts, MACHINE, m + base
        if workers > 0:
            people = value[at]
            at += 1
            if people < 1:
                return at, alts, NO_WORKER, 0
        for _ in range(people):
            if at + (1 if workers > 0 else 0) >= stop:
                return at, alts, SHORT, 0
            if workers > 0:
                worker[alts] = value[at] - base
                at += 1
                if worker[alts] < 0 or worker[alts] >= workers:
                    return at, alts, WORKER, worker[alts] + base
            if value[at] < 0:
                return at, alts, NEGATIVE, value[at]
            machine[alts] = m
            span_s[alts] = value[at]
            at += 1
            alts += 1
    return at, alts, 0, 0
