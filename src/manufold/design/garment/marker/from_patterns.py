"""A strip of everything that several patterns want of one cloth, grain along the strip."""

from collections.abc import Sequence

import numpy as np

from manufold.design.garment.marker.outline import bays_filled, cleaned
from manufold.design.garment.marker.strip import Strip, StripItem
from manufold.design.garment.pattern.cutline import cut_line
from manufold.design.garment.pattern.piece import Pattern
from manufold.model.errors import CannotMake

__all__ = ["strip_of"]

#: how far a drawn chord may stray from its curve; the gap between pieces takes it up
WITHIN_MM = 0.2
#: how far a chord may lie across a hollow, on the safe side: each point of a hollow is one convex
#: part more to keep apart
HOLLOW_MM = 2.0


def strip_of(
    patterns: Sequence[Pattern], cloth: str, width_mm: float, gap_mm: float, *, one_way: bool
) -> tuple[Strip, tuple[tuple[int, str], ...]]:
    """Return the strip, and of each of its items by number, which pattern's which piece it is.

    Args:
        cloth: "shell", "lining", ...; of each pattern the pieces that are cut of it.
        width_mm: that can be used, selvedges left out.
        one_way: nap, pile or a print that has a top: nothing is turned round.

    Raises:
        CannotMake: `garment.cloth_narrow`; `garment.cloth_unused` when no piece is cut of it.
    """
    items: list[StripItem] = []
    names: list[tuple[int, str]] = []
    for number, pattern in enumerate(patterns):
        for piece in pattern.pieces:
            demand = piece.cut.get(cloth, 0)
            if not demand:
                continue
            start, end = piece.grain
            along = (end - start) / abs(end - start)
            turned = np.array(cut_line(piece, WITHIN_MM)) / along
            outline = cleaned(np.column_stack((turned.real, turned.imag)))
            outline = bays_filled(outline, HOLLOW_MM)
            across_mm = float(np.ptp(outline[:, 1]))
            if across_mm > width_mm:
                raise CannotMake(
                    "garment.cloth_narrow",
                    piece=piece.name,
                    needs_mm=round(across_mm),
                    width_mm=round(width_mm),
                )
            angles = (0.0,) if one_way else (0.0, 180.0)
            items.append(StripItem(len(items), outline, demand, angles))
            names.append((number, piece.name))
    if not items:
        known = ", ".join(
            sorted({one for p in patterns for piece in p.pieces for one in piece.cut})
        )
        raise CannotMake("garment.cloth_unused", cloth=cloth[:40], known=known)
    return Strip(cloth, width_mm, tuple(items), gap_mm), tuple(names)
