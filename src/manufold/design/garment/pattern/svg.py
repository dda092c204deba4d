"""All pieces as one SVG, full size in millimetres: cut line, sew line, grain, notches, marks."""

from collections.abc import Iterable, Mapping
from html import escape

from manufold.design.garment.pattern.cutline import nick
from manufold.design.garment.pattern.geometry import bounds
from manufold.design.garment.pattern.piece import Pattern
from manufold.design.garment.pattern.sheets import Laid, sheet

__all__ = ["drawn"]

_STYLE = (
    ".paper{fill:#f6f3ea}"
    "path,line,circle{fill:none;stroke:#222;stroke-width:1.2;vector-effect:non-scaling-stroke}"
    ".cut{fill:#fffdf7;stroke:#111}.sew{stroke:#8a8a8a;stroke-dasharray:6 4}"
    ".dart,.pleat{stroke:#b4452c;stroke-dasharray:3 3}.fold,.line{stroke:#5b7f95;"
    "stroke-dasharray:10 4}.grain{stroke:#2a6f4e}.notch{stroke:#111;stroke-width:2.2}"
    "text{font-family:sans-serif;text-anchor:middle;fill:#222}"
)


def drawn(
    pattern: Pattern, labels: Mapping[str, str] | None = None, wide_mm: float = 2400.0
) -> bytes:
    """Return the picture.

    Args:
        labels: what to write on a piece instead of its name.
    """
    found = sheet(pattern, wide_mm)
    body = "".join(_piece(laid, found.high_mm, labels or {}) for laid in found.laid)
    wide, high = f"{found.wide_mm:.0f}", f"{found.high_mm:.0f}"
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}mm" height="{high}mm" '
        f'viewBox="0 0 {wide} {high}"><style>{_STYLE}</style>'
        f'<rect class="paper" width="100%" height="100%"/>{body}</svg>\n'
    )
    return text.encode()


def _piece(laid: Laid, high_mm: float, labels: Mapping[str, str]) -> str:
    piece, shift = laid.piece, laid.shift

    def put(points: Iterable[complex], close: bool) -> str:
        there = (z + shift for z in points)
        text = " ".join(f"{z.real:.2f},{high_mm - z.imag:.2f}" for z in there)
        return f"M{text}{'Z' if close else ''}"

    parts = [
        f'<path class="cut" d="{put(laid.cut, True)}"/>',
        f'<path class="sew" d="{put(piece.outline(), True)}"/>',
        f'<path class="grain" d="{put(piece.grain, False)}"/>',
    ]
    for notch in piece.notches:
        parts.append(f'<path class="notch" d="{put(nick(piece, notch), False)}"/>')
    for mark in piece.marks:
        if mark.kind == "drill":
            z = mark.points[0] + shift
            parts.append(f'<circle cx="{z.real:.2f}" cy="{high_mm - z.imag:.2f}" r="3"/>')
        else:
            close = mark.kind in ("dart", "pleat")
            parts.append(f'<path class="{mark.kind}" d="{put(mark.points, close)}"/>')
    left, bottom, right, top = bounds(laid.cut)
    middle = complex((left + right) / 2, (bottom + top) / 2) + shift
    name = labels.get(piece.name, piece.name.replace("_", " "))
    size = max(7.0, min(20.0, 1.5 * (right - left) / max(len(name), 1), (top - bottom) / 4))
    counts = ", ".join(f"{count} {cloth}" for cloth, count in piece.cut.items())
    for line, text in enumerate((name, counts)):
        y = high_mm - middle.imag + (line - 0.2) * size * 1.2
        parts.append(
            f'<text x="{middle.real:.1f}" y="{y:.1f}" font-size="{size * (1 - 0.25 * line):.1f}">'
            f"{escape(text)}</text>"
        )
    return f'<g id="{escape(piece.name)}">{"".join(parts)}</g>'
