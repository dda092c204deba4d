"""Pieces laid side by side on a sheet, none over another: for pictures and for paper.

Not a marker: cloth is not saved here. Tallest first, row by row, in boxes with a gap between.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from manufold.design.garment.pattern.cutline import cut_line
from manufold.design.garment.pattern.geometry import bounds
from manufold.design.garment.pattern.piece import Pattern, Piece

__all__ = ["Laid", "Sheet", "sheet"]


@dataclass(frozen=True, slots=True)
class Laid:
    """A piece on a sheet: its cut line and what to add to every point of it."""

    piece: Piece
    cut: tuple[complex, ...]
    shift: complex


@dataclass(frozen=True, slots=True)
class Sheet:
    """All pieces, x right and y up, the lower left corner at nought."""

    laid: tuple[Laid, ...]
    wide_mm: float
    high_mm: float


def sheet(pattern: Pattern, wide_mm: float, gap_mm: float = 20.0) -> Sheet:
    """Return the pieces in rows no wider than asked, unless one piece is."""
    cuts = {piece.name: tuple(cut_line(piece)) for piece in pattern.pieces}
    boxes: Mapping[str, tuple[float, float, float, float]] = {n: bounds(c) for n, c in cuts.items()}
    order = sorted(pattern.pieces, key=lambda p: (boxes[p.name][1] - boxes[p.name][3], p.name))
    wide_mm = max([wide_mm, *(b[2] - b[0] + 2 * gap_mm for b in boxes.values())])
    found: list[tuple[Piece, complex]] = []
    x, y, row_mm, reach_mm = gap_mm, gap_mm, 0.0, 0.0
    for piece in order:
        left, _bottom, right, top = boxes[piece.name]
        if x + right - left + gap_mm > wide_mm:
            x, y, row_mm = gap_mm, y + row_mm + gap_mm, 0.0
        found.append((piece, complex(x - left, -y - top)))  # rows grow downwards
        x += right - left + gap_mm
        row_mm = max(row_mm, top - boxes[piece.name][1])
        reach_mm = max(reach_mm, x)
    high_mm = y + row_mm + gap_mm
    laid = tuple(Laid(piece, cuts[piece.name], shift + 1j * high_mm) for piece, shift in found)
    return Sheet(laid, reach_mm, high_mm)
