"""STEP to solids: read, keep solids only, scale if the buyer said which unit was meant.

Runs only inside a worker process: about a quarter of damaged STEP files end the process here.

Source  Open CASCADE Technology 7.9, STEPControl_Reader; it converts declared units to mm.
"""

import io
import re
from dataclasses import dataclass

from OCP.BRep import BRep_Builder
from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
from OCP.gp import gp_Pnt, gp_Trsf
from OCP.IFSelect import IFSelect_RetDone
from OCP.STEPControl import STEPControl_Reader
from OCP.TColStd import TColStd_SequenceOfAsciiString
from OCP.TopAbs import TopAbs_FACE, TopAbs_SHELL, TopAbs_SOLID
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS_Compound, TopoDS_Shape

from manufold.design.part.geometry.units import UNIT_MM
from manufold.model.errors import InputFault

__all__ = ["StepSolids", "read_step"]

_PRODUCT = re.compile(rb"\bPRODUCT\s*\(\s*'((?:[^']|'')*)'\s*,\s*'((?:[^']|'')*)'")
_WIDE = re.compile(r"\\X2\\((?:[0-9A-F]{4})+)\\X0\\")
MOST_PRODUCTS = 20
MOST_SOLIDS = 2000


@dataclass(frozen=True, slots=True)
class StepSolids:
    """The solids of a file, in millimetres, and what the file says of itself."""

    solids: TopoDS_Compound
    count: int
    loose_shells: int
    unit: str
    products: tuple[str, ...]


def read_step(name: str, content: bytes, unit: str | None) -> StepSolids:
    """Return the solids of a STEP file.

    Args:
        unit: what one unit of the file means, against its own word; None = as declared.

    Raises:
        InputFault: `part.step_unreadable`, `part.step_without_shape`, `part.no_solid`,
            `part.too_many_solids`.
    """
    reader = STEPControl_Reader()
    if reader.ReadStream("part.step", io.BytesIO(content)) != IFSelect_RetDone:
        raise InputFault("part.step_unreadable", file=name)
    declared = _declared_unit(reader)
    if reader.TransferRoots() == 0:
        raise InputFault("part.step_without_shape", file=name)
    shape = reader.OneShape()
    if shape.IsNull():
        raise InputFault("part.step_without_shape", file=name)
    if unit is not None and UNIT_MM.get(declared, 0.0) not in (0.0, UNIT_MM[unit]):
        shape = _scaled(shape, UNIT_MM[unit] / UNIT_MM[declared])
    solids, count = _solids(shape)
    if count == 0:
        raise InputFault("part.no_solid", file=name, surfaces=_count(shape, TopAbs_FACE))
    if count > MOST_SOLIDS:
        raise InputFault("part.too_many_solids", file=name, solids=count, limit=MOST_SOLIDS)
    loose = _loose(shape)
    return StepSolids(solids, count, loose, declared, _products(content))


def _declared_unit(reader: STEPControl_Reader) -> str:
    lengths, angles, solid_angles = (TColStd_SequenceOfAsciiString() for _ in range(3))
    reader.FileUnits(lengths, angles, solid_angles)
    words = {lengths.Value(i).ToCString().lower() for i in range(1, lengths.Length() + 1)}
    spelled = {"millimetre": "mm", "metre": "m", "centimetre": "cm", "inch": "inch", "foot": "ft"}
    known = sorted(spelled.get(word, word) for word in words)
    return known[0] if len(known) == 1 else "+".join(known)[:40]


def _scaled(shape: TopoDS_Shape, factor: float) -> TopoDS_Shape:
    scale = gp_Trsf()
    scale.SetScale(gp_Pnt(0, 0, 0), factor)
    return BRepBuilderAPI_Transform(shape, scale, True).Shape()


def _solids(shape: TopoDS_Shape) -> tuple[TopoDS_Compound, int]:
    builder, solids = BRep_Builder(), TopoDS_Compound()
    builder.MakeCompound(solids)
    count = 0
    walk = TopExp_Explorer(shape, TopAbs_SOLID)
    while walk.More():
        builder.Add(solids, walk.Current())
        count += 1
        walk.Next()
    return solids, count


def _loose(shape: TopoDS_Shape) -> int:
    """Return shells outside solids plus faces outside shells."""
    return _count(shape, TopAbs_SHELL, TopAbs_SOLID) + _count(shape, TopAbs_FACE, TopAbs_SHELL)


def _count(shape: TopoDS_Shape, *kinds: object) -> int:
    walk = TopExp_Explorer(shape, *kinds)
    count = 0
    while walk.More():
        count += 1
        walk.Next()
    return count


def _products(content: bytes) -> tuple[str, ...]:
    """Return the product names, each once, in the order of the file."""
    names: dict[str, None] = {}
    for match in _PRODUCT.finditer(content):
        text = (match[2] or match[1]).decode("latin-1").replace("''", "'")
        names.setdefault(_WIDE.sub(_widened, text)[:80])
        if len(names) == MOST_PRODUCTS:
            break
    return tuple(names)


def _widened(match: re.Match[str]) -> str:
    return bytes.fromhex(match[1]).decode("utf-16-be", "replace")
