"""A garment's bulletin as its folder writes it: one row an elementary operation.

A row of `operations.toml` says where it works: `seams` are sewn here, in the shell, `lined` are
the same seams of the lining; `along` is gone along without being joined, a seam that is sewn
already or an edge ("piece.edge"); `marks` ("piece/label") are darts, lines, holes and buttons;
`lays` are pieces laid on one another, and on the pieces of the marks, without a seam in the graph;
`pieces` are handled; without what it `needs` a row falls away. A star stands for anything. What it
takes: `handling` minutes, the machine's minutes along the way, `each` minutes of every mark and of
`count` more. `listed` is what the source lists for the reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from manufold.design.garment.pattern.publishing import Garment
from manufold.model.material import Source

__all__ = ["KEYS", "Row", "asked_for", "row", "source"]

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Row:
    """An elementary operation, before it meets a pattern.

    Args:
        name: unique in the garment, a word of its `words.toml`.
        handling: minutes of taking, laying, turning and putting aside.
        needs: edges or marks without which the row falls away.
        each: minutes of every mark of `marks` and of `count` more.
        passes: how often the way is gone.
        cloth: "lining" where pieces cut in shell and lining are meant in lining.
        skill: grade, 0 = the machine's own.
        listed: minutes that the source lists for the reference; None where it lists none.
    """

    name: str
    section: str
    machine: str
    source: str
    handling: Decimal
    attachment: str = ""
    skill: int = 0
    seams: tuple[str, ...] = ()
    lined: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    lays: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    count: int = 0
    each: Decimal = _ZERO
    passes: int = 1
    cloth: str = "shell"
    when: Mapping[str, tuple[str, ...]] | None = None
    after: tuple[str, ...] = ()
    listed: Decimal | None = None


#: what a row may say
KEYS = tuple(one.name for one in fields(Row))
_LISTS = ("seams", "lined", "along", "lays", "pieces", "marks", "needs", "after")


def row(told: Mapping[str, Any]) -> Row:
    """Return a row as it is written; TypeError or KeyError when it is not whole."""
    found: dict[str, Any] = {}
    for name, value in told.items():
        found[name] = tuple(value) if name in _LISTS else value
    found |= {name: Decimal(found[name]) for name in ("handling", "each") if name in found}
    found["when"] = {name: tuple(choices) for name, choices in told.get("when", {}).items()}
    return Row(**found)


def asked_for(garment: Garment, options: Mapping[str, str]) -> tuple[Row, ...]:
    """Return the rows that a garment with these options has, in the bulletin's order."""
    rows = (row(told) for told in garment.operations["operation"])
    return tuple(
        one
        for one in rows
        if all(options.get(name) in choices for name, choices in (one.when or {}).items())
    )


def source(garment: Garment, key: str) -> Source:
    """Return the source that a row names."""
    told = garment.operations["source"][key]
    return Source(told["title"], told["year"], told.get("licence", "facts"), told["verified"])
