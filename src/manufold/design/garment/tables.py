"""The tables beside this file: measures, their limits, and how they go together."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = [
    "Measure",
    "ansur",
    "enough",
    "known",
    "measures",
    "sides",
    "site",
    "slope",
    "sure",
    "uneven",
]

Rows = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of the body that we know.

    Args:
        name: ends in its unit: "_mm", "_deg" or "_kg".
        error: what a careful measurer may be off, in the unit; a standard deviation of what is
            given.
        asked_for: what a person is asked it for: "top", "legs".
        must: whether nobody can do without.
        example: of a form, "" where it is not asked for.
        least, most: what we believe, in the unit, both within.
        sides_differ: standard deviation between left and right, in the unit; 0 where there is one.
    """

    name: str
    error: Decimal
    asked_for: tuple[str, ...]
    must: bool
    example: str
    least: int
    most: int
    sides_differ: Decimal = Decimal(0)

    @property
    def is_angle(self) -> bool:
        """Whether it is in degrees."""
        return self.name.endswith("_deg")


@cache
def measures() -> Mapping[str, Measure]:
    """Return the 22 measures by name, in the order a person is asked."""
    return {row["name"]: _measure(row) for row in _table("measures.toml")["measure"]}


@cache
def known() -> Mapping[str, Measure]:
    """Return the measures, each site once by its name without sides, and weight."""
    weight = _table("measures.toml")["weight"]
    found = {site(name): measure for name, measure in measures().items()}
    return found | {"weight_kg": _measure(weight)}


@cache
def sides() -> Mapping[str, tuple[str, str]]:
    """Return, by name without sides, the names of the left and of the right measure."""
    return {
        site(name): (name, name.replace("_left_", "_right_"))
        for name in measures()
        if "_left_" in name
    }


def site(name: str) -> str:
    """Return a measure's name without its side: both arms are one site."""
    return name.replace("_left_", "_").replace("_right_", "_")


@cache
def enough() -> tuple[tuple[str, ...], int]:
    """Return the girths of which so many must be given, where sex and weight are not."""
    row = _table("measures.toml")["enough"]
    return tuple(row["girths"]), int(row["count"])


@cache
def sure() -> Mapping[str, int]:
    """Return, by girth, within how many mm it must be known."""
    found: Mapping[str, int] = _table("measures.toml")["sure"]
    return found


@cache
def uneven() -> Mapping[str, int]:
    """Return from where on differing sides are said to differ."""
    found: Mapping[str, int] = _table("measures.toml")["uneven"]
    return found


@cache
def ansur() -> tuple[Rows, ...]:
    """Return the rows of the mapping from the columns of ANSUR II."""
    return tuple(_table("ansur.toml")["row"])


@cache
def slope() -> Rows:
    """Return level and spread of a shoulder's slope, which the survey does not have."""
    found: Rows = _table("population.toml")["slope"]
    return found


def _measure(row: Rows) -> Measure:
    limits = {limit["measure"]: limit for limit in _table("fitted.toml")["limit"]}
    seen = row if "least" in row else limits[row["name"]]
    return Measure(
        row["name"],
        Decimal(row["error"]),
        tuple(row.get("asked_for", ())),
        bool(row.get("must", False)),
        str(row.get("example", "")),
        seen["least"],
        seen["most"],
        Decimal(row.get("sides_differ", 0)),
    )


@cache
def _table(name: str) -> Rows:
    text = (files("manufold.design.garment") / name).read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)
