"""Where a row of the bulletin works on a pattern: which seams, which pieces, how long, how hard.

A way is harder the more it turns and the more ease is worked in: both slow the feed and shorten
the bursts. The turning is read off the line itself, the ease off the seam.
"""

import re
from cmath import phase
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from itertools import pairwise
from typing import Literal

from manufold.design.garment.pattern.geometry import flat
from manufold.design.garment.pattern.piece import Edge, Mark, Pattern, Piece, Run, Seam
from manufold.design.garment.sewing.bulletin import Row
from manufold.design.garment.sewing.machines import pace

__all__ = ["Place", "Plan", "Way", "seam_cloth", "twice"]

#: how finely a line is followed, and what counts as a corner rather than a curve
_WITHIN_MM = 0.5
_CORNER_RAD = 0.6
_METRE_MM = 1000.0

Group = Literal["seam", "lined", "edge", "piece", "mark"]
#: a piece and whether it is its lining; pieces cut in one cloth only are never lining
Place = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Way:
    """A line that is gone along in one go.

    Args:
        hard: 1 = straight and without ease.
        notches: pairs that are brought to meet.
    """

    long_mm: float
    hard: float = 1.0
    notches: int = 0


class Plan:
    """A pattern, asked what a row means on it."""

    def __init__(self, pattern: Pattern):
        self.pattern = pattern
        self._edges = {f"{p.name}.{e.name}": e for p in pattern.pieces for e in p.edges}
        self._pieces = {piece.name: piece for piece in pattern.pieces}
        self._marks = {
            f"{piece.name}/{mark.label}": mark for piece in pattern.pieces for mark in piece.marks
        }
        self.seams = {seam.name: seam for seam in pattern.seams}
        self.cloths = {seam.name: seam_cloth(pattern, seam) for seam in pattern.seams}
        self._groups: dict[str, tuple[str, ...]] = {
            "seam": tuple(self.seams),
            "lined": tuple(name for name, cloth in self.cloths.items() if cloth == "both"),
            "edge": tuple(self._edges),
            "piece": tuple(self._pieces),
            "mark": tuple(self._marks),
        }
        self._turns: dict[int, float] = {}

    def matched(self, group: Group, asked: Iterable[str]) -> tuple[str, ...]:
        """Return what is asked for by name, a star standing for anything, in the pattern's order.

        Args:
            group: "lined" are the seams that are sewn in shell and lining.
        """
        there = self._groups[group]
        asked = [name for name in asked if (("." in name) == (group == "edge"))]
        if not asked:
            return ()
        named = re.compile("|".join(translate(name) for name in asked)).match
        return tuple(one for one in there if named(one))

    def sewn(self, row: Row) -> tuple[str, ...]:
        """Return the seams that a row sews in the shell, or where it is the lining's own."""
        return self.matched("seam", row.seams)

    def lined(self, row: Row) -> tuple[str, ...]:
        """Return the seams whose lining a row sews."""
        return self.matched("lined", row.lined)

    def along(self, row: Row) -> tuple[str, ...]:
        """Return the seams that a row goes along when they are sewn."""
        return self.matched("seam", row.along)

    def marks(self, row: Row) -> tuple[str, ...]:
        """Return the marks that a row works on, as "piece/label"."""
        return self.matched("mark", row.marks)

    def applies(self, row: Row) -> bool:
        """Return whether there is anything to do: darts and vents are not in every pattern."""
        there = all(self.matched("edge" if "." in name else "mark", [name]) for name in row.needs)
        return there and (bool(self.marks(row)) or not row.marks or bool(row.count))

    def lost(self, row: Row) -> tuple[str, ...]:
        """Return what a row names and the pattern has not; darts may be absent."""
        asked: tuple[tuple[Group, tuple[str, ...]], ...] = (
            ("seam", row.seams),
            ("lined", row.lined),
            ("piece", (*row.lays, *row.pieces)),
            ("seam", tuple(name for name in row.along if "." not in name)),
            ("edge", tuple(name for name in row.along if "." in name)),
        )
        return tuple(
            name for group, names in asked for name in names if not self.matched(group, [name])
        )

    def ways(self, row: Row) -> tuple[Way, ...]:
        """Return the lines that a row goes along once."""
        found = [self._of_seam(self.seams[name]) for name in (*self.sewn(row), *self.lined(row))]
        for name in self.along(row):
            one = self._of_seam(self.seams[name])
            found.append(Way(one.long_mm, one.hard))
        for name in self.matched("edge", row.along):
            edge = self._edges[name]
            found.append(Way(edge.sewn_mm, self._hard((edge,), 0.0)))
        for name in self.marks(row):
            found.append(Way(_mark_mm(self._marks[name])))
        return tuple(way for way in found if way.long_mm > 0)

    def joins(self, row: Row) -> tuple[tuple[Place, ...], ...]:
        """Return the sets of places that hang together once a row is sewn."""
        found = [self._of_runs(self.seams[name], row.cloth) for name in self.sewn(row)]
        found += [self._of_runs(self.seams[name], "lining") for name in self.lined(row)]
        laid = self.matched("piece", row.lays)
        if laid:
            on = (name.partition("/")[0] for name in self.marks(row))
            laid = tuple(dict.fromkeys((*laid, *on)))
        for side in _sides(laid):
            found.append(tuple(self.place(name, row.cloth == "lining") for name in side))
        return tuple(found)

    def places(self, row: Row) -> tuple[Place, ...]:
        """Return every place that a row works on."""
        found = [place for joined in self.joins(row) for place in joined]
        lining = row.cloth == "lining"
        for name in self.along(row):
            found += self._of_runs(self.seams[name], row.cloth)
        names = [name.partition(".")[0] for name in self.matched("edge", row.along)]
        names += [name.partition("/")[0] for name in self.marks(row)]
        names += self.matched("piece", row.pieces)
        found += [self.place(name, lining) for name in names]
        if "*" in row.pieces:  # a finished garment: its lining, too
            found += [self.place(name, True) for name in self._pieces]
        return tuple(dict.fromkeys(found))

    def place(self, name: str, lining: bool) -> Place:
        """Return a piece as one place, or its lining as another where it is cut in both."""
        return name, lining and twice(self._pieces[name])

    def _of_runs(self, seam: Seam, cloth: str) -> tuple[Place, ...]:
        lining = cloth == "lining" or self.cloths[seam.name] == "lining"
        return tuple(self.place(run.piece, lining) for run in (*seam.a, *seam.b))

    def _of_seam(self, seam: Seam) -> Way:
        edges = self._run_edges(seam.a)
        long_mm = sum(edge.sewn_mm for edge in edges)
        eased = sum(abs(ease) for ease in seam.ease_mm)
        return Way(long_mm, self._hard(edges, eased), len(seam.meets))

    def _run_edges(self, runs: Iterable[Run]) -> tuple[Edge, ...]:
        return tuple(self._edges[f"{run.piece}.{run.edge}"] for run in runs)

    def _hard(self, edges: Iterable[Edge], eased_mm: float) -> float:
        edges = tuple(edges)
        long_mm = max(sum(edge.sewn_mm for edge in edges), 1.0)
        turned = sum(self._turn(edge) for edge in edges) / (long_mm / _METRE_MM)
        one = pace()
        curve = one.hard_per_rad_m * min(turned, one.rad_m_most)
        return 1 + curve + one.hard_per_ease * eased_mm / long_mm

    def _turn(self, edge: Edge) -> float:
        """Return how far a line turns in all, in radians, its corners left out."""
        key = id(edge)
        if key not in self._turns:
            points = flat(edge.path, _WITHIN_MM)
            ways = [b - a for a, b in pairwise(points) if abs(b - a) > 1e-9]
            turns = (abs(phase(after / before)) for before, after in pairwise(ways))
            self._turns[key] = sum(one for one in turns if one < _CORNER_RAD)
        return self._turns[key]


def _sides(laid: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what is laid together: each side for itself where every piece has one."""
    sides = [tuple(n for n in laid if n.endswith(end)) for end in ("_left", "_right")]
    whole = sum(map(len, sides)) == len(laid)
    yield from (side for side in (sides if whole else [laid]) if side)


def twice(piece: Piece) -> bool:
    """Return whether a piece is cut in shell and in lining."""
    return "shell" in piece.cut and "lining" in piece.cut


def seam_cloth(pattern: Pattern, seam: Seam) -> str:
    """Return "lining" where a seam is the lining's own, "both" where it is sewn in each."""
    cuts = [piece.cut for piece in _pieces_of(pattern, seam)]
    if any("lining" in cut and "shell" not in cut for cut in cuts):
        return "lining"
    return "both" if all("lining" in cut and "shell" in cut for cut in cuts) else "shell"


def _pieces_of(pattern: Pattern, seam: Seam) -> Iterator[Piece]:
    for name in dict.fromkeys(run.piece for run in (*seam.a, *seam.b)):
        yield pattern.piece(name)


def _mark_mm(mark: Mark) -> float:
    """Return what is sewn of a mark: a dart's leg, a line's length; nothing of another."""
    points = mark.points
    if mark.kind not in ("dart", "line"):
        return 0.0
    if mark.kind == "dart":
        closed = (*points, points[0])
        around = sum(abs(b - a) for a, b in pairwise(closed))
        return around / 2
    return sum(abs(b - a) for a, b in pairwise(points))
