"""Stamps: what machine code kept on disk was compiled from, so that none outlives a change.

Numba keeps a kernel until its own file changes, though the kernels it calls and the constants it
reads were compiled into it: after an update an old kernel would go on with the rules of yesterday.
A stamp covers all of them, as deep as they go.
"""

import hashlib
import sys
import types
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["STAMP", "stamp_of"]

#: where a kernel keeps its stamp
STAMP = "kernel_stamp"
_ROOT = __name__.partition(".")[0]


def stamp_of(function: Callable[..., Any]) -> str:
    """Return a digest of a kernel's file, of what it names from elsewhere, and of their stamps.

    Args:
        function: the kernel as Python wrote it; what it calls is compiled already, or stands in
            the same file.
    """
    digest = hashlib.sha256(_file(function.__module__).encode())
    for name in sorted(set(_names(function.__code__))):
        if name in function.__globals__:
            digest.update(f"{name}={_value(function.__globals__[name])};".encode())
    return digest.hexdigest()


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _value(value: object) -> str:
    stamp = getattr(value, STAMP, None)
    if isinstance(stamp, str):
        return stamp
    module = getattr(value, "__module__", None)
    if not callable(value) or not isinstance(module, str):
        return repr(value)
    return _file(module) if module.partition(".")[0] == _ROOT else module


@cache
def _file(module: str) -> str:
    path = getattr(sys.modules.get(module), "__file__", None)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else module
