"""From which directions a straight tool reaches the surface, and how few set-ups are enough.

The surface is sampled evenly; for each candidate direction a height map of the samples tells
which of them lie open: nothing stands above the point, or, on a wall parallel to the direction,
above the place just in front of it. Set-ups are then chosen greedily: directions that blind holes
demand, and after them whichever opens most of what is left, walls near the top of the part before
deep ones (set cover, H. Chvatal, Math. Oper. Res. 4 (1979) 233-235: at most a factor ln(n) from
the fewest).

What this does not see: the tool's diameter and length, its holder, the clamps. A surface counts
as reached where its normal does not look away; five-axis tilts are not tried.

Units   millimetres; the map has `CELLS` cells along the longest extent.
Cost    about 10 ms per direction for 200,000 samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manufold.design.part.geometry.facts import Hole, SetUp, Vector
from manufold.design.part.geometry.triangles import Floats, Integers, Triangles
from manufold.design.part.geometry.vectors import cross, dot, unit

Booleans = npt.NDArray[np.bool_]

__all__ = ["Reach", "reach_of"]

CELLS = 96
MOST_SAMPLES = 250_000
#: two directions closer than this are one set-up (2 degrees)
SAME_DIRECTION = 0.9994
MOST_DIRECTIONS = 12
#: a wall further below the top is left to another set-up if one can take it
#: (Protolabs' milling guideline: at most 50.8 mm deep from either side)
FLANK_REACH_MM = 50.8
#: share by which a flanked surface counts less than a faced one
FLANK_MALUS = 0.05
#: a set-up must open this share of the surface; less may be sampling noise at edges
GAIN_SHARE = 0.015
#: what is left over and above this is hidden
NOISE_SHARE = 0.02
#: a planar face opens as a whole when this share of it does
FACE_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Reach:
    """Set-ups in the order in which they are made, and what none of them reaches."""

    set_ups: tuple[SetUp, ...]
    hidden_fraction: float


@dataclass(frozen=True, slots=True)
class _Samples:
    points_mm: Floats
    normals: Floats
    areas_mm2: Floats
    faces: Integers
    cell_mm: float


def reach_of(
    triangles: Triangles,
    candidates: Sequence[Vector],
    holes: Sequence[Hole],
    planar: Sequence[int],
) -> Reach:
    """Return the set-ups a three-axis machine needs.

    Args:
        candidates: unit vectors from the part to the spindle, the likeliest first.
        holes: their faces count as reached from where they open.
        planar: numbers of the planar faces, 1 for "F1".
    """
    samples = _sampled(triangles)
    if len(samples.points_mm) == 0:
        return Reach((), 0.0)
    demanded = _demanded(holes)
    directions = _distinct([*demanded, *candidates])[:MOST_DIRECTIONS]
    in_holes = {int(face[1:]) for hole in holes for face in hole.faces}
    bored = np.isin(samples.faces, list(in_holes))
    flat = np.isin(samples.faces, list(planar))
    near_from, open_from, flank_of = [], [], []
    for towards in directions:
        seen, near = _open(samples, towards)
        flank_of.append(samples.normals @ np.asarray(towards) < 0.5)
        open_from.append(_whole_faces(seen, samples, flat) & ~bored)
        near_from.append(_whole_faces(seen & near, samples, flat) & ~bored)
    chosen = [i for i, d in enumerate(directions) if any(_same(d, need) for need in demanded)]
    left = ~bored
    for seen_from in (near_from, open_from):
        for i in chosen:
            left &= ~seen_from[i]
        chosen += _greedy(samples, seen_from, flank_of, left)
    if not chosen:
        chosen = [0]
    hidden = float(samples.areas_mm2[left].sum()) / float(samples.areas_mm2.sum())
    passes = [near_from[i] for i in chosen], [open_from[i] for i in chosen]
    set_ups = _set_ups(samples, [directions[i] for i in chosen], passes)
    return Reach(_with_holes(set_ups, holes), hidden if hidden > NOISE_SHARE else 0.0)


def _greedy(
    samples: _Samples,
    seen_from: Sequence[Booleans],
    flank_of: Sequence[Booleans],
    left: Booleans,
) -> list[int]:
    """Return the directions chosen, and strike from `left` what they open.

    Of two directions that open as much, the one that faces it wins over one that flanks it.
    """
    areas = samples.areas_mm2
    least_mm2 = GAIN_SHARE * float(samples.areas_mm2.sum())
    chosen: list[int] = []
    while True:
        gains = [
            float(areas[left & seen].sum() - FLANK_MALUS * areas[left & seen & flank].sum())
            for seen, flank in zip(seen_from, flank_of, strict=True)
        ]
        best = int(np.argmax(gains))
        if gains[best] <= least_mm2:
            return chosen
        chosen.append(best)
        left &= ~seen_from[best]


def _sampled(triangles: Triangles) -> _Samples:
    """Return points at most two thirds of a cell apart on every triangle, with their areas."""
    corners = triangles.corners_mm
    along, aside = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normals = np.cross(along, aside)
    doubles = np.linalg.norm(normals, axis=1)
    keep = doubles > 1e-12
    corners, normals, doubles = corners[keep], normals[keep], doubles[keep]
    owners = triangles.faces[keep]
    if len(corners) == 0:
        empty = np.zeros((0, 3))
        return _Samples(empty, empty, np.zeros(0), np.zeros(0, dtype=np.int64), 1.0)
    extent_mm = float((corners.reshape(-1, 3).max(0) - corners.reshape(-1, 3).min(0)).max())
    area_mm2 = float(doubles.sum()) / 2
    cell_mm = max(extent_mm / CELLS, float(np.sqrt(2.25 * area_mm2 / MOST_SAMPLES)))
    step_mm = cell_mm / 1.5
    corners = _longest_first(corners)
    base = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    columns = np.ceil(base / step_mm).astype(np.int64)
    rows = np.ceil(doubles / base / step_mm).astype(np.int64)
    count = columns * rows
    owner = np.repeat(np.arange(len(corners)), count)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    column = (place % columns[owner] + 0.5) / columns[owner]
    row = (place // columns[owner] + 0.5) / rows[owner]
    start, end, apex = corners[owner, 0], corners[owner, 1], corners[owner, 2]
    on_base = start + (end - start) * column[:, None]
    points = on_base + (apex - on_base) * row[:, None]
    # rows shrink towards the apex, and so does the area a sample stands for
    weight = (1 - row) * 2 / count[owner]
    return _Samples(
        points,
        (normals / doubles[:, None])[owner],
        weight * doubles[owner] / 2,
        owners[owner],
        cell_mm,
    )


def _longest_first(corners: Floats) -> Floats:
    """Return the triangles turned so that their first edge is the longest."""
    edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    first = np.argmax(edges, axis=1)
    order = (first[:, None] + np.arange(3)) % 3
    turned: Floats = corners[np.arange(len(corners))[:, None], order]
    return turned


def _open(samples: _Samples, towards: Vector) -> tuple[Booleans, Booleans]:
    """Return for each sample whether a straight tool reaches it, and whether without much length.

    The flank of a tool is short: a wall deep below the top of the part is far for it.
    """
    across = (0.0, 0.0, 1.0) if abs(towards[2]) < 0.9 else (1.0, 0.0, 0.0)
    side = unit(cross(towards, across))
    frame = np.asarray([side, cross(towards, side), towards])
    cell = samples.cell_mm
    place_u, place_v, height = frame @ samples.points_mm.T
    lateral_u, lateral_v, looks = frame @ samples.normals.T
    place_u = place_u / cell
    place_v = place_v / cell
    place_u -= place_u.min() - 3
    place_v -= place_v.min() - 3
    wide = int(place_v.max()) + 5
    top = np.full(wide * (int(place_u.max()) + 5), -np.inf)
    own = place_u.astype(np.int64) * wide + place_v.astype(np.int64)
    np.maximum.at(top, own, height)
    lateral = np.sqrt(np.maximum(1 - looks * looks, 1e-18))
    steep = looks < 0.5
    wall = steep & (looks > -0.02)
    ahead = np.where(wall, 1.5 / lateral, 0.0)  # cells, to the place in front of a wall
    place_u += lateral_u * ahead
    place_v += lateral_v * ahead
    above = top[place_u.astype(np.int64) * wide + place_v.astype(np.int64)]
    slope = np.where(steep, 0.0, lateral / np.maximum(looks, 0.5))
    slack = cell * 1.5 * (1 + slope)  # heights of a sloping face differ within its own cell
    seen: Booleans = (looks > -0.02) & (above <= height + slack)
    near: Booleans = ~steep | (height >= height.max() - FLANK_REACH_MM)
    return seen, near


def _whole_faces(seen: Booleans, samples: _Samples, flat: Booleans) -> Booleans:
    """Return `seen`, with every planar face either wholly open or not at all."""
    if not flat.any():
        return seen
    most = int(samples.faces.max()) + 1
    total = np.bincount(samples.faces, samples.areas_mm2, most)
    opened = np.bincount(samples.faces, samples.areas_mm2 * seen, most)
    share = opened / np.maximum(total, 1e-12)
    return np.where(flat, share[samples.faces] >= FACE_SHARE, seen)


def _demanded(holes: Sequence[Hole]) -> list[Vector]:
    """Return directions that some hole needs: all blind ones, and one end of each through."""
    needed = [hole.opens[0] for hole in holes if len(hole.opens) == 1]
    for hole in holes:
        if hole.through and not any(_same(d, end) for d in needed for end in hole.opens):
            needed.append(_mouth(hole))
    return _distinct(needed)


def _mouth(hole: Hole) -> Vector:
    """Return the end of a through hole with the wider step: a counterbore is made from there."""
    first, last = hole.steps_mm[0][0], hole.steps_mm[-1][0]
    low, high = sorted(hole.opens, key=lambda end: dot(end, hole.axis))
    return low if first > last else high


def _distinct(directions: Sequence[Vector]) -> list[Vector]:
    kept: list[Vector] = []
    for direction in directions:
        if not any(_same(direction, other) for other in kept):
            kept.append(direction)
    return kept


def _same(one: Vector, other: Vector) -> bool:
    return dot(one, other) > SAME_DIRECTION


def _set_ups(
    samples: _Samples, directions: Sequence[Vector], passes: Sequence[Sequence[Booleans]]
) -> list[SetUp]:
    """Return the set-ups; a sample belongs to the first that opens it, a face to its largest.

    Args:
        passes: for each pass, what each direction opens; an earlier pass comes before a later one.
    """
    left = np.ones(len(samples.points_mm), dtype=bool)
    most = int(samples.faces.max()) + 1
    owned = np.zeros((len(directions), most))
    for seen_from in passes:
        for i, seen in enumerate(seen_from):
            first = left & seen
            owned[i] += np.bincount(samples.faces, samples.areas_mm2 * first, most)
            left &= ~seen
    areas = owned.sum(axis=1)
    belongs = np.argmax(owned, axis=0)
    touched = owned.max(axis=0) > 0
    return [
        SetUp(
            towards=direction,
            area_mm2=float(areas[i]),
            faces=tuple(f"F{n}" for n in range(1, most) if touched[n] and belongs[n] == i),
        )
        for i, direction in enumerate(directions)
    ]


def _with_holes(set_ups: Sequence[SetUp], holes: Sequence[Hole]) -> tuple[SetUp, ...]:
    """Return the set-ups with the faces of each hole in the first that can drill it."""
    added: list[list[str]] = [[] for _ in set_ups]
    for hole in holes:
        for i, set_up in enumerate(set_ups):
            if any(_same(set_up.towards, end) for end in hole.opens):
                added[i].extend(hole.faces)
                break
    return tuple(
        SetUp(s.towards, s.area_mm2, tuple(sorted({*s.faces, *new}, key=lambda f: int(f[1:]))))
        for s, new in zip(set_ups, added, strict=True)
    )
