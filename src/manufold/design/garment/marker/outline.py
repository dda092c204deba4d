"""Outlines made fit for geometry: clean, simple, counter-clockwise; cut into convex parts."""

import manifold3d
import numpy as np
from numpy.typing import NDArray

from manufold.design.garment.marker.strip import area_of

__all__ = ["cleaned", "convex_parts", "crossing"]

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


def convex_parts(outline: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return convex polygons that together are the outline, each counter-clockwise.

    Triangles are joined along their common edges as long as what comes of it is convex.

    Source: S. Hertel, K. Mehlhorn: Fast triangulation of simple polygons, FCT 1983.
    """
    corners = manifold3d.triangulate([outline.tolist()], 0.0)
    parts = [[int(corner) for corner in triangle] for triangle in corners]
    parts = [part for part in parts if area_of(outline[part]) > 0]
    while True:
        joined = _joined(outline, parts)
        if joined is None:
            return tuple(np.ascontiguousarray(outline[part]) for part in parts)
        parts = joined


def _joined(outline: NDArray[np.float64], parts: list[list[int]]) -> list[list[int]] | None:
    """Return the parts with two of them joined; None when no two can be."""
    edges = {
        (part[at - 1], part[at]): number
        for number, part in enumerate(parts)
        for at in range(len(part))
    }
    for (first, last), one in edges.items():
        other = edges.get((last, first))
        if other is None or other <= one:
            continue
        whole = [*_from(parts[one], last), *_from(parts[other], first)[1:-1]]
        if len(set(whole)) == len(whole) and _is_convex(outline[whole]):
            rest = [part for number, part in enumerate(parts) if number not in (one, other)]
            return [*rest, whole]
    return None


def _from(part: list[int], corner: int) -> list[int]:
    at = part.index(corner)
    return part[at:] + part[:at]


def _is_convex(points: NDArray[np.float64]) -> bool:
    ahead = np.roll(points, -1, axis=0) - points
    after = np.roll(ahead, -1, axis=0)
    turns = ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0]
    return bool(np.all(turns >= -SAME * float(np.ptp(points, axis=0).max()) ** 2))
