"""Makes the demo parts beside it: a milled bracket, a turned shaft, a printed cover.

Run `python make_demo_parts.py` to write them anew; `--plans` writes the plans expected from them,
after someone has looked at the difference. The parts are ours, made from nothing but this file.
"""

import json
import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import manifold3d
import numpy as np
import trimesh
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut, BRepAlgoAPI_Fuse
from OCP.BRepFilletAPI import BRepFilletAPI_MakeFillet
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
from OCP.IFSelect import IFSelect_RetDone
from OCP.Interface import Interface_Static
from OCP.STEPControl import STEPControl_AsIs, STEPControl_Writer
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Shape

from manufold.design.conformance import demos
from manufold.design.part.vertical import vertical
from manufold.model.codec import canonical, encoded

Point = tuple[float, float, float]
HERE = Path(__file__).parent
UP: Point = (0.0, 0.0, 1.0)


def box(corner: Point, size: Point) -> TopoDS_Shape:
    """Return a box from its lowest corner and extents, in mm."""
    return BRepPrimAPI_MakeBox(gp_Pnt(*corner), *size).Shape()


def cylinder(foot: Point, along: Point, radius_mm: float, height_mm: float) -> TopoDS_Shape:
    """Return a cylinder."""
    axis = gp_Ax2(gp_Pnt(*foot), gp_Dir(*along))
    return BRepPrimAPI_MakeCylinder(axis, radius_mm, height_mm).Shape()


def cut(body: TopoDS_Shape, *tools: TopoDS_Shape) -> TopoDS_Shape:
    """Return the body without the tools."""
    for tool in tools:
        body = BRepAlgoAPI_Cut(body, tool).Shape()
    return body


def pocket(corner: Point, size: Point, radius_mm: float) -> TopoDS_Shape:
    """Return a box with its upright edges rounded, to be cut away."""
    body = box(corner, size)
    rounded = BRepFilletAPI_MakeFillet(body)
    walk = TopExp_Explorer(body, TopAbs_EDGE)
    done = set()
    while walk.More():
        edge = TopoDS.Edge_s(walk.Current())
        walk.Next()
        if edge in done:
            continue
        done.add(edge)
        line = BRepAdaptor_Curve(edge).Line()
        if abs(line.Direction().Z()) > 0.99:
            rounded.Add(radius_mm, edge)
    return rounded.Shape()


def bracket() -> TopoDS_Shape:
    """Return an angle bracket: base 90 x 60 x 12, web 12 x 60 x 50, eight holes, one pocket.

    Four counterbored holes 6.6/11 in the base, two through holes 8 in the web, two blind holes
    5 x 12 in the web's top, a pocket 30 x 36 x 5 with corners of 4 mm.
    """
    body = BRepAlgoAPI_Fuse(box((0, 0, 0), (90, 60, 12)), box((0, 0, 12), (12, 60, 38))).Shape()
    tools = [pocket((44, 12, 7), (30, 36, 5), 4.0)]
    for x in (24.0, 82.0):
        for y in (8.0, 52.0):
            tools.append(cylinder((x, y, 0), UP, 3.3, 12))
            tools.append(cylinder((x, y, 5.5), UP, 5.5, 6.5))
    tools += [cylinder((0, y, 34), (1, 0, 0), 4.0, 12) for y in (18.0, 42.0)]
    tools += [cylinder((6, y, 38), UP, 2.5, 12) for y in (10.0, 50.0)]
    return cut(body, *tools)


def shaft() -> TopoDS_Shape:
    """Return a shaft: 32 x 40, 25 x 50, 18 x 30; a groove, a keyway, a bore 8 x 25, a hole 5."""
    body = cylinder((0, 0, 0), UP, 16, 40)
    for foot_mm, radius_mm, height_mm in ((40.0, 12.5, 50.0), (90.0, 9.0, 30.0)):
        body = BRepAlgoAPI_Fuse(body, cylinder((0, 0, foot_mm), UP, radius_mm, height_mm)).Shape()
    groove = cut(cylinder((0, 0, 84), UP, 13, 3), cylinder((0, 0, 84), UP, 11, 3))
    return cut(
        body,
        groove,
        box((-3, 9.5, 50), (6, 5, 22)),
        cylinder((0, 0, 0), UP, 4, 25),
        cylinder((-20, 0, 30), (1, 0, 0), 2.5, 40),
    )


def cover() -> trimesh.Trimesh:
    """Return a thin cover: 64 x 44 x 14, walls of 1.6 mm, four screw holes in its corners."""
    outer = manifold3d.Manifold.cube((64, 44, 14))
    inner = manifold3d.Manifold.cube((60.8, 40.8, 14)).translate((1.6, 1.6, 1.6))
    body = outer - inner
    for x in (6.0, 58.0):
        for y in (6.0, 38.0):
            boss = manifold3d.Manifold.cylinder(14, 3.5, 3.5, 32).translate((x, y, 0))
            hole = manifold3d.Manifold.cylinder(14, 1.6, 1.6, 32).translate((x, y, 0))
            body = body + boss - hole
    mesh = body.to_mesh()
    return trimesh.Trimesh(np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts))


def write_step(shape: TopoDS_Shape, path: Path) -> None:
    """Write a STEP file without the hour of its making, so that it is the same every time."""
    writer = STEPControl_Writer()  # makes the settings known
    Interface_Static.SetCVal_s("write.step.product.name", path.stem)
    writer.Transfer(shape, STEPControl_AsIs)
    if writer.Write(str(path)) != IFSelect_RetDone:
        raise RuntimeError(f"{path} was not written")
    text = path.read_text(encoding="ascii")
    text = re.sub(r"'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d'", "'2026-01-01T00:00:00'", text, count=1)
    # the writer numbers its products per process
    text = re.sub(rf"'{path.stem}\s+\d+'", f"'{path.stem}'", text)
    path.write_text(text, encoding="ascii")


def write_parts(folder: Path) -> None:
    """Write the three parts."""
    write_step(bracket(), folder / "bracket.step")
    write_step(shaft(), folder / "shaft.step")
    cover().export(folder / "cover.stl")


class Here:
    """An executor without another process: the parts are ours."""

    def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> object:
        """Return what the entry answers."""
        module, _, function = entry.partition(":")
        return getattr(import_module(module), function)(request)

    def warm(self, entry: str) -> None:
        """Load nothing before it is needed."""

    def close(self) -> None:
        """Nothing runs."""


def write_plans(folder: Path) -> None:
    """Write the plans that the vertical makes of the demo parts today."""
    card = tomllib.loads((folder.parent / "vertical.toml").read_text(encoding="utf-8"))
    for entry in card["demo"]:
        (folder / entry["expected"]).touch()
        if not (folder / entry["expected"]).read_text(encoding="utf-8"):
            (folder / entry["expected"]).write_text("[]", encoding="utf-8")
    for demo in demos(vertical):
        design = vertical.design(demo["files"], demo["parameters"], Here())
        plans = [encoded(plan) for plan in vertical.plans(design, demo["quantity"])]
        text = json.dumps(json.loads(canonical(plans)), indent=1, ensure_ascii=False)
        (folder / f"{demo['name']}.plans.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "--plans" in sys.argv:
        write_plans(HERE)
    else:
        write_parts(HERE)
