"""From meetings to one number for each piece and direction: where in the repeat it must lie.

Meetings are taken one by one, the most important first, and each joins two groups of pieces; what
lies in one group has one free place on the cloth together. A meeting inside a group is either
met by itself or cannot be met: a body whose sides differ has no stripes that run on all around.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from manufold.design.garment.marker.match import AXES, Matching, pairs
from manufold.design.garment.marker.strip import Layout

__all__ = ["Phases", "missed", "phases"]

#: how far a meeting inside a group may be off and still is met
SAME_MM = 0.4


@dataclass(frozen=True, slots=True)
class Phases:
    """Of one direction: every matched piece lies at its group's place, and its own, and repeats.

    Args:
        group: by place in the list of placements, which group it is in.
        own_mm: by place, what is added to the group's place.
        missed: meetings that cannot be met with those before, and how far they are off.
    """

    group: dict[int, int]
    own_mm: dict[int, float]
    missed: tuple[tuple[str, float], ...]


def phases(layout: Layout, matching: Matching) -> tuple[Phases, Phases]:
    """Return where all matched pieces must lie, along and across."""
    along, across = (_of_axis(layout, matching, axis) for axis in AXES)
    return along, across


def missed(found: Sequence[Phases]) -> tuple[tuple[str, float], ...]:
    """Return what cannot be met, in both directions."""
    return tuple(one for each in found for one in each.missed)


def _of_axis(layout: Layout, matching: Matching, axis: int) -> Phases:
    repeat_mm = matching.repeat.sizes_mm[axis]
    group: dict[int, int] = {}
    own_mm: dict[int, float] = {}
    lost: list[tuple[str, float]] = []
    for meeting in matching.meetings if repeat_mm else ():
        if not meeting.axes[axis]:
            continue
        step_mm = meeting.at[axis] - meeting.to[axis]
        for a, b in pairs(layout, meeting):
            for one in (a, b):
                if one not in group:
                    group[one], own_mm[one] = one, 0.0
            off_mm = own_mm[a] + step_mm - own_mm[b]
            if group[a] == group[b]:
                off_mm = (off_mm + repeat_mm / 2) % repeat_mm - repeat_mm / 2
                if abs(off_mm) > SAME_MM:
                    lost.append((meeting.name, abs(off_mm)))
                continue
            old, new = group[b], group[a]
            for one in [each for each, of in group.items() if of == old]:
                group[one], own_mm[one] = new, own_mm[one] + off_mm
    return Phases(group, own_mm, tuple(lost))
