"""Round holes from closed internal cylinders: what follows on one axis is one hole.

Internal cylinders and cones are gathered by axis; those of one radius that overlap along it are
one step (a bore stored as two halves); steps that touch are one hole (counterbores, countersinks).
Steps of one radius on both sides of a larger crossing bore are one drilled hole as well: the gap
between them lies inside that bore. Walls apart with open air between them stay separate holes.

Whether an end is open is read from the faces around it: the mouth of a hole looks away from it,
a bottom looks back into it; a rounding is a mouth where it is convex and a bottom where it is
hollow; a drill's point has nothing around it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve2d
from OCP.BRepGProp import BRepGProp_Face
from OCP.gp import gp_Pnt, gp_Vec
from OCP.TopAbs import TopAbs_EDGE
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS, TopoDS_Compound, TopoDS_Edge, TopoDS_Face
from OCP.TopTools import TopTools_IndexedMapOfShape

from manufold.design.part.geometry.facts import Hole, Vector
from manufold.design.part.geometry.surfaces import Surface
from manufold.design.part.geometry.vectors import cross, dot, length, minus, plus, times

__all__ = ["holes_of"]

ANGLE_TOLERANCE = 1e-3
#: relative to the radius: coaxial means closer than this, and at least 2 um
AXIS_TOLERANCE = 0.002
#: share of the full circle times length that a step's faces must cover
CLOSED_SHARE = 0.8


@dataclass(slots=True)
class _Step:
    """Faces of one radius on one axis, coordinates along that axis."""

    radius_mm: float
    low_mm: float
    high_mm: float
    covered: float  # degrees x mm
    faces: list[Surface]
    conical: bool

    def closed(self) -> bool:
        extent = 360.0 * (self.high_mm - self.low_mm)
        return self.conical or (extent > 0 and self.covered >= CLOSED_SHARE * extent)


@dataclass(slots=True)
class _Line:
    """An axis: direction and foot point, with the surfaces around it."""

    axis: Vector
    foot_mm: Vector
    radius_mm: float
    surfaces: list[Surface]


def holes_of(solids: TopoDS_Compound, surfaces: Sequence[Surface]) -> tuple[Hole, ...]:
    """Return the round holes, in the order of their first face."""
    internal = [
        s for s in surfaces if s.internal and s.kind in ("cylinder", "cone") and s.axis is not None
    ]
    if not internal:
        return ()
    around = _Around(solids, surfaces)
    lines = _lines(internal)
    bores = [(line, step) for line in lines for step in _steps(line) if step.closed()]
    found: list[Hole] = []
    for line in lines:
        steps = sorted((s for s in _steps(line) if s.closed()), key=lambda s: s.low_mm)
        for chain in _chains(line, steps, bores):
            hole = _hole(line, chain, around)
            if hole is not None:
                found.append(hole)
    return tuple(sorted(found, key=lambda hole: int(hole.faces[0][1:])))


def _lines(internal: Sequence[Surface]) -> list[_Line]:
    lines: list[_Line] = []
    for surface in internal:
        assert surface.axis is not None
        axis = surface.axis
        foot = minus(surface.point_mm, times(axis, dot(surface.point_mm, axis)))
        for line in lines:
            near_mm = max(0.002, AXIS_TOLERANCE * max(line.radius_mm, surface.radius_mm))
            parallel = length(cross(axis, line.axis)) < ANGLE_TOLERANCE
            apart = surface.solid != line.surfaces[0].solid
            if parallel and not apart and length(minus(foot, line.foot_mm)) < near_mm:
                line.surfaces.append(surface)
                line.radius_mm = max(line.radius_mm, surface.radius_mm)
                break
        else:
            lines.append(_Line(axis, foot, surface.radius_mm, [surface]))
    return lines


def _steps(line: _Line) -> list[_Step]:
    """Return steps: faces of one radius merged where they overlap or touch along the axis."""
    steps: list[_Step] = []
    spans = []
    for surface in line.surfaces:
        assert surface.axis is not None
        start = dot(surface.point_mm, line.axis)
        turn = 1.0 if dot(surface.axis, line.axis) > 0 else -1.0
        low, high = sorted((start + turn * surface.low_mm, start + turn * surface.high_mm))
        spans.append((low, high, surface))
    for low, high, surface in sorted(spans, key=lambda span: (span[0], span[1], span[2].face)):
        conical = surface.kind == "cone"
        covered = surface.span_deg * (high - low)
        for step in steps:
            same = abs(step.radius_mm - surface.radius_mm) < max(0.002, 0.001 * step.radius_mm)
            if conical == step.conical and same and low <= step.high_mm + 0.01:
                step.high_mm = max(step.high_mm, high)
                step.covered += covered
                step.faces.append(surface)
                break
        else:
            steps.append(_Step(surface.radius_mm, low, high, covered, [surface], conical))
    return steps


def _chains(
    line: _Line, steps: Sequence[_Step], bores: Sequence[tuple[_Line, _Step]]
) -> list[list[_Step]]:
    chains: list[list[_Step]] = []
    for step in steps:
        if chains:
            last = chains[-1][-1]
            end_mm = max(s.high_mm for s in chains[-1])
            touching = step.low_mm <= end_mm + 0.01
            if touching or _crossed(line, last, step, end_mm, bores):
                chains[-1].append(step)
                continue
        chains.append([step])
    return chains


def _crossed(
    line: _Line, last: _Step, step: _Step, end_mm: float, bores: Sequence[tuple[_Line, _Step]]
) -> bool:
    """Whether the gap between two steps of one radius is the inside of a crossing bore."""
    if last.conical or step.conical or abs(last.radius_mm - step.radius_mm) > 0.005:
        return False
    gap_mm = step.low_mm - end_mm
    middle = plus(line.foot_mm, times(line.axis, (end_mm + step.low_mm) / 2))
    for other, bore in bores:
        if other is line or bore.conical or abs(dot(other.axis, line.axis)) > 0.95:
            continue
        along = dot(middle, other.axis)
        off = minus(minus(middle, other.foot_mm), times(other.axis, along))
        inside = bore.low_mm - 0.01 <= along <= bore.high_mm + 0.01
        if inside and length(off) < bore.radius_mm and gap_mm <= 2.2 * bore.radius_mm:
            return True
    return False


def _hole(line: _Line, chain: Sequence[_Step], around: "_Around") -> Hole | None:
    round_steps = [step for step in chain if not step.conical]
    if not round_steps:
        return None
    faces = [surface for step in chain for surface in step.faces]
    low = min(step.low_mm for step in chain)
    high = max(step.high_mm for step in chain)
    opens = [
        times(line.axis, side)
        for side in (-1.0, 1.0)
        if _open(line, faces, (low + high) / 2, (high - low) / 2, side, around)
    ]
    faces += _floors(line, faces, low, high, opens, around)
    round_low = min(step.low_mm for step in round_steps)
    round_high = max(step.high_mm for step in round_steps)
    return Hole(
        diameter_mm=2 * min(step.radius_mm for step in round_steps),
        depth_mm=round_high - round_low,
        steps_mm=_step_sizes(round_steps),
        axis=line.axis,
        opens=tuple(opens),
        faces=tuple(sorted((s.face for s in faces), key=lambda face: int(face[1:]))),
    )


def _floors(
    line: _Line,
    faces: Sequence[Surface],
    low_mm: float,
    high_mm: float,
    opens: Sequence[Vector],
    around: "_Around",
) -> list[Surface]:
    """Return the flat bottom of a blind hole and the flat steps of a stepped one."""
    closed = [
        end_mm
        for end_mm, side in ((low_mm, -1.0), (high_mm, 1.0))
        if not any(dot(end, line.axis) * side > 0 for end in opens)
    ]
    widest_mm2 = 3.1416 * max(surface.radius_mm for surface in faces) ** 2
    found: dict[str, Surface] = {}
    for _, other in around.others(faces):
        if other.kind != "plane" or other.axis is None or other.area_mm2 > 1.01 * widest_mm2:
            continue
        if abs(dot(other.axis, line.axis)) < 0.999:
            continue
        along_mm = dot(other.point_mm, line.axis)
        inside = low_mm + 0.01 < along_mm < high_mm - 0.01
        if inside or any(abs(along_mm - end_mm) < 0.01 for end_mm in closed):
            found[other.face] = other
    return list(found.values())


def _step_sizes(steps: Sequence[_Step]) -> tuple[tuple[float, float], ...]:
    """Return (diameter, depth) along the axis; one diameter on both sides of a bore is one."""
    sizes: list[tuple[float, float]] = []
    for step in steps:
        size = (2 * step.radius_mm, step.high_mm - step.low_mm)
        if sizes and abs(sizes[-1][0] - size[0]) < 0.005:
            sizes[-1] = (size[0], sizes[-1][1] + size[1])
        else:
            sizes.append(size)
    return tuple(sizes)


class _Around:
    """Which faces meet at an edge."""

    def __init__(self, solids: TopoDS_Compound, surfaces: Sequence[Surface]):
        index = TopTools_IndexedMapOfShape()
        TopExp.MapShapes_s(solids, TopAbs_EDGE, index)
        self._edges_of: dict[str, list[tuple[int, TopoDS_Edge]]] = {}
        self._at_edge: dict[int, list[Surface]] = {}
        for surface in surfaces:
            edges = self._edges_of.setdefault(surface.face, [])
            walk = TopExp_Explorer(surface.shape, TopAbs_EDGE)
            while walk.More():
                edge = TopoDS.Edge_s(walk.Current())
                number = index.FindIndex(edge)
                edges.append((number, edge))
                self._at_edge.setdefault(number, []).append(surface)
                walk.Next()

    def others(self, own: Sequence[Surface]) -> Iterator[tuple[TopoDS_Edge, Surface]]:
        """Yield (edge, face) for every face that shares an edge with `own` and is not of it."""
        names = {surface.face for surface in own}
        for surface in own:
            for number, edge in self._edges_of[surface.face]:
                for other in self._at_edge[number]:
                    if other.face not in names and not BRep_Tool.Degenerated_s(edge):
                        yield edge, other


def _open(
    line: _Line,
    faces: Sequence[Surface],
    middle_mm: float,
    reach_mm: float,
    side: float,
    around: _Around,
) -> bool:
    """Whether one end of a hole is open: the faces around it look outward more than inward."""
    outward = times(line.axis, side)
    votes: list[tuple[float, float]] = []
    for edge, other in around.others(faces):
        point, normal = _normal_at(edge, other.shape)
        along_mm = (dot(point, line.axis) - middle_mm) * side
        if along_mm > 0:
            look = dot(normal, outward)
            if abs(look) < 0.1 and other.kind in ("sphere", "torus"):
                look = -1.0 if other.internal else 1.0
            votes.append((along_mm, look))
    if not votes:
        return False
    far_mm = max(along_mm for along_mm, _ in votes)
    near = [look for along_mm, look in votes if along_mm > far_mm - max(0.05 * reach_mm, 0.05)]
    return sum(near) >= -0.1 * len(near)


def _normal_at(edge: TopoDS_Edge, face: TopoDS_Face) -> tuple[Vector, Vector]:
    """Return the middle of an edge and a face's outward normal there."""
    curve = BRepAdaptor_Curve2d(edge, face)
    place = curve.Value((curve.FirstParameter() + curve.LastParameter()) / 2)
    point, normal = gp_Pnt(), gp_Vec()
    BRepGProp_Face(face).Normal(place.X(), place.Y(), point, normal)
    size = normal.Magnitude() or 1.0
    where = (point.X(), point.Y(), point.Z())
    return where, (normal.X() / size, normal.Y() / size, normal.Z() / size)
