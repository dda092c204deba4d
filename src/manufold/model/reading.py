"""Reading a document carefully: every field against its type hint, every fault with its place."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from manufold.model.errors import InputFault

__all__ = ["read_carefully"]


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def read_carefully(hint: Any, value: Any, where: str) -> Any:
    """Return the value that a type hint asks for.

    Raises:
        InputFault: `codec.*`, naming the place, what was found and what was wanted.
    """
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _read_union(typing.get_args(hint), value, where)
    if origin is typing.Literal:
        return _checked(value in typing.get_args(hint), value, hint, where)
    if origin is tuple:
        return _read_tuple(typing.get_args(hint), value, where)
    if origin is not None and issubclass(origin, Mapping):
        _checked(isinstance(value, Mapping), value, hint, where)
        item_hint = typing.get_args(hint)[1]
        return {
            key: read_carefully(item_hint, item, f"{where}.{key}") for key, item in value.items()
        }
    if dataclasses.is_dataclass(hint):
        return _read_noun(typing.cast(type, hint), value, where)
    if hint is Any or hint is object:
        return value
    return _read_scalar(hint, value, where)


def _read_union(hints: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in hints:
        return None
    rest = [hint for hint in hints if hint is not type(None)]
    if len(rest) == 1:
        return read_carefully(rest[0], value, where)
    for hint in rest:
        if isinstance(hint, type) and type(value) is hint:
            return value
    return _checked(False, value, " | ".join(str(h) for h in rest), where)


def _read_tuple(hints: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    _checked(isinstance(value, (list, tuple)), value, "list", where)
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(
            read_carefully(hints[0], item, f"{where}[{i}]") for i, item in enumerate(value)
        )
    _checked(len(value) == len(hints), value, f"{len(hints)} values", where)
    pairs = zip(hints, value, strict=True)
    return tuple(
        read_carefully(hint, item, f"{where}[{i}]") for i, (hint, item) in enumerate(pairs)
    )


def _read_noun(kind: type, value: Any, where: str) -> Any:
    _checked(isinstance(value, Mapping), value, "object", where)
    fields = {f.name: f for f in dataclasses.fields(kind) if f.init}
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise InputFault("codec.field_unknown", where=where, field=unknown[0])
    hints = _hints(kind)
    arguments = {}
    for name, f in fields.items():
        if name in value:
            arguments[name] = read_carefully(hints[name], value[name], f"{where}.{name}")
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise InputFault("codec.field_missing", where=where, field=name)
    try:
        return kind(**arguments)
    except ValueError as fault:  # of a noun whose nonsense is a mistake of ours anywhere else
        raise InputFault(
            "codec.value_wrong", where=where, found=str(fault)[:80], wanted=kind.__name__
        ) from None


def _read_scalar(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, type) and issubclass(hint, Enum):
        known = [member.value for member in hint]
        _checked(value in known, value, " | ".join(map(str, known)), where)
        return hint(value)
    if hint is Decimal:
        sound = isinstance(value, (int, Decimal, float)) and not isinstance(value, bool)
        _checked(sound, value, "number", where)
        return Decimal(str(value))
    if hint is int:
        if isinstance(value, Decimal) and value == value.to_integral_value():
            return int(value)
        sound = isinstance(value, int) and not isinstance(value, bool)
        return _checked(sound, value, "whole number", where)
    if hint is bool or hint is str:
        return _checked(isinstance(value, hint), value, hint.__name__, where)
    raise TypeError(f"{where}: no reader for {hint!r}")


def _checked(sound: bool, value: Any, wanted: Any, where: str) -> Any:
    if not sound:
        wanted_text = str(wanted).replace("typing.", "")
        raise InputFault(
            "codec.value_wrong", where=where, found=repr(value)[:80], wanted=wanted_text
        )
    return value
