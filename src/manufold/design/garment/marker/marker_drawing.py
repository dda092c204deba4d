"""A marker as cutters and people read it: DXF on the layers of patterns, and a picture.

Millimetres, the cloth's length along x from 0, its usable width along y from 0. Every piece stands
where it is cut, with its sew line, notches, grain, inner marks and the order it belongs to.
"""

import cmath
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ezdxf.document import Drawing

from manufold.design.garment.marker.strip import Layout
from manufold.design.garment.pattern.cutline import cut_line, nick
from manufold.design.garment.pattern.dxf import LAYERS, timeless
from manufold.design.garment.pattern.geometry import bounds
from manufold.design.garment.pattern.piece import Pattern, Piece

__all__ = ["Lying", "dxf", "lying", "svg"]

_COLOURS = ("#dce8f2", "#f4e3cf", "#dff0dc", "#f2dcea", "#e8e4f4", "#f3f0d2", "#d8efee", "#eadfd8")


@dataclass(frozen=True, slots=True)
class Lying:
    """A piece where it is cut.

    Args:
        order: whose it is; number: of the order in its marker.
        put: from the piece's own coordinates to the cloth's, mm.
    """

    order: str
    number: int
    piece: Piece
    put: Callable[[complex], complex]


def lying(
    patterns: Sequence[Pattern],
    orders: Sequence[str],
    names: Sequence[tuple[int, str]],
    layout: Layout,
) -> tuple[Lying, ...]:
    """Return the pieces of a layout.

    Args:
        names: of each item, which pattern's which piece it is, as `strip_of` says.
    """
    found = []
    seen = list(dict.fromkeys(orders))
    for one in layout.placements:
        at, name = names[one.item]
        piece = patterns[at].piece(name)
        start, end = piece.grain
        turn = abs(end - start) / (end - start) * _turn(one.rotation_deg)
        put = _putter(turn, complex(one.x, one.y))
        found.append(Lying(orders[at], seen.index(orders[at]), piece, put))
    return tuple(found)


def dxf(pieces: Iterable[Lying], length_mm: float, width_mm: float) -> bytes:
    """Return the file, release 12."""
    document = Drawing.new("R12")  # ezdxf.new would warn that this release states no unit
    for layer in LAYERS.values():
        document.layers.add(layer)
    document.layers.add(CLOTH)
    space = document.modelspace()
    edge = (0, length_mm, length_mm + 1j * width_mm, 1j * width_mm)
    _line(space, edge, CLOTH, close=True)
    for one in pieces:
        piece = one.piece
        _line(space, map(one.put, cut_line(piece)), LAYERS["boundary"], close=True)
        _line(space, map(one.put, piece.outline()), LAYERS["sew"], close=True)
        _line(space, map(one.put, piece.grain), LAYERS["grain"])
        for notch in piece.notches:
            _line(space, map(one.put, nick(piece, notch)), LAYERS["notch"])
        for mark in piece.marks:
            if mark.kind == "drill":
                there = one.put(mark.points[0])
                dot = {"layer": LAYERS["drill"]}
                space.add_point((there.real, there.imag), dxfattribs=dot)
            else:
                close = mark.kind in ("dart", "pleat")
                _line(space, map(one.put, mark.points), LAYERS["internal"], close=close)
        middle, size_mm = _label(one)
        space.add_text(
            f"{one.order} {piece.name.upper()}",
            height=size_mm,
            dxfattribs={"layer": LAYERS["text"], "insert": (middle.real, middle.imag)},
        )
    stream = io.StringIO()
    document.write(stream)
    return timeless(stream.getvalue()).encode("utf-8")


def svg(pieces: Iterable[Lying], length_mm: float, width_mm: float) -> bytes:
    """Return the picture, full size, the cloth's length from left to right."""
    body = []
    for one in pieces:
        colour = _COLOURS[one.number % len(_COLOURS)]

        def path(points: Iterable[complex], close: bool, one: Lying = one) -> str:
            there = (one.put(z) for z in points)
            text = " ".join(f"{z.real:.1f},{width_mm - z.imag:.1f}" for z in there)
            return f"M{text}{'Z' if close else ''}"

        body.append(f'<path class="cut" fill="{colour}" d="{path(cut_line(one.piece), True)}"/>')
        body.append(f'<path class="sew" d="{path(one.piece.outline(), True)}"/>')
        body.append(f'<path class="grain" d="{path(one.piece.grain, False)}"/>')
        for notch in one.piece.notches:
            body.append(f'<path d="{path(nick(one.piece, notch), False)}"/>')
        middle, size_mm = _label(one)
        text = escape(f"{one.order} {one.piece.name.replace('_', ' ')}")
        place = f'x="{middle.real:.1f}" y="{width_mm - middle.imag:.1f}" font-size="{size_mm:.1f}"'
        body.append(f"<text {place}>{text}</text>")
    size = f"{length_mm:.1f}", f"{width_mm:.1f}"
    found = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}mm" height="{size[1]}mm" '
        f'viewBox="0 0 {size[0]} {size[1]}"><style>{_STYLE}</style>'
        f'<rect width="{size[0]}" height="{size[1]}"/>{"".join(body)}</svg>\n'
    )
    return found.encode()


#: the layer of the cloth's edge: none of those that a piece is drawn on
CLOTH = "CLOTH"
_STYLE = (
    "rect{fill:#fdfcf8;stroke:#111;stroke-width:2}path{fill:none;stroke:#222}"
    ".cut{stroke:#111}.sew{stroke:#8a8a8a;stroke-dasharray:6 4}.grain{stroke:#2a6f4e}"
    "text{font-family:sans-serif;text-anchor:middle;fill:#222}"
)


def _turn(angle_deg: float) -> complex:
    quarters, rest = divmod(angle_deg, 90.0)
    exact = (1, 1j, -1, -1j)[int(quarters) % 4]
    return complex(exact) if rest == 0 else cmath.rect(1.0, angle_deg * cmath.pi / 180)


def _putter(turn: complex, by: complex) -> Callable[[complex], complex]:
    return lambda z: z * turn + by


def _label(one: Lying) -> tuple[complex, float]:
    """Return the middle of a piece as it lies, and how tall its text may be, mm."""
    left, low, right, high = bounds([one.put(z) for z in cut_line(one.piece)])
    letters = len(one.order) + len(one.piece.name) + 1
    return complex((left + right) / 2, (low + high) / 2), max(
        4.0, min(16.0, 1.4 * (right - left) / letters, (high - low) / 3)
    )


def _line(space: Any, points: Iterable[complex], layer: str, close: bool = False) -> None:
    there = [(z.real, z.imag) for z in map(complex, points)]
    space.add_polyline2d(there, close=close, dxfattribs={"layer": layer})
