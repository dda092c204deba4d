"""Shift a layout's pieces onto the repeat of the cloth: small mixed-integer programs, no search.

As in `compaction`, each pair of near convex parts keeps to the line that parts it, and all pieces
move at once towards the least width. Every matched piece must now lie at its place in the repeat,
plus a whole number of repeats, which the program chooses; what it misses in a round costs more
than any width, so that each round has an answer, and the lines are drawn anew. Layouts laid with
wider gaps have more room to shift in: they are tried where the tight one stays off.

Source: Z. Li, V. Milenkovic, European Journal of Operational Research 84 (1995) 539-561, for the
linear programs; the repeats are ours.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from manufold.design.garment.marker.apart import Parts, Rows, apart, stacked
from manufold.design.garment.marker.compaction import CLEARANCE, Convex, convex
from manufold.design.garment.marker.match import AXES, Matching, ahead
from manufold.design.garment.marker.match_phases import Phases, phases
from manufold.design.garment.marker.strip import Layout, Strip, turned, used_width_mm

__all__ = ["matched"]

Floats = NDArray[np.float64]

#: of the strip's height: how far a piece may move in a round, beside half a repeat
STEP = 0.03
ROUNDS_MOST = 40
#: of the width: rounds that gain less are the last ones
LEAST_GAIN = 2e-4
#: what a millimetre off the repeat costs, in millimetres of width
MISS_COST = 50.0
#: what is left over of it counts as nothing
MET_MM = 1e-3
#: repeats that a piece may be shifted by in a round, and how far it may see when it is stuck
HOPS = 3
REACH = 3
PROGRAM_S = 3.0
GAP = 0.002


@dataclass(frozen=True, slots=True)
class _Task:
    """What stays the same from round to round; signs say which pieces lie turned round."""

    strip: Strip
    parts: Parts
    bounds: Floats
    start: Floats
    signs: Floats
    sizes_mm: tuple[float, float]
    phases: tuple[Phases, Phases]


@dataclass(frozen=True, slots=True)
class _Frame:
    """Which unknown stands where: moves, width, then of each matched piece and direction repeats,
    millimetres short and over, then the groups' places."""

    matched: list[tuple[int, int]]
    whole: NDArray[np.int64]
    short: NDArray[np.int64]
    over: NDArray[np.int64]
    place: dict[tuple[int, int], int]
    total: int


def matched(
    strip: Strip,
    layout: Layout,
    matching: Matching,
    ended: Callable[[], bool],
    whole: Convex | None = None,
    program_s: float = PROGRAM_S,
) -> Layout | None:
    """Return the layout with its pieces on the repeat; None when no round brought them there.

    Args:
        layout: without overlaps beyond rounding.
        ended: asked between rounds.
        whole: `convex` of the strip.
        program_s: the longest that one program may take, and so a round that has begun.
    """
    task = _task(strip, layout, matching, whole or convex(strip))
    offset = np.zeros((len(layout.placements), 2))
    best: tuple[float, Floats] | None = None
    near_mm, repeat_mm = STEP * strip.height_mm, max(task.sizes_mm)
    step_mm, last = near_mm + repeat_mm / 2, np.inf
    for _ in range(ROUNDS_MOST):
        if ended():
            break
        answer = _shifted(task, offset, step_mm, program_s)
        if answer is None:
            break
        moved, missed_mm = answer
        offset = offset + moved
        width_mm = float((task.bounds[:, 2] + offset[:, 0]).max())
        met = missed_mm <= MET_MM
        if met and (best is None or width_mm < best[0]):
            best = (width_mm, offset)
        worth = width_mm + MISS_COST * missed_mm
        if worth > last * (1 - LEAST_GAIN):
            if step_mm <= near_mm if met else step_mm >= near_mm + REACH * repeat_mm:
                break
            # what is stuck off the repeat must see farther; what lies on it is pressed
            step_mm = step_mm / 2 if met else step_mm + repeat_mm
        last = min(last, worth)
    if best is None:
        return None
    placements = tuple(
        replace(one, x=one.x + float(by[0]), y=one.y + float(by[1]))
        for one, by in zip(layout.placements, best[1], strict=True)
    )
    return Layout(used_width_mm(strip, placements), placements)


def _task(strip: Strip, layout: Layout, matching: Matching, whole: Convex) -> _Task:
    pieces = [
        tuple(turned(part, one.rotation_deg) + np.array((one.x, one.y)) for part in whole[one.item])
        for one in layout.placements
    ]
    bounds = np.array(
        [(*np.vstack(piece).min(axis=0), *np.vstack(piece).max(axis=0)) for piece in pieces]
    )
    start = np.array([(one.x, one.y) for one in layout.placements])
    signs = np.array([ahead(one) for one in layout.placements], dtype=np.float64)
    sizes_mm = matching.repeat.sizes_mm
    return _Task(strip, stacked(pieces), bounds, start, signs, sizes_mm, phases(layout, matching))


def _shifted(
    task: _Task, offset: Floats, step_mm: float, program_s: float
) -> tuple[Floats, float] | None:
    """Return how all pieces move, and how many mm they are off the repeat together then."""
    count = len(task.bounds)
    rows = apart(task.parts, offset, 2 * np.sqrt(2.0) * step_mm + task.strip.gap_mm)
    now = task.bounds + np.tile(offset, 2)
    low = np.minimum(np.maximum(-step_mm, -now[:, :2]), 0)
    high = np.full((count, 2), step_mm)
    high[:, 1] = np.maximum(np.minimum(step_mm, task.strip.height_mm - now[:, 3]), 0)
    frame = _frame(task)
    least, most = np.full(frame.total, -np.inf), np.full(frame.total, np.inf)
    least[: 2 * count], most[: 2 * count] = low.ravel(), high.ravel()
    least[2 * count] = 0.0
    least[frame.short] = least[frame.over] = 0.0
    cost, integral = np.zeros(frame.total), np.zeros(frame.total)
    cost[2 * count] = 1.0
    cost[frame.short] = cost[frame.over] = MISS_COST
    integral[frame.whole] = 1
    constraints = [_lines(task, rows, now, frame.total)]
    if frame.matched:
        constraints.append(_repeats(task, frame, offset, least, most))
    answer = _solved(cost, integral, least, most, constraints, program_s)
    if answer is None:
        return None
    missed_mm = float(answer[frame.short].sum() + answer[frame.over].sum())
    return answer[: 2 * count].reshape(count, 2), missed_mm


def _solved(
    cost: Floats,
    integral: Floats,
    least: Floats,
    most: Floats,
    constraints: list[LinearConstraint],
    limit_s: float,
) -> Floats | None:
    """Return a program's best answer in time, None if there is none."""
    answer = milp(
        cost,
        integrality=integral,
        bounds=Bounds(least, most),
        constraints=constraints,
        options={"time_limit": limit_s, "mip_rel_gap": GAP},
    )
    return None if answer.x is None else np.asarray(answer.x)


def _frame(task: _Task) -> _Frame:
    found = [(axis, one) for axis in AXES for one in sorted(task.phases[axis].group)]
    groups = sorted({(axis, task.phases[axis].group[one]) for axis, one in found})
    first, many = 2 * len(task.bounds) + 1, len(found)
    whole, short, over = (first + k * many + np.arange(many) for k in range(3))
    place = {one: first + 3 * many + k for k, one in enumerate(groups)}
    return _Frame(found, whole, short, over, place, first + 3 * many + len(groups))


def _repeats(
    task: _Task, frame: _Frame, offset: Floats, least: Floats, most: Floats
) -> LinearConstraint:
    """Return that each matched piece lies at its place in the repeat, and bound its repeats."""
    values: list[float] = []
    downs: list[int] = []
    acrosses: list[int] = []
    rights: list[float] = []
    for row, (axis, one) in enumerate(frame.matched):
        size, group = task.sizes_mm[axis], task.phases[axis].group[one]
        sign = float(task.signs[one])
        at = sign * (task.start[one, axis] + offset[one, axis]) - task.phases[axis].own_mm[one]
        hop = round(at / size)
        whole, here = int(frame.whole[row]), frame.place[(axis, group)]
        # a group's own place takes up its first piece's repeats
        hops = 0 if one == group else HOPS
        least[whole], most[whole] = hop - hops, hop + hops
        least[here], most[here] = -1.5 * size, 1.5 * size
        values += [sign, -1.0, -size, 1.0, -1.0]
        acrosses += [2 * one + axis, here, whole, int(frame.short[row]), int(frame.over[row])]
        downs += [row] * 5
        rights.append(-at)
    matrix = csr_array((values, (downs, acrosses)), shape=(len(rights), frame.total))
    return LinearConstraint(matrix, np.array(rights), np.array(rights))


def _lines(task: _Task, rows: Rows, now: Floats, total: int) -> LinearConstraint:
    """Return that pairs stay parted and that nothing reaches beyond the width."""
    count, pairs = len(now), len(rows.first)
    pair, piece = np.arange(pairs), np.arange(count)
    x, y = rows.normal[:, 0], rows.normal[:, 1]
    values = np.concatenate((x, y, -x, -y, np.ones(count), np.full(count, -1.0)))
    down = np.concatenate((np.tile(pair, 4), pairs + piece, pairs + piece))
    first, second = 2 * rows.first, 2 * rows.second
    across = np.concatenate((first, first + 1, second, second + 1, 2 * piece))
    across = np.concatenate((across, np.full(count, 2 * count)))
    matrix = csr_array((values, (down, across)), shape=(pairs + count, total))
    slack = rows.distance - task.strip.gap_mm - CLEARANCE * task.strip.height_mm
    right = np.concatenate((np.maximum(slack, 0.0), -now[:, 2]))
    return LinearConstraint(matrix, -np.inf, right)
