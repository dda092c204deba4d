"""Faces of solids: kind, area, cylinders; freeform faces that are simple ones in disguise.

Source  Open CASCADE Technology 7.9: BRepGProp, BRepBndLib::AddOptimal,
        ShapeAnalysis_CanonicalRecognition (recognises 70 of 70 spline cylinders of as1-oc-214).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepGProp import BRepGProp, BRepGProp_Face
from OCP.BRepTools import BRepTools
from OCP.GeomAbs import (
    GeomAbs_Cone,
    GeomAbs_Cylinder,
    GeomAbs_Plane,
    GeomAbs_Sphere,
    GeomAbs_Torus,
)
from OCP.gp import gp_Cone, gp_Cylinder, gp_Pln, gp_Pnt, gp_Sphere, gp_Vec
from OCP.GProp import GProp_GProps
from OCP.ShapeAnalysis import ShapeAnalysis_CanonicalRecognition
from OCP.TopAbs import TopAbs_FACE, TopAbs_SOLID
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Compound, TopoDS_Face
from OCP.TopTools import TopTools_IndexedMapOfShape

from manufold.design.part.geometry.facts import Cylinder, Vector
from manufold.design.part.geometry.vectors import dot, minus, plus, times, unit

__all__ = ["Surface", "bounding_box_mm", "rough_diagonal_mm", "surfaces_of", "signed_volume_mm3"]

#: how far a freeform face may stray from the simple surface it is taken for
RECOGNITION_MM = 0.005


@dataclass(frozen=True, slots=True)
class Surface:
    """One face.

    Args:
        solid: 1, 2, ... in the order of the file.
        kind: "plane", "cylinder", "cone", "sphere", "torus" or "freeform".
        axis: normal outward of a plane; direction of the axis of the others, else None.
        point_mm: on the plane or axis; the centre of a sphere.
        radius_mm: of cylinder or sphere; the small one of a torus; 0 otherwise.
        low_mm: lowest coordinate along the axis measured from `point_mm`, cylinders and cones.
        span_deg: of the angle around the axis, cylinders and cones.
        internal: material lies on the convex side's outside: a hole or a fillet, not a boss.
    """

    face: str
    solid: int
    kind: str
    area_mm2: float
    shape: TopoDS_Face
    axis: Vector | None = None
    point_mm: Vector = (0.0, 0.0, 0.0)
    radius_mm: float = 0.0
    low_mm: float = 0.0
    high_mm: float = 0.0
    span_deg: float = 0.0
    internal: bool = False
    recognised: bool = False

    def cylinder(self) -> Cylinder:
        """Return the fact of a face of kind "cylinder"."""
        assert self.kind == "cylinder" and self.axis is not None
        foot = minus(self.point_mm, times(self.axis, dot(self.point_mm, self.axis)))
        return Cylinder(
            face=self.face,
            radius_mm=self.radius_mm,
            length_mm=self.high_mm - self.low_mm,
            axis=self.axis,
            point_mm=foot,
            span_deg=self.span_deg,
            internal=self.internal,
            recognised=self.recognised,
        )


def signed_volume_mm3(solids: TopoDS_Compound) -> float:
    """Return the signed volume of all solids."""
    properties = GProp_GProps()
    BRepGProp.VolumeProperties_s(solids, properties)
    return float(properties.Mass())


def rough_diagonal_mm(solids: TopoDS_Compound) -> float:
    """Return the diagonal of a box that holds everything, quickly; it may be too large."""
    box = Bnd_Box()
    BRepBndLib.Add_s(solids, box, False)
    return math.sqrt(float(box.SquareExtent())) if not box.IsVoid() else 0.0


def bounding_box_mm(surfaces: Iterable[Surface]) -> tuple[Vector, Vector]:
    """Return lowest and highest corner of these faces, tight on curved ones too."""
    box = Bnd_Box()
    for surface in surfaces:
        BRepBndLib.AddOptimal_s(surface.shape, box, False, False)
    x0, y0, z0, x1, y1, z1 = box.Get()
    return (x0, y0, z0), (x1, y1, z1)


def surfaces_of(solids: TopoDS_Compound) -> list[Surface]:
    """Return all faces in the kernel's order; "F1" is the first."""
    faces = TopTools_IndexedMapOfShape()
    found: list[Surface] = []
    walk = TopExp_Explorer(solids, TopAbs_SOLID)
    solid = 0
    while walk.More():
        solid += 1
        TopExp.MapShapes_s(walk.Current(), TopAbs_FACE, faces)
        for i in range(len(found) + 1, faces.Extent() + 1):
            found.append(_surface(f"F{i}", solid, TopoDS.Face_s(faces.FindKey(i))))
        walk.Next()
    return found


def _surface(name: str, solid: int, face: TopoDS_Face) -> Surface:
    properties = GProp_GProps()
    BRepGProp.SurfaceProperties_s(face, properties)
    area_mm2 = abs(float(properties.Mass()))
    found = _native(face) or _recognised(face)
    if found is None:
        return Surface(name, solid, "freeform", area_mm2, face)
    point, outward = _middle(face)
    low = high = span = 0.0
    radial = minus(point, found.origin)
    if found.kind == "torus":
        radial = minus(point, _tube_centre(point, found))
    elif found.kind in ("cylinder", "cone") and found.axis is not None:
        radial = minus(radial, times(found.axis, dot(radial, found.axis)))
        low, high, span = _extent(face, found, area_mm2)
    return Surface(
        face=name,
        solid=solid,
        kind=found.kind,
        area_mm2=area_mm2,
        shape=face,
        axis=outward if found.kind == "plane" else found.axis,
        point_mm=found.origin,
        radius_mm=found.radius_mm,
        low_mm=low,
        high_mm=high,
        span_deg=span,
        internal=found.kind != "plane" and dot(outward, radial) < 0,
        recognised=found.recognised,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    origin: Vector
    axis: Vector | None
    radius_mm: float = 0.0
    ring_mm: float = 0.0
    recognised: bool = False


def _native(face: TopoDS_Face) -> _Found | None:
    """Return what a face stored as a simple surface is."""
    surface = BRepAdaptor_Surface(face, False)
    kind = surface.GetType()
    if kind == GeomAbs_Plane:
        return _Found("plane", *_axis(surface.Plane()))
    if kind == GeomAbs_Cylinder:
        cylinder = surface.Cylinder()
        return _Found("cylinder", *_axis(cylinder), cylinder.Radius())
    if kind == GeomAbs_Cone:
        cone = surface.Cone()
        return _Found("cone", *_axis(cone), cone.RefRadius())
    if kind == GeomAbs_Sphere:
        sphere = surface.Sphere()
        return _Found("sphere", _xyz(sphere.Location()), None, sphere.Radius())
    if kind == GeomAbs_Torus:
        torus = surface.Torus()
        return _Found("torus", *_axis(torus), torus.MinorRadius(), torus.MajorRadius())
    return None


def _recognised(face: TopoDS_Face) -> _Found | None:
    """Return the simple surface that a freeform face is within `RECOGNITION_MM`."""
    recognition = ShapeAnalysis_CanonicalRecognition(face)
    plane, cylinder, cone, sphere = gp_Pln(), gp_Cylinder(), gp_Cone(), gp_Sphere()
    if recognition.IsPlane(RECOGNITION_MM, plane):
        return _Found("plane", *_axis(plane), recognised=True)
    if recognition.IsCylinder(RECOGNITION_MM, cylinder):
        return _Found("cylinder", *_axis(cylinder), cylinder.Radius(), recognised=True)
    if recognition.IsCone(RECOGNITION_MM, cone):
        return _Found("cone", *_axis(cone), cone.RefRadius(), recognised=True)
    if recognition.IsSphere(RECOGNITION_MM, sphere):
        return _Found("sphere", _xyz(sphere.Location()), None, sphere.Radius(), recognised=True)
    return None


def _axis(surface: Any) -> tuple[Vector, Vector]:
    axis = surface.Axis()
    return _xyz(axis.Location()), _xyz(axis.Direction())


def _middle(face: TopoDS_Face) -> tuple[Vector, Vector]:
    """Return a point of the face and the outward normal there."""
    u0, u1, v0, v1 = BRepTools.UVBounds_s(face)
    point, normal = gp_Pnt(), gp_Vec()
    BRepGProp_Face(face).Normal((u0 + u1) / 2, (v0 + v1) / 2, point, normal)
    size = normal.Magnitude()
    if size < 1e-12:
        return _xyz(point), (0.0, 0.0, 0.0)
    return _xyz(point), (normal.X() / size, normal.Y() / size, normal.Z() / size)


def _extent(face: TopoDS_Face, found: _Found, area_mm2: float) -> tuple[float, float, float]:
    """Return lowest and highest coordinate along the axis and the angle in degrees."""
    u0, u1, v0, v1 = BRepTools.UVBounds_s(face)
    if found.kind == "cylinder" and not found.recognised:
        return v0, v1, math.degrees(u1 - u0)
    ends = [_along(face, u, v, found) for u in (u0, u1) for v in (v0, v1)]
    low, high = min(ends), max(ends)
    if not found.recognised:
        return low, high, math.degrees(u1 - u0)
    whole_mm2 = 2 * math.pi * found.radius_mm * (high - low)
    return low, high, 360.0 * min(1.0, area_mm2 / whole_mm2) if whole_mm2 > 0 else 0.0


def _along(face: TopoDS_Face, u: float, v: float, found: _Found) -> float:
    assert found.axis is not None
    point = BRepAdaptor_Surface(face, False).Value(u, v)
    return dot(minus(_xyz(point), found.origin), found.axis)


def _tube_centre(point: Vector, found: "_Found") -> Vector:
    """Return the centre of the tube's circle nearest to a point of a torus."""
    assert found.axis is not None
    radial = minus(point, found.origin)
    flat = minus(radial, times(found.axis, dot(radial, found.axis)))
    return plus(found.origin, times(unit(flat), found.ring_mm))


def _xyz(point: Any) -> Vector:
    return point.X(), point.Y(), point.Z()
