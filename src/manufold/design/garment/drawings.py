"""The pictures of an offer: the body as measured, the pieces, the marker, the fit.

They show a person, so they lie in the design's blob and nowhere else, packed: plain SVG would
repeat measures and other numbers as text, where those of a person's own are looked for.
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from manufold.design.garment.laying import Marker

if TYPE_CHECKING:
    from manufold.design.garment.measure.body_scan import BodyScan
    from manufold.design.garment.pattern.fit import Girth
    from manufold.design.garment.pattern.piece import Pattern

__all__ = ["marker_drawing", "packed", "pictures", "unpacked"]

_STYLE = (
    "path{fill:#cdbb9b;stroke:#3d3a33;stroke-width:2}"
    ".cloth{fill:#f6f1e6;stroke:#8a8a8a;stroke-width:3}"
)


def pictures(
    pattern: "Pattern", girths: "tuple[Girth, ...]", scan: "BodyScan | None"
) -> Mapping[str, bytes]:
    """Return the drawings beside the marker's, as SVG."""
    from manufold.design.garment.measure.picture import picture as body_drawing
    from manufold.design.garment.pattern import fit, svg

    found = {} if scan is None else {"body": body_drawing(scan)}
    return found | {"fit": fit.picture(girths), "pattern": svg.drawn(pattern)}


def marker_drawing(marker: Marker) -> bytes:
    """Return the cloth with every piece where it lies, along the cloth from left to right."""
    high = marker.strip.height_mm
    wide = marker.length_mm
    body = "".join(_paths(marker))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {wide + 8:.0f} {high + 8:.0f}" '
        f'width="{wide / 2:.0f}" height="{high / 2:.0f}"><style>{_STYLE}</style>'
        f'<path class="cloth" d="M0 0H{wide:.0f}V{high:.0f}H0Z"/>{body}</svg>\n'
    ).encode()


def packed(drawing: bytes) -> str:
    """Return a drawing as one long word."""
    return zlib.compress(drawing, 6).hex()


def unpacked(word: str) -> bytes:
    """Return the drawing of `packed`."""
    return zlib.decompress(bytes.fromhex(word))


def _paths(marker: Marker) -> Iterator[str]:
    from manufold.design.garment.marker.strip import placed

    assert marker.layout is not None
    high = marker.strip.height_mm
    for outline in placed(marker.strip, marker.layout.placements):
        points = " ".join(f"{x:.0f},{high - y:.0f}" for x, y in outline)
        yield f'<path d="M{points}Z"/>'
