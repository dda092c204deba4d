"""What a garment takes beside its pattern: its cloths, trims and sizes, from its own folder.

`goods.toml` lies beside a garment's `options.toml` and `operations.toml`; with all three it is
offered, and nothing else needs to know of it. What all garments share stands in `making.toml`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from manufold.design.garment.pattern.publishing import Garment, published
from manufold.model.material import Source

__all__ = ["FIRST", "Goods", "making", "offered", "source", "stepped"]

Rows = Mapping[str, Any]
#: what is made where nobody says what
FIRST = "shirt"


@dataclass(frozen=True, slots=True)
class Goods:
    """A garment with what it takes.

    Args:
        table: its `goods.toml`, figures exact.
    """

    made: Garment
    table: Rows

    @property
    def name(self) -> str:
        """The garment's name."""
        return self.made.name

    @property
    def materials(self) -> tuple[str, ...]:
        """Cloths it can be made of; the first is taken where none is named."""
        return tuple(row["id"] for row in self.table["material"])

    @property
    def asked_for(self) -> str:
        """Which measures its wearer is asked for: "top" or "legs"."""
        return str(self.table.get("person", {}).get("asked_for", "top"))

    def mass_g_m2(self, material_id: str) -> Decimal:
        """Return the mass of a cloth."""
        return next(
            Decimal(r["mass_g_m2"]) for r in self.table["material"] if r["id"] == material_id
        )

    def trims(self, options: Mapping[str, str]) -> Iterator[tuple[str, int, Decimal]]:
        """Yield material, count and mass in g of one, of every trim that the options ask for."""
        for row in self.table["trim"]:
            when = row.get("when", {})
            if all(options.get(name) in values for name, values in when.items()):
                yield row["material"], int(row["count"]), Decimal(row["mass_g"])

    def trim(self, material: str, options: Mapping[str, str]) -> int:
        """Return how many of a trim one garment takes."""
        return sum(count for name, count, _mass in self.trims(options) if name == material)

    def size(self, value_mm: Decimal) -> str:
        """Return the letter of the size class that the deciding girth falls into."""
        letters = self.table["sizes"]["letters"]
        return next(str(name) for name, most_mm in letters.items() if value_mm <= most_mm)


@cache
def offered() -> Mapping[str, Goods]:
    """Return the garments that can be ordered, the usual one first."""
    found = [goods for made in published().values() if (goods := _goods(made)) is not None]
    return {one.name: one for one in sorted(found, key=lambda one: (one.name != FIRST, one.name))}


@cache
def making() -> Rows:
    """Return the table of what all garments share."""
    text = (files("manufold.design.garment") / "making.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def source(table: Rows, key: str) -> Source:
    """Return the source that a row of a table names."""
    found = table["source"][key]
    return Source(
        title=found["title"],
        year=found["year"],
        licence=found.get("licence", "facts"),
        verified=found.get("verified", True),
    )


def stepped(value: Decimal, step: Decimal | int) -> Decimal:
    """Return a value in whole steps, rounded up."""
    return (value / step).to_integral_value(ROUND_CEILING) * step


def _goods(made: Garment) -> Goods | None:
    if not made.operations:
        return None
    package = made.draft.__module__.rpartition(".")[0]
    file = files(package).joinpath("goods.toml")
    if not file.is_file():
        return None
    return Goods(made, tomllib.loads(file.read_text("utf-8"), parse_float=Decimal))
