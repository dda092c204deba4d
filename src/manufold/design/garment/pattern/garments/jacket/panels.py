"""The three panels of half a jacket: back, side under the arm, front; and what shapes them.

All lie in one row, X growing from the centre back around to the centre front. Where two panels
meet, both edges are one line and its mirror image, so that they are equally long; what they take
in at the chest is given back in the width, so that the finished chest keeps its ease exactly.

Source  Three panels after the tailors' lounge jacket (Aldrich); suppression shared among centre
        back, hind seam, front seam and dart; the shares are ours.
"""

from dataclasses import dataclass

from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.geometry import (
    Path,
    along,
    arc,
    backwards,
    crossing,
    crossing_mm,
    length_mm,
    line,
    mirrored,
    point,
)
from manufold.design.garment.pattern.torso import Half, Torso, side_line

__all__ = ["Panels", "Taken", "panels", "taken"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What half the girth loses at the waist and at the hip, in mm; below nought it gains.

    Args:
        centre_mm: at the centre back; back_mm, front_mm: in both edges of a seam together.
        lost_mm: what seams take at the chest, and the width gives back.
    """

    centre_mm: float
    back_mm: float
    front_mm: float
    dart_mm: float
    hip_mm: float
    lost_mm: float


def taken(ask: Ask, half_bust_mm: float, lost_mm: float) -> Taken:
    """Return how the waist's and the hip's girths are reached.

    Args:
        half_bust_mm: half the drafted girth at the chest, `lost_mm` included.
    """
    d = ask.table["draft"]
    waist = (ask.body["waist_girth_mm"] + ask.ease["waist_mm"]) / 2
    hip = (ask.body["hip_girth_mm"] + ask.ease["hip_mm"]) / 2
    take = half_bust_mm - waist
    centre = min(max(0.18 * take, 0.0), d["centre_most_mm"])
    dart = min(max(0.18 * take, 0.0), d["dart_most_mm"])
    dart = dart if dart >= d["dart_least_mm"] else 0.0
    rest = take - centre - dart
    back = min(0.6 * rest, d["back_most_mm"])
    front = min(rest - back, d["front_most_mm"])
    return Taken(centre, back, front, dart, half_bust_mm - hip - 0.5 * centre, lost_mm)


@dataclass(frozen=True, slots=True)
class Panels:
    """Edges of one side; the front's x grows from the centre front outwards.

    Args:
        centre: the back's, downwards; back_side, front_side: upwards.
        back_hole, front_hole: upwards, from the seam to the shoulder's tip.
        side_back: downwards; side_front: upwards; side_hole: from the front to the hind seam.
    """

    centre: Path
    back_side: Path
    back_hole: Path
    side_back: Path
    side_front: Path
    side_hole: Path
    front_side: Path
    front_hole: Path

    def lost_mm(self, y_mm: float) -> float:
        """Return what the seams take in at a height, over the half."""
        at_back = _x(self.back_side, y_mm) - self.back_side[-1].d.real
        at_front = _x(self.front_side, y_mm) - self.front_side[-1].d.real
        return _x(self.centre, y_mm) - 2 * at_back - 2 * at_front


def _x(path: Path, y_mm: float) -> float:
    at = crossing(path, complex(0, y_mm), 1)
    return path[0].a.real if at is None else at.real


def panels(ask: Ask, block: Torso, half: Half, take: Taken, hem_mm: float) -> Panels:
    """Return the panels of a side."""
    d, hip = ask.table["draft"], block.hip_mm
    back, front = half.back, half.front
    under = back.underarm
    level = under.imag + d["side_back_share"] * (back.tip.imag - under.imag)
    at = crossing_mm(back.armhole, complex(0, level), 1)
    assert at is not None
    hind = point(back.armhole, at)
    whole = length_mm(front.armhole)
    lower = length_mm(front.armhole[1:])
    at_front = whole - d["side_front_share"] * lower
    fore = point(front.armhole, at_front)
    width = block.half_bust_mm
    back_side = side_line(hind, take.back_mm / 2, 0.3 * take.hip_mm, hip, hem_mm)
    front_side = side_line(fore, take.front_mm / 2, 0.2 * take.hip_mm, hip, hem_mm)
    fore_x = complex(width - fore.real, fore.imag)
    side_front = side_line(fore_x, take.front_mm / 2, 0.2 * take.hip_mm, hip, hem_mm)
    below = along(front.armhole, at_front, whole)
    hole = (
        *backwards(mirrored(backwards(below), width / 2)),
        *backwards(along(back.armhole, at, length_mm(back.armhole))),
    )
    top, waist = complex(0, block.nape_mm), complex(take.centre_mm, 0)
    beginning = complex(0, block.nape_mm - 0.45 * (block.nape_mm - block.scye_mm))
    at_hip = complex(0.5 * take.centre_mm, hip)
    centre = (
        *line(top, beginning),
        *arc(beginning, -1j, waist, -1j, 0.42),
        *arc(waist, -1j, at_hip, -1j, 0.4),
    )
    return Panels(
        centre,
        backwards(back_side),
        backwards(along(back.armhole, 0, at)),
        mirrored(back_side, hind.real),
        backwards(side_front),
        hole,
        backwards(front_side),
        backwards(along(front.armhole, 0, at_front)),
    )
