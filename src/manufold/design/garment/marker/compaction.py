"""Push a layout together: linear programs that move all pieces at once and turn none.

In a layout without overlaps each pair of near convex parts is parted by a line. Held to these
lines, where all pieces may lie and how short the cloth may be is a linear program. Its answer is
a layout without overlaps and no wider; the lines are drawn anew and it is asked again, until it
gains nothing. It takes up the slack that searches by single moves leave: on the public instances
a few tenths of a point to a point of density, in a fraction of a second.

Source: Z. Li, V. Milenkovic: Compaction and separation algorithms for non-convex polygons and
their applications, European Journal of Operational Research 84 (1995) 539-561.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from manufold.design.garment.marker.apart import Parts, Rows, apart, stacked
from manufold.design.garment.marker.outline import convex_parts
from manufold.design.garment.marker.strip import Layout, Points, Strip, turned, used_width_mm

__all__ = ["Convex", "compacted", "convex"]

#: of the strip's height: how far a piece may move in a round; first far, then with fewer rows
STEPS = (0.03, 0.01)
#: of the width: a round that gains less is the last one of its step
LEAST_GAINS = (1e-4, 1e-6)
ROUNDS_MOST = 60
#: of the strip's height, between pieces: rounding must not become an overlap
CLEARANCE = 1e-8


Convex = Mapping[int, tuple[Points, ...]]


def convex(strip: Strip) -> Convex:
    """Return each item's outline as convex parts, by its number."""
    return {item.item: convex_parts(item.outline) for item in strip.items}


def compacted(
    strip: Strip, layout: Layout, ended: Callable[[], bool], whole: Convex | None = None
) -> Layout:
    """Return the layout pushed together, never wider.

    Args:
        layout: without overlaps beyond rounding.
        whole: `convex` of the strip, for who compacts several of its layouts.
        ended: asked between rounds.
    """
    whole = whole or convex(strip)
    pieces = [
        tuple(turned(part, one.rotation_deg) + np.array((one.x, one.y)) for part in whole[one.item])
        for one in layout.placements
    ]
    parts = stacked(pieces)
    bounds = np.array(
        [(*np.vstack(piece).min(axis=0), *np.vstack(piece).max(axis=0)) for piece in pieces]
    )
    offset = np.zeros((len(pieces), 2))
    for step, least_gain in zip(STEPS, LEAST_GAINS, strict=True):
        for _ in range(ROUNDS_MOST):
            if ended():
                break
            moved = _pushed(parts, bounds, offset, strip, step * strip.height_mm)
            if moved is None:
                break
            before = (bounds[:, 2] + offset[:, 0]).max()
            offset = offset + moved
            if before - (bounds[:, 2] + offset[:, 0]).max() < least_gain * before:
                break
    placements = tuple(
        replace(one, x=one.x + float(by[0]), y=one.y + float(by[1]))
        for one, by in zip(layout.placements, offset, strict=True)
    )
    width_mm = used_width_mm(strip, placements)
    return Layout(width_mm, placements) if width_mm < layout.width_mm else layout


def _pushed(
    parts: Parts,
    bounds: NDArray[np.float64],
    offset: NDArray[np.float64],
    strip: Strip,
    step_mm: float,
) -> NDArray[np.float64] | None:
    """Return how all pieces move for the least width; None when the program has no answer."""
    # two parts further apart than two diagonal steps cannot meet in this round
    rows = apart(parts, offset, 2 * np.sqrt(2.0) * step_mm + strip.gap_mm)
    now = bounds + np.tile(offset, 2)
    count = len(bounds)
    low = np.maximum(-step_mm, -now[:, :2])
    high = np.full((count, 2), step_mm)
    high[:, 1] = np.minimum(high[:, 1], strip.height_mm - now[:, 3])
    # a search leaves pieces over the edge, or over each other, by roundings: those may stay
    limits = np.zeros((2 * count + 1, 2))
    limits[:-1, 0], limits[:-1, 1] = np.minimum(low, 0).ravel(), np.maximum(high, 0).ravel()
    limits[-1] = (0.0, np.inf)
    goal = np.zeros(2 * count + 1)
    goal[-1] = 1.0
    matrix, right = _program(rows, now, strip)
    answer = linprog(goal, A_ub=matrix, b_ub=right, bounds=limits, method="highs")
    if answer.status != 0:
        return None
    return np.asarray(answer.x[:-1]).reshape(count, 2)


def _program(
    rows: Rows, now: NDArray[np.float64], strip: Strip
) -> tuple[csr_array, NDArray[np.float64]]:
    """Return the rows `matrix @ (moves, width) <= right`: pairs stay parted, nothing sticks out."""
    count, pairs = len(now), len(rows.first)
    pair, piece = np.arange(pairs), np.arange(count)
    normal_x, normal_y = rows.normal[:, 0], rows.normal[:, 1]
    values = np.concatenate((normal_x, normal_y, -normal_x, -normal_y, np.ones(count)))
    values = np.concatenate((values, np.full(count, -1.0)))
    down = np.concatenate((np.tile(pair, 4), pairs + piece, pairs + piece))
    first, second = 2 * rows.first, 2 * rows.second
    across = np.concatenate((first, first + 1, second, second + 1, 2 * piece))
    across = np.concatenate((across, np.full(count, 2 * count)))
    matrix = csr_array((values, (down, across)), shape=(pairs + count, 2 * count + 1))
    slack = rows.distance - strip.gap_mm - CLEARANCE * strip.height_mm
    return matrix, np.concatenate((np.maximum(slack, 0.0), -now[:, 2]))
