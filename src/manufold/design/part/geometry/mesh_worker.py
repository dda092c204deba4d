"""Entry of a worker process: an STL or 3MF file to the facts of the part.

A mesh knows no faces, holes or radii, so none are claimed. It is measured only where it bounds a
volume: closed as it is, or after equal corners are merged and small gaps are repaired.

Source  trimesh 5 (MIT) for reading and measuring, manifold3d 3 (Apache-2.0) for repair.
"""

import io
import math
import re
import zipfile
from typing import Any

import manifold3d
import numpy as np
import trimesh
from trimesh.graph import connected_component_labels
from trimesh.repair import fill_holes, fix_normals

from manufold.design.part.geometry.facts import PartFacts, Vector
from manufold.design.part.geometry.form import (
    main_frame,
    planar_normals,
    stock_box_mm,
    tool_directions,
)
from manufold.design.part.geometry.pose import best_pose
from manufold.design.part.geometry.reach import reach_of
from manufold.design.part.geometry.requests import GeometryRequest
from manufold.design.part.geometry.triangles import Triangles
from manufold.design.part.geometry.units import UNIT_MM
from manufold.model.errors import InputFault

__all__ = ["analyse"]

MOST_TRIANGLES = 5_000_000
_UNITS_3MF = {
    "micron": "micron",
    "millimeter": "mm",
    "centimeter": "cm",
    "inch": "inch",
    "foot": "ft",
    "meter": "m",
}


def analyse(request: object) -> PartFacts:
    """Return the facts of a mesh.

    Raises:
        InputFault: `part.mesh_unreadable`, `part.mesh_empty`, `part.mesh_too_fine`,
            `part.not_measurable`, `part.mesh_without_volume`.
    """
    assert isinstance(request, GeometryRequest)
    read = _read(request)
    unit = _unit_3mf(request.content) if request.format == "3mf" else ""
    read.apply_scale(UNIT_MM[request.unit or unit or "mm"])
    triangle_count = len(read.faces)
    mesh, watertight, repaired = _closed(read)
    low, high = mesh.bounds
    bbox_mm = _vector(high - low)
    volume_mm3, area_mm2 = float(mesh.volume), float(mesh.area)
    if abs(volume_mm3) <= max(1e-9 * max(bbox_mm) ** 3, 1e-7 * area_mm2 * max(bbox_mm)):
        raise InputFault("part.mesh_without_volume", file=request.name)
    corners = np.asarray(mesh.triangles, dtype=np.float64)
    triangles = Triangles(corners, np.zeros(len(corners), dtype=np.int64))
    normals = planar_normals(triangles)
    frame = main_frame(normals)
    solids = _bodies(mesh)
    reach = reach_of(triangles, tool_directions(frame, normals), (), ())
    return PartFacts(
        format=request.format,
        unit=unit,
        products=(),
        solids=solids,
        faces=0,
        triangles=triangle_count,
        volume_mm3=abs(volume_mm3),
        area_mm2=area_mm2,
        bbox_mm=bbox_mm,
        stock_mm=stock_box_mm(triangles, frame, bbox_mm),
        face_kinds={},
        pose=best_pose(triangles, tool_directions(frame, ())),
        set_ups=reach.set_ups if solids == 1 else (),
        hidden_fraction=reach.hidden_fraction if solids == 1 else 0.0,
        watertight=watertight,
        repaired=repaired,
    )


def _read(request: GeometryRequest) -> Any:
    """Return the mesh with equal corners merged, in units of the file."""
    try:
        loaded = trimesh.load(io.BytesIO(request.content), file_type=request.format, process=False)
        mesh: Any = loaded.to_mesh() if isinstance(loaded, trimesh.Scene) else loaded
        faces = 0 if mesh is None else len(mesh.faces)
    except MemoryError:
        raise
    except Exception as fault:  # noqa: BLE001 - parsers raise whatever they stumbled on
        detail = f"{type(fault).__name__}: {fault}"[:120]
        raise InputFault("part.mesh_unreadable", file=request.name, detail=detail) from None
    if faces == 0:
        raise InputFault("part.mesh_empty", file=request.name)
    if faces > MOST_TRIANGLES:
        raise InputFault(
            "part.mesh_too_fine", file=request.name, triangles=faces, limit=MOST_TRIANGLES
        )
    if not np.isfinite(mesh.vertices).all() or float(np.abs(mesh.vertices).max()) > 1e9:
        raise InputFault("part.not_measurable", file=request.name)
    mesh.merge_vertices()
    return mesh


def _closed(read: Any) -> tuple[Any, bool, bool]:
    """Return the mesh turned outside out, whether it is closed, whether that took repair."""
    if read.is_watertight and read.is_winding_consistent:
        if read.volume < 0:
            read.invert()
            return read, True, True
        return read, True, False
    raw = manifold3d.Mesh(
        np.asarray(read.vertices, dtype=np.float32), np.asarray(read.faces, dtype=np.uint32)
    )
    raw.merge()
    solid = manifold3d.Manifold(raw)
    if solid.status() == manifold3d.Error.NoError and solid.volume() > 0:
        fixed = solid.to_mesh()
        # its corners carry 32 bits; what is measured is the merged mesh wherever that is whole
        mesh = trimesh.Trimesh(fixed.vert_properties[:, :3], fixed.tri_verts, process=True)
        return mesh, True, True
    mesh = read.copy()
    fill_holes(mesh)
    fix_normals(mesh, multibody=True)  # type: ignore[no-untyped-call]
    return mesh, bool(mesh.is_watertight), True


def _bodies(mesh: Any) -> int:
    """Return the connected closed surfaces that enclose material; a cavity is none."""
    labels = connected_component_labels(  # type: ignore[no-untyped-call]
        mesh.face_adjacency, node_count=len(mesh.faces)
    )
    corners = mesh.triangles
    signed = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    volumes = np.bincount(labels, signed)
    return max(1, int((volumes > 1e-9 * abs(float(mesh.volume))).sum()))


def _unit_3mf(content: bytes) -> str:
    """Return the unit a 3MF declares; millimetres where it is silent (3MF core 1.3, 3.4)."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = {name.lower().lstrip("/"): name for name in archive.namelist()}
        with archive.open(names["3d/3dmodel.model"]) as model:
            head = model.read(4096)
    match = re.search(rb"<(?:\w+:)?model\b[^>]*?\bunit\s*=\s*[\"'](\w+)[\"']", head)
    return _UNITS_3MF.get(match[1].decode(), "mm") if match else "mm"


def _vector(values: Any) -> Vector:
    x, y, z = (float(value) for value in values)
    assert all(map(math.isfinite, (x, y, z)))
    return x, y, z
