"""The judge of layouts: knows neither search nor compaction, only polygons and their areas."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import manifold3d
import numpy as np

from manufold.design.garment.marker.strip import Layout, Strip, area_of, placed

__all__ = ["Fault", "faults"]

#: of the strip's height: what sticks out less is rounding
OUT = 1e-7
#: of the smaller piece's area: what overlaps less is rounding
OVER = 1e-7
TURN_DEG = 1e-6


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a layout.

    Args:
        kind: "count" = not as often as wanted; "rotation" = turned as it may not be; "outside"
            the strip; "overlap" of two copies.
        first, second: places in the list of placements; for "count" the item and how many lie.
        much: over the edge in mm, degrees off, or the overlap's area in mm2.
    """

    kind: Literal["count", "rotation", "outside", "overlap"]
    first: int
    second: int
    much: float


def faults(strip: Strip, layout: Layout) -> list[Fault]:
    """Return everything that is wrong with a layout; empty = it can be cut."""
    found: list[Fault] = []
    lying = Counter(one.item for one in layout.placements)
    items = {item.item: item for item in strip.items}
    for number, item in items.items():
        if lying[number] != item.demand:
            found.append(Fault("count", number, lying[number], 0.0))
    found += [Fault("count", number, lying[number], 0.0) for number in lying if number not in items]
    for at, one in enumerate(layout.placements):
        allowed = items[one.item].rotations_deg if one.item in items else None
        if allowed is not None:
            off = min(abs((one.rotation_deg - angle + 180) % 360 - 180) for angle in allowed)
            if off > TURN_DEG:
                found.append(Fault("rotation", at, at, off))
    if any(fault.kind == "count" for fault in found):
        return found
    return found + _outside(strip, layout) + _overlapping(strip, layout)


def _outside(strip: Strip, layout: Layout) -> list[Fault]:
    found = []
    for at, points in enumerate(placed(strip, layout.placements)):
        low, high = points.min(axis=0), points.max(axis=0)
        out = max(-low[0], -low[1], high[0] - layout.width_mm, high[1] - strip.height_mm)
        if out > OUT * strip.height_mm:
            found.append(Fault("outside", at, at, float(out)))
    return found


def _overlapping(strip: Strip, layout: Layout) -> list[Fault]:
    outlines = placed(strip, layout.placements)
    shapes = [manifold3d.CrossSection([points.tolist()]) for points in outlines]
    low = np.array([points.min(axis=0) for points in outlines])
    high = np.array([points.max(axis=0) for points in outlines])
    near = np.all((low[:, None] < high[None, :]) & (low[None, :] < high[:, None]), axis=2)
    found = []
    for one, other in np.argwhere(np.triu(near, 1)).tolist():
        over = (shapes[one] ^ shapes[other]).area()
        if over > OVER * min(area_of(outlines[one]), area_of(outlines[other])):
            found.append(Fault("overlap", one, other, float(over)))
    return found
