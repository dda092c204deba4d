"""How far an order is: the share left of each operation, the pieces to expect, how many short."""

from dataclasses import dataclass
from fractions import Fraction

from manufold.execution.pieces import all_good, ends, least_owed, owed
from manufold.model.execution import JobOrder, JobState, OrderState

__all__ = ["OperationProgress", "Progress", "progress"]


@dataclass(frozen=True, slots=True)
class OperationProgress:
    """One job order: its state, and the share of its pieces still to be reported."""

    job_order_id: str
    operation_id: str
    state: JobState
    left_fraction: Fraction


@dataclass(frozen=True, slots=True)
class Progress:
    """An order's progress.

    Args:
        operations: in the order's own order.
        good: pieces that left their last operations good, shipped ones included.
        good_expected: pieces that can still come out good at the end if nothing more is scrapped.
        short_by: pieces to make anew so that the order is whole; 0 while its tolerance bears it.
    """

    operations: tuple[OperationProgress, ...]
    good: int
    good_expected: int
    short_by: int

    @property
    def done(self) -> tuple[str, ...]:
        """Job orders that are finished."""
        return self._in("finished")

    @property
    def running(self) -> tuple[str, ...]:
        """Job orders that have begun and are not finished."""
        return self._in("setting_up", "setup_paused", "set_up", "running", "paused")

    def _in(self, *states: str) -> tuple[str, ...]:
        return tuple(o.job_order_id for o in self.operations if o.state in states)


def progress(order: OrderState) -> Progress:
    """Return how far an order is. Pure counting; no time, no plan."""
    expected: dict[str, int] = {}
    for job in order.jobs.values():
        _expect(order, job, expected)
    good_expected = sum(min(expected[job.job_order_id] for job in last) for last in ends(order))
    enough = good_expected >= least_owed(order) or order.state == "cancelled"
    return Progress(
        tuple(
            OperationProgress(job.job_order_id, job.operation_id, job.state, _left(job))
            for job in order.jobs.values()
        ),
        all_good(order),
        good_expected,
        0 if enough else owed(order) - good_expected,
    )


def _left(job: JobOrder) -> Fraction:
    if job.state in ("finished", "cancelled") or job.quantity_in == 0:
        return Fraction(0)
    return 1 - Fraction(job.good + job.scrap, job.quantity_in)


def _expect(order: OrderState, job: JobOrder, expected: dict[str, int]) -> int:
    name = job.job_order_id
    if name not in expected:
        if job.state in ("finished", "cancelled"):
            expected[name] = job.good
        else:
            before = [_expect(order, order.jobs[other], expected) for other in job.after]
            expected[name] = max(0, min([job.quantity_in, *before]) - job.scrap)
    return expected[name]
