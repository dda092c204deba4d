"""From a pattern's seams and notches to the points that stripes and checks must meet in.

Each garment's folder says in `match.toml` what must match, the most important first: a seam, at one
of its ends or at a notch on it, or two points that no seam joins, such as a pocket on its front. A
garment without that file has nothing to match.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from manufold.design.garment.marker.match import Matching, Meeting, Repeat
from manufold.design.garment.pattern.geometry import point
from manufold.design.garment.pattern.piece import Pattern, Piece, Run

__all__ = ["matching_of", "meetings"]

_GARMENTS = "manufold.design.garment.pattern.garments"


def matching_of(
    patterns: Sequence[Pattern],
    names: Sequence[tuple[int, str]],
    repeat: Repeat,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
) -> Matching:
    """Return what must match on a strip of those patterns; nothing between two garments.

    Args:
        names: of each item of the strip by number, which pattern's which piece it is.
        tables: by garment, what `match.toml` says, for garments of others.
    """
    items = {name: number for number, name in enumerate(names)}
    found: list[tuple[int, Meeting]] = []
    for number, pattern in enumerate(patterns):
        table = (tables or {}).get(pattern.garment) or _table(pattern.garment)
        for rank, (name, ends, axes) in enumerate(meetings(pattern, table)):
            places = [items.get((number, piece)) for piece, _ in ends]
            if None in places or not any(axes):
                continue
            (one, at), (other, to) = (
                (place, _laid(pattern.piece(piece), where))
                for place, (piece, where) in zip(places, ends, strict=True)
            )
            found.append((rank, Meeting(name, one or 0, other or 0, at, to, axes)))
    return Matching(repeat, tuple(one for _, one in sorted(found, key=lambda each: each[0])))


_Ends = tuple[tuple[str, complex], tuple[str, complex]]


def meetings(
    pattern: Pattern, table: Mapping[str, Any]
) -> Iterator[tuple[str, _Ends, tuple[bool, bool]]]:
    """Yield what a table asks of a pattern: name, both pieces with their points, directions.

    What the chosen options do not have (no pocket, no such seam) is passed over.
    """
    seams = {seam.name: seam for seam in pattern.seams}
    pieces = {piece.name: piece for piece in pattern.pieces}
    for row in table.get("match", ()):
        axes = (bool(row.get("along", True)), bool(row.get("across", False)))
        if "seam" in row:
            seam = seams.get(row["seam"])
            if seam is None:
                continue
            ends = [_on_seam(pieces, run, row["at"]) for run in (seam.a, seam.b)]
            name = f"{row['seam']} {row['at']}"
        else:
            ends = [_on_piece(pieces, row[key]) for key in ("one", "other")]
            name = row["name"]
        one, other = ends
        if one is not None and other is not None:
            yield name, (one, other), axes


@cache
def _table(garment: str) -> Mapping[str, Any]:
    place = files(_GARMENTS) / garment / "match.toml"
    return tomllib.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}


def _on_seam(
    pieces: Mapping[str, Piece], runs: Sequence[Run], at: str
) -> tuple[str, complex] | None:
    """Return the piece and the point of one side of a seam: an end, or where a notch lies."""
    if at in ("start", "end"):
        run = runs[0] if at == "start" else runs[-1]
        path = pieces[run.piece].edge(run.edge).path
        return run.piece, path[0].a if (at == "start") == run.forward else path[-1].d
    for run in runs:
        for notch in pieces[run.piece].notches:
            if (notch.edge, notch.label) == (run.edge, at):
                return run.piece, point(pieces[run.piece].edge(run.edge).path, notch.at_mm)
    return None


def _on_piece(pieces: Mapping[str, Piece], told: Mapping[str, Any]) -> tuple[str, complex] | None:
    """Return a piece and a point: a notch, a mark or a share of an edge, moved by `off_mm`."""
    piece = pieces.get(told["piece"])
    if piece is None:
        return None
    where: complex | None = None
    if "notch" in told:
        here = next((one for one in piece.notches if one.label == told["notch"]), None)
        where = None if here is None else point(piece.edge(here.edge).path, here.at_mm)
    elif "mark" in told:
        mark = next((one for one in piece.marks if one.label == told["mark"]), None)
        where = None if mark is None else sum(mark.points) / len(mark.points)
    else:
        edge = piece.edge(told["edge"])
        where = point(edge.path, edge.length_mm * float(told.get("share", 0.5)))
    right_mm, up_mm = told.get("off_mm", (0.0, 0.0))
    return None if where is None else (piece.name, where + complex(right_mm, up_mm))


def _laid(piece: Piece, where: complex) -> tuple[float, float]:
    """Return a point in the coordinates of its item: grain along the cloth."""
    start, end = piece.grain
    turned = where / ((end - start) / abs(end - start))
    return turned.real, turned.imag
