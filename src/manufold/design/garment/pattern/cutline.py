"""The cut line: the sew line moved outwards by each edge's own allowance.

Each edge is moved on its own; neighbours are then joined at their corner: where they cross they
are trimmed, where they part they are lengthened until they meet, and a corner too sharp for that
is cut off square. A straight hem's sides are the neighbours' own, mirrored in its fold, so that it
lies flat when turned up. Notches are nicked from the cut line towards the sew line.
"""

from itertools import pairwise

from manufold.design.garment.pattern.geometry import Stroke, direction, flat, left_of, point, unit
from manufold.design.garment.pattern.piece import Edge, Notch, Piece

__all__ = ["cut_line", "nick"]

#: how far a lengthened corner may reach, in widest allowances; beyond, it is cut off
_REACH = 2.6
NICK_MM = 5.0
_HEM_MM = 15.0


def cut_line(piece: Piece, within_mm: float = 0.05) -> list[complex]:
    """Return the cut line as a closed polygon; the first point is not repeated."""
    ways = [(_way(e.path[0], 0.0), _way(e.path[-1], 1.0)) for e in piece.edges]
    runs = [
        _moved(flat(edge.path, within_mm), edge.allowance_mm, *way)
        for edge, way in zip(piece.edges, ways, strict=True)
    ]
    wide = [edge.allowance_mm for edge in piece.edges]
    for at, here in enumerate(runs):
        after = (at + 1) % len(runs)
        corner = piece.edges[at].path[-1].d
        last, first = ways[at][1], ways[after][0]
        made = None
        if _turns(piece.edges[after]):
            made = _turned(here, last, corner, first, wide[after], runs[after])
        elif _turns(piece.edges[at]):  # the same corner, walked the other way
            back = _turned(runs[after][::-1], -first, corner, last, wide[at], here[::-1])
            made = None if back is None else (back[1][::-1], back[0][::-1])
        if made is None:
            made = _joined(here, runs[after], corner, max(wide[at], wide[after]), last, first)
        runs[at], runs[after] = made
    found: list[complex] = []
    for run in runs:
        found += [z for z in run if not found or abs(z - found[-1]) > 1e-6]
    while len(found) > 1 and abs(found[0] - found[-1]) <= 1e-6:
        found.pop()
    return found


def nick(piece: Piece, notch: Notch) -> tuple[complex, complex]:
    """Return a notch as a line from the cut line inwards."""
    edge = piece.edge(notch.edge)
    here = point(edge.path, notch.at_mm)
    outwards = -left_of(direction(edge.path, notch.at_mm))
    depth_mm = min(NICK_MM, edge.allowance_mm) if edge.allowance_mm else NICK_MM
    tip = here + outwards * edge.allowance_mm
    return tip, tip - outwards * depth_mm


def _way(stroke: Stroke, t: float) -> complex:
    """Return the direction at an end, a little aside where a handle lies on its point."""
    slope = stroke.slope(t)
    return unit(slope if abs(slope) > 1e-9 else stroke.slope(abs(t - 0.001)))


def _moved(points: list[complex], by_mm: float, first: complex, last: complex) -> list[complex]:
    """Return an open polygon moved to its right, which is outwards.

    Args:
        first, last: directions of the curve itself at its ends.
    """
    if not by_mm:
        return points
    ways = [unit(b - a) for a, b in pairwise(points) if b != a]
    kept = [points[0], *(b for a, b in pairwise(points) if b != a)]
    found = [kept[0] - 1j * first * by_mm]
    for here, before, after in zip(kept[1:-1], ways, ways[1:], strict=False):
        middle = before + after
        half = abs(middle) / 2  # the cosine of half the turn
        found.append(here - 1j * unit(middle) * by_mm / max(half, 0.5))
    found.append(kept[-1] - 1j * last * by_mm)
    turned = any(
        ((b - a) * way.conjugate()).real <= 0
        for (a, b), way in zip(pairwise(found), ways, strict=True)
    )
    return _unlooped(found) if turned else found


def _turns(edge: Edge) -> bool:
    """Return whether an edge is a straight hem, folded up along its sew line."""
    straight = all(stroke.straight for stroke in edge.path)
    return edge.name == "hem" and straight and not edge.sewn and edge.allowance_mm >= _HEM_MM


def _turned(
    run: list[complex],
    last: complex,
    corner: complex,
    way: complex,
    by_mm: float,
    hem: list[complex],
) -> tuple[list[complex], list[complex]] | None:
    """Return a run towards a hem, ending on its fold, and the hem from its turned-up corner.

    Folded up, the allowance lies on the piece: its side is the run's own, mirrored in the fold.
    None where the run meets the hem too flat, or is shorter than the hem is wide.
    """

    def inside(z: complex) -> float:
        return ((z - corner) * way.conjugate()).imag

    if abs((last * way.conjugate()).imag) < 0.5:
        return None
    sign = 1.0 if inside(run[0]) > 0 else -1.0
    beyond = next((n for n in range(len(run) - 1, -1, -1) if sign * inside(run[n]) >= by_mm), None)
    fold = _met(run[-1], run[-1] + last, corner, corner + way)
    if beyond is None or beyond == len(run) - 1 or fold is None:
        return None
    low, high = run[beyond + 1], run[beyond]
    share = (by_mm - sign * inside(low)) / (sign * (inside(high) - inside(low)))
    there = low + share * (high - low)
    outer = corner + way * way * (there - corner).conjugate()
    kept = [z for z in run if sign * inside(z) > 1e-6]
    return [*kept, run[-1] + fold[0] * last], [outer, *hem[1:]]


def _unlooped(points: list[complex]) -> list[complex]:
    """Return a moved polygon without the loops of hollows narrower than the allowance."""
    at = 0
    while at < len(points) - 3:
        for other in range(len(points) - 2, at + 1, -1):
            met = _met(points[at], points[at + 1], points[other], points[other + 1])
            if met is not None and 0 <= met[0] <= 1 and 0 <= met[1] <= 1:
                cut = points[at] + met[0] * (points[at + 1] - points[at])
                points = [*points[: at + 1], cut, *points[other + 1 :]]
                break
        at += 1
    return points


def _joined(
    one: list[complex],
    two: list[complex],
    corner: complex,
    widest_mm: float,
    last: complex,
    first: complex,
) -> tuple[list[complex], list[complex]]:
    """Return the end of a run and the beginning of the next so that they meet at their corner."""
    if abs(one[-1] - two[0]) < 1e-6:
        return one, two
    near_mm = 4 * widest_mm + 1
    for i in range(len(one) - 2, -1, -1):
        if abs(one[i + 1] - corner) > near_mm:
            break
        for j in range(len(two) - 1):
            if abs(two[j] - corner) > near_mm:
                break
            met = _met(one[i], one[i + 1], two[j], two[j + 1])
            if met is not None and 0 <= met[0] <= 1 and 0 <= met[1] <= 1:
                cut = one[i] + met[0] * (one[i + 1] - one[i])
                return [*one[: i + 1], cut], [cut, *two[j + 1 :]]
    met = _met(one[-1], one[-1] + last, two[0], two[0] + first)
    if met is not None and met[0] >= 0 and met[1] <= 0:
        cut = one[-1] + met[0] * last
        if abs(cut - corner) <= _REACH * widest_mm:
            return _drawn_out(one, last, cut), _drawn_out(two[::-1], first, cut)[::-1]
    return one, two


def _drawn_out(run: list[complex], way: complex, to: complex) -> list[complex]:
    """Return a run that ends farther out; on a straight line without a point between."""
    straight = abs(((run[-1] - run[-2]) * way.conjugate()).imag) < 1e-9 * abs(run[-1] - run[-2])
    return [*(run[:-1] if straight else run), to]


def _met(a: complex, b: complex, c: complex, d: complex) -> tuple[float, float] | None:
    """Return the parameters at which two endless lines cross, or None when they hardly do."""
    p, q = b - a, d - c
    cross = (p.conjugate() * q).imag
    if abs(cross) < 1e-9 * abs(p) * abs(q) or not cross:
        return None
    gap = c - a
    return (gap.conjugate() * q).imag / cross, (gap.conjugate() * p).imag / cross
