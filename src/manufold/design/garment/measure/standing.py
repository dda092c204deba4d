"""Set a scan upright: which way is up, in what unit, on what floor, and whose points these are.

A file says none of it. Up is the axis across which a floor lies, else the longest one; the unit is
the one in which the body is as tall as people are; points that hang in the air, things that stand
beside, and the floor, are left out. What cannot be told apart is refused, never guessed.

Source  own; the limits were chosen on generated bodies.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from manufold.design.garment.measure.shape import Floats
from manufold.model.errors import InputFault

__all__ = ["Standing", "standing"]

#: how tall people are who can be measured here, mm
TALL_LEAST_MM, TALL_MOST_MM = 1200.0, 2300.0
USUAL_MM = 1700.0
_UNITS = (("m", 1000.0), ("cm", 10.0), ("mm", 1.0))
#: voxels along the longest extent when points that hang in the air are looked for
_CELLS = 56
#: a floor covers more of the ground than two feet do, in squares of the body's height
_FLOOR_AREA = 0.045
#: the file's own zero plane is taken as the floor when the soles end this near to it, mm
_NEAR_ZERO_MM = 14.0
#: a second piece longer than this share of the first is another person, not a leg
_AS_LONG = 0.55
#: a piece that stands aside, shorter than this share of the longest and of more than so many of
#: the points, is a thing and no hand
_THING_SHARE, _THING_LEAST = 0.55, 0.03
#: cells in which points are averaged
FINE_MM = 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A scan set upright.

    Args:
        points: (n, 3), mm, +z up, thinned to one point in `FINE_MM`; no floor, no strays.
        floor_mm: where the floor is, or None: then the soles are where the body ends.
        floor_told: "plane" (floor points), "zero" (the file's own zero plane) or "".
        unit: "m", "cm" or "mm"; "" when the body is of no person's height in any: then it was
            scaled to `USUAL_MM`, so that it can be told whether it is a body at all.
        tall: its height in the file's own unit.
        up: "x", "y" or "z" of the file.
        strays: share of points that belonged to nothing.
        order: (3,) axes of the file that became x, y, z here.
    """

    points: Floats
    floor_mm: float | None
    floor_told: str
    unit: str
    tall: float
    up: str
    strays: float
    order: tuple[int, int, int]


def standing(points: Floats) -> Standing:
    """Return the scan set upright, in mm.

    Raises:
        InputFault: `garment.scan_two_people`, `garment.scan_upside_down`,
            `garment.scan_not_body`.
    """
    bodies, strays = _without_strays(points)
    _alone(bodies)
    up, floor, upside_down = _up(bodies)
    if upside_down:
        raise InputFault("garment.scan_upside_down")
    order = ((1, 2, 0), (2, 0, 1), (0, 1, 2))[up]
    turned = bodies[:, list(order)]
    if floor is not None:
        turned = _above(turned, floor)
    tall = float(np.ptp(turned[:, 2]))
    unit, factor = _unit(tall)
    turned = turned * factor
    low_mm = float(turned[:, 2].min())
    floor_mm, told = None, ""
    if floor is not None:
        floor_mm, told = floor[0] * factor, "plane"
    elif -3.0 < low_mm < _NEAR_ZERO_MM:
        floor_mm, told = 0.0, "zero"
    return Standing(thinned(turned, FINE_MM), floor_mm, told, unit, tall, "xyz"[up], strays, order)


def thinned(points: Floats, cell_mm: float) -> Floats:
    """Return the means of the points in each occupied cell; noise shrinks where points are many."""
    places = np.floor((points - points.min(axis=0)) / cell_mm).astype(np.int64)
    sizes = places.max(axis=0) + 1
    keys = (places[:, 0] * sizes[1] + places[:, 1]) * sizes[2] + places[:, 2]
    order = np.argsort(keys, kind="stable")
    firsts = np.flatnonzero(np.concatenate([[True], np.diff(keys[order]) > 0]))
    counts = np.diff(np.append(firsts, len(points)))
    return np.asarray(np.add.reduceat(points[order], firsts, axis=0) / counts[:, None])


def _cells(points: Floats, cell: float) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    places = np.floor((points - points.min(axis=0)) / cell).astype(np.int64) + 1
    return places, tuple(int(n) + 2 for n in places.max(axis=0))


def _without_strays(points: Floats) -> tuple[Floats, float]:
    """Return the points that hang together with many others, and the share of the rest."""
    low, high = np.percentile(points, [0.6, 99.4], axis=0)
    span = float((high - low).max())
    if span <= 0:
        raise InputFault("garment.scan_not_body")
    inside = ((points > low - 0.25 * span) & (points < high + 0.25 * span)).all(axis=1)
    near = points[inside]
    places, sizes = _cells(near, span / _CELLS)
    counts = np.zeros(sizes, dtype=np.int32)
    keys = np.ravel_multi_index(tuple(places.T), sizes)
    counts.ravel()[:] = np.bincount(keys, minlength=counts.size)
    held = (
        counts >= max(2, int(0.12 * np.median(counts[counts > 1])))
        if (counts > 1).any()
        else (counts > 0)
    )
    label, found = ndimage.label(held, np.ones((3, 3, 3)))
    shares = np.bincount(label.ravel(), counts.ravel(), found + 1)[1:] / len(points)
    big = np.flatnonzero(shares > 0.006) + 1
    own = label.ravel()[keys]
    big = _without_things(near, own, big, shares)
    kept = np.isin(own, big)
    if kept.sum() < 0.5 * len(points):
        raise InputFault("garment.scan_not_body")
    return near[kept], 1.0 - float(kept.sum()) / len(points)


def _without_things(
    points: Floats, own: NDArray[np.int64], pieces: NDArray[np.int64], shares: Floats
) -> NDArray[np.int64]:
    """Return the pieces that may be of a person: not a chair or a bag that stands beside.

    A piece of a body with a gap across it lies before, behind, above or below the others; a thing
    is shorter, large, and lies aside of the longest piece, beside some part of its length.
    """
    spans = {n: (points[own == n].min(axis=0), points[own == n].max(axis=0)) for n in pieces}
    if not spans:
        return pieces
    low, high = max(spans.values(), key=lambda span: float((span[1] - span[0]).max()))
    kept = []
    for n, (begin, end) in spans.items():
        axis = int((high - low).argmax())
        long = float((high - low)[axis])
        over = np.minimum(high, end) - np.maximum(low, begin)
        across = [a for a in range(3) if a != axis]
        shorter = float((end - begin).max()) < _THING_SHARE * long
        beside = over[axis] > 0.5 * (end - begin)[axis]
        aside = bool((over[across] < 0.0).any())
        if not (shorter and beside and aside and shares[n - 1] > _THING_LEAST):
            kept.append(n)
    return np.array(kept)


def _up(points: Floats) -> tuple[int, tuple[float, float] | None, bool]:
    """Return the axis that is up, the floor (height, half thickness) and whether it is above."""
    spans = np.ptp(points, axis=0)
    size = float(spans.max())  # of the body, or of a floor wider than it is tall
    found = []
    for axis in range(3):
        for above in (False, True):
            floor = _floor(points, axis, size, above=above)
            if floor is not None:
                found.append((floor[2], axis, floor[:2], above))
    if found:
        _, axis, seen, above = max(found)
        return axis, seen, above
    return int(spans.argmax()), None, False


def _floor(
    points: Floats, axis: int, size: float, *, above: bool
) -> tuple[float, float, float] | None:
    """Return height, half thickness and area of a floor at one end of an axis, if there is one."""
    along = points[:, axis]
    span = float(np.ptp(along))
    end = float(along.max() if above else along.min())
    bin_size = max(span / 400, 1e-12)
    near = np.abs(along - end) < 0.06 * span
    if near.sum() < 200:
        return None
    counts, edges = np.histogram(along[near], bins=max(4, int(0.06 * span / bin_size)))
    at = float(edges[counts.argmax()] + edges[counts.argmax() + 1]) / 2
    thin = np.abs(along - at) < 0.006 * span
    flat = points[thin][:, [a for a in range(3) if a != axis]]
    cell = size / 60
    squares = np.unique(np.floor(flat / cell).astype(np.int64), axis=0)
    area = len(squares) * cell * cell / size**2
    wide = np.ptp(flat, axis=0) / size if len(flat) else np.zeros(2)
    if area < _FLOOR_AREA or wide.min() < 0.24 or area < 0.35 * float(wide.prod()):
        return None
    height = float(np.median(along[thin]))
    off = float(np.median(np.abs(along[thin] - height)))
    return height, max(4.5 * off, 0.0025 * span), area


def _above(turned: Floats, floor: tuple[float, float]) -> Floats:
    """Return what stands on the floor."""
    height, half = floor
    left = turned[turned[:, 2] > height + half]
    if len(left) < 1000:
        raise InputFault("garment.scan_not_body")
    ring = left[:, 2] > height + 0.1 * np.ptp(left[:, 2])
    low, high = left[ring].min(axis=0), left[ring].max(axis=0)
    margin = 0.15 * float(np.ptp(left[:, 2]))
    near = ((left[:, :2] > low[:2] - margin) & (left[:, :2] < high[:2] + margin)).all(axis=1)
    return np.asarray(left[near])


def _unit(tall: float) -> tuple[str, float]:
    for unit, factor in _UNITS:
        if TALL_LEAST_MM <= tall * factor <= TALL_MOST_MM:
            return unit, factor
    return "", USUAL_MM / max(tall, 1e-12)


def _alone(points: Floats) -> None:
    """Refuse two people who do not touch: two large pieces, about as long, beside each other."""
    places, sizes = _cells(points, float(np.ptp(points, axis=0).max()) / 40)
    held = np.zeros(sizes, dtype=bool)
    held[tuple(places.T)] = True
    label, found = ndimage.label(held, np.ones((3, 3, 3)))
    own = label[tuple(places.T)]
    counts = np.bincount(own, minlength=found + 1)
    large = [n for n in range(1, found + 1) if counts[n] > 0.12 * len(points)]
    spans = [(points[own == n].min(axis=0), points[own == n].max(axis=0)) for n in large]
    spans.sort(key=lambda span: -float((span[1] - span[0]).max()))
    if len(spans) < 2:
        return
    (low, high), (other_low, other_high) = spans[:2]
    axis = int((high - low).argmax())
    long, other = float(high[axis] - low[axis]), float(other_high[axis] - other_low[axis])
    beside = float(min(high[axis], other_high[axis]) - max(low[axis], other_low[axis]))
    if other > _AS_LONG * long and beside > 0.5 * other:  # else one body with a gap across it
        raise InputFault("garment.scan_two_people")
