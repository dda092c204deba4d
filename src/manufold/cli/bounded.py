"""What commands that end by a clock share: when they began, and how many cores they have."""

import os
import time
from collections.abc import Callable

__all__ = ["cores", "spending"]

#: a process that has worked for longer was not started for this command alone
STARTING_MOST_S = 5.0


def spending() -> Callable[[], float]:
    """Return a clock of the seconds since the command began; starting Python counts, too."""
    began_s = time.monotonic() - min(time.process_time(), STARTING_MOST_S)
    return lambda: time.monotonic() - began_s


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
