"""Warm: compile every kernel before the first buyer waits for it."""

from manufold.scheduling.dispatch_kernel import FIFO, Ops, Seats, run_rule
from manufold.scheduling.gaps import (
    earliest_gap,
    finish_s,
    latest_ready_s,
    unbroken_start_s,
    working_start_s,
)
from manufold.scheduling.kernel import seconds

__all__ = ["warm"]


def warm() -> None:
    """Compile all kernels of scheduling, or load them from the disk; idempotent."""
    opens, shuts, before, none = seconds([0]), seconds([9]), seconds([0]), seconds()
    earliest_gap(0, 1, True, opens, shuts, before, none, none)
    latest_ready_s(5, 1, True, opens, shuts, before)
    working_start_s(0, opens, shuts)
    unbroken_start_s(0, 1, opens, shuts)
    finish_s(0, 1, opens, shuts, before)
    one, ptr = seconds([1]), seconds([0, 1])
    seats = Seats(seconds([0]), ptr, opens, shuts, before, seconds([0, 0]), none, none)
    ops = Ops(
        bound=before,
        remaining=one,
        due=one,
        weight=one,
        lag=before,
        pausable=one,
        missing=before,
        next_ptr=seconds([0, 0]),
        next_op=none,
        alt_ptr=ptr,
        alt_seat=before,
        alt_content=one,
        alt_ready=before,
    )
    run_rule(FIFO, 1.0, 1.0, ops, seats)
