"""A typed door to numba: functions that run as machine code, compiled once and kept on disk."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba  # type: ignore[import-untyped,unused-ignore]
import numpy as np
from numpy.typing import NDArray

__all__ = ["Seconds", "compiled", "seconds"]

F = TypeVar("F", bound=Callable[..., Any])

#: int64 instants or spans, shape (n,)
Seconds = NDArray[np.int64]


def compiled(function: F) -> F:
    """Return the function compiled by numba, cached on disk."""
    return cast(F, numba.njit(cache=True)(function))


def seconds(values: Any = ()) -> Seconds:
    """Return contiguous int64 seconds."""
    return np.ascontiguousarray(values, dtype=np.int64)
