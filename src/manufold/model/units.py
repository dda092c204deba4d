"""Quantities: the suffixes that names carry, the epoch, and the few places where rounding lives.

Engine time is whole seconds since 2020-01-01T00:00Z. Per-piece values are exact `Decimal`s until
the line: seconds round up once per operation x quantity, money rounds half up once per line,
grams round half up once per line.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

from manufold.model.errors import InputFault

__all__ = [
    "CURRENCIES",
    "DAY_S",
    "EPOCH",
    "HOUR_S",
    "SUFFIXES",
    "Money",
    "from_rfc3339",
    "shown",
    "shown_money",
    "to_rfc3339",
    "whole_g",
    "whole_minor",
    "whole_s",
]

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
HOUR_S = 3600
DAY_S = 86400

#: what a name that carries a quantity may end in, and what it means
SUFFIXES = {
    "s": "seconds (a span, or an instant since EPOCH)",
    "ms": "milliseconds",
    "mm": "millimetres",
    "mm2": "square millimetres",
    "mm3": "cubic millimetres",
    "cm3": "cubic centimetres",
    "km": "kilometres",
    "g": "grams (mass, or CO2 equivalent where the name says carbon)",
    "kg": "kilograms",
    "wh": "watt-hours",
    "kwh": "kilowatt-hours",
    "w": "watts",
    "minor": "minor units of a currency (cents, fen)",
    "fraction": "a share between 0 and 1",
    "factor": "a dimensionless multiplier",
    "deg": "degrees of angle",
    "mb": "megabytes",
    "bytes": "bytes",
    "m": "metres",
    "min": "minutes",
    "h": "hours",
    "percent": "hundredths",
}

#: ISO 4217 codes in use and the digits after their point
CURRENCIES = {
    "CNY": 2,
    "EUR": 2,
    "USD": 2,
    "GBP": 2,
    "CHF": 2,
    "JPY": 0,
    "PLN": 2,
    "CZK": 2,
    "SEK": 2,
    "DKK": 2,
    "NOK": 2,
    "HUF": 2,
    "TRY": 2,
    "INR": 2,
    "BDT": 2,
    "VND": 0,
    "KRW": 0,
    "SGD": 2,
    "HKD": 2,
    "TWD": 2,
    "THB": 2,
    "MXN": 2,
    "BRL": 2,
    "CAD": 2,
    "AUD": 2,
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money: integer minor units of one currency."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount_minor, int) or isinstance(self.amount_minor, bool):
            raise InputFault("units.money_not_whole", amount=str(self.amount_minor))
        if self.currency not in CURRENCIES:
            raise InputFault("units.currency_unknown", currency=self.currency)

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise InputFault("units.currency_mixed", one=self.currency, other=other.currency)
        return Money(self.amount_minor + other.amount_minor, self.currency)


def whole_s(exact_s: Decimal | Fraction | int) -> int:
    """Return seconds rounded up, once per operation x quantity."""
    return ceil(exact_s)


def whole_minor(exact_minor: Decimal | Fraction | int) -> int:
    """Return minor units of money rounded half up (away from zero), once per line."""
    return _half_up(exact_minor)


def whole_g(exact_g: Decimal | Fraction | int) -> int:
    """Return grams rounded half up, once per line."""
    return _half_up(exact_g)


def shown(exact: Fraction | Decimal | int) -> str:
    """Return a quantity for people: at most three digits after the point."""
    text = f"{float(exact):.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def shown_money(amount_minor: int, currency: str) -> str:
    """Return an amount for people, e.g. "42.50 EUR"."""
    digits = CURRENCIES[currency]
    return f"{Decimal(amount_minor).scaleb(-digits):.{digits}f} {currency}"


def _half_up(value: Decimal | Fraction | int) -> int:
    above, below = value.as_integer_ratio()  # whole numbers: a sum of fractions costs far more
    rounded = (2 * abs(above) + below) // (2 * below)
    return -rounded if above < 0 else rounded


def to_rfc3339(instant_s: int, zone: str = "UTC") -> str:
    """Return an engine instant as RFC 3339 with the offset of an IANA zone."""
    moment = EPOCH + timedelta(seconds=instant_s)
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def from_rfc3339(text: str) -> int:
    """Return the engine instant of an RFC 3339 text.

    Raises:
        InputFault: `units.instant_malformed` for anything else, and for a text without an offset.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputFault("units.instant_malformed", text=text) from None
    if moment.tzinfo is None:
        raise InputFault("units.instant_malformed", text=text)
    return round((moment - EPOCH).total_seconds())
