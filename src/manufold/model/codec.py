"""Nouns to plain JSON and back, by their own type hints; canonical bytes; upcasters.

Everything stored or sent carries `{"type", "version"}`. A noun is written at the newest version
of its type; an older document is lifted step by step through the registered upcasters before it
is read, so the readers know one shape only. Numbers with a point are `Decimal` on our side and
JSON numbers on the wire.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from manufold.model.errors import InputFault, OurFault, StoreFault

__all__ = [
    "canonical",
    "decoded",
    "encoded",
    "from_json",
    "lifted",
    "stamped",
    "unstamped",
    "upcaster",
]

T = TypeVar("T")
Document = dict[str, Any]

_MOST_DIGITS = 40

_UPCASTERS: dict[tuple[str, int], Callable[[Document], Document]] = {}


def upcaster(kind: str, version: int) -> Callable[[Callable[[Document], Document]], Any]:
    """Register a function that lifts data of `kind` from `version` to the next one."""

    def register(
        lift: Callable[[Document], Document],
    ) -> Callable[[Document], Document]:
        if (kind, version) in _UPCASTERS:
            raise ValueError(f"two upcasters for {kind} version {version}")
        _UPCASTERS[kind, version] = lift
        return lift

    return register


def stamped(kind: str, version: int, noun: object) -> Document:
    """Return the noun as a document that carries its type and version."""
    return {"type": kind, "version": version, **encoded(noun)}


def unstamped(document: Mapping[str, Any], kind: str, newest: int) -> Document:
    """Return the document lifted to the newest version, without its stamp.

    Raises:
        InputFault: `codec.type_wrong` when the document is of another type.
        StoreFault: `codec.version_newer` when it was written by a newer manufold.
    """
    if document.get("type") != kind:
        raise InputFault("codec.type_wrong", found=str(document.get("type")), wanted=kind)
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputFault("codec.version_missing", kind=kind)
    if version > newest:
        raise StoreFault("codec.version_newer", kind=kind, found=version, newest=newest)
    data = {name: value for name, value in document.items() if name not in ("type", "version")}
    return lifted(kind, version, data, newest)


def lifted(kind: str, version: int, data: Mapping[str, Any], newest: int) -> Document:
    """Return data of a version, without a stamp, as the newest version has it.

    Events pass their kind and `EVENTS[kind]`.

    Raises:
        OurFault: `codec.upcaster_missing`.
    """
    risen = dict(data)
    for step in range(version, newest):
        if (kind, step) not in _UPCASTERS:
            raise OurFault("codec.upcaster_missing", kind=kind, version=step)
        risen = _UPCASTERS[kind, step](risen)
    return risen


def encoded(noun: Any) -> Any:
    """Return plain JSON values (dict, list, str, int, Decimal, bool, None) of a noun."""
    if dataclasses.is_dataclass(noun):
        return {f.name: encoded(getattr(noun, f.name)) for f in dataclasses.fields(noun) if f.init}
    if isinstance(noun, Enum):
        return noun.value
    if isinstance(noun, Mapping):
        return {str(key): encoded(value) for key, value in noun.items()}
    if isinstance(noun, (list, tuple)):
        return [encoded(value) for value in noun]
    if isinstance(noun, (frozenset, set)):
        return sorted(encoded(value) for value in noun)
    if noun is None or isinstance(noun, (str, int, bool, Decimal)):
        return noun
    raise TypeError(f"{type(noun).__name__} has no place in a document")


def decoded(kind: type[T], document: Any, where: str = "") -> T:
    """Return the noun of a document, refusing unknown, missing and misshapen fields by name.

    Raises:
        InputFault: `codec.field_missing`, `codec.field_unknown`, `codec.value_wrong`, or what the
            noun itself refuses when built.
    """
    return typing.cast(T, _read(kind, document, where or kind.__name__))


def canonical(document: Any) -> bytes:
    """Return the one byte form of a document: sorted keys, no spaces, UTF-8, plain decimals."""
    return json.dumps(
        _plain(document),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def from_json(text: str | bytes) -> Any:
    """Return parsed JSON with exact decimals.

    Raises:
        InputFault: `codec.json_malformed`, with line and column.
    """
    try:
        return json.loads(text, parse_float=_exact, parse_constant=_refuse_constant)
    except json.JSONDecodeError as fault:
        raise InputFault(
            "codec.json_malformed",
            line=fault.lineno,
            column=fault.colno,
            what=fault.msg,
        ) from None
    except UnicodeDecodeError:
        raise InputFault("codec.json_malformed", line=1, column=1, what="not UTF-8") from None
    except RecursionError:
        raise InputFault(
            "codec.json_malformed", line=1, column=1, what="nested too deeply"
        ) from None
    except (ValueError, ArithmeticError):
        raise InputFault(
            "codec.json_malformed", line=1, column=1, what="a number of unreasonable size"
        ) from None


def _refuse_constant(text: str) -> object:
    raise InputFault("codec.json_malformed", line=1, column=1, what=f"{text} is not JSON")


def _exact(text: str) -> Decimal:
    value = Decimal(text)
    if abs(value.adjusted()) > _MOST_DIGITS:  # whole numbers are written out: 1e999999999 is a bomb
        raise ValueError(text[:80])
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        if value.is_finite() and value == value.to_integral_value():
            return int(value)
        return _plain(float(value))
    if isinstance(value, float):  # 1.0 and 1 are one number, so they are one text
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read(hint: Any, value: Any, where: str) -> Any:
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
        return {key: _read(item_hint, item, f"{where}.{key}") for key, item in value.items()}
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
        return _read(rest[0], value, where)
    for hint in rest:
        if isinstance(hint, type) and type(value) is hint:
            return value
    return _checked(False, value, " | ".join(str(h) for h in rest), where)


def _read_tuple(hints: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    _checked(isinstance(value, (list, tuple)), value, "list", where)
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(_read(hints[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    _checked(len(value) == len(hints), value, f"{len(hints)} values", where)
    pairs = zip(hints, value, strict=True)
    return tuple(_read(hint, item, f"{where}[{i}]") for i, (hint, item) in enumerate(pairs))


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
            arguments[name] = _read(hints[name], value[name], f"{where}.{name}")
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
