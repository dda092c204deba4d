"""Parts made for one test each, as STEP bytes in a unit or as meshes."""

from pathlib import Path

from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_Pnt, gp_Trsf
from OCP.IFSelect import IFSelect_RetDone
from OCP.Interface import Interface_Static
from OCP.STEPControl import STEPControl_AsIs, STEPControl_Writer
from OCP.TopoDS import TopoDS_Shape

Point = tuple[float, float, float]


def box(corner: Point, size: Point) -> TopoDS_Shape:
    return BRepPrimAPI_MakeBox(gp_Pnt(*corner), *size).Shape()


def cylinder(foot: Point, along: Point, radius_mm: float, height_mm: float) -> TopoDS_Shape:
    return BRepPrimAPI_MakeCylinder(
        gp_Ax2(gp_Pnt(*foot), gp_Dir(*along)), radius_mm, height_mm
    ).Shape()


def cut(body: TopoDS_Shape, *tools: TopoDS_Shape) -> TopoDS_Shape:
    for tool in tools:
        body = BRepAlgoAPI_Cut(body, tool).Shape()
    return body


def turned_by(shape: TopoDS_Shape, along: Point, angle_rad: float) -> TopoDS_Shape:
    turn = gp_Trsf()
    turn.SetRotation(gp_Ax1(gp_Pnt(3, 5, 7), gp_Dir(*along)), angle_rad)
    return BRepBuilderAPI_Transform(shape, turn, True).Shape()


def scaled(shape: TopoDS_Shape, factor: float) -> TopoDS_Shape:
    scale = gp_Trsf()
    scale.SetScale(gp_Pnt(0, 0, 0), factor)
    return BRepBuilderAPI_Transform(shape, scale, True).Shape()


def step_bytes(shape: TopoDS_Shape, folder: Path, unit: str = "MM") -> bytes:
    """Return the shape as a STEP file that declares the unit ("MM", "INCH", "M")."""
    path = folder / f"shape-{unit}.step"
    Interface_Static.SetCVal_s("write.step.unit", unit)
    try:
        writer = STEPControl_Writer()
        writer.Transfer(shape, STEPControl_AsIs)
        assert writer.Write(str(path)) == IFSelect_RetDone
    finally:
        Interface_Static.SetCVal_s("write.step.unit", "MM")
    return path.read_bytes()


def drilled_block() -> TopoDS_Shape:
    """A block 60 x 40 x 20 with a through hole 8, a blind hole 6 x 10 and a counterbore 5/9."""
    return cut(
        box((0, 0, 0), (60, 40, 20)),
        cylinder((15, 20, 0), (0, 0, 1), 4, 20),
        cylinder((30, 20, 10), (0, 0, 1), 3, 10),
        cylinder((45, 20, 0), (0, 0, 1), 2.5, 20),
        cylinder((45, 20, 15), (0, 0, 1), 4.5, 5),
    )
