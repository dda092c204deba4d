"""Nouns to plain JSON and back, by their own type hints; canonical bytes; upcasters.

Everything stored or sent carries `{"type", "version"}`. A noun is written at the newest version
of its type; an older document is lifted step by step through the registered upcasters before it
is read, so the readers know one shape only. Numbers with a point are `Decimal` on our side and
JSON numbers on the wire.
"""

import json
import re
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from manufold.model.errors import InputFault, OurFault, StoreFault
from manufold.model.reading import read_carefully
from manufold.model.swift import Misfit, reader, written

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
#: how a whole number in a float's dress ends; also "v1.0," in a sentence, which costs time only
_WHOLE_FLOAT = re.compile(r"\.0(?:[,\]}]|\Z)")

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
        raise InputFault(
            "codec.type_wrong", found=str(document.get("type", "nothing")), wanted=kind
        )
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
    return written(noun)


def decoded(kind: type[T], document: Any, where: str = "") -> T:
    """Return the noun of a document, refusing unknown, missing and misshapen fields by name.

    Raises:
        InputFault: `codec.field_missing`, `codec.field_unknown`, `codec.value_wrong`, or what the
            noun itself refuses when built.
    """
    try:
        swiftly: Any = kind
        return typing.cast(T, reader(swiftly)(document))
    except (Misfit, InputFault, ValueError):
        return typing.cast(T, read_carefully(kind, document, where or kind.__name__))


def canonical(document: Any) -> bytes:
    """Return the one byte form of a document: sorted keys, no spaces, UTF-8, plain decimals."""
    text = _ENCODER.encode(document)
    if _WHOLE_FLOAT.search(text) or "e+" in text:  # perhaps a float's dress: 1.0 is 1
        text = _ENCODER.encode(_plain(document))
    return text.encode()


def from_json(text: str | bytes) -> Any:
    """Return parsed JSON with exact decimals.

    Raises:
        InputFault: `codec.json_malformed`, with line and column.
    """
    try:
        if isinstance(text, str):
            return _DECODER.decode(text)
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


_DECODER = json.JSONDecoder(parse_float=_exact, parse_constant=_refuse_constant)


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


_ENCODER = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    default=_plain,
)
