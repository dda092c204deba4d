"""Kinds of values a key may hold: what is read, what is refused, and how a schema says it.

A TOML value arrives typed, a CSV cell arrives as text; both end as the same Python value. Numbers
are exact: TOML floats and CSV cells become `Decimal` from their digits, never through a float.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from manufold.model.calendar import DAYS
from manufold.model.errors import InputFault

__all__ = ["KINDS", "Kind", "number_text"]

#: no price, speed or capacity of a factory is larger, and exact arithmetic stays cheap below it
LARGEST = Decimal(10) ** 12
#: nor finer
FINEST_DIGITS = 12
LONGEST_TEXT = 400

_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?", re.ASCII)
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d|24:00"
_DAY = "|".join(DAYS)
_DATE = r"\d{4}-\d{2}-\d{2}"
_MOMENT = rf"{_DATE}[T ]\d{{2}}:\d{{2}}.*"
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Args:
        name: what the catalogue words as `network_kind.<name>`.
        read: TOML value or CSV text -> Python value; raises ValueError for anything else.
        schema: the same in JSON Schema, of the parsed TOML (dates as ISO text).
    """

    name: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any] = field(default_factory=dict)


def number_text(value: object) -> str:
    """Return a number as people write it, shortened when it is endless."""
    # written out, 1e999999999 would fill the memory
    plain = isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= 40
    text = f"{value:f}" if plain else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _number(value: Any) -> Decimal:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise ValueError(value)
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise ValueError(value)
        return Decimal(value)
    if not value.is_finite() or abs(value.adjusted()) > FINEST_DIGITS or abs(value) > LARGEST:
        raise ValueError(value)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -FINEST_DIGITS:
        raise ValueError(value)
    return value


def _between(least: int, most: int, *, above: bool = False) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        number = _number(value)
        if not least <= number <= most or (above and number == least):
            raise InputFault("network.value_outside", least=least, most=most)
        return number

    return read


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number = _number(value)
        if number != number.to_integral_value():
            raise ValueError(value)
        if not least <= number <= most:
            raise InputFault("network.value_outside", least=least, most=most)
        return int(number)

    return read


def _matched(pattern: str, longest: int = LONGEST_TEXT) -> Callable[[Any], str]:
    compiled = re.compile(pattern, re.ASCII)

    def read(value: Any) -> str:
        sound = isinstance(value, str) and len(value) <= longest
        if not sound or not compiled.fullmatch(value):
            raise ValueError(value)
        return str(value)

    return read


def _flag(value: Any) -> bool:
    if isinstance(value, str):
        return _FLAGS[value.lower()] if value.lower() in _FLAGS else _refused(value)
    return value if isinstance(value, bool) else _refused(value)


def _date(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(_DATE, value, re.ASCII):
        return date.fromisoformat(value).isoformat()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(_refused(value))


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and re.fullmatch(_MOMENT, value, re.ASCII):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime) or not 2000 <= value.year <= 2200:
        raise ValueError(value)
    return value


def _clock(value: Any) -> str:
    if isinstance(value, time) and not value.second and not value.microsecond:
        return value.isoformat(timespec="minutes")
    return _matched(f"({_CLOCK})(:00)?")(value)[:5]


def _break(value: Any) -> tuple[str, str]:
    start, end = _matched(f"({_CLOCK})-({_CLOCK})")(value).split("-")
    return start, end


def _days(value: Any) -> tuple[str, ...]:
    text = _matched(rf"({_DAY})(-({_DAY}))?")(value)
    first, _, last = text.partition("-")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return tuple(DAYS[i % 7] for i in range(begin, end + 1 if end >= begin else end + 8))


def _refused(value: Any) -> bool:
    raise ValueError(value)


def _numeric(least: int | None = None, most: int | None = None) -> dict[str, Any]:
    limits = {"minimum": least, "maximum": most}
    return {"type": "number"} | {k: v for k, v in limits.items() if v is not None}


def _textual(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


_TOP = int(LARGEST)
_TEXT = rf"(?=.*\S)[^\x00-\x1f\x7f]{{1,{LONGEST_TEXT}}}"
_COUNTRY, _CURRENCY = "[A-Z]{2}", "[A-Z]{3}"


def _whole_kind(name: str, least: int, most: int) -> Kind:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Kind(name, _whole(least, most), schema)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("name", _matched(_NAME, 64), _textual(_NAME)),
        Kind("text", _matched(_TEXT), _textual(_TEXT)),
        Kind("country", _matched(_COUNTRY), _textual(_COUNTRY)),
        Kind("zone", _matched(_TEXT), _textual(_TEXT)),
        Kind("currency", _matched(_CURRENCY), _textual(_CURRENCY)),
        Kind("number", _between(0, _TOP), _numeric(0, _TOP)),
        Kind(
            "positive",
            _between(0, _TOP, above=True),
            {"type": "number", "exclusiveMinimum": 0, "maximum": _TOP},
        ),
        Kind("percent", _between(0, 1000), _numeric(0, 1000)),
        Kind("latitude", _between(-90, 90), _numeric(-90, 90)),
        Kind("longitude", _between(-180, 180), _numeric(-180, 180)),
        _whole_kind("whole", 0, _TOP),
        _whole_kind("count", 1, 10_000),
        _whole_kind("hour", 0, 24),
        _whole_kind("year", 1900, 2200),
        Kind("flag", _flag, {"type": "boolean"}),
        Kind("date", _date, _textual(_DATE)),
        Kind("moment", _moment, _textual(_MOMENT)),
        Kind("clock", _clock, _textual(rf"({_CLOCK})(:00)?")),
        Kind("break", _break, _textual(f"({_CLOCK})-({_CLOCK})")),
        Kind("days", _days, _textual(f"({_DAY})(-({_DAY}))?")),
    )
}
