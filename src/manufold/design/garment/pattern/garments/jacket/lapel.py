"""The front edge of a jacket: neck, gorge, lapel, roll, front edge, cut-away; and its facing.

x grows from the centre front outwards, so the lapel lies at x below nought. The lapel rolls along
a line from the break on the front edge to a point beside the neck.

Source  The usual notch lapel (Aldrich): roll line, gorge, notch; angles and handles ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from manufold.design.garment.pattern.geometry import (
    Path,
    Stroke,
    arc,
    backwards,
    left_of,
    length_mm,
    line,
    point,
    unit,
)
from manufold.design.garment.pattern.torso import Panel

__all__ = ["Lapel", "lapel"]


@dataclass(frozen=True, slots=True)
class Lapel:
    """Edges from the neck point round to the hem, as the left front walks them.

    Args:
        neck: neck point to notch: the collar is sewn here.
        top: the lapel's upper edge beyond the notch.
        edge: lapel, front edge and cut-away down to the hem.
        roll: where the lapel folds.
        inner, shoulder, foot: of the facing: its inner edge upwards, its shoulder towards the
            neck, its part of the hem outwards.
    """

    neck: Path
    top: Path
    edge: Path
    roll: tuple[complex, complex]
    inner: Path
    shoulder: Path
    foot: Path


def lapel(panel: Panel, hem_mm: float, break_mm: float, d: Mapping[str, Any]) -> Lapel:
    """Return the edges of a front.

    Args:
        break_mm: height above the waist where the roll begins.
    """
    top = panel.shoulder[0].a
    way = unit(panel.tip - top)
    begin = complex(-d["over_mm"], break_mm)
    roll = top - way * d["roll_mm"]
    up = unit(roll - begin)
    corner = top - up * d["neck_straight_mm"]
    gorge = unit(complex(-1, -0.40))
    outwards = left_of(up)  # from the roll line to the lapel
    away = ((corner - begin) * outwards.conjugate()).real
    per = (gorge * outwards.conjugate()).real
    tip = corner + gorge * ((d["lapel_mm"] - away) / per)
    notch = tip - gorge * d["notch_mm"]
    cut = d["cut_away_mm"]
    straight = complex(-d["over_mm"], 0.42 * hem_mm)
    low = complex(cut, hem_mm)
    edge = (
        *arc(tip, -up + 0.10 * outwards, begin, unit(-up - 0.12 * outwards - 0.2j), 0.36),
        *line(begin, straight),
        Stroke(straight, straight + 0.62j * (hem_mm - straight.imag), low - 0.62 * cut, low),
    )
    end = point(panel.shoulder, min(d["facing_shoulder_mm"], 0.5 * length_mm(panel.shoulder)))
    foot = complex(max(cut + 22, d["facing_mm"]), hem_mm)
    inner = (
        *line(foot, complex(foot.real, 0.2 * hem_mm)),
        Stroke(
            complex(foot.real, 0.2 * hem_mm),
            complex(foot.real, 0.6 * break_mm + 60),
            end - 1j * way * 0.45 * (end.imag - break_mm),
            end,
        ),
    )
    return Lapel(
        line(top, corner, notch),
        line(notch, tip),
        edge,
        (begin, roll),
        inner,
        backwards(line(top, end)),
        line(low, foot),
    )
