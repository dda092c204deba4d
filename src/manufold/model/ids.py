"""Identifiers: a prefix that says what it names, then time, then something unguessable.

`ord_0ABCDEFGHJ_K1MNPQRSTVWXYZ01`: ten digits of base 32 hold milliseconds of the world's clock, so
ids sort by time; the last sixteen hold 80 bits that a stranger cannot guess. The alphabet is
Crockford's (no I, L, O, U), so an id survives being read over the telephone.
"""

import re

from manufold.model.errors import InputFault

__all__ = ["ALPHABET", "PREFIXES", "checked_id", "id_text"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

#: prefix -> the noun it names
PREFIXES = {
    "dsn": "Design",
    "pln": "ProcessPlan",
    "ofr": "Offer",
    "opt": "Option",
    "rsv": "Reservation",
    "ord": "Order",
    "pro": "ProductionOrder",
    "job": "JobOrder",
    "lot": "MaterialLot",
    "psp": "Passport",
    "blb": "blob",
    "clm": "Claim",
    "evt": "event",
    "key": "idempotency key",
    "whk": "Webhook",
}

_SHAPE = re.compile(r"([a-z]{3})_[0-9A-HJKMNP-TV-Z]{10}_[0-9A-HJKMNP-TV-Z]{16}")


def id_text(prefix: str, instant_ms: int, random_80_bits: int) -> str:
    """Return an id from its three parts.

    Args:
        prefix: a key of `PREFIXES`.
        instant_ms: milliseconds since the epoch of the world's clock, 0 <= it < 2**50.
        random_80_bits: 0 <= it < 2**80, unguessable wherever strangers see the id.
    """
    if prefix not in PREFIXES:
        raise ValueError(f"unknown id prefix {prefix!r}")
    return f"{prefix}_{_base32(instant_ms, 10)}_{_base32(random_80_bits, 16)}"


def checked_id(text: str, prefix: str) -> str:
    """Return the id if it names the noun of this prefix.

    Raises:
        InputFault: `ids.malformed` for another shape or another noun.
    """
    match = _SHAPE.fullmatch(text)
    if match is None or match[1] != prefix:
        raise InputFault("ids.malformed", text=text[:80], noun=PREFIXES[prefix], prefix=prefix)
    return text


def _base32(value: int, digits: int) -> str:
    if not 0 <= value < 32**digits:
        raise ValueError(f"{value} does not fit {digits} base-32 digits")
    out = []
    for _ in range(digits):
        value, digit = divmod(value, 32)
        out.append(ALPHABET[digit])
    return "".join(reversed(out))
