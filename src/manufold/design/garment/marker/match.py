"""Stripes and checks: which points of which pieces must show the same line of the cloth.

A cloth repeats itself every so many millimetres along its length (checks, stripes across), across
its width (stripes along), or both. Where two pieces are joined, the lines run on if the two points
that meet lie equally far into a repeat. A piece that is turned by half a turn runs the other way:
its line is met by the mirrored one, which is the same only on cloth that looks alike both ways up.
"""

from dataclasses import dataclass
from math import cos, radians

from manufold.design.garment.marker.strip import Layout, Placement
from manufold.model.errors import InputFault

__all__ = ["AXES", "Matching", "Meeting", "Repeat", "ahead", "pairs", "phase_mm"]

#: along the cloth, across it
AXES = (0, 1)
REPEAT_LEAST_MM, REPEAT_MOST_MM = 2.0, 1_000.0


@dataclass(frozen=True, slots=True)
class Repeat:
    """How a cloth repeats itself; 0 = not in this direction."""

    along_mm: float
    across_mm: float

    def __post_init__(self) -> None:
        for value in self.sizes_mm:
            if value and not REPEAT_LEAST_MM <= value <= REPEAT_MOST_MM:
                raise InputFault(
                    "garment.match_repeat",
                    value=f"{value:g}",
                    least=f"{REPEAT_LEAST_MM:g}",
                    most=f"{REPEAT_MOST_MM:g}",
                )

    @property
    def sizes_mm(self) -> tuple[float, float]:
        """By axis."""
        return (self.along_mm, self.across_mm)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two points that must lie alike.

    Args:
        one, other: items of the strip; every copy of them is meant.
        at, to: the points, in the coordinates of their items, mm.
        axes: in which directions; (True, False) = along the cloth only.
    """

    name: str
    one: int
    other: int
    at: tuple[float, float]
    to: tuple[float, float]
    axes: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Matching:
    """What must match on a strip, the most important first."""

    repeat: Repeat
    meetings: tuple[Meeting, ...]


def ahead(placement: Placement) -> int:
    """Return 1 for a piece that lies as it was drawn, -1 for one turned by half a turn."""
    return 1 if cos(radians(placement.rotation_deg)) > 0 else -1


def phase_mm(placement: Placement, point: tuple[float, float], axis: int) -> float:
    """Return how far along the cloth a point of a placed piece lies, counted as the piece looks."""
    moved = (placement.x, placement.y)[axis]
    return point[axis] + ahead(placement) * moved


def pairs(layout: Layout, meeting: Meeting) -> list[tuple[int, int]]:
    """Return the placements that a meeting joins, each copy of the one with each of the other."""
    copies: dict[int, list[int]] = {meeting.one: [], meeting.other: []}
    for at, placement in enumerate(layout.placements):
        if placement.item in copies:
            copies[placement.item].append(at)
    return [(a, b) for a in copies[meeting.one] for b in copies[meeting.other] if a != b]
