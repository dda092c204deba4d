"""Entry of a worker process: a STEP file to the facts of the part."""

import math
from collections import Counter

from manufold.design.part.geometry.facts import PartFacts
from manufold.design.part.geometry.form import (
    face_normals,
    main_frame,
    sheet_thickness_mm,
    stock_box_mm,
    tool_directions,
    turned_form,
)
from manufold.design.part.geometry.holes import holes_of
from manufold.design.part.geometry.meshing import consistent, outermost, triangulated
from manufold.design.part.geometry.pose import best_pose
from manufold.design.part.geometry.reach import Reach, reach_of
from manufold.design.part.geometry.requests import GeometryRequest
from manufold.design.part.geometry.step import read_step
from manufold.design.part.geometry.surfaces import (
    Surface,
    bounding_box_mm,
    rough_diagonal_mm,
    signed_volume_mm3,
    surfaces_of,
)
from manufold.model.errors import InputFault

__all__ = ["analyse"]

#: a thousand kilometres: numbers beyond are damage, not geometry
MOST_DIAGONAL_MM = 1e9


def analyse(request: object) -> PartFacts:
    """Return the facts of a STEP file, measured on its solids only.

    Raises:
        InputFault: see `read_step`; `part.solid_without_volume`; `part.not_measurable` for
            numbers that are no numbers.
    """
    assert isinstance(request, GeometryRequest)
    read = read_step(request.name, request.content, request.unit)
    volume_mm3 = signed_volume_mm3(read.solids)
    diagonal_mm = rough_diagonal_mm(read.solids)
    if not math.isfinite(volume_mm3 + diagonal_mm) or not 0 < diagonal_mm < MOST_DIAGONAL_MM:
        raise InputFault("part.not_measurable", file=request.name)
    surfaces = surfaces_of(read.solids)
    triangles = triangulated(read.solids, surfaces, diagonal_mm)
    if len(triangles.faces) == 0:
        raise InputFault("part.not_measurable", file=request.name)
    low, high = bounding_box_mm(outermost(triangles, surfaces, diagonal_mm))
    bbox_mm = (high[0] - low[0], high[1] - low[1], high[2] - low[2])
    if min(bbox_mm) <= 0 or abs(volume_mm3) <= 1e-9 * max(bbox_mm) ** 3:
        raise InputFault("part.solid_without_volume", file=request.name)
    area_mm2 = sum(surface.area_mm2 for surface in surfaces)
    holes = holes_of(read.solids, surfaces)
    single = read.count == 1
    turned = turned_form(surfaces, triangles) if single else None
    normals = face_normals(surfaces)
    frame = main_frame(normals if turned is None else [(turned.axis, 1.0)])
    stock_mm = stock_box_mm(triangles, frame, bbox_mm)
    reach = Reach((), 0.0)
    if single:
        planar = [n for n, s in enumerate(surfaces, start=1) if s.kind == "plane"]
        reach = reach_of(triangles, tool_directions(frame, normals), holes, planar)
    in_holes = {face for hole in holes for face in hole.faces}
    return PartFacts(
        format="step",
        unit=read.unit,
        products=read.products,
        solids=read.count,
        faces=len(surfaces),
        triangles=0,
        volume_mm3=abs(volume_mm3),
        area_mm2=area_mm2,
        bbox_mm=bbox_mm,
        stock_mm=stock_mm,
        face_kinds=dict(sorted(Counter(surface.kind for surface in surfaces).items())),
        cylinders=tuple(s.cylinder() for s in surfaces if s.kind == "cylinder"),
        pose=best_pose(triangles, tool_directions(frame, ())),
        holes=holes,
        set_ups=reach.set_ups,
        turned=turned,
        min_internal_radius_mm=_least_internal_radius_mm(surfaces, in_holes),
        hidden_fraction=reach.hidden_fraction,
        sheet_thickness_mm=(
            sheet_thickness_mm(surfaces, abs(volume_mm3), area_mm2, stock_mm) if single else 0.0
        ),
        watertight=consistent(triangles, abs(volume_mm3), area_mm2, bbox_mm),
        loose_shells=read.loose_shells,
    )


def _least_internal_radius_mm(surfaces: list[Surface], in_holes: set[str]) -> float:
    """Return the smallest radius of hollow roundings that are no holes, 0 where there are none."""
    return min(
        (
            s.radius_mm
            for s in surfaces
            if s.internal and s.kind in ("cylinder", "torus", "sphere") and s.face not in in_holes
        ),
        default=0.0,
    )
