"""How a draft is put together: pieces laid down, seams sewn, notches nicked on both sides."""

from collections.abc import Mapping, Sequence

from manufold.design.garment.pattern.geometry import Path
from manufold.design.garment.pattern.piece import (
    Edge,
    Level,
    Mark,
    Notch,
    Pattern,
    Piece,
    Run,
    Seam,
    SeamKind,
    Side,
    mirror,
)
from manufold.model.errors import Reason

__all__ = ["Draft", "Meeting"]

#: a label; where on the second run, in sewn mm; and the ease given to the first run up to there
Meeting = tuple[str, float, float]


class Draft:
    """A pattern while it is being drawn."""

    def __init__(self, garment: str, options: Mapping[str, str]):
        self.garment = garment
        self.options = dict(options)
        self.notes: list[Reason] = []
        self.levels: list[Level] = []
        self.sizes_mm: dict[str, float] = {}
        self._pieces: dict[str, Piece] = {}
        self._notches: dict[str, list[Notch]] = {}
        self._seams: list[Seam] = []

    def piece(
        self,
        name: str,
        side: Side,
        edges: Sequence[Edge],
        grain: tuple[complex, complex],
        cut: Mapping[str, int],
        marks: Sequence[Mark] = (),
        *,
        flip: bool = False,
    ) -> None:
        """Lay down a piece; `flip` turns a draft of one hand over into the other's."""
        drawn = mirror(tuple(edges)) if flip else tuple(edges)
        shown = tuple(marks)
        if flip:
            turned = {z: complex(-z.real, z.imag) for mark in marks for z in (*mark.points, *grain)}
            grain = (_over(grain[0]), _over(grain[1]))
            shown = tuple(Mark(m.kind, tuple(turned[z] for z in m.points), m.label) for m in marks)
        self._pieces[name] = Piece(name, side, drawn, grain, dict(cut), (), shown)
        self._notches[name] = []

    def notch(self, piece: str, edge: str, sewn_mm: float, label: str) -> None:
        """Nick an edge at a sewn length from its beginning."""
        here = self._pieces[piece].edge(edge)
        self._notches[piece].append(Notch(edge, _laid_mm(here, sewn_mm), label))

    def sewn_mm(self, *runs: Run) -> float:
        """Return the sewn length of a run of edges."""
        return sum(self._pieces[run.piece].edge(run.edge).sewn_mm for run in runs)

    def path(self, piece: str, edge: str) -> Path:
        """Return an edge's line as laid down."""
        return self._pieces[piece].edge(edge).path

    def sew(
        self,
        name: str,
        a: Sequence[Run],
        b: Sequence[Run],
        kind: SeamKind = "plain",
        ease_mm: float = 0.0,
        meetings: Sequence[Meeting] = (),
    ) -> None:
        """Join two runs; seams are sewn in the order in which they are said."""
        eases, before_mm = [], 0.0
        for label, at_mm, given_mm in meetings:
            self._nick(a, at_mm + given_mm, label)
            self._nick(b, at_mm, label)
            eases.append(given_mm - before_mm)
            before_mm = given_mm
        eases.append(ease_mm - before_mm)
        meets = tuple(label for label, _at, _ease in meetings)
        self._seams.append(
            Seam(name, tuple(a), tuple(b), tuple(eases), meets, kind, len(self._seams) + 1)
        )

    def done(self) -> Pattern:
        """Return the pattern."""
        pieces = tuple(
            Piece(p.name, p.side, p.edges, p.grain, p.cut, tuple(self._notches[name]), p.marks)
            for name, p in self._pieces.items()
        )
        return Pattern(
            self.garment,
            self.options,
            pieces,
            tuple(self._seams),
            self.sizes_mm,
            tuple(self.levels),
            tuple(self.notes),
        )

    def _nick(self, runs: Sequence[Run], at_mm: float, label: str) -> None:
        left = at_mm
        for run in runs:
            whole = self.sewn_mm(run)
            if left <= whole + 1e-6 or run is runs[-1]:
                here = left if run.forward else whole - left
                self.notch(run.piece, run.edge, min(max(here, 0.0), whole), label)
                return
            left -= whole


def _laid_mm(edge: Edge, sewn_mm: float) -> float:
    """Return the arc length at a sewn length: what is folded away before it is added."""
    found = sewn_mm
    for one in edge.taken:
        if found > one.from_mm + 1e-9:
            found += one.to_mm - one.from_mm
    return found


def _over(z: complex) -> complex:
    return complex(-z.real, z.imag)
