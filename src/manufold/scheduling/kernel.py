"""A typed door to numba: functions that run as machine code, compiled once and kept on disk."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba  # type: ignore[import-untyped,unused-ignore]
import numba.core.cgutils
import numba.extending
import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.stamps import STAMP, stamp_of

__all__ = ["Seconds", "compiled", "seconds", "unowned"]

#: numba says little of the types of its inner side
_BUILD: Any = numba.core.cgutils
_TYPES: Any = numba.core.types

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

#: int64 instants or spans, shape (n,)
Seconds = NDArray[np.int64]


def compiled(function: F, **options: Any) -> F:
    """Return the function compiled by numba, kept on disk until anything it is made of changes.

    Args:
        options: more of numba's.
    """
    kernel = numba.njit(cache=True, **options)(function)
    stamp = stamp_of(function)
    setattr(kernel, STAMP, stamp)
    kernel._cache._cache_file._source_stamp = stamp  # numba itself looks at the one file
    return cast(F, kernel)


def seconds(values: Any = ()) -> Seconds:
    """Return contiguous int64 seconds."""
    return np.ascontiguousarray(values, dtype=np.int64)


def _unowned(_typing: Any, value: Any) -> Any:
    def generated(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _without_owner(context, builder, value, arguments[0])

    return value(value), generated


#: The same arrays, or tuples of them, that nobody counts references to. Each array handed from one
#: kernel to another is counted by an atomic instruction, which took half of a promise's time. Only
#: for arguments of a kernel, which its caller holds until it ends: an array made inside goes as
#: soon as nobody counts it. Never return one, and use no comprehension in the same kernel: numba
#: inlines it and then drops, as dead, what is written to arrays that no argument seems to hold.
unowned: Callable[[T], T] = cast(Any, numba.extending.intrinsic)(_unowned)


def _without_owner(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, _TYPES.Array):
        nobody = _BUILD.get_null_value(value.type.elements[0])
        return builder.insert_value(value, nobody, 0)
    if isinstance(kind, _TYPES.BaseTuple):
        parts = _BUILD.unpack_tuple(builder, value)
        bare = [
            _without_owner(context, builder, one, part)
            for one, part in zip(kind.types, parts, strict=True)
        ]
        return context.make_tuple(builder, kind, bare)
    return value
