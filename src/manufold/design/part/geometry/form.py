"""The form of a part as its maker sees it: main faces, stock box, turned or not, sheet or not.

Every answer is given only where it can be given rightly; otherwise none is given.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from manufold.design.part.geometry.facts import Turned, Vector
from manufold.design.part.geometry.triangles import Floats, Triangles
from manufold.design.part.geometry.vectors import cross, dot, length, minus, times, unit

if TYPE_CHECKING:  # surfaces load the CAD kernel; a mesh has none and needs none
    from manufold.design.part.geometry.surfaces import Surface

__all__ = [
    "face_normals",
    "main_frame",
    "planar_normals",
    "sheet_thickness_mm",
    "stock_box_mm",
    "tool_directions",
    "turned_form",
]

SAME_DIRECTION = 0.9994
PERPENDICULAR = 0.01
#: share of the surface that must be coaxial
TURNED_SHARE = 0.85
#: a sheet is thinner than this share of its second extent, and than 12 mm
SHEET_SHARE = 0.1
SHEET_MOST_MM = 12.0


def planar_normals(triangles: Triangles) -> list[tuple[Vector, float]]:
    """Return (direction, area in mm2) of all directions in which triangles look, largest first.

    Directions closer than about 0.6 degrees are one.
    """
    corners = triangles.corners_mm
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sizes = np.linalg.norm(doubled, axis=1)
    keep = sizes > 1e-12
    normals = doubled[keep] / sizes[keep][:, None]
    keys, place = np.unique(np.round(normals * 100).astype(np.int64), axis=0, return_inverse=True)
    flat = place.reshape(-1)
    areas = np.bincount(flat, sizes[keep] / 2, len(keys))
    sums = np.stack([np.bincount(flat, doubled[keep][:, k], len(keys)) for k in range(3)], axis=1)
    order = np.lexsort((keys[:, 2], keys[:, 1], keys[:, 0], -areas))
    return [
        (unit((float(sums[i, 0]), float(sums[i, 1]), float(sums[i, 2]))), float(areas[i]))
        for i in order[:64]
    ]


def face_normals(surfaces: Sequence["Surface"]) -> list[tuple[Vector, float]]:
    """Return (direction, area in mm2) of all directions in which planar faces look, largest first.

    The tessellation of a round face looks everywhere, so where faces are known only they count.
    """
    pooled: list[tuple[Vector, float]] = []
    for surface in surfaces:
        if surface.kind != "plane" or surface.axis is None:
            continue
        for i, (other, sum_mm2) in enumerate(pooled):
            if dot(surface.axis, other) > SAME_DIRECTION:
                pooled[i] = (other, sum_mm2 + surface.area_mm2)
                break
        else:
            pooled.append((surface.axis, surface.area_mm2))
    return sorted(pooled, key=lambda pair: -pair[1])


def main_frame(normals: Sequence[tuple[Vector, float]]) -> tuple[Vector, Vector, Vector]:
    """Return three perpendicular directions: along the largest faces, else along the axes."""
    if not normals:
        return (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
    pooled: list[tuple[Vector, float]] = []
    for normal, area_mm2 in normals:
        for i, (other, sum_mm2) in enumerate(pooled):
            if abs(dot(normal, other)) > SAME_DIRECTION:
                pooled[i] = (other, sum_mm2 + area_mm2)
                break
        else:
            pooled.append((normal, area_mm2))
    pooled.sort(key=lambda pair: -pair[1])
    first = _snapped(pooled[0][0])
    second = next((n for n, _ in pooled[1:] if abs(dot(n, first)) < PERPENDICULAR), None)
    if second is None:
        least = min(range(3), key=lambda k: abs(first[k]))
        helper: list[float] = [0.0, 0.0, 0.0]
        helper[least] = 1.0
        second = (helper[0], helper[1], helper[2])
    across = _snapped(unit(minus(second, times(first, dot(second, first)))))
    return first, across, cross(first, across)


def _snapped(direction: Vector) -> Vector:
    """Return the coordinate axis when the direction is one but for rounding."""
    for k in range(3):
        if abs(direction[k]) > 1 - 1e-8:
            axis = [0.0, 0.0, 0.0]
            axis[k] = math.copysign(1.0, direction[k])
            return axis[0], axis[1], axis[2]
    return direction


def stock_box_mm(
    triangles: Triangles, frame: tuple[Vector, Vector, Vector], bbox_mm: Vector
) -> Vector:
    """Return the extents along the frame, longest first; exact where it is the file's own."""
    if all(max(abs(c) for c in axis) == 1.0 for axis in frame):
        extents = list(bbox_mm)
    else:
        points = triangles.corners_mm.reshape(-1, 3)
        extents = [float(np.ptp(points @ np.asarray(axis))) for axis in frame]
        if math.prod(extents) > 0.98 * math.prod(bbox_mm):
            extents = list(bbox_mm)
    extents.sort(reverse=True)
    return extents[0], extents[1], extents[2]


def tool_directions(
    frame: tuple[Vector, Vector, Vector], normals: Sequence[tuple[Vector, float]]
) -> list[Vector]:
    """Return where a spindle could stand: both ways along the frame, then square to faces."""
    total_mm2 = sum(area_mm2 for _, area_mm2 in normals)
    turned_back = [times(axis, -1.0) for axis in frame]
    return [
        *(d for pair in zip(frame, turned_back, strict=True) for d in pair),
        *(normal for normal, area_mm2 in normals if area_mm2 >= 0.01 * total_mm2),
    ]


def turned_form(surfaces: Sequence["Surface"], triangles: Triangles) -> Turned | None:
    """Return the turned form when one axis carries most of the surface and the outermost part."""
    total_mm2 = sum(s.area_mm2 for s in surfaces)
    best: tuple[float, Vector, Vector] | None = None
    tried: list[tuple[Vector, Vector]] = []
    outer = [s for s in surfaces if s.kind == "cylinder" and not s.internal and s.axis is not None]
    for surface in sorted(outer, key=lambda s: -s.area_mm2)[:8]:
        assert surface.axis is not None
        axis, point = surface.axis, surface.point_mm
        if any(_on_line(axis, point, a, p) for a, p in tried):
            continue
        tried.append((axis, point))
        share = sum(s.area_mm2 for s in surfaces if _coaxial(s, axis, point)) / total_mm2
        if best is None or share > best[0]:
            best = (share, axis, point)
    if best is None or best[0] < TURNED_SHARE:
        return None
    share, axis, point = best
    radial_mm, along_mm = _cylindrical(triangles, axis, point)
    mine = [s for s in surfaces if s.kind == "cylinder" and _coaxial(s, axis, point)]
    outer_mm = max((s.radius_mm for s in mine if not s.internal), default=0.0)
    if float(radial_mm.max()) > 1.01 * outer_mm + 0.02:
        return None  # something stands out beyond the largest turned diameter
    return Turned(
        axis=axis,
        diameter_mm=2 * outer_mm,
        length_mm=float(np.ptp(along_mm)),
        area_fraction=share,
        bore_mm=2 * max((s.radius_mm for s in mine if s.internal), default=0.0),
        other_faces=tuple(s.face for s in surfaces if not _coaxial(s, axis, point)),
    )


def _coaxial(surface: "Surface", axis: Vector, point: Vector) -> bool:
    """Whether turning around the axis makes this face; planes square to it count."""
    if surface.kind == "plane":
        assert surface.axis is not None
        return abs(dot(surface.axis, axis)) > SAME_DIRECTION
    if surface.kind == "sphere":
        return _distance(surface.point_mm, axis, point) < 0.02
    if surface.axis is None:
        return False
    return _on_line(surface.axis, surface.point_mm, axis, point)


def _on_line(axis: Vector, point: Vector, other: Vector, place: Vector) -> bool:
    return abs(dot(axis, other)) > 0.99999 and _distance(point, other, place) < 0.02


def _distance(point: Vector, axis: Vector, place: Vector) -> float:
    off = minus(point, place)
    return length(minus(off, times(axis, dot(off, axis))))


def _cylindrical(triangles: Triangles, axis: Vector, point: Vector) -> tuple[Floats, Floats]:
    """Return distance from the axis and place along it of all triangle corners."""
    off = triangles.corners_mm.reshape(-1, 3) - np.asarray(point)
    along = off @ np.asarray(axis)
    return np.linalg.norm(off - along[:, None] * np.asarray(axis), axis=1), along


def sheet_thickness_mm(
    surfaces: Sequence["Surface"], volume_mm3: float, area_mm2: float, stock_mm: Vector
) -> float:
    """Return the thickness of a flat or bent sheet, 0 where the part is none.

    Flat: two large opposite planes as far apart as the shortest extent. Bent: every external
    bend lies around an internal one, larger by one and the same thickness. In both the thickness
    agrees with volume and area; a thin-walled box has neither and is none.
    """
    guess_mm = 2 * volume_mm3 / area_mm2
    if guess_mm > SHEET_MOST_MM:
        return 0.0
    thin_mm = stock_mm[2]
    if thin_mm <= SHEET_MOST_MM and thin_mm < SHEET_SHARE * stock_mm[1]:
        facing = sum(
            s.area_mm2 for s in surfaces if s.kind == "plane" and s.area_mm2 > 0.2 * area_mm2
        )
        if facing > 0.7 * area_mm2 and abs(guess_mm / thin_mm - 1) < 0.25:
            return thin_mm
    bends = _bend_thicknesses(surfaces)
    if bends and max(bends) - min(bends) < 0.02 and 0.75 < guess_mm / bends[0] < 1.15:
        return round(sum(bends) / len(bends), 4)
    return 0.0


def _bend_thicknesses(surfaces: Sequence["Surface"]) -> list[float]:
    """Return outer minus inner radius of every coaxial pair of partial cylinders."""
    partial = [
        s
        for s in surfaces
        if s.kind == "cylinder" and 5.0 < s.span_deg < 185.0 and s.axis is not None
    ]
    found: list[float] = []
    for outer in (s for s in partial if not s.internal):
        assert outer.axis is not None
        inner = [
            s
            for s in partial
            if s.internal
            and s.axis is not None
            and s.radius_mm < outer.radius_mm
            and _on_line(s.axis, s.point_mm, outer.axis, outer.point_mm)
            and abs(s.span_deg - outer.span_deg) < 2.0
            and abs((s.high_mm - s.low_mm) / max(outer.high_mm - outer.low_mm, 1e-9) - 1) < 0.1
        ]
        if inner:
            found.append(outer.radius_mm - max(s.radius_mm for s in inner))
    return found
