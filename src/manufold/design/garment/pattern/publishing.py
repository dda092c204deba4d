"""Which garments there are, found in folders and by entry points; and the one door to a draft.

A garment is one folder: `options.toml` (choices, ease by fit with its sources, constants),
`draft.py` with a function `draft(Ask) -> Pattern`, `operations.toml`, the bulletin of its sewing,
and `words.toml`, what people read of it in both languages. The four that ship lie under
`garments/`; a designer's own is a package of the same shape, which an installed distribution names
under the entry point group `manufold.garments`. `conformance` checks both alike.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from math import isfinite
from typing import Any

from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.checks import faults
from manufold.design.garment.pattern.person import Person
from manufold.design.garment.pattern.piece import Pattern, Piece
from manufold.model.errors import CannotMake, InputFault

__all__ = ["GROUP", "Garment", "asked", "drafted", "garment", "published"]

#: entry points that name the package of a designer's garment
GROUP = "manufold.garments"
_HOME = "manufold.design.garment.pattern.garments"


@dataclass(frozen=True, slots=True)
class Garment:
    """A garment that can be drafted.

    Args:
        options: name -> choices, the first is taken when none is named.
        table: its `options.toml`; words: language -> its half of `words.toml`.
        operations: its `operations.toml`, figures exact; empty where there is none.
    """

    name: str
    options: Mapping[str, tuple[str, ...]]
    table: Mapping[str, Any]
    words: Mapping[str, Mapping[str, Any]]
    draft: Callable[[Ask], Pattern]
    operations: Mapping[str, Any] = field(default_factory=dict)

    def label(self, piece: Piece, language: str) -> str:
        """Return what people read on a piece: its name, and its side where there are two."""
        words = self.words[language]
        bare = piece.name.removesuffix("_left").removesuffix("_right")
        found = str(words["piece"][bare])
        return f"{found}, {words[piece.side]}" if bare != piece.name else found


@cache
def published() -> Mapping[str, Garment]:
    """Return the garments by name: those that ship, and those that designers have installed.

    Raises:
        InputFault: `garment.package_broken` when one cannot be loaded, or has a name that is taken.
    """
    shipped = (
        garment(f"{_HOME}.{folder.name}")
        for folder in files(_HOME).iterdir()
        if folder.is_dir() and folder.joinpath("options.toml").is_file()
    )
    found = {one.name: one for one in shipped}
    for point in entry_points(group=GROUP):
        name, module = point.name[:40], point.value[:80]
        try:
            one = garment(point.value)
        except Exception as fault:
            why = f"{type(fault).__name__}: {fault}"[:200]
            raise InputFault(
                "garment.package_broken", garment=name, module=module, why=why
            ) from fault
        if one.name in found:
            why = f"{one.name} is taken"
            raise InputFault("garment.package_broken", garment=name, module=module, why=why)
        found[one.name] = one
    return dict(sorted(found.items()))


def garment(package: str) -> Garment:
    """Return the garment of a package: `options.toml`, `words.toml`, `operations.toml`, `draft.py`.

    One without `operations.toml` is drafted, and cannot be sewn.
    """
    table = tomllib.loads(files(package).joinpath("options.toml").read_text("utf-8"))
    words = tomllib.loads(files(package).joinpath("words.toml").read_text("utf-8"))
    options = {name: tuple(row["choices"]) for name, row in table["option"].items()}
    bulletin = files(package).joinpath("operations.toml")
    text = bulletin.read_text("utf-8") if bulletin.is_file() else ""
    operations = tomllib.loads(text, parse_float=Decimal)
    draft = import_module(f"{package}.draft").draft
    return Garment(table["name"], options, table, words, draft, operations)


def drafted(
    of: str | Garment,
    body: Person,
    choices: Mapping[str, str] | None = None,
    stretch_fraction: float = 0.0,
) -> Pattern:
    """Return a garment's pattern for a body, checked: what it returns can be cut and sewn.

    Args:
        of: a garment, or the name of a published one.
        choices: by option; what is not chosen is the option's first choice.
        stretch_fraction: how far the cloth stretches across; half of it is taken off the ease on
            girths, within the fit's own limit of a tenth of the body.

    Raises:
        InputFault: `garment.pattern_unknown`, `garment.pattern_option`, `garment.pattern_choice`,
            `garment.pattern_stretch`.
        CannotMake: `garment.pattern_no_room`; `garment.pattern_twisted` when the checks find a
            piece that cannot be cut, with their findings beside it.
    """
    made = _named(of) if isinstance(of, str) else of
    ask = asked(made, body, choices or {}, stretch_fraction)
    try:
        pattern = made.draft(ask)
    except AssertionError as fault:  # a line that should cross another does not
        raise CannotMake("garment.pattern_twisted", garment=made.name, piece="?") from fault
    found = faults(pattern)
    if found:
        where = found[0].where
        raise CannotMake("garment.pattern_twisted", faults=found, garment=made.name, piece=where)
    return pattern


def asked(
    made: Garment, body: Person, choices: Mapping[str, str], stretch_fraction: float = 0.0
) -> Ask:
    """Return what a draft is asked for: every option chosen, ease by fit and stretch.

    Raises:
        InputFault: `garment.pattern_option`, `garment.pattern_choice`, `garment.pattern_stretch`.
    """
    options = _chosen(made, choices)
    if not (isfinite(stretch_fraction) and 0 <= stretch_fraction <= 1):
        raise InputFault("garment.pattern_stretch", value=f"{stretch_fraction:g}")
    ease = _eased(made.table["ease"][options["fit"]], body, stretch_fraction)
    return Ask(body, options, ease, made.table)


def _named(name: str) -> Garment:
    if name not in published():
        known = ", ".join(published())
        raise InputFault("garment.pattern_unknown", garment=name[:40], known=known)
    return published()[name]


def _chosen(made: Garment, choices: Mapping[str, str]) -> dict[str, str]:
    for name, value in choices.items():
        if name not in made.options:
            known = ", ".join(made.options)
            raise InputFault("garment.pattern_option", option=name[:40], known=known)
        if value not in made.options[name]:
            known = ", ".join(made.options[name])
            raise InputFault(
                "garment.pattern_choice", option=name, value=str(value)[:40], known=known
            )
    return {name: choices.get(name, known[0]) for name, known in made.options.items()}


def _eased(row: Mapping[str, Any], body: Person, stretch: float) -> dict[str, Any]:
    """Return the ease with half of the stretch taken off each girth."""
    found = dict(row)
    for name in row:
        measure = f"{name[:-3]}_girth_mm"
        if name.endswith("_mm") and measure in body.values:
            found[name] = row[name] - min(stretch / 2, 0.1) * body[measure]
    return found
