"""Collars, stands and bands: curved strips whose neck edge has the length of the neckline.

Each half is drawn to the length of its own side, centre back at x = 0, the neck edge below; the
other half is mirrored. Looked at from behind, so the wearer's right is at x above nought.

Source  The curved shirt stand and its separate fall are the usual draft (Aldrich); shapes ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from manufold.design.garment.pattern.geometry import (
    Path,
    Stroke,
    backwards,
    direction,
    left_of,
    length_mm,
    line,
    mirrored,
    point,
    root,
)
from manufold.design.garment.pattern.piece import Edge

__all__ = ["curved", "fall", "stand", "strip"]


def curved(whole_mm: float, rise_mm: float) -> Path:
    """Return a line of a length, level at x = 0, that ends `rise_mm` higher."""

    def at(x: float) -> Path:
        return (
            Stroke(0j, complex(0.45 * x, 0), complex(0.75 * x, 0.42 * rise_mm), x + 1j * rise_mm),
        )

    x_mm = root(lambda x: length_mm(at(x)) - whole_mm, 0.3 * whole_mm, 1.05 * whole_mm)
    assert x_mm is not None, (whole_mm, rise_mm)
    return at(x_mm)


@dataclass(frozen=True, slots=True)
class _HalfStand:
    neck: Path
    front: Path
    top: Path


def _half_stand(neck_mm: float, over_mm: float, high_mm: float, rise_mm: float) -> _HalfStand:
    """Return neck edge (outwards), front (up) and top (inwards) of half a stand."""
    neck = curved(neck_mm + over_mm, rise_mm)
    way, end = direction(neck, neck_mm + over_mm), neck[-1].d
    at = direction(neck, neck_mm)
    corner = point(neck, neck_mm) + left_of(at) * high_mm * 0.86
    top_begin = complex(0, high_mm)
    top = (
        Stroke(
            top_begin,
            top_begin + 0.42 * corner.real,
            corner - at * 0.30 * corner.real,
            corner,
        ),
    )
    front = (Stroke(end, end + left_of(way) * high_mm * 0.5, corner + at * over_mm * 0.8, corner),)
    return _HalfStand(neck, front, backwards(top))


def stand(
    neck_mm: Mapping[str, float],
    over_mm: float,
    high_mm: float,
    rise_mm: float,
    allowance_mm: float,
    top_parts: bool = True,
) -> tuple[Edge, ...]:
    """Return a stand: `neck`, `front_right`, `top`, `front_left`.

    Args:
        neck_mm: of each side, from centre back to centre front.
        over_mm: beyond the centre front, under the button.
    """
    right = _half_stand(neck_mm["right"], over_mm, high_mm, rise_mm)
    left = _half_stand(neck_mm["left"], over_mm, high_mm, rise_mm)
    return (
        Edge("neck", (*backwards(mirrored(left.neck)), *right.neck), allowance_mm),
        Edge("front_right", right.front, allowance_mm),
        Edge("top", (*right.top, *backwards(mirrored(left.top))), allowance_mm),
        Edge("front_left", backwards(mirrored(left.front)), allowance_mm),
    )


def fall(
    neck_mm: Mapping[str, float],
    high_mm: float,
    point_mm: float,
    spread_mm: float,
    rise_mm: float,
    allowance_mm: float,
) -> tuple[Edge, ...]:
    """Return a fall: `neck`, `front_right`, `outer`, `front_left`.

    Args:
        neck_mm: of each side, from centre back to its end on the stand.
        high_mm: at centre back; point_mm: along the front edge; spread_mm: how far the point
            leans outwards.
    """
    halves = {}
    for side, whole_mm in neck_mm.items():
        neck = curved(whole_mm, rise_mm)
        end = neck[-1].d
        tip = end + complex(spread_mm, (point_mm**2 - spread_mm**2) ** 0.5)
        back = complex(0, high_mm)
        outer = (Stroke(tip, tip - complex(0.4 * tip.real, 12), back + 0.42 * tip.real, back),)
        halves[side] = neck, line(end, tip), outer
    right, left = halves["right"], halves["left"]
    return (
        Edge("neck", (*backwards(mirrored(left[0])), *right[0]), allowance_mm),
        Edge("front_right", right[1], allowance_mm),
        Edge("outer", (*right[2], *backwards(mirrored(left[2]))), allowance_mm),
        Edge("front_left", backwards(mirrored(left[1])), allowance_mm),
    )


def strip(
    names: tuple[str, str, str, str], wide_mm: float, high_mm: float, allowance_mm: float
) -> tuple[Edge, ...]:
    """Return a rectangle; names of its lower, right, upper and left edge."""
    corners = (0j, complex(wide_mm, 0), complex(wide_mm, high_mm), complex(0, high_mm))
    return tuple(
        Edge(name, line(a, b), allowance_mm)
        for name, a, b in zip(names, corners, (*corners[1:], corners[0]), strict=True)
    )
