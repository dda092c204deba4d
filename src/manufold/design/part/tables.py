"""The tables beside this file: materials, machining, printing; every row names its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from manufold.model.material import Source

__all__ = ["PartMaterial", "Table", "machining", "materials", "printing"]


@dataclass(frozen=True, slots=True)
class PartMaterial:
    """A material parts are made of.

    Args:
        material_id: of the network's materials.
        group: row of the cutting tables, "" where it is not cut.
        processes: "mill", "turn", "print.fdm", "print.sls".
    """

    material_id: str
    density_kg_m3: float
    group: str
    processes: tuple[str, ...]
    source: Source

    def mass_g(self, volume_mm3: float) -> float:
        """Return the mass of a volume."""
        return volume_mm3 * self.density_kg_m3 * 1e-6


@dataclass(frozen=True)
class Table:
    """A TOML file: its rows, and the sources they name."""

    rows: Mapping[str, Any]

    def row(self, kind: str, group: str) -> Mapping[str, Any]:
        """Return the row of a kind for a group of materials; the tables are whole by test."""
        return next(row for row in self.rows[kind] if row["group"] == group)

    def source(self, key: str) -> Source:
        """Return the source a row names."""
        found = self.rows["source"][key]
        return Source(
            title=found["title"],
            year=found["year"],
            licence=found.get("licence", "facts"),
            verified=found.get("verified", True),
        )


@cache
def machining() -> Table:
    """Return the machining table."""
    return _table("machining.toml")


@cache
def printing() -> Table:
    """Return the printing table."""
    return _table("printing.toml")


@cache
def materials() -> Mapping[str, PartMaterial]:
    """Return the materials by id, in the order of the table."""
    table = _table("materials.toml")
    return {
        row["id"]: PartMaterial(
            material_id=row["id"],
            density_kg_m3=float(row["density_kg_m3"]),
            group=row["group"],
            processes=tuple(row["process"]),
            source=table.source(row["source"]),
        )
        for row in table.rows["material"]
    }


def _table(name: str) -> Table:
    text = (files("manufold.design.part") / name).read_text(encoding="utf-8")
    return Table(tomllib.loads(text))
