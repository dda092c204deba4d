"""Patterns as cutters read them: DXF after AAMA/ASTM D6673, one block a piece, millimetres.

Layers: 1 the piece's boundary (the cut line), 2 its corners, 3 its curve points, 4 notches,
7 grain, 8 internal lines, 13 drill holes, 14 the sew line, 15 text. Release 12, whose header has no
variable for the unit: it is said in the style's own header text, "UNITS: METRIC" or "ENGLISH".

Source  Layers as quoted by secondary sources; the standard (withdrawn in 2019) was not read.
"""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ezdxf.document import Drawing
from ezdxf.lldxf.const import DXFError

from manufold.design.garment.pattern.cutline import cut_line, nick
from manufold.design.garment.pattern.geometry import bounds
from manufold.design.garment.pattern.piece import Pattern, Piece
from manufold.model.errors import OurFault

__all__ = ["LAYERS", "timeless", "written"]

LAYERS: Mapping[str, str] = {
    "boundary": "1",
    "corner": "2",
    "curve": "3",
    "notch": "4",
    "grain": "7",
    "internal": "8",
    "drill": "13",
    "sew": "14",
    "text": "15",
}
_INCH_MM = 25.4
_CORNER = 0.2  # radians of turn that make a corner


def written(pattern: Pattern, name: str, *, inches: bool = False) -> bytes:
    """Return the file.

    Args:
        name: what the style is called in the file.
        inches: coordinates in inches and not in millimetres.
    """
    scale = 1 / _INCH_MM if inches else 1.0
    document = Drawing.new("R12")  # ezdxf.new would warn that this release states no unit
    for layer in LAYERS.values():
        document.layers.add(layer)
    space = document.modelspace()
    x = 0.0
    for piece in pattern.pieces:
        cut = cut_line(piece)
        left, _low, right, _high = bounds(cut)
        block = document.blocks.new(name=piece.name.upper())
        _draw(block, piece, cut, name, scale)
        space.add_blockref(piece.name.upper(), ((x - left) * scale, 0))
        x += right - left + 50
    rows = (
        f"STYLE NAME: {name}",
        "AUTHOR: MANUFOLD",
        "ASTM/D13PROPOSAL 1 VERSION: D 6673",
        f"UNITS: {'ENGLISH' if inches else 'METRIC'}",
    )
    for row, text in enumerate(rows):
        _text(space, text, complex(0, -60 - 20 * row), scale)
    stream = io.StringIO()
    try:
        document.write(stream)
    except DXFError as fault:
        raise OurFault("garment.pattern_unwritable", format="DXF", why=str(fault)[:120]) from fault
    return timeless(stream.getvalue()).encode("utf-8")


def timeless(text: str) -> str:
    """Return the file without the hour at which it was written: same pattern, same bytes."""
    text = re.sub(r"(\$TD(?:CREATE|UPDATE|INDWG)\s+40\s+)\S+", r"\g<1>2458849.5", text)
    return re.sub(r"(\n[\d.]+ @ )\S+", r"\g<1>2020-01-01T00:00:00+00:00", text)


def _draw(block: Any, piece: Piece, cut: Sequence[complex], style: str, scale: float) -> None:
    def line(points: Sequence[complex], kind: str, close: bool = False) -> None:
        there = [(z.real * scale, z.imag * scale) for z in points]
        block.add_polyline2d(there, close=close, dxfattribs={"layer": LAYERS[kind]})

    def dot(z: complex, kind: str) -> None:
        place = (z.real * scale, z.imag * scale)
        block.add_point(place, dxfattribs={"layer": LAYERS[kind]})

    line(cut, "boundary", close=True)
    for before, here, after in zip((cut[-1], *cut[:-1]), cut, (*cut[1:], cut[0]), strict=True):
        turn = (after - here) * (here - before).conjugate()
        dot(here, "corner" if abs(turn.imag) > _CORNER * abs(turn.real) else "curve")
    line(piece.outline(), "sew", close=True)
    for notch in piece.notches:
        dot(nick(piece, notch)[0], "notch")
    line(piece.grain, "grain")
    for mark in piece.marks:
        if mark.kind == "drill":
            dot(mark.points[0], "drill")
        else:
            line(mark.points, "internal", close=mark.kind in ("dart", "pleat"))
    left, low, right, high = bounds(cut)
    middle = complex((left + right) / 2, (low + high) / 2)
    counts = ", ".join(f"{count} {cloth}" for cloth, count in piece.cut.items())
    rows = (
        f"PIECE NAME: {piece.name.upper()}",
        f"QUANTITY: {sum(piece.cut.values())}",
        f"MATERIAL: {counts}",
        f"ANNOTATION: {piece.side}",
        f"STYLE: {style}",
    )
    for row, text in enumerate(rows):
        _text(block, text, middle - 8j * row, scale)


def _text(space: Any, text: str, at: complex, scale: float) -> None:
    space.add_text(
        text,
        height=5 * scale,
        dxfattribs={
            "layer": LAYERS["text"],
            "insert": (at.real * scale, at.imag * scale),
        },
    )
