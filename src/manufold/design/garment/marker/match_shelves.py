"""A layout on the repeat that is always there: columns, each piece at its next fitting place."""

from math import ceil

import numpy as np

from manufold.design.garment.marker.match import Matching, ahead
from manufold.design.garment.marker.match_phases import Phases, phases
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, Placement, Strip, placed, used_width_mm

__all__ = ["shelved_on_repeat"]

#: a place that is reached within rounding is that place
ROUNDING = 1e-9


def shelved_on_repeat(strip: Strip, matching: Matching) -> Layout | None:
    """Return a layout without overlaps in which all lines run on that can, found at once.

    None where a piece is so wide that it lies in no phase across the cloth that the others allow.
    """
    start = shelved(strip)
    of_axis = phases(start, matching)
    boxes = []
    for at, one in enumerate(start.placements):
        points = placed(strip, [Placement(one.item, one.rotation_deg, 0.0, 0.0)])[0]
        boxes.append((at, one, points.min(axis=0), np.ptp(points, axis=0)))
    origin: dict[tuple[int, int], float] = {}
    # the widest piece of a group lies at the edge, and so decides where its group lies
    for at, one, low, size in sorted(boxes, key=lambda box: -float(box[3][1])):
        if at in of_axis[1].group:
            y_mm = max(0.0, (strip.height_mm - float(size[1])) / 2) - float(low[1])
            place = ahead(one) * y_mm - of_axis[1].own_mm[at]
            origin.setdefault((1, of_axis[1].group[at]), place)
    found: list[tuple[int, Placement]] = []
    x = y = across = 0.0
    for at, one, low, (long, tall) in sorted(boxes, key=lambda box: -float(box[3][0])):
        for _ in range(2):  # in this column, else in the next
            lie = []
            for axis, edge in ((0, x), (1, y)):
                group = origin.get((axis, of_axis[axis].group.get(at, -1)), 0.0)
                size_mm = matching.repeat.sizes_mm[axis]
                lie.append(
                    _next(of_axis[axis], at, ahead(one), edge - float(low[axis]), group, size_mm)
                )
            if lie[1] + float(low[1]) + tall <= strip.height_mm * (1 + ROUNDING):
                break
            if y == 0.0:
                return None
            x, y, across = x + across + strip.gap_mm, 0.0, 0.0
        found.append((at, Placement(one.item, one.rotation_deg, lie[0], lie[1])))
        y = lie[1] + float(low[1]) + tall + strip.gap_mm
        across = max(across, lie[0] + float(low[0]) + long - x)
    placements = tuple(one for _, one in sorted(found, key=lambda each: each[0]))
    return Layout(used_width_mm(strip, placements), placements)


def _next(
    of: Phases, at: int, sign: int, least_mm: float, group_mm: float, repeat_mm: float
) -> float:
    """Return the least place, not below one, at which a piece lies on its repeat."""
    if at not in of.group:
        return least_mm
    here = sign * (of.own_mm[at] + group_mm)
    return here + repeat_mm * ceil((least_mm - here) / repeat_mm - ROUNDING)
