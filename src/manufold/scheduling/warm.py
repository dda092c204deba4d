"""Warm: compile every kernel before the first buyer waits for it."""

from manufold.scheduling.gaps import earliest_gap, latest_ready_s
from manufold.scheduling.kernel import seconds

__all__ = ["warm"]


def warm() -> None:
    """Compile all kernels of scheduling, or load them from the disk; idempotent."""
    opens, shuts, before, none = seconds([0]), seconds([9]), seconds([0]), seconds()
    earliest_gap(0, 1, True, opens, shuts, before, none, none)
    latest_ready_s(5, 1, True, opens, shuts, before)
