"""A shop as the literature writes it, as arrays: jobs, operations, alternatives, precedences.

A machine and a worker do one operation at a time; nothing pauses. Operations are numbered job by
job in the order of the file, alternatives operation by operation. `ptr` arrays hold the n + 1
bounds of n ranges. All counts start at 0. Jobs keep to their release dates, machines have no
calendar: the network's own floor, with shifts and sites, is `scheduling.promise`'s trade.
"""

from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, seconds

__all__ = ["Answer", "Goal", "Search", "Shop", "ends_s", "makespan_s", "value_of"]

#: what is made small: the end of everything, or the weighted seconds behind due dates
Goal = Literal["makespan", "tardiness"]


class Shop(NamedTuple):
    """Jobs of operations; kernels read it as it stands.

    Args:
        job_ptr: int64, shape (jobs + 1,), operations of each job.
        job_of: int64, shape (ops,), job of each operation.
        alt_ptr: int64, shape (ops + 1,), alternatives of each operation.
        alt_machine: int64, shape (alts,).
        alt_worker: int64, shape (alts,), NOBODY (-1) where nobody is needed.
        alt_span_s: int64, shape (alts,), how long it takes there.
        before_ptr: int64, shape (ops + 1,), direct predecessors of each operation.
        before_op: int64, shape (precedences,).
        after_ptr: int64, shape (ops + 1,), direct successors of each operation.
        after_op: int64, shape (precedences,).
        release_s: int64, shape (jobs,), no operation of the job starts before.
        due_s: int64, shape (jobs,), for tardiness.
        weight: int64, shape (jobs,), of a second of tardiness.
        setup_s: int32, shape (machines, ops, ops), [m, i, j] between i and j when j directly
            follows i on m; nothing before the first; shape (0, 0, 0) where nothing changes over.
        machine_count: of machines.
        worker_count: of workers, 0 where nobody is needed.
    """

    job_ptr: Seconds
    job_of: Seconds
    alt_ptr: Seconds
    alt_machine: Seconds
    alt_worker: Seconds
    alt_span_s: Seconds
    before_ptr: Seconds
    before_op: Seconds
    after_ptr: Seconds
    after_op: Seconds
    release_s: Seconds
    due_s: Seconds
    weight: Seconds
    setup_s: NDArray[np.int32]
    machine_count: int
    worker_count: int


class Answer(NamedTuple):
    """A schedule of a shop.

    Args:
        alt: int64, shape (ops,), row of the alternative that each operation takes.
        start_s: int64, shape (ops,).
    """

    alt: Seconds
    start_s: Seconds


class Search(Protocol):
    """A search that can be told to go on; it holds no clock and is the same for the same seed."""

    @property
    def best(self) -> Answer:
        """The best answer so far, feasible from the beginning on."""

    @property
    def value(self) -> int:
        """Its objective."""

    @property
    def moves(self) -> int:
        """Tried so far."""

    def go(self, moves: int) -> None:
        """Try about this many moves more; it returns early once it can prove that none is left."""

    def take(self, answer: Answer) -> None:
        """Go on from an answer that somebody else found, if it is better than its own."""


def ends_s(shop: Shop, answer: Answer) -> Seconds:
    """Return when each operation ends, int64, shape (ops,)."""
    return seconds(answer.start_s + shop.alt_span_s[answer.alt])


def makespan_s(shop: Shop, answer: Answer) -> int:
    """Return when the last operation ends."""
    return int(ends_s(shop, answer).max())


def value_of(shop: Shop, answer: Answer, goal: Goal) -> int:
    """Return the objective of an answer."""
    if goal == "makespan":
        return makespan_s(shop, answer)
    done_s = np.maximum.reduceat(ends_s(shop, answer), shop.job_ptr[:-1])
    return int((shop.weight * np.maximum(0, done_s - shop.due_s)).sum())
