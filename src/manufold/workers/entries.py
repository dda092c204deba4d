"""Entries: functions named by a path, `package.module:function`, so a process can find them."""

import importlib
from collections.abc import Callable

__all__ = ["load_entry"]


def load_entry(entry: str) -> Callable[[object], object]:
    """Return the function an entry names.

    Raises:
        ValueError: the text is no entry, or its module has no such function.
    """
    module_name, colon, function_name = entry.partition(":")
    if not colon or not function_name.isidentifier():
        raise ValueError(f"an entry reads package.module:function, not {entry!r}")
    function = getattr(importlib.import_module(module_name), function_name, None)
    if not callable(function):
        raise ValueError(f"{module_name} has no function {function_name!r}")
    return function  # type: ignore[no-any-return]
