"""Cuts through the surface: where a plane meets it, and the tape that lies taut around or along.

A taut girth is the perimeter of the convex hull of a cut. Only the crossing points of edges are
needed, so a cut is a few numpy operations; which part of the body is cut is a mask of edges.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from manufold.design.garment.measure.shape import Floats, Ints

__all__ = ["Cut", "crossing", "girth", "level_girth", "outline", "taut", "upper_hull"]


@dataclass(frozen=True, slots=True)
class Cut:
    """A girth: how long, and the closed line of the tape.

    Args:
        length_mm: of the taut tape.
        line: (m, 3) its corners; not closed.
        ends: (e, 2) points of the body whose edges were cut.
    """

    length_mm: float
    line: Floats
    ends: Ints


def crossing(points: Floats, edges: Ints, at: Floats, across: Floats) -> tuple[Floats, Ints]:
    """Return where edges cross the plane through `at` with normal `across`: (m, 3), (m, 2)."""
    high = (points - at) @ across
    first, second = high[edges[:, 0]], high[edges[:, 1]]
    cut = (first > 0) != (second > 0)
    chosen = edges[cut]
    share = first[cut] / (first[cut] - second[cut])
    a, b = points[chosen[:, 0]], points[chosen[:, 1]]
    return a + share[:, None] * (b - a), chosen


def girth(points: Floats, edges: Ints, at: Floats, across: Floats) -> Cut | None:
    """Return the taut girth of the edges' part in a plane; None where the plane misses it."""
    across = across / np.linalg.norm(across)
    found, ends = crossing(points, edges, at, across)
    if len(found) < 4:
        return None
    side = np.cross(across, [0.0, 1.0, 0.3])
    side /= np.linalg.norm(side)
    flat = found @ np.stack([side, np.cross(across, side)]).T
    try:
        hull = ConvexHull(flat)
    except QhullError:
        return None
    return Cut(float(hull.area), found[hull.vertices], ends)


def level_girth(points: Floats, edges: Ints, z_mm: float) -> Cut | None:
    """Return the taut horizontal girth at a height."""
    return girth(points, edges, np.array([0.0, 0.0, z_mm]), np.array([0.0, 0.0, 1.0]))


def outline(
    points: Floats, edges: Ints, begin: Floats, end: Floats, outward: Floats
) -> tuple[Floats, Floats]:
    """Return the cut between two points by the plane that holds them and `outward`.

    Returns:
        (m, 2): how far along from begin to end, how far outward; and the same (m, 3) in space.
    """
    along = end - begin
    length = float(np.linalg.norm(along))
    along = along / length
    out = outward - (outward @ along) * along
    out /= np.linalg.norm(out)
    found, _ = crossing(points, edges, begin, np.cross(along, out))
    flat = np.stack([(found - begin) @ along, (found - begin) @ out], axis=1)
    between = (flat[:, 0] > 0) & (flat[:, 0] < length)
    return flat[between], found[between]


def taut(
    points: Floats, edges: Ints, begin: Floats, end: Floats, outward: Floats, *, depth_mm: float
) -> tuple[float, Floats]:
    """Return the length and the line of a tape pulled over the surface from one point to another.

    Args:
        depth_mm: parts of the cut farther inward than this from the straight line are not it.
    """
    flat, space = outline(points, edges, begin, end, outward)
    near = flat[:, 1] > -depth_mm
    flat, space = flat[near], space[near]
    length = float(np.linalg.norm(end - begin))
    flat = np.concatenate([[[0.0, 0.0]], flat, [[length, 0.0]]])
    space = np.concatenate([begin[None], space, end[None]])
    chain = upper_hull(flat)
    line = space[chain]
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()), line


def upper_hull(flat: Floats) -> NDArray[np.int64]:
    """Return the upper hull from the leftmost to the rightmost point (Andrew's chain)."""
    order = np.lexsort((flat[:, 1], flat[:, 0]))
    chain: list[int] = []
    for i in order:
        while len(chain) > 1:
            a, b = flat[chain[-2]], flat[chain[-1]]
            if (b[0] - a[0]) * (flat[i][1] - a[1]) - (b[1] - a[1]) * (flat[i][0] - a[0]) < 0:
                break
            chain.pop()
        chain.append(int(i))
    return np.array(chain)
