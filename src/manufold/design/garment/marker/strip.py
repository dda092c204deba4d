"""What is laid and how: a strip of cloth, its pieces, and where each of them lies."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import cos, radians, sin
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from manufold.design.garment.marker.match import Matching

__all__ = [
    "Layout",
    "Placement",
    "Points",
    "Strip",
    "StripItem",
    "area_of",
    "around_mm",
    "document",
    "placed",
    "turned",
    "used_width_mm",
]

#: shape (points, 2), mm
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StripItem:
    """A piece and how often it is wanted.

    Args:
        item: its number in the file, told back with each placement.
        outline: shape (points, 2), counter-clockwise, simple, the last point not the first again.
        demand: copies, at least 1.
        rotations_deg: angles it may be turned by about the origin of its own coordinates, as
            nap, stripes and grain allow; None = any.
    """

    item: int
    outline: Points
    demand: int
    rotations_deg: tuple[float, ...] | None

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """Angles to try where one has to be chosen: all allowed ones, or steps of five degrees."""
        return (
            tuple(map(float, range(0, 180, 5)))
            if self.rotations_deg is None
            else self.rotations_deg
        )


@dataclass(frozen=True, slots=True)
class Strip:
    """Cloth of fixed height (a tailor's width) and free width (his length), and its pieces.

    Args:
        gap_mm: least distance between two pieces.
        matching: of a cloth that repeats itself, which points must show the same line of it.
    """

    name: str
    height_mm: float
    items: tuple[StripItem, ...]
    gap_mm: float = 0.0
    matching: "Matching | None" = None

    @property
    def area_mm2(self) -> float:
        """Of all copies of all pieces."""
        return sum(area_of(item.outline) * item.demand for item in self.items)

    def density(self, width_mm: float) -> float:
        """Return which part of a width's cloth the pieces cover, 0..1."""
        return self.area_mm2 / (self.height_mm * width_mm)


@dataclass(frozen=True, slots=True)
class Placement:
    """A copy of a piece: turned about the origin by `rotation_deg`, then moved by (x, y)."""

    item: int
    rotation_deg: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where every copy lies, and how far the cloth is used up.

    Args:
        columns: no search found it: pieces lie in columns by their boxes, pushed together.
    """

    width_mm: float
    placements: tuple[Placement, ...]
    columns: bool = False


def area_of(outline: Points) -> float:
    """Return the signed area, positive when counter-clockwise."""
    x, y = outline[:, 0], outline[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def around_mm(outline: Points) -> float:
    """Return how far it is around an outline."""
    along = np.roll(outline, -1, axis=0) - outline
    return float(np.hypot(along[:, 0], along[:, 1]).sum())


def turned(points: Points, rotation_deg: float) -> Points:
    """Return the points turned about the origin; quarter turns are exact."""
    quarters, rest = divmod(rotation_deg, 90.0)
    if rest == 0.0:
        cosine, sine = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    else:
        cosine, sine = cos(radians(rotation_deg)), sin(radians(rotation_deg))
    return np.asarray(points @ np.array(((cosine, sine), (-sine, cosine))))


def placed(strip: Strip, placements: Iterable[Placement]) -> list[Points]:
    """Return the outline of every placed copy, in the order of the placements."""
    outlines = {item.item: item.outline for item in strip.items}
    return [
        turned(outlines[one.item], one.rotation_deg) + np.array((one.x, one.y))
        for one in placements
    ]


def used_width_mm(strip: Strip, placements: Iterable[Placement]) -> float:
    """Return how far the cloth is used up, counted from x = 0."""
    return max(float(points[:, 0].max()) for points in placed(strip, placements))


def document(strip: Strip, layout: Layout) -> dict[str, Any]:
    """Return a layout as the JSON object of `contracts/strip_layout.schema.json`."""
    return {
        "density": strip.density(layout.width_mm),
        "width": layout.width_mm,
        "placements": [asdict(one) for one in layout.placements],
    }
