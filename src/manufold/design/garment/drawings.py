"""The pictures of an offer: the body as measured, the pieces, the marker, the fit.

They show a person, so they lie in the design's blob and nowhere else, packed: plain SVG would
repeat measures and other numbers as text, where those of a person's own are looked for.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from manufold.design.garment.laying import Marker

if TYPE_CHECKING:
    from manufold.design.garment.measure.body_scan import BodyScan
    from manufold.design.garment.pattern.fit import Girth
    from manufold.design.garment.pattern.piece import Pattern

__all__ = ["marker_drawing", "packed", "pictures", "unpacked"]

#: what is written is read at a tenth of the size
_TEXT_MM, _EDGE_MM = 30, 110
_SCALE_MM = 500
_STYLE = (
    ".paper{fill:#f6f3ea}.piece{fill:#dccdb0;stroke:#3d3a33;stroke-width:2}"
    ".cloth{fill:#fffdf7;stroke:#6d6a62;stroke-width:3}.line{fill:none;stroke:#3d3a33;"
    "stroke-width:3}.grain{stroke:#2a6f4e;stroke-width:2;fill:none}"
    "text{font-family:sans-serif;fill:#26241f;text-anchor:middle}.side{text-anchor:start}"
)


def pictures(
    pattern: "Pattern", girths: "tuple[Girth, ...]", scan: "BodyScan | None"
) -> Mapping[str, bytes]:
    """Return the drawings beside the marker's, as SVG."""
    from manufold.design.garment.measure.picture import picture as body_drawing
    from manufold.design.garment.pattern import fit, svg

    found = {} if scan is None else {"body": body_drawing(scan)}
    return found | {"fit": fit.picture(girths), "pattern": svg.drawn(pattern)}


def marker_drawing(marker: Marker, pattern: "Pattern") -> bytes:
    """Return the cloth with every piece where it lies, along the cloth from left to right.

    Each piece has its name and its grain; beside it the cloth's length and width, what part of it
    is used, and a scale.
    """
    high, wide = marker.strip.height_mm, marker.length_mm
    names = [piece.name for piece in pattern.pieces if piece.cut.get(marker.strip.name)]
    box = f"{-_EDGE_MM} -20 {wide + _EDGE_MM + 20:.0f} {high + _EDGE_MM + 20:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" '
        f'width="{(wide + _EDGE_MM + 20) / 2:.0f}" height="{(high + _EDGE_MM + 20) / 2:.0f}">'
        f"<style>{_STYLE}</style>"
        f'<rect class="paper" x="{-_EDGE_MM}" y="-20" width="100%" height="100%"/>'
        f'<path class="cloth" d="M0 0H{wide:.0f}V{high:.0f}H0Z"/>'
        f"{''.join(_pieces(marker, names))}{_legend(marker)}</svg>\n"
    ).encode()


def packed(drawing: bytes) -> str:
    """Return a drawing as one long word."""
    return zlib.compress(drawing, 6).hex()


def unpacked(word: str) -> bytes:
    """Return the drawing of `packed`."""
    return zlib.decompress(bytes.fromhex(word))


def _pieces(marker: Marker, names: Sequence[str]) -> Iterator[str]:
    """Yield every piece with its name, turned where it is narrow, and its grain."""
    from manufold.design.garment.marker.strip import placed

    assert marker.layout is not None
    high = marker.strip.height_mm
    placements = marker.layout.placements
    for outline, at in zip(placed(marker.strip, placements), placements, strict=True):
        points = " ".join(f"{x:.0f},{high - y:.0f}" for x, y in outline)
        yield f'<path class="piece" d="M{points}Z"/>'
        name = names[at.item].replace("_", " ")
        (left, low), (right, top) = outline.min(axis=0), outline.max(axis=0)
        x, y = (left + right) / 2, high - (low + top) / 2
        stands = top - low > 1.5 * (right - left)
        long, across = (top - low, right - left) if stands else (right - left, top - low)
        size = max(9.0, min(_TEXT_MM, 1.5 * long / len(name), across / 3))
        turn = f' transform="rotate(-90 {x:.0f} {y:.0f})"' if stands else ""
        yield f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size:.0f}"{turn}>{escape(name)}</text>'
        half = min(0.3 * (right - left), 120.0) * (-1 if at.rotation_deg == 180 else 1)
        below = 0.32 * size * len(name) + size if stands else 0.6 * size
        yield _arrow(x, y + below, half)


def _arrow(x: float, y: float, half: float) -> str:
    """Return the grain of a piece: it lies along the cloth, its head where the piece's top is."""
    barb = half * 0.12
    return (
        f'<path class="grain" d="M{x - half:.0f} {y:.0f}H{x + half:.0f}'
        f"M{x + half - barb:.0f} {y - abs(barb):.0f}L{x + half:.0f} {y:.0f}"
        f'L{x + half - barb:.0f} {y + abs(barb):.0f}"/>'
    )


def _legend(marker: Marker) -> str:
    """Return length and width of the cloth, a scale, and what part of it the pieces cover."""
    high, wide = marker.strip.height_mm, marker.length_mm
    size, low = _TEXT_MM, high + 1.3 * _TEXT_MM
    used = f"{100 * marker.efficiency_fraction:.1f} %"
    return (
        f'<text class="side" x="0" y="{low:.0f}" font-size="{size}">'
        f"{wide:.0f} mm × {high:.0f} mm · {used}</text>"
        f'<text x="-40" y="{high / 2:.0f}" font-size="{size}" '
        f'transform="rotate(-90 -40 {high / 2:.0f})">{high:.0f} mm</text>'
        f'<path class="line" d="M0 {low + 20:.0f}v16h{_SCALE_MM}v-16"/>'
        f'<text class="side" x="{_SCALE_MM + 12}" y="{low + 40:.0f}" font-size="{size}">'
        f"{_SCALE_MM} mm</text>"
    )
