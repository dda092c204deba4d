"""Whether a pattern can be cut and sewn: judged from its lines alone, not by who drew it.

Curves are evaluated anew, as fine polygons; nothing of the drafter's lengths is believed. Checked:
every piece closed, counter-clockwise and simple, on the sew line and on the cut line; the sew line
inside the cut line; every edge that is to be sewn is, and is put on once; and each span of each
seam, notch to notch, within half a millimetre of its stated ease.

Source  Lengths by chords of n and 2n steps with Richardson's extrapolation; `exact` for crossings.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from manufold.design.garment.pattern.cutline import cut_line
from manufold.design.garment.pattern.exact import Points, area_mm2, crossings
from manufold.design.garment.pattern.piece import Edge, Pattern, Piece, Run, Seam
from manufold.model.errors import Fault, Reason

__all__ = ["SEAM_MM", "faults"]

#: what a seam may be off its stated ease
SEAM_MM = 0.5
_CLOSED_MM = 0.001
_STEPS = 16
_T = np.linspace(0.0, 1.0, 2 * _STEPS + 1)
_WEIGHTS = np.array([(1 - _T) ** 3, 3 * (1 - _T) ** 2 * _T, 3 * (1 - _T) * _T**2, _T**3])


def faults(pattern: Pattern) -> tuple[Fault, ...]:
    """Return everything that keeps the pattern from being cut and sewn; empty when sound."""
    found: list[Fault] = []
    for piece in pattern.pieces:
        found += _piece_faults(piece)
    found += _graph_faults(pattern)
    lines = {(p.name, e.name): _Line(e) for p in pattern.pieces for e in p.edges}
    for seam in pattern.seams:
        found += _seam_faults(pattern, seam, lines)
    return tuple(found)


class _Line:
    """An edge as a fine polygon, with what darts and pleats fold away."""

    def __init__(self, edge: Edge):
        handles = np.array([[s.a, s.b, s.c, s.d] for s in edge.path])
        self.points: Points = handles @ _WEIGHTS
        chords = np.abs(np.diff(self.points, axis=1))
        coarse = np.abs(np.diff(self.points[:, ::2], axis=1)).sum(axis=1)
        self.strokes_mm = chords.sum(axis=1) + (chords.sum(axis=1) - coarse) / 3
        self.whole_mm = float(self.strokes_mm.sum())
        self.taken = edge.taken

    def sewn_mm(self, at_mm: float) -> float:
        """Return the sewn length up to an arc length."""
        return at_mm - sum(
            min(max(at_mm - one.from_mm, 0.0), one.to_mm - one.from_mm) for one in self.taken
        )


def _piece_faults(piece: Piece) -> Iterator[Fault]:
    edges = piece.edges
    for edge, after in zip(edges, (*edges[1:], edges[0]), strict=True):
        strokes = edge.path
        for here, there in pairwise(strokes):
            if abs(here.d - there.a) > _CLOSED_MM:
                yield _fault(piece.name, "garment.pattern_open", edge=edge.name)
        if abs(strokes[-1].d - after.path[0].a) > _CLOSED_MM:
            yield _fault(piece.name, "garment.pattern_open", edge=edge.name)
        for one in edge.taken:
            if not 0 <= one.from_mm < one.to_mm <= edge.length_mm + 1e-6:
                yield _fault(piece.name, "garment.pattern_fold_outside", edge=edge.name)
    sewn = np.array(piece.outline())
    cut = np.array(cut_line(piece))
    if not (np.isfinite(sewn).all() and np.isfinite(cut).all()):
        yield _fault(piece.name, "garment.pattern_crosses", line="sew")
        return
    areas = area_mm2(sewn), area_mm2(cut)
    if not 0 < areas[0] <= areas[1]:
        yield _fault(piece.name, "garment.pattern_area")
    for name, polygon in (("sew", sewn), ("cut", cut)):
        if crossings(polygon):
            yield _fault(piece.name, "garment.pattern_crosses", line=name)


def _graph_faults(pattern: Pattern) -> Iterator[Fault]:
    put = Counter((run.piece, run.edge) for seam in pattern.seams for run in seam.a)
    held = {*put, *((run.piece, run.edge) for seam in pattern.seams for run in seam.b)}
    asked = {(p.name, e.name): e.sewn for p in pattern.pieces for e in p.edges}
    for piece, edge in held:
        # onto one edge several layers may be sewn; itself it is put on once
        if not asked.get((piece, edge), False) or put[piece, edge] > 1:
            yield _fault(piece, "garment.pattern_sewn_twice", edge=edge)
    for (piece, edge), wanted in asked.items():
        if wanted and (piece, edge) not in held:
            yield _fault(piece, "garment.pattern_unsewn", edge=edge)


def _seam_faults(
    pattern: Pattern, seam: Seam, lines: dict[tuple[str, str], _Line]
) -> Iterator[Fault]:
    one = _stations_mm(pattern, seam, seam.a, lines)
    two = _stations_mm(pattern, seam, seam.b, lines)
    if one is None or two is None or len(one) != len(seam.ease_mm) + 1:
        yield _fault(seam.name, "garment.pattern_notch_lost")
        return
    for at, stated_mm in enumerate(seam.ease_mm):
        first, second = one[at + 1] - one[at], two[at + 1] - two[at]
        off = first - second - stated_mm
        if not abs(off) <= SEAM_MM or first < 0 or second < 0:
            yield _fault(seam.name, "garment.pattern_seam_off", span=at + 1, off_mm=f"{off:.2f}")


def _stations_mm(
    pattern: Pattern, seam: Seam, runs: Sequence[Run], lines: dict[tuple[str, str], _Line]
) -> list[float] | None:
    """Return the sewn lengths of beginning, notches in order and end; None when one is lost."""
    found: dict[str, float] = {}
    walked = 0.0
    for run in runs:
        line = lines[run.piece, run.edge]
        whole = line.sewn_mm(line.whole_mm)
        for notch in pattern.piece(run.piece).notches:
            if notch.edge == run.edge and notch.label in seam.meets:
                at = line.sewn_mm(notch.at_mm)
                found[notch.label] = walked + (at if run.forward else whole - at)
        walked += whole
    if set(found) != set(seam.meets):
        return None
    return [0.0, *(found[label] for label in seam.meets), walked]


def _fault(where: str, code: str, **params: str | int) -> Fault:
    return Fault(where, Reason(code, {"piece": where, **params}))
