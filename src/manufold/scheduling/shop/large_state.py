"""What a rolling schedule remembers between two windows, and how it is told what to do."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds
from manufold.scheduling.shop.large_chain import Chain, Numbers

__all__ = ["CLOCK", "DRAW", "ENDED", "LEFT", "WINDOW", "Roll", "Tuning", "roll_of"]

#: where in `book`: instant up to which all is settled, operations in the window, 1 when all of
#: the shop is scheduled, spans not dispatched yet, state of the dice
CLOCK, WINDOW, ENDED, LEFT, DRAW = range(5)
#: operations that one swap may move at most; one that moves more is not made
MOVED_MOST = 4096


class Tuning(NamedTuple):
    """How windows are made and searched; lengths in mean spans of the chain.

    Args:
        rule: how much of the dispatching rule beside the rest of the work of a job.
        reach: length of a window.
        step: how much of it is settled at a time.
        trials: swaps tried for each operation.
        hot: what a swap may cost at first, per second of a job of mean weight.
        cold: what it may cost at last.
        spread: how far behind a job must be to weigh e times as much, in mean spans and the root
            of the operations that it has left.
        stretch: how much longer than its work a job takes.
        machines: how much a second of a machine weighs, beside one of a job.
    """

    rule: float
    reach: float
    step: float
    trials: float
    hot: float
    cold: float
    spread: float
    stretch: float
    machines: float


class Roll(NamedTuple):
    """A schedule that grows from its beginning.

    Args:
        start_s: int64, shape (ops,), of those dispatched.
        before, after: int32, shape (ops,), neighbours on the machine, -1 for none.
        next_op: int64, shape (jobs,), the first operation not dispatched.
        job_end_s: int64, shape (jobs,), when the last dispatched one ends.
        last: int64, shape (machines,), the last operation, -1 for none.
        machine_end_s: int64, shape (machines,), when it ends.
        rest_s: int64, shape (machines,), load not dispatched.
        window: int32, shape (ops,), operations in the window.
        job_weight, machine_weight: float64, of a second at the end of the window.
        ring: int32, shape (a power of two,), operations to look at, with room for a window.
        is_waiting: int8, shape (ops,), whether an operation is in the ring.
        moved: int32, moved_s: int64, what a swap moved, and whence.
        book: int64, see the constants.
    """

    start_s: Seconds
    before: Numbers
    after: Numbers
    next_op: Seconds
    job_end_s: Seconds
    last: Seconds
    machine_end_s: Seconds
    rest_s: Seconds
    window: Numbers
    job_weight: NDArray[np.float64]
    machine_weight: NDArray[np.float64]
    ring: Numbers
    is_waiting: NDArray[np.int8]
    moved: Numbers
    moved_s: Seconds
    book: Seconds


def roll_of(chain: Chain, seed: int) -> Roll:
    """Return an empty schedule."""
    ops, jobs, machines = len(chain.job_of), len(chain.release_s), len(chain.load_s)
    book = np.zeros(5, dtype=np.int64)
    book[LEFT] = chain.span_s.sum()
    book[DRAW] = (seed * 2654435761 + 88172645463325252) % (2**62) + 1
    return Roll(
        start_s=np.zeros(ops, np.int64),
        before=np.full(ops, -1, np.int32),
        after=np.full(ops, -1, np.int32),
        next_op=chain.job_ptr[:-1].copy(),
        job_end_s=chain.release_s.copy(),
        last=np.full(machines, -1, np.int64),
        machine_end_s=np.zeros(machines, np.int64),
        rest_s=chain.load_s.copy(),
        window=np.zeros(ops, np.int32),
        job_weight=np.zeros(jobs),
        machine_weight=np.zeros(machines),
        ring=np.zeros(1 << (ops + 2).bit_length(), np.int32),
        is_waiting=np.zeros(ops, np.int8),
        moved=np.zeros(MOVED_MOST, np.int32),
        moved_s=np.zeros(MOVED_MOST, np.int64),
        book=book,
    )
