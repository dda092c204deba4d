"""The tables beside this file: measures, limits and regressions, the shirt, its sewing."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from manufold.model.material import Source

__all__ = ["Measure", "Regression", "ansur", "completions", "doubts", "measures", "sewing", "shirt"]

Rows = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of the body that we know.

    Args:
        name: ends in its unit: "_mm" or "_deg".
        error: what a careful measurer may be off, in the unit.
        for_shirt: "must", "completed" or "".
        example: of a form, "" where it is not asked for.
        least, most: what we believe, in the unit, both within.
    """

    name: str
    error: Decimal
    for_shirt: str
    example: str
    least: int
    most: int

    @property
    def is_angle(self) -> bool:
        """Whether it is in degrees."""
        return self.name.endswith("_deg")


@dataclass(frozen=True, slots=True)
class Regression:
    """What other measures lead one to expect of one, and how far people lie from it, in mm."""

    measure: str
    constant_mm: Decimal
    times: Mapping[str, Decimal]
    residual_sd_mm: Decimal
    doubt_sd: Decimal

    def expected_mm(self, known: Mapping[str, Decimal]) -> Decimal:
        """Return the expectation, rounded to a millimetre.

        Args:
            known: by name, each of `times` among them.
        """
        total = sum((factor * known[name] for name, factor in self.times.items()), Decimal(0))
        return (self.constant_mm + total).quantize(Decimal(1))


@cache
def measures() -> Mapping[str, Measure]:
    """Return the measures by name, in the order a person is asked."""
    limits = {row["measure"]: row for row in _table("fitted.toml")["limit"]}
    return {
        row["name"]: Measure(
            row["name"],
            Decimal(row["error"]),
            row.get("for_shirt", ""),
            str(row.get("example", "")),
            (row if "least" in row else limits[row["name"]])["least"],
            (row if "most" in row else limits[row["name"]])["most"],
        )
        for row in _table("measures.toml")["measure"]
    }


@cache
def completions() -> Mapping[str, Regression]:
    """Return, by measure, how a missing one is worked out from those that must be given."""
    return _regressions("complete")


@cache
def doubts() -> Mapping[str, Regression]:
    """Return, by measure, what the others that must be given lead one to expect."""
    return _regressions("doubt")


@cache
def ansur() -> tuple[Rows, ...]:
    """Return the rows of the mapping from the columns of ANSUR II."""
    return tuple(_table("ansur.toml")["row"])


@cache
def shirt() -> Rows:
    """Return the table of the shirt: ease, cloth, trims, times beside sewing."""
    return _table("shirt.toml")


@cache
def sewing() -> Rows:
    """Return the bulletin of sewing."""
    return _table("sewing.toml")


def source(table: Rows, key: str) -> Source:
    """Return the source that a row of a table names."""
    found = table["source"][key]
    return Source(
        title=found["title"],
        year=found["year"],
        licence=found.get("licence", "facts"),
        verified=found.get("verified", True),
    )


def _regressions(kind: str) -> Mapping[str, Regression]:
    return {
        row["measure"]: Regression(
            row["measure"],
            Decimal(row["constant_mm"]),
            {name: Decimal(factor) for name, factor in row["times"].items()},
            Decimal(row["residual_sd_mm"]),
            Decimal(row["doubt_sd"]),
        )
        for row in _table("fitted.toml")[kind]
    }


@cache
def _table(name: str) -> Rows:
    text = (files("manufold.design.garment") / name).read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)
