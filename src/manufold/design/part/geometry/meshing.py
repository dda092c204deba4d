"""Solids to triangles.

Source  Open CASCADE Technology 7.9, BRepMesh_IncrementalMesh, not parallel: a process that has
        meshed in parallel cannot be forked safely.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from OCP.BRep import BRep_Tool
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.TopAbs import TopAbs_REVERSED
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound

from manufold.design.part.geometry.facts import Vector
from manufold.design.part.geometry.surfaces import Surface
from manufold.design.part.geometry.triangles import Floats, Integers, Triangles

__all__ = ["consistent", "outermost", "triangulated"]

#: of the box's diagonal; an absolute deflection once took 198 s on a 60 m part
DEFLECTION_SHARE = 0.002
ANGLE_RAD = 0.4


def triangulated(
    solids: TopoDS_Compound, surfaces: Sequence[Surface], diagonal_mm: float
) -> Triangles:
    """Return the triangles of all faces; a face that cannot be meshed is left out."""
    BRepMesh_IncrementalMesh(solids, DEFLECTION_SHARE * diagonal_mm, False, ANGLE_RAD, False)
    corners: list[Floats] = []
    owners: list[Integers] = []
    for number, surface in enumerate(surfaces, start=1):
        mesh = _face_triangles(surface)
        if len(mesh):
            corners.append(mesh)
            owners.append(np.full(len(mesh), number, dtype=np.int64))
    if not corners:
        return Triangles(np.zeros((0, 3, 3)), np.zeros(0, dtype=np.int64))
    return Triangles(np.concatenate(corners), np.concatenate(owners))


def _face_triangles(surface: Surface) -> Floats:
    location = TopLoc_Location()
    mesh: Any = BRep_Tool.Triangulation_s(surface.shape, location)
    if mesh is None or mesh.NbTriangles() == 0:
        return np.zeros((0, 3, 3))
    move = location.Transformation()
    points = []
    for i in range(1, mesh.NbNodes() + 1):
        point = mesh.Node(i).Transformed(move)
        points.append((point.X(), point.Y(), point.Z()))
    index = [mesh.Triangle(i).Get() for i in range(1, mesh.NbTriangles() + 1)]
    order = np.asarray(index, dtype=np.int64) - 1
    if surface.shape.Orientation() == TopAbs_REVERSED:
        order = order[:, ::-1]
    return np.asarray(points, dtype=np.float64)[order]


def consistent(triangles: Triangles, volume_mm3: float, area_mm2: float, bbox_mm: Vector) -> bool:
    """Whether volume, surface, box and triangles of a solid can belong to one body.

    A damaged file may still yield a "solid" whose faces do not close; its integrals then
    contradict one another. Bounds: a body fits its box; no body has less surface than the ball
    (A^3 >= 36 pi V^2); its triangles enclose its volume but for the deflection.
    """
    corners = triangles.corners_mm
    spat = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    enclosed_mm3 = abs(float(spat.sum())) / 6
    slack_mm3 = 0.03 * volume_mm3 + 2 * DEFLECTION_SHARE * math.hypot(*bbox_mm) * area_mm2
    return (
        volume_mm3 <= 1.001 * math.prod(bbox_mm)
        and area_mm2**3 >= 0.999 * 36 * math.pi * volume_mm3**2
        and abs(enclosed_mm3 - volume_mm3) <= slack_mm3
    )


def outermost(
    triangles: Triangles, surfaces: Sequence[Surface], diagonal_mm: float
) -> list[Surface]:
    """Return the faces that may bear the bounding box, by their triangles; the rest cannot.

    A triangle strays from its face by little more than the deflection, so a face that stays
    further inside than one and a half times that cannot reach the box. Faces without triangles
    stay in question. (On a part of 500 faces this saves two thirds of the exact box's time.)
    """
    slack_mm = 1.5 * DEFLECTION_SHARE * diagonal_mm
    meshed = {int(n) for n in np.unique(triangles.faces)}
    bearing = {n for n in range(1, len(surfaces) + 1) if n not in meshed}
    lowest, highest = triangles.corners_mm.min(axis=1), triangles.corners_mm.max(axis=1)
    for k in range(3):
        bearing.update(triangles.faces[lowest[:, k] <= lowest[:, k].min() + slack_mm].tolist())
        bearing.update(triangles.faces[highest[:, k] >= highest[:, k].max() - slack_mm].tolist())
    return [surfaces[n - 1] for n in sorted(bearing)]
