"""What shapes a dress: how waist and hip are taken in, darts and facings."""

from dataclasses import dataclass

from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.geometry import (
    Path,
    Stroke,
    backwards,
    direction,
    length_mm,
    line,
    point,
    unit,
)
from manufold.design.garment.pattern.torso import Panel

__all__ = ["Shape", "bust_dart", "diamond", "facing_line", "shape"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What half of the girth loses: at each side seam, at the centre back, in each dart.

    Args:
        hip_in_mm: each side seam at the hip; below nought it stands out.
    """

    side_mm: float
    centre_mm: float
    front_dart_mm: float
    back_dart_mm: float
    hip_in_mm: float


def shape(ask: Ask, half_bust_mm: float) -> Shape:
    """Return how half of the girth at the chest becomes half of waist and of hip.

    Shares of the classic fitted block, rounded (ours): centre back an eighth, side seams a third,
    front dart a quarter, back dart the rest; each within what cloth can be shaped by.
    """
    d = ask.table["draft"]
    waist = (ask.body["waist_girth_mm"] + ask.ease["waist_mm"]) / 2
    hip = (ask.body["hip_girth_mm"] + ask.ease["hip_mm"]) / 2
    take = half_bust_mm - waist
    centre = min(max(0.12 * take, 0.0), d["centre_most_mm"])
    front = min(max(0.24 * take, 0.0), d["front_dart_most_mm"])
    back = min(max(0.30 * take, 0.0), d["back_dart_most_mm"])
    front = front if front >= d["dart_least_mm"] else 0.0
    back = back if back >= d["dart_least_mm"] else 0.0
    side = min((take - centre - front - back) / 2, d["side_most_mm"])
    hip_in = (half_bust_mm - hip - 0.3 * centre) / 2
    return Shape(side, centre, front, back, hip_in)


def diamond(
    middle: complex, wide_mm: float, top_mm: float, low_mm: float
) -> tuple[complex, complex, complex, complex]:
    """Return a dart that opens at the waist and ends above and below it, at two heights."""
    half = wide_mm / 2
    return (
        complex(middle.real, top_mm),
        middle - half,
        complex(middle.real, low_mm),
        middle + half,
    )


def bust_dart(upper: Path, lower: Path, tip: complex) -> Path:
    """Return the mouth of a side dart: from the upper leg's end over its roof to the lower's.

    Folded upwards, the roof lies along the side seam: it is the seam's own line, mirrored in the
    leg, up to the fold.
    """
    one, two = upper[-1].d, lower[0].a
    leg = unit(one - tip)
    back_up = -direction(upper, length_mm(upper))
    turned = leg * leg * back_up.conjugate()
    middle = (one.imag + two.imag) / 2
    peak = one + turned * ((middle - one.imag) / turned.imag)
    return line(one, peak, two)


def facing_line(neck: Path, panel: Panel, wide_mm: float) -> tuple[Path, Path]:
    """Return a facing's inner edge, centre to shoulder, and its shoulder, towards the neck."""
    end = panel.shoulder[0].a
    out = min(wide_mm, 0.8 * length_mm(panel.shoulder))
    corner = point(panel.shoulder, out)
    low = neck[0].a - 1j * wide_mm
    way = unit(panel.tip - end)
    deep = corner.imag - low.imag
    reach = corner.real
    inner = (Stroke(low, low + 0.55 * reach, corner - 1j * way * 0.45 * abs(deep), corner),)
    return inner, backwards(line(end, corner))
