"""The facts of a part: plain frozen values that travel between processes and into JSON.

Face ids are "F1", "F2", ...: the order in which the kernel walks the solids of the file, hence
stable for one file. Vectors are unit length, in the file's axes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any, Literal

__all__ = [
    "Cylinder",
    "Hole",
    "PartFacts",
    "PartFormat",
    "Pose",
    "SetUp",
    "Turned",
    "Vector",
    "facts_from_json",
    "facts_to_json",
]

Vector = tuple[float, float, float]
PartFormat = Literal["step", "stl", "3mf"]


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A cylindrical face.

    Args:
        point_mm: the point of its axis nearest to the origin.
        length_mm: along the axis.
        span_deg: of its angle; 360 = closed.
        internal: material lies outside of it.
        recognised: stored as a freeform surface and recognised as a cylinder.
    """

    face: str
    radius_mm: float
    length_mm: float
    axis: Vector
    point_mm: Vector
    span_deg: float
    internal: bool
    recognised: bool


@dataclass(frozen=True, slots=True)
class Hole:
    """A round hole: coaxial closed cylinders that follow one another.

    Args:
        diameter_mm: of its narrowest step.
        depth_mm: from first to last cylindrical edge, all steps.
        steps_mm: (diameter, depth) of every step along the axis; several = counterbored.
        opens: directions in which a drill could leave it; two = through, one = blind.
    """

    diameter_mm: float
    depth_mm: float
    steps_mm: tuple[tuple[float, float], ...]
    axis: Vector
    opens: tuple[Vector, ...]
    faces: tuple[str, ...]

    @property
    def through(self) -> bool:
        """Whether it is open at both ends."""
        return len(self.opens) == 2


@dataclass(frozen=True, slots=True)
class SetUp:
    """A direction from which a three-axis machine reaches part of the surface.

    Args:
        towards: from the part to the spindle.
        area_mm2: of the surface first reached in this set-up.
        faces: reached first in this set-up.
    """

    towards: Vector
    area_mm2: float
    faces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pose:
    """How a part lies best on a printer's bed.

    Args:
        up: away from the bed.
        overhang_mm2: surface that hangs over more steeply than 45 degrees.
        support_mm3: the space below it, down to the bed.
    """

    up: Vector
    height_mm: float
    overhang_mm2: float
    support_mm3: float


@dataclass(frozen=True, slots=True)
class Turned:
    """A body of revolution with few exceptions.

    Args:
        area_fraction: share of the surface that is coaxial.
        bore_mm: diameter of the widest coaxial hole, 0 = none.
        other_faces: not coaxial (flats, keyways, cross holes).
    """

    axis: Vector
    diameter_mm: float
    length_mm: float
    area_fraction: float
    bore_mm: float
    other_faces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartFacts:
    """Everything measured on one file.

    Args:
        unit: as declared in the file ("mm", "inch", "m", ...), "" = the format has none.
        bbox_mm: extents along the file's axes, of solids only.
        stock_mm: extents of the smallest box along the part's own main faces, longest first.
        face_kinds: kind -> number of faces; freeform faces recognised count as what they are.
        triangles: of a mesh, 0 for a boundary representation.
        watertight: closed (after repair where `repaired`): volume, surface and box agree.
        loose_shells: shells and faces outside any solid; they are not measured.
        min_internal_radius_mm: of pocket corners and fillets, 0 = none.
        hidden_fraction: share of the surface that no straight tool reaches from any set-up.
        sheet_thickness_mm: where the part is a sheet of even thickness, else 0.
    """

    format: PartFormat
    unit: str
    products: tuple[str, ...]
    solids: int
    faces: int
    triangles: int
    volume_mm3: float
    area_mm2: float
    bbox_mm: Vector
    stock_mm: Vector
    face_kinds: Mapping[str, int]
    pose: Pose
    cylinders: tuple[Cylinder, ...] = ()
    holes: tuple[Hole, ...] = ()
    set_ups: tuple[SetUp, ...] = ()
    turned: Turned | None = None
    min_internal_radius_mm: float = 0.0
    hidden_fraction: float = 0.0
    sheet_thickness_mm: float = 0.0
    watertight: bool = True
    repaired: bool = False
    loose_shells: int = 0


def facts_to_json(facts: PartFacts) -> dict[str, Any]:
    """Return plain JSON: dicts, lists, strings, integers, and decimals of nine digits."""
    plain = _plain(facts)
    assert isinstance(plain, dict)
    return plain


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return Decimal(str(round(value, 9) + 0.0))  # no minus zero: equal facts, equal bytes
    return value


def facts_from_json(plain: Mapping[str, Any]) -> PartFacts:
    """Return the facts of which `facts_to_json` made `plain`, also after a way through JSON.

    Raises:
        TypeError, KeyError: it was something else.
    """
    turned = plain["turned"]
    return PartFacts(
        **{
            **_tuples(plain),
            "products": tuple(plain["products"]),
            "face_kinds": dict(plain["face_kinds"]),
            "pose": Pose(**_tuples(plain["pose"])),
            "cylinders": tuple(Cylinder(**_tuples(c)) for c in plain["cylinders"]),
            "holes": tuple(Hole(**_tuples(h)) for h in plain["holes"]),
            "set_ups": tuple(SetUp(**_tuples(s)) for s in plain["set_ups"]),
            "turned": None if turned is None else Turned(**_tuples(turned)),
        }
    )


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in plain.items()}


def _tuple(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(_tuple(item) for item in value)
    return float(value) if isinstance(value, Decimal) else value
