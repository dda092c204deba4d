"""Finished girths against the body before anything is cut: the ease at every level.

Girths are measured on the pieces themselves: a level line across each piece of a level, less what
darts and pleats fold away there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from manufold.design.garment.pattern.piece import Pattern, Piece, Slice

__all__ = ["Girth", "fit", "picture"]

#: just under the corner where armhole and side seam meet
_UNDER_MM = 1e-4


@dataclass(frozen=True, slots=True)
class Girth:
    """A level: the body and the garment around it."""

    level: str
    body_mm: float
    finished_mm: float

    @property
    def ease_mm(self) -> float:
        """What the garment is larger; below nought it would not close, or must stretch."""
        return self.finished_mm - self.body_mm


def fit(pattern: Pattern) -> tuple[Girth, ...]:
    """Return every level of the pattern, as it is cut."""
    outlines = {piece.name: piece.outline(0.01) for piece in pattern.pieces}
    return tuple(
        Girth(
            level.name,
            level.body_mm,
            sum(_wide_mm(pattern.piece(s.piece), outlines[s.piece], s) for s in level.slices),
        )
        for level in pattern.levels
    )


def _wide_mm(piece: Piece, outline: list[complex], at: Slice) -> float:
    folded = sum(
        _across_mm(mark.points, at) for mark in piece.marks if mark.kind in ("dart", "pleat")
    )
    return _across_mm(outline, at) - folded


def _across_mm(polygon: Sequence[complex], at: Slice) -> float:
    xs = sorted(_crossings(polygon, at.y_mm - _UNDER_MM))
    clipped = [min(max(x, at.from_mm), at.to_mm) for x in xs]
    return sum(b - a for a, b in zip(clipped[::2], clipped[1::2], strict=True))


def _crossings(polygon: Sequence[complex], y_mm: float) -> Iterator[float]:
    for a, b in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (a.imag <= y_mm) != (b.imag <= y_mm):
            yield a.real + (b.real - a.real) * (y_mm - a.imag) / (b.imag - a.imag)


def picture(girths: Sequence[Girth], labels: dict[str, str] | None = None) -> bytes:
    """Return bars of body and ease as SVG, one row a level, widths to scale."""
    most = max((max(g.finished_mm, g.body_mm) for g in girths), default=1.0)
    scale, rows = 420 / most, []
    for row, girth in enumerate(girths):
        y = 14 + row * 34
        inner = min(girth.body_mm, girth.finished_mm) * scale
        gap = abs(girth.ease_mm) * scale
        colour = "#8fbf9f" if girth.ease_mm >= 0 else "#c8503c"
        name = (labels or {}).get(girth.level, girth.level)
        rows.append(
            f'<text x="96" y="{y + 14}" text-anchor="end">{name}</text>'
            f'<rect x="104" y="{y}" width="{inner:.1f}" height="18" fill="#cbb59a"/>'
            f'<rect x="{104 + inner:.1f}" y="{y}" width="{gap:.1f}" height="18" fill="{colour}"/>'
            f'<text x="{112 + inner + gap:.1f}" y="{y + 14}">{girth.body_mm:.0f} '
            f"{girth.ease_mm:+.0f} = {girth.finished_mm:.0f} mm</text>"
        )
    high = 20 + 34 * len(girths)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {high}" width="720" '
        f'height="{high}" font-family="sans-serif" font-size="13">'
        f'<path d="M0 0H720V{high}H0Z" fill="#f6f3ea"/>{"".join(rows)}</svg>\n'
    ).encode()
