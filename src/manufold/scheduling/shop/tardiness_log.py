"""Changes of a timetable that can be taken back: bookings, shifts and costs, newest first.

A shift keeps the order of the slots on a machine. `push` makes room behind an operation that was
put where it overlaps what follows: machine and job successors are shifted right until nothing
is too early, which only makes jobs later, so it can stop at the first second too much.
"""

from typing import NamedTuple

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.shop.tardiness_table import NEVER, Book, Ints, Table, free, put, row_of

__all__ = ["MOST", "PRICED", "Log", "book_out", "booked", "cost_of", "priced", "priced_all",
           "push", "ready_of", "undo"]  # fmt: skip

#: kinds of a change
FREED, PUT, SHIFTED, PRICED = range(4)

#: shifts that one push may take
MOST = 200


class Log(NamedTuple):
    """What happened, and who is still to be looked at.

    Args:
        kind: shape (n,), of a change; likewise `what` (operation, or job where PRICED), `alt` (or
            slot row where SHIFTED) and `old` (start or cost).
        queue: operations whose predecessors moved.
        at: int64, shape (3,), changes in the log, the value of the table, and how many changes
            the log may hold when a push goes on.
    """

    kind: Ints
    what: Ints
    alt: Ints
    old: Seconds
    queue: Ints
    at: Seconds


@compiled
def ready_of(book: Book, table: Table, op: int) -> int:
    """Return when the predecessors are done and the job is released."""
    at = book.release[book.job_of[op]]
    for row in range(book.before_ptr[op], book.before_ptr[op + 1]):
        at = max(at, table.end[book.before_op[row]])
    return int(at)


@compiled
def cost_of(book: Book, table: Table, job: int) -> int:
    """Return a job's weighted tardiness as its operations stand."""
    done = 0
    for op in range(book.job_ptr[job], book.job_ptr[job + 1]):
        done = max(done, table.end[op])
    return int(book.weight[job] * max(0, done - book.due[job]))


@compiled
def _note(log: Log, kind: int, what: int, alt: int, old: int) -> None:
    at = log.at[0]
    log.kind[at], log.what[at], log.alt[at], log.old[at] = kind, what, alt, old
    log.at[0] = at + 1


@compiled
def _set_cost(table: Table, job: int, value: int) -> None:
    jobs = len(table.cost)
    table.cost[job] = value
    at = table.late_at[job]
    if value > 0 and at == NEVER:
        table.late[table.late[jobs]] = job
        table.late_at[job] = table.late[jobs]
        table.late[jobs] += 1
    elif value == 0 and at != NEVER:
        table.late[jobs] -= 1
        last = table.late[table.late[jobs]]
        table.late[at] = last
        table.late_at[last] = at
        table.late_at[job] = NEVER


@compiled
def priced(table: Table, log: Log, job: int, value: int) -> None:
    """Note a job's cost and whether it is late."""
    if table.cost[job] != value:
        _note(log, PRICED, job, NEVER, table.cost[job])
        log.at[1] += value - table.cost[job]
        _set_cost(table, job, value)


@compiled
def priced_all(book: Book, table: Table, log: Log) -> None:
    """Note the costs of all jobs; the log stays empty."""
    for job in range(len(table.cost)):
        priced(table, log, job, cost_of(book, table, job))
        log.at[0] = 0


@compiled
def booked(book: Book, table: Table, log: Log, op: int, alt: int, at: int) -> None:
    """Put an operation."""
    put(book, table, op, alt, at)
    _note(log, PUT, op, NEVER, 0)


@compiled
def book_out(book: Book, table: Table, log: Log, op: int) -> None:
    """Free an operation."""
    _note(log, FREED, op, table.alt[op], table.start[op])
    free(book, table, op)


@compiled
def undo(book: Book, table: Table, log: Log) -> None:
    """Take everything in the log back."""
    at = log.at[0]
    while at > 0:
        at -= 1
        kind, what, old = log.kind[at], log.what[at], log.old[at]
        if kind == SHIFTED:
            row = log.alt[at]
            to = old + book.alt_span[table.alt[what]]
            table.slot_from[row], table.slot_to[row] = old, to
            table.start[what], table.end[what] = old, to
        elif kind == PUT:
            free(book, table, what)
        elif kind == FREED:
            put(book, table, what, log.alt[at], old)
        else:
            log.at[1] += old - table.cost[what]
            _set_cost(table, what, old)
    log.at[0] = 0


@compiled
def _shift(book: Book, table: Table, log: Log, row: int, at: int) -> None:
    """Move a slot in time; its job's cost follows if all of the job is booked."""
    op = table.slot_op[row]
    _note(log, SHIFTED, op, row, table.start[op])
    to = at + book.alt_span[table.alt[op]]
    table.slot_from[row], table.slot_to[row] = at, to
    table.start[op], table.end[op] = at, to
    job = book.job_of[op]
    # jobs are booked from the front, so the last operation tells whether all of it stands
    if book.tail[op] == 0 and table.alt[book.job_ptr[job + 1] - 1] != NEVER:
        priced(table, log, job, cost_of(book, table, job))


@compiled
def _queued(book: Book, table: Table, log: Log, op: int, waiting: int) -> int:
    """Queue the job successors that a shifted operation runs into; return the queue's length."""
    for row in range(book.after_ptr[op], book.after_ptr[op + 1]):
        after = book.after_op[row]
        if table.alt[after] != NEVER and table.start[after] < table.end[op]:
            log.queue[waiting] = after
            waiting += 1
    return waiting


@compiled
def push(book: Book, table: Table, log: Log, op: int, limit: int) -> bool:
    """Make room behind `op`.

    Returns:
        Whether nothing overlaps now; False, with room half made, if it would move what is pinned,
        end too late, raise the value above `limit` or take too many shifts: then `undo`.
    """
    row = row_of(book, table, op) + 1
    at = table.end[op]
    machine = book.alt_machine[table.alt[op]]
    done, waiting, shifts = 0, 0, 0
    while True:
        last = book.row[machine] + table.used[machine]
        while row < last and table.slot_from[row] < at:
            moved = table.slot_op[row]
            if book.job_of[moved] >= book.bounds[0]:
                return False
            _shift(book, table, log, row, at)
            waiting = _queued(book, table, log, moved, waiting)
            at = table.end[moved]
            shifts += 1
            if at > book.bounds[1] or shifts >= MOST or log.at[0] >= log.at[2] or log.at[1] > limit:
                return False
            row += 1
        while True:
            if done == waiting:
                return True
            after = log.queue[done]
            done += 1
            at = ready_of(book, table, after)
            if table.start[after] < at:
                break
        machine = book.alt_machine[table.alt[after]]
        row = row_of(book, table, after)
