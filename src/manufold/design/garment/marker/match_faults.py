"""The judge of matched layouts: where lines of the cloth do not run on, by plain trigonometry.

It believes nothing of what matched them: each point is turned and moved onto the cloth by its
placement, and its place there is read on the cloth itself.
"""

from dataclasses import dataclass
from itertools import product
from math import cos, radians, sin

from manufold.design.garment.marker.match import Matching
from manufold.design.garment.marker.strip import Layout, Placement

__all__ = ["WITHIN_MM", "Unmatched", "unmatched"]

#: how far two lines may miss each other; a needle is thicker
WITHIN_MM = 0.5


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Two points that should show one line of the cloth and do not.

    Args:
        first, second: places in the list of placements.
        axis: 0 = along the cloth, 1 = across it.
        off_mm: how far the lines miss each other.
    """

    meeting: str
    first: int
    second: int
    axis: int
    off_mm: float


def unmatched(layout: Layout, matching: Matching) -> list[Unmatched]:
    """Return every meeting whose lines miss each other by more than `WITHIN_MM`."""
    found = []
    for meeting in matching.meetings:
        places = [
            [(at, one) for at, one in enumerate(layout.placements) if one.item == item]
            for item in (meeting.one, meeting.other)
        ]
        for (first, a), (second, b) in product(*places):
            if first == second:
                continue
            on_a, on_b = _on_cloth(a, meeting.at), _on_cloth(b, meeting.to)
            for axis, repeat_mm in enumerate(matching.repeat.sizes_mm):
                if not repeat_mm or not meeting.axes[axis]:
                    continue
                off_mm = _off_mm(_read(on_a[axis], a), _read(on_b[axis], b), repeat_mm)
                if off_mm > WITHIN_MM:
                    found.append(Unmatched(meeting.name, first, second, axis, off_mm))
    return found


def _on_cloth(placement: Placement, point: tuple[float, float]) -> tuple[float, float]:
    angle = radians(placement.rotation_deg)
    x, y = point
    return (
        x * cos(angle) - y * sin(angle) + placement.x,
        x * sin(angle) + y * cos(angle) + placement.y,
    )


def _read(place_mm: float, placement: Placement) -> float:
    """Return a place on the cloth as the piece wears it: upside down, the cloth runs backwards."""
    return -place_mm if abs(placement.rotation_deg % 360 - 180) < 90 else place_mm


def _off_mm(one_mm: float, other_mm: float, repeat_mm: float) -> float:
    rest = (one_mm - other_mm) % repeat_mm
    return min(rest, repeat_mm - rest)
