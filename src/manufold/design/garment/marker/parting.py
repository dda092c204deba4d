"""Part pieces that lie over each other: guided local search, as machine code.

A layout with overlaps is given; pieces that overlap are moved, one at a time, to where what they
overlap weighs least; what keeps overlapping weighs more each round, until nothing does. How far two
convex parts lie over each other is how far one of them has to move to be free.

The gap between pieces is kept along the edges' normals: at corners it may come out wider.

Source: J. Gardeyn, G. Vanden Berghe, T. Wauters: An open-source heuristic to reboot 2D nesting
research, European Journal of Operational Research (2025), for moving and weighing; J. Egeblad, B.
Nielsen, A. Odgaard: Fast neighborhood search for two- and three-dimensional nesting problems,
European Journal of Operational Research 183 (2007), for guiding by weights.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba  # type: ignore[import-untyped,unused-ignore]
import numpy as np
from numpy.typing import NDArray

__all__ = ["Forms", "parted", "total_overlap"]

#: places tried for a piece: anywhere, and near where it lies
ANYWHERE, NEAR = 14, 10
#: of these, the best are moved on until nothing is gained
REFINED = 3
#: mm: a step shorter than that is the last one
LAST_STEP_MM = 0.2
#: a pair that overlaps weighs so much more each round, by how far it overlaps beside the worst
HEAVIER_LEAST, HEAVIER_MOST = 1.2, 2.0
LIGHTER = 0.95
#: mm: what overlaps less is parted
NOTHING_MM = 0.02


class Forms(NamedTuple):
    """Pieces in each angle they may have, as convex parts about the middle of their box.

    Args:
        half: shape (forms, 2), of the box, mm.
        parts: shape (forms + 1,), where the parts of a form begin.
        boxes: shape (parts, 4), low x, low y, high x, high y.
        edges: shape (parts + 1,), where the edges of a part begin.
        normals: shape (edges, 2), outward.
        free_mm: shape (edges, parts), float32: the least of a part along an edge's normal, less
            the edge's own; beyond nought the edge parts the two where both stand at the origin.
        first: shape (pieces, 2), from and to, the forms of a piece.
        gap_mm: least distance.
    """

    half: NDArray[np.float64]
    parts: NDArray[np.int64]
    boxes: NDArray[np.float64]
    edges: NDArray[np.int64]
    normals: NDArray[np.float64]
    free_mm: NDArray[np.float32]
    first: NDArray[np.int64]
    gap_mm: float


F = TypeVar("F", bound=Callable[..., Any])


def _compiled(function: F) -> F:
    """Return the function as machine code, kept on disk until this file changes."""
    return cast(F, numba.njit(cache=True, fastmath=True)(function))


@_compiled
def _random(state: NDArray[np.uint64]) -> float:
    """Return a number of [0, 1) by a shift register of 64 bits."""
    z = state[0]
    z ^= z << np.uint64(13)
    z ^= z >> np.uint64(7)
    z ^= z << np.uint64(17)
    state[0] = z
    return float(z >> np.uint64(11)) / 9007199254740992.0


@_compiled
def _over_mm(forms: Forms, one: int, other: int, dx: float, dy: float) -> float:
    """Return by how much two forms overlap, the second so far from the first."""
    total = 0.0
    gap_mm = forms.gap_mm
    for a in range(forms.parts[one], forms.parts[one + 1]):
        for b in range(forms.parts[other], forms.parts[other + 1]):
            if (
                forms.boxes[a, 2] + gap_mm <= forms.boxes[b, 0] + dx
                or forms.boxes[b, 2] + dx + gap_mm <= forms.boxes[a, 0]
                or forms.boxes[a, 3] + gap_mm <= forms.boxes[b, 1] + dy
                or forms.boxes[b, 3] + dy + gap_mm <= forms.boxes[a, 1]
            ):
                continue
            best = -1e18
            for e in range(forms.edges[a], forms.edges[a + 1]):
                free = forms.normals[e, 0] * dx + forms.normals[e, 1] * dy + forms.free_mm[e, b]
                if free > best:
                    best = free
                    if best >= gap_mm:
                        break
            if best < gap_mm:
                for e in range(forms.edges[b], forms.edges[b + 1]):
                    free = forms.free_mm[e, a] - forms.normals[e, 0] * dx - forms.normals[e, 1] * dy
                    if free > best:
                        best = free
                        if best >= gap_mm:
                            break
            if best < gap_mm:
                total += float(gap_mm - best)
    return total


@_compiled
def _cost(
    forms: Forms,
    form_of: NDArray[np.int64],
    at: NDArray[np.float64],
    weights: NDArray[np.float64],
    piece: int,
    form: int,
    x: float,
    y: float,
    most: float,
) -> float:
    """Return what a piece would overlap, weighed; it stops where that is more than `most`."""
    total = 0.0
    gap_mm = forms.gap_mm
    wide, high = forms.half[form, 0] + gap_mm, forms.half[form, 1] + gap_mm
    for other in range(len(form_of)):
        its = form_of[other]
        dx, dy = at[other, 0] - x, at[other, 1] - y
        if abs(dx) >= wide + forms.half[its, 0] or abs(dy) >= high + forms.half[its, 1]:
            continue
        if other == piece:
            continue
        total += weights[piece, other] * _over_mm(forms, form, its, dx, dy)
        if total >= most:
            return float(total)
    return total


@_compiled
def _refined(
    forms: Forms,
    form_of: NDArray[np.int64],
    at: NDArray[np.float64],
    weights: NDArray[np.float64],
    piece: int,
    spot: NDArray[np.float64],
    high_x: float,
    high_y: float,
    state: NDArray[np.uint64],
) -> None:
    """Move a spot (cost, form, x, y) on while that is better."""
    form = int(spot[1])
    half_x, half_y = forms.half[form, 0], forms.half[form, 1]
    step = 0.4 * min(half_x, half_y)
    while step > LAST_STEP_MM and spot[0] > 0.0:
        angle = 6.283185307179586 * _random(state)
        kind = _random(state)
        if kind < 0.35:
            sx, sy = step, 0.0
        elif kind < 0.7:
            sx, sy = 0.0, step
        else:
            sx, sy = step * np.cos(angle), step * np.sin(angle)
        better = False
        for sign in (1.0, -1.0):
            x = min(max(spot[2] + sign * sx, half_x), high_x - half_x)
            y = min(max(spot[3] + sign * sy, half_y), high_y - half_y)
            cost = _cost(forms, form_of, at, weights, piece, form, x, y, spot[0])
            if cost < spot[0]:
                spot[0], spot[2], spot[3] = cost, x, y
                better = True
                break
        step *= 1.1 if better else 0.6


@_compiled
def _moved(
    forms: Forms,
    form_of: NDArray[np.int64],
    at: NDArray[np.float64],
    weights: NDArray[np.float64],
    piece: int,
    high_x: float,
    high_y: float,
    state: NDArray[np.uint64],
) -> None:
    """Put a piece where it overlaps least, as far as tried."""
    own = form_of[piece]
    best = np.full((REFINED, 4), 1e300)
    best[0, 0] = _cost(forms, form_of, at, weights, piece, own, at[piece, 0], at[piece, 1], 1e300)
    best[0, 1], best[0, 2], best[0, 3] = own, at[piece, 0], at[piece, 1]
    here = best[0, 0]
    low, count = forms.first[piece, 0], forms.first[piece, 1] - forms.first[piece, 0]
    for number in range(ANYWHERE + NEAR):
        form = low + int(_random(state) * count)
        half_x, half_y = forms.half[form, 0], forms.half[form, 1]
        if number < ANYWHERE:
            x = half_x + _random(state) * max(0.0, high_x - 2 * half_x)
            y = half_y + _random(state) * max(0.0, high_y - 2 * half_y)
        else:
            x = at[piece, 0] + (2 * _random(state) - 1) * half_x
            y = at[piece, 1] + (2 * _random(state) - 1) * half_y
            x = min(max(x, half_x), high_x - half_x)
            y = min(max(y, half_y), high_y - half_y)
        cost = _cost(forms, form_of, at, weights, piece, form, x, y, best[REFINED - 1, 0])
        place = REFINED
        while place > 0 and cost < best[place - 1, 0]:
            place -= 1
        if place < REFINED:
            for n in range(REFINED - 1, place, -1):
                best[n] = best[n - 1]
            best[place, 0], best[place, 1], best[place, 2], best[place, 3] = cost, form, x, y
    winner = 0
    for n in range(REFINED):
        if best[n, 0] < 1e299:
            _refined(forms, form_of, at, weights, piece, best[n], high_x, high_y, state)
        if best[n, 0] < best[winner, 0]:
            winner = n
    if best[winner, 0] < here:
        form_of[piece] = int(best[winner, 1])
        at[piece, 0], at[piece, 1] = best[winner, 2], best[winner, 3]


@_compiled
def total_overlap(
    forms: Forms, form_of: NDArray[np.int64], at: NDArray[np.float64], over: NDArray[np.float64]
) -> float:
    """Return the sum of all overlaps, mm; `over` (pieces, pieces) is written."""
    total = 0.0
    for one in range(len(form_of)):
        for other in range(one + 1, len(form_of)):
            dx, dy = at[other, 0] - at[one, 0], at[other, 1] - at[one, 1]
            much = 0.0
            reach_x = forms.half[form_of[one], 0] + forms.half[form_of[other], 0] + forms.gap_mm
            reach_y = forms.half[form_of[one], 1] + forms.half[form_of[other], 1] + forms.gap_mm
            if abs(dx) < reach_x and abs(dy) < reach_y:
                much = _over_mm(forms, form_of[one], form_of[other], dx, dy)
            over[one, other] = over[other, one] = much
            total += much
    return total


@_compiled
def parted(
    forms: Forms,
    form_of: NDArray[np.int64],
    at: NDArray[np.float64],
    weights: NDArray[np.float64],
    high_x: float,
    high_y: float,
    state: NDArray[np.uint64],
    rounds: int,
) -> float:
    """Move pieces for so many rounds; return what overlaps still, mm. Writes in place.

    Args:
        form_of: shape (pieces,); at: shape (pieces, 2), the middles of their boxes.
        weights: shape (pieces, pieces), symmetric, 1 at the begin.
        state: shape (1,), of the dice, not nought.
    """
    count = len(form_of)
    over = np.zeros((count, count))
    line = np.arange(count)
    total = total_overlap(forms, form_of, at, over)
    for _ in range(rounds):
        if total < NOTHING_MM:
            return total
        for n in range(count - 1, 0, -1):
            other = int(_random(state) * (n + 1))
            line[n], line[other] = line[other], line[n]
        for n in range(count):
            piece = int(line[n])
            now = _cost(
                forms,
                form_of,
                at,
                weights,
                piece,
                form_of[piece],
                at[piece, 0],
                at[piece, 1],
                1e300,
            )
            if now > 0.0:
                _moved(forms, form_of, at, weights, piece, high_x, high_y, state)
        total = total_overlap(forms, form_of, at, over)
        worst = over.max()
        for one in range(count):
            for other in range(one + 1, count):
                if over[one, other] > 0.0:
                    share = over[one, other] / worst
                    times = HEAVIER_LEAST + share * (HEAVIER_MOST - HEAVIER_LEAST)
                else:
                    times = LIGHTER
                weight = max(1.0, min(1e12, weights[one, other] * times))
                weights[one, other] = weights[other, one] = weight
    return total
