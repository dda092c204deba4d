"""What a pattern is: pieces with named edges, and the graph of seams that joins them.

An edge lies on the sew line, counter-clockwise around its piece, the face of the cloth up. What a
dart or a pleat takes from an edge is said on the edge, so that its sewn length is known. A seam
joins two runs of edges; between the notches that meet, each span says how much longer the first
run is cut than the second. Operations and minutes can hang on a seam: it has a kind and an order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from manufold.design.garment.pattern.geometry import (
    Path,
    backwards,
    flat,
    length_mm,
    mirrored,
)
from manufold.model.errors import Reason

__all__ = [
    "Edge",
    "Level",
    "Mark",
    "Notch",
    "Pattern",
    "Piece",
    "Run",
    "Seam",
    "SeamKind",
    "Side",
    "Slice",
    "Taken",
    "mirror",
]

Side = Literal["left", "right", "both"]
#: plain: right sides together; lapped: one over the other and topstitched; enclosed: inside two
#: layers; set: a sleeve into a round armhole; faced: turned to the inside; banded: a band over it
SeamKind = Literal["plain", "lapped", "enclosed", "set", "faced", "banded"]


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of an edge that a dart or a pleat folds away, in arc lengths of the edge."""

    kind: Literal["dart", "pleat"]
    from_mm: float
    to_mm: float


@dataclass(frozen=True, slots=True)
class Edge:
    """One named side of a piece, on the sew line.

    Args:
        allowance_mm: cloth beyond it; 0 on a fold.
        sewn: False when no seam holds it: a fold, a hem, an opening.
    """

    name: str
    path: Path
    allowance_mm: float
    taken: tuple[Taken, ...] = ()
    sewn: bool = True

    @property
    def length_mm(self) -> float:
        """The whole arc length."""
        return length_mm(self.path)

    @property
    def sewn_mm(self) -> float:
        """The arc length once darts and pleats are closed."""
        return self.length_mm - sum(one.to_mm - one.from_mm for one in self.taken)


@dataclass(frozen=True, slots=True)
class Notch:
    """A nick at an arc length of an edge; two of one label meet when sewn."""

    edge: str
    at_mm: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line or a point inside a piece.

    Args:
        kind: "dart" is a closed shape whose inside is folded away, as is "pleat"; "line" and
            "fold" are lines; "drill" is a point.
    """

    kind: Literal["dart", "pleat", "line", "fold", "drill"]
    points: tuple[complex, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a garment.

    Args:
        cut: how many of each cloth: "shell", "lining", "interlining", "pocketing".
        grain: from, to; parallel to the warp.
    """

    name: str
    side: Side
    edges: tuple[Edge, ...]
    grain: tuple[complex, complex]
    cut: Mapping[str, int]
    notches: tuple[Notch, ...] = ()
    marks: tuple[Mark, ...] = ()

    def edge(self, name: str) -> Edge:
        """Return the edge of that name; KeyError when there is none."""
        for one in self.edges:
            if one.name == name:
                return one
        raise KeyError(f"{self.name} has no edge {name}")

    def outline(self, within_mm: float = 0.05) -> list[complex]:
        """Return the sew line as a closed polygon; the first point is not repeated."""
        return [z for edge in self.edges for z in flat(edge.path, within_mm)[:-1]]


@dataclass(frozen=True, slots=True)
class Run:
    """An edge as a seam walks it; `forward` = counter-clockwise around its piece."""

    piece: str
    edge: str
    forward: bool = True


@dataclass(frozen=True, slots=True)
class Seam:
    """One run of edges sewn to another.

    Args:
        a, b: walked from the same end of the seam to the other.
        meets: labels of notches that meet, in walking order.
        ease_mm: of each span between them, what `a` is longer than `b`; eased or gathered in when
            more than nought, stretched when less.
        order: seams of a lower number are sewn before.
    """

    name: str
    a: tuple[Run, ...]
    b: tuple[Run, ...]
    ease_mm: tuple[float, ...]
    meets: tuple[str, ...]
    kind: SeamKind
    order: int


@dataclass(frozen=True, slots=True)
class Slice:
    """A level line across a piece, between two uprights; what is folded away does not count."""

    piece: str
    y_mm: float
    from_mm: float = -1e6
    to_mm: float = 1e6


@dataclass(frozen=True, slots=True)
class Level:
    """Where a finished girth is compared with the body: slices that together go around it."""

    name: str
    body_mm: float
    slices: tuple[Slice, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A drafted garment.

    Args:
        sizes_mm: the finished sizes the draft was made to.
        notes: what the drafter had to decide, for people.
    """

    garment: str
    options: Mapping[str, str]
    pieces: tuple[Piece, ...]
    seams: tuple[Seam, ...]
    sizes_mm: Mapping[str, float]
    levels: tuple[Level, ...]
    notes: tuple[Reason, ...] = ()

    def piece(self, name: str) -> Piece:
        """Return the piece of that name; KeyError when there is none."""
        for one in self.pieces:
            if one.name == name:
                return one
        raise KeyError(f"{self.garment} has no piece {name}")


def mirror(edges: tuple[Edge, ...]) -> tuple[Edge, ...]:
    """Return the edges of the other hand's piece, counter-clockwise again."""
    found = []
    for edge in reversed(edges):
        whole_mm = edge.length_mm
        taken = tuple(
            Taken(one.kind, whole_mm - one.to_mm, whole_mm - one.from_mm)
            for one in reversed(edge.taken)
        )
        path = backwards(mirrored(edge.path))
        found.append(Edge(edge.name, path, edge.allowance_mm, taken, edge.sewn))
    return tuple(found)
