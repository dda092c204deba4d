"""Outlines made fit for geometry: clean, simple, counter-clockwise; cut into convex parts."""

from itertools import pairwise

import manifold3d
import numpy as np
from numpy.typing import NDArray

from manufold.design.garment.marker.strip import area_of

__all__ = ["bays_filled", "cleaned", "convex_parts", "crossing"]

#: of the outline's size: nearer points are one, flatter corners are straight
SAME = 1e-9


def cleaned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the outline counter-clockwise, without repeated points; shape (points, 2).

    Fewer than three points are left of one that encloses nothing.
    """
    size = float(np.ptp(points, axis=0).max()) if len(points) else 0.0
    steps = np.abs(points - np.roll(points, 1, axis=0)).max(axis=1)
    kept: NDArray[np.float64] = points[steps > SAME * size]
    if len(kept) < 3 or abs(area_of(kept)) <= SAME * size**2:
        return kept[:0]
    return np.ascontiguousarray(kept if area_of(kept) > 0 else kept[::-1])


def crossing(outline: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return the first two edges, by their first points, that cross each other; None = simple.

    Edges that only touch do not cross: drawings close slits and darts that way.
    """
    starts, ends = outline, np.roll(outline, -1, axis=0)
    along = ends - starts

    def side(points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return on which side of each edge (row) each point (column) lies."""
        off = points[None, :, :] - starts[:, None, :]
        return np.asarray(along[:, None, 0] * off[..., 1] - along[:, None, 1] * off[..., 0])

    of_starts, of_ends = side(starts), side(ends)
    small = SAME * float(np.ptp(outline, axis=0).max()) ** 2
    apart = ((of_starts > small) & (of_ends < -small)) | ((of_starts < -small) & (of_ends > small))
    both = np.argwhere(np.triu(apart & apart.T, 1))
    return (int(both[0, 0]), int(both[0, 1])) if len(both) else None


def bays_filled(outline: NDArray[np.float64], within: float) -> NDArray[np.float64]:
    """Return the outline with its hollow curves drawn by fewer points, none of it cut off.

    A chord across a hollow adds a sliver to the piece; everywhere else the outline stays.

    Args:
        within: how far a chord may lie from the curve.

    Source: D. Douglas, T. Peucker: Algorithms for the reduction of the number of points required
    to represent a digitized line, Cartographica 10 (1973).
    """
    hollow = _turns(outline) < 0
    if hollow.all() or not hollow.any():
        return outline
    first = int(np.argmin(hollow))  # a corner that sticks out: no hollow runs over the end
    points, hollow = np.roll(outline, -first, axis=0), np.roll(hollow, -first)
    closed = np.vstack((points, points[:1]))
    kept = np.append(~hollow, True)
    ends = np.flatnonzero(kept)
    stack = [(int(one), int(other)) for one, other in pairwise(ends) if other - one > 1]
    while stack:
        one, other = stack.pop()
        chord = closed[other] - closed[one]
        off = closed[one + 1 : other] - closed[one]
        far = np.abs(chord[0] * off[:, 1] - chord[1] * off[:, 0]) / np.hypot(*chord)
        if far.max() > within:
            split = one + 1 + int(far.argmax())
            kept[split] = True
            stack += [pair for pair in ((one, split), (split, other)) if pair[1] - pair[0] > 1]
    return np.ascontiguousarray(points[kept[:-1]])


def convex_parts(outline: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return convex polygons that together are the outline, each counter-clockwise.

    The triangles of a triangulation are joined along each diagonal that is not needed.

    Source: S. Hertel, K. Mehlhorn: Fast triangulation of simple polygons, FCT 1983.
    """
    corners = manifold3d.triangulate([outline.tolist()], 0.0)
    parts = {
        number: [int(corner) for corner in triangle] for number, triangle in enumerate(corners)
    }
    parts = {number: part for number, part in parts.items() if area_of(outline[part]) > 0}
    edges = {edge: number for number, part in parts.items() for edge in _edges(part)}
    for first, last in list(edges):
        one, other = edges.get((first, last)), edges.get((last, first))
        if one is None or other is None or one == other:  # joined already, or on the outline
            continue
        whole = [*_from(parts[one], last), *_from(parts[other], first)[1:-1]]
        if len(set(whole)) < len(whole) or not _is_convex(outline[whole]):
            continue
        del parts[other], edges[first, last], edges[last, first]
        parts[one] = whole
        edges |= dict.fromkeys(_edges(whole), one)
    return tuple(np.ascontiguousarray(outline[part]) for part in parts.values())


def _edges(part: list[int]) -> list[tuple[int, int]]:
    return [(part[at - 1], part[at]) for at in range(len(part))]


def _from(part: list[int], corner: int) -> list[int]:
    at = part.index(corner)
    return part[at:] + part[:at]


def _is_convex(points: NDArray[np.float64]) -> bool:
    return bool(np.all(_turns(points) >= -SAME * float(np.ptp(points, axis=0).max()) ** 2))


def _turns(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return at each corner twice the area of the triangle with its neighbours; left = above 0."""
    before = points - np.concatenate((points[-1:], points[:-1]))
    after = np.concatenate((points[1:], points[:1])) - points
    return np.asarray(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
