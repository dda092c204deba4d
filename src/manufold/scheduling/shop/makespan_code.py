"""What the makespan kernels are compiled with: arrays that are borrowed, not counted.

Numba counts references to every array that a function receives. A graph of thirty arrays that goes
through fifty small functions a move would count more than it searches (measured: 7,000 moves a
second instead of 47,000). These kernels create nothing, their arrays belong to the caller.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from manufold.scheduling.kernel import compiled

__all__ = ["borrowing"]

#: `_nrt`: no run time that counts references
OPTIONS: dict[str, Any] = {"_nrt": False, "error_model": "numpy"}

F = TypeVar("F", bound=Callable[..., Any])


def borrowing(function: F) -> F:
    """Return the function compiled, cached on disk; it may create no array and keep none."""
    return compiled(function, **OPTIONS)
