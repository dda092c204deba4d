"""The timetable that a tardiness search works on: slots of each machine in order, in place.

Each machine owns as many rows as operations may ever stand on it, so that booking and freeing a
slot shift a few neighbours and never allocate. Operations of a job are renumbered so that
predecessors come first; `Book.original` leads back. Times are int32 where they fit.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled, seconds
from manufold.scheduling.shop.problem import Answer, Shop

__all__ = [
    "NEVER", "Book", "Ints", "Table", "answer_of", "book_of", "empty_table", "free", "gap",
    "placed_of", "put", "row_of", "where",
]  # fmt: skip

#: no instant and no row
NEVER = -1

#: int32 or int64, shape (n,)
Ints = NDArray[Any]


class Book(NamedTuple):
    """What never changes; shapes as in `Shop`, operations in an order that respects precedence.

    Args:
        tail: shape (ops,), the least time from an operation's end to its job's end.
        row: shape (machines + 1,), first slot row of each machine.
        original: shape (ops,), number of the operation in the shop.
        original_alt: shape (alts,), number of the alternative in the shop.
        bounds: int64, shape (2,): jobs from bounds[0] on are pinned, nothing ends after bounds[1].
    """

    job_ptr: Ints
    job_of: Ints
    alt_ptr: Ints
    alt_machine: Ints
    alt_span: Ints
    before_ptr: Ints
    before_op: Ints
    after_ptr: Ints
    after_op: Ints
    tail: Ints
    release: Ints
    due: Ints
    weight: Seconds
    row: Ints
    original: Ints
    original_alt: Ints
    bounds: Seconds


class Table(NamedTuple):
    """What changes.

    Args:
        slot_from: shape (alts,), when the slot in this row begins; likewise `slot_to`, `slot_op`.
        used: shape (machines,), slots in use.
        start: shape (ops,); likewise `end` and `alt`.
        cost: int64, shape (jobs,), weighted tardiness.
        late: shape (jobs + 1,), jobs with a cost, and how many there are in the last row.
        late_at: shape (jobs,), row of a job in `late`, or NEVER.
    """

    slot_from: Ints
    slot_to: Ints
    slot_op: Ints
    used: Ints
    start: Ints
    end: Ints
    alt: Ints
    cost: Seconds
    late: Ints
    late_at: Ints


@compiled
def gap(book: Book, table: Table, machine: int, ready: int, span: int, limit: int) -> int:
    """Return the first instant from `ready` on with `span` free, or NEVER if it ends at `limit`."""
    low = book.row[machine]
    last = low + table.used[machine]
    high = last
    while low < high:
        middle = (low + high) >> 1
        if table.slot_to[middle] > ready:
            high = middle
        else:
            low = middle + 1
    at = ready
    latest = limit - span
    while at < latest:
        if low == last or table.slot_from[low] - at >= span:
            return at
        at = table.slot_to[low]
        low += 1
    return NEVER


@compiled
def where(book: Book, table: Table, machine: int, at: int) -> int:
    """Return the first row of the machine whose slot ends after `at`."""
    low = book.row[machine]
    high = low + table.used[machine]
    while low < high:
        middle = (low + high) >> 1
        if table.slot_to[middle] > at:
            high = middle
        else:
            low = middle + 1
    return int(low)


@compiled
def put(book: Book, table: Table, op: int, alt: int, at: int) -> None:
    """Book a slot that is known to be free."""
    machine = book.alt_machine[alt]
    to = at + book.alt_span[alt]
    row = book.row[machine] + table.used[machine]
    low = book.row[machine]
    while row > low and (
        table.slot_from[row - 1] > at
        or (table.slot_from[row - 1] == at and table.slot_to[row - 1] > at)
    ):
        table.slot_from[row] = table.slot_from[row - 1]
        table.slot_to[row] = table.slot_to[row - 1]
        table.slot_op[row] = table.slot_op[row - 1]
        row -= 1
    table.slot_from[row] = at
    table.slot_to[row] = to
    table.slot_op[row] = op
    table.used[machine] += 1
    table.start[op] = at
    table.end[op] = to
    table.alt[op] = alt


@compiled
def row_of(book: Book, table: Table, op: int) -> int:
    """Return the row of an operation's slot."""
    machine = book.alt_machine[table.alt[op]]
    low = book.row[machine]
    high = low + table.used[machine]
    at = table.start[op]
    while low < high:
        middle = (low + high) >> 1
        if table.slot_from[middle] < at:
            low = middle + 1
        else:
            high = middle
    while table.slot_op[low] != op:
        low += 1
    return int(low)


@compiled
def free(book: Book, table: Table, op: int) -> None:
    """Take an operation out of its machine's slots; it has no alternative until it is put again."""
    machine = book.alt_machine[table.alt[op]]
    row = row_of(book, table, op)
    table.alt[op] = NEVER
    table.used[machine] -= 1
    last = book.row[machine] + table.used[machine]
    while row < last:
        table.slot_from[row] = table.slot_from[row + 1]
        table.slot_to[row] = table.slot_to[row + 1]
        table.slot_op[row] = table.slot_op[row + 1]
        row += 1


def empty_table(book: Book) -> Table:
    """Return a table without slots, every job without cost."""
    jobs, ops, alts = len(book.job_ptr) - 1, len(book.job_of), len(book.alt_span)
    time = book.alt_span.dtype

    def times(rows: int) -> Ints:
        return np.zeros(rows, dtype=time)

    def numbers(rows: int) -> Ints:
        return np.zeros(rows, dtype=np.int32)

    return Table(
        times(alts), times(alts), numbers(alts), numbers(len(book.row) - 1), times(ops),
        times(ops), np.full(ops, NEVER, dtype=np.int32), np.zeros(jobs, dtype=np.int64),
        numbers(jobs + 1), np.full(jobs, NEVER, dtype=np.int32),
    )  # fmt: skip


def _ordered(shop: Shop) -> Seconds:
    """Return the operations job by job, each after its predecessors, otherwise as they stand."""
    missing = np.diff(shop.before_ptr)
    if not len(shop.before_op) or bool(
        (np.repeat(np.arange(len(missing)), missing) > shop.before_op).all()
    ):
        return np.arange(len(missing), dtype=np.int64)
    order: list[int] = []
    for job in range(len(shop.job_ptr) - 1):
        ready = [o for o in range(shop.job_ptr[job], shop.job_ptr[job + 1]) if not missing[o]]
        while ready:
            op = ready.pop(0)
            order.append(op)
            for after in shop.after_op[shop.after_ptr[op] : shop.after_ptr[op + 1]]:
                missing[after] -= 1
                if not missing[after]:
                    ready.append(int(after))
    return seconds(order)


@compiled
def _tails(before_ptr: Ints, before_op: Ints, least: Ints) -> Ints:
    """Return the longest way of least spans behind each operation; predecessors come first."""
    tail = np.zeros_like(least)
    for op in range(len(least) - 1, -1, -1):
        for row in range(before_ptr[op], before_ptr[op + 1]):
            before = before_op[row]
            tail[before] = max(tail[before], tail[op] + least[op])
    return tail


def _taken(ptr: Seconds, order: Seconds) -> tuple[Seconds, Seconds]:
    """Return ranges in another order: their bounds, and the rows that they take."""
    sizes = np.diff(ptr)[order]
    bounds = seconds(np.concatenate(([0], np.cumsum(sizes))))
    rows = np.arange(bounds[-1]) - np.repeat(bounds[:-1], sizes) + np.repeat(ptr[order], sizes)
    return bounds, seconds(rows)


def book_of(shop: Shop, movable: int, until_s: int | None) -> Book:
    """Return a shop as the search reads it.

    Args:
        movable: jobs before this one move, those from it on are pinned.
        until_s: no operation that moves may end later; None where there is no such instant.
    """
    order = _ordered(shop)
    place = seconds(np.argsort(order, kind="stable"))
    alt_ptr, alt_rows = _taken(shop.alt_ptr, order)
    before_ptr, before_rows = _taken(shop.before_ptr, order)
    after_ptr, after_rows = _taken(shop.after_ptr, order)
    before_op = place[shop.before_op[before_rows]]
    spans = shop.alt_span_s[alt_rows]
    least = np.minimum.reduceat(spans, alt_ptr[:-1])
    bound = int(shop.release_s.max()) + int(np.maximum.reduceat(spans, alt_ptr[:-1]).sum())
    bound = max(bound, int(np.abs(shop.due_s).max()), until_s or 0)
    time = np.int32 if 4 * bound < 2**31 - 1 else np.int64
    last = int(np.iinfo(time).max) // 2 if until_s is None else until_s
    per_machine = np.bincount(shop.alt_machine, minlength=shop.machine_count)

    def numbers(values: Any) -> Ints:
        return np.ascontiguousarray(values, dtype=np.int32)

    return Book(
        numbers(shop.job_ptr), numbers(shop.job_of), numbers(alt_ptr),
        numbers(shop.alt_machine[alt_rows]), spans.astype(time), numbers(before_ptr),
        numbers(before_op), numbers(after_ptr), numbers(place[shop.after_op[after_rows]]),
        _tails(before_ptr, before_op, least).astype(time), shop.release_s.astype(time),
        shop.due_s.astype(time), seconds(shop.weight),
        numbers(np.concatenate(([0], np.cumsum(per_machine)))), numbers(order),
        numbers(alt_rows), seconds([movable, last]),
    )  # fmt: skip


def placed_of(book: Book, answer: Answer) -> tuple[Ints, Ints]:
    """Return alternatives and starts of a shop's answer in the book's order."""
    place = np.zeros(len(book.original_alt), dtype=np.int32)
    place[book.original_alt] = np.arange(len(place), dtype=np.int32)
    start = answer.start_s[book.original].astype(book.alt_span.dtype)
    return place[answer.alt[book.original]], start


def answer_of(book: Book, alt: Ints, start: Ints) -> Answer:
    """Return the shop's answer for alternatives and starts in the book's order."""
    alts, starts = seconds(np.zeros(len(alt))), seconds(np.zeros(len(alt)))
    alts[book.original] = book.original_alt[alt]
    starts[book.original] = start
    return Answer(alts, starts)
