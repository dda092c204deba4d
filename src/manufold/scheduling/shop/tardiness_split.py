"""Parts of an answer that several processes improve at once, and how they become one again.

Time is cut into windows, one a worker. A job moves in the window in which it ends, with those of
its operations that begin there; whatever else stands in the window is pinned, and nothing that
moves leaves the window. So no two parts ever want the same second of a machine, and any answers
of the parts fit together. What spans a cut is stuck for one round: the next turn cuts elsewhere.

`tardiness_team` lets the members of a team use it. Everything is picklable and pure; the value of
the whole falls by what the values of its parts fell.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.shop.problem import Answer, Shop, ends_s
from manufold.scheduling.shop.tardiness import TardinessSearch

__all__ = ["Part", "merge", "part_search", "split"]

#: share of a window by which its cut walks from turn to turn
SWAY = 0.6
#: the golden section: turns cut evenly, and never twice at the same place
TURN = 0.6180339887498949


class Part(NamedTuple):
    """A shop of its own, cut out of a larger one.

    Args:
        shop: jobs that move come first, then every pinned operation as a job without weight.
        answer: where all of them stand now.
        ops: int64, number in the whole of each operation of `shop`.
        alts: int64, number in the whole of each alternative of `shop`.
        movable: jobs that move.
        window: number of the window, from 0.
        until_s: no operation that moves may end later; None in the last window.
    """

    shop: Shop
    answer: Answer
    ops: Seconds
    alts: Seconds
    movable: int
    window: int
    until_s: int | None


def split(shop: Shop, answer: Answer, parts: int, turn: int = 0, grid_s: int = 1) -> list[Part]:
    """Cut an answer into parts that can be improved at the same time.

    Args:
        shop: the whole.
        answer: feasible in it.
        parts: how many at most, >= 1; windows without a job that moves are left out.
        turn: number of the round; each cuts at other instants.
        grid_s: cuts are multiples of it, so that nearly equal answers are cut at equal instants.
    """
    cuts = _cuts_s(shop, answer, parts, turn, grid_s)
    end_s = ends_s(shop, answer)
    done_s = np.maximum.reduceat(end_s, shop.job_ptr[:-1])
    home = np.searchsorted(cuts, done_s, side="left")
    found = []
    for window in range(len(cuts) + 1):
        from_s = int(cuts[window - 1]) if window else None
        until_s = int(cuts[window]) if window < len(cuts) else None
        begins = answer.start_s >= (from_s if from_s is not None else 0)
        moving = begins & (home == window)[shop.job_of]
        release_s = _releases_s(shop, end_s, moving, from_s)
        # in a graph an operation may begin before others of its job that are stuck: all are
        early = np.zeros(len(release_s), dtype=bool)
        np.logical_or.at(early, shop.job_of, moving & (answer.start_s < release_s[shop.job_of]))
        moving &= ~early[shop.job_of]
        there = np.ones(len(begins), dtype=bool) if from_s is None else end_s > from_s
        there |= begins
        if until_s is not None:
            there &= answer.start_s < until_s
        if moving.any():
            found.append(_part(shop, answer, release_s, moving, there & ~moving, window, until_s))
    return found


def merge(answer: Answer, parts: Sequence[Part], answers: Sequence[Answer]) -> Answer:
    """Return the whole with its parts as they stand now; neither order nor number matter.

    Args:
        answer: the one that was split.
        parts: some of its parts.
        answers: of these parts, in the same order.
    """
    alt, start_s = answer.alt.copy(), answer.start_s.copy()
    for part, found in zip(parts, answers, strict=True):
        own = slice(0, int(part.shop.job_ptr[part.movable]))
        alt[part.ops[own]] = part.alts[found.alt[own]]
        start_s[part.ops[own]] = found.start_s[own]
    return Answer(alt, start_s)


def part_search(part: Part, seed: int, cooled: float) -> TardinessSearch:
    """Return a search of a part, as cool as after `cooled` moves per job."""
    return TardinessSearch(
        part.shop, seed, part.answer, cooled=cooled, movable=part.movable, until_s=part.until_s
    )


def _cuts_s(shop: Shop, answer: Answer, parts: int, turn: int, grid_s: int) -> Seconds:
    """Return instants between which operations and lateness are about evenly shared."""
    done_s = np.maximum.reduceat(ends_s(shop, answer), shop.job_ptr[:-1])
    cost = shop.weight * np.maximum(0, done_s - shop.due_s)
    size = np.diff(shop.job_ptr)
    share = (1.0 / len(shop.job_of) + cost / max(1, int(cost.sum())) / size)[shop.job_of]
    order = np.argsort(answer.start_s, kind="stable")
    total = np.cumsum(share[order])
    sway = (turn * TURN % 1.0 - 0.5) * SWAY if turn else 0.0
    at = (np.arange(1, parts) + sway) / parts * total[-1]
    rows = np.minimum(np.searchsorted(total, at), len(order) - 1)
    return seconds(np.unique((answer.start_s[order][rows] + grid_s // 2) // grid_s * grid_s))


def _releases_s(
    shop: Shop, end_s: Seconds, moving: NDArray[np.bool_], from_s: int | None
) -> Seconds:
    """Return when jobs may go on in a window: after what of them does not move."""
    release_s = shop.release_s.copy()
    if from_s is not None:
        np.maximum(release_s, from_s, out=release_s)
        stuck = ~moving
        np.maximum.at(release_s, shop.job_of[stuck], end_s[stuck])
    return release_s


def _bounds(sizes: Seconds) -> Seconds:
    return seconds(np.concatenate(([0], np.cumsum(sizes))))


def _ranges(ptr: Seconds, rows: Seconds) -> Seconds:
    """Return all numbers in the ranges of these rows."""
    sizes = np.diff(ptr)[rows]
    bounds = _bounds(sizes)
    return seconds(np.arange(bounds[-1]) + np.repeat(ptr[rows] - bounds[:-1], sizes))


def _links(
    ptr: Seconds, other: Seconds, ops: Seconds, number: Seconds, moves: int
) -> tuple[Seconds, Seconds]:
    """Return the precedences among operations that move, renumbered."""
    own = ops[:moves]
    owner = np.repeat(np.arange(moves), np.diff(ptr)[own])
    there = number[other[_ranges(ptr, own)]]
    inside = (there >= 0) & (there < moves)
    return _bounds(np.bincount(owner[inside], minlength=len(ops))), seconds(there[inside])


def _part(
    shop: Shop, answer: Answer, release_s: Seconds, moving: NDArray[np.bool_],
    pinned: NDArray[np.bool_], window: int, until_s: int | None,
) -> Part:  # fmt: skip
    """Return the shop of the operations that move and those that only stand there."""
    own, fixed = np.flatnonzero(moving), np.flatnonzero(pinned)
    ops = seconds(np.concatenate((own, fixed)))
    jobs, size = np.unique(shop.job_of[own], return_counts=True)
    movable = len(jobs)
    number = np.full(len(moving), -1, dtype=np.int64)
    number[ops] = np.arange(len(ops))
    alts = seconds(np.concatenate((_ranges(shop.alt_ptr, seconds(own)), answer.alt[fixed])))
    alt_sizes = np.concatenate((np.diff(shop.alt_ptr)[own], np.ones(len(fixed), dtype=np.int64)))
    before_ptr, before_op = _links(shop.before_ptr, shop.before_op, ops, number, len(own))
    after_ptr, after_op = _links(shop.after_ptr, shop.after_op, ops, number, len(own))
    job_ptr = _bounds(seconds(np.concatenate((size, np.ones(len(fixed), dtype=np.int64)))))
    alt_ptr = _bounds(seconds(alt_sizes))
    nothing = np.zeros(len(fixed), dtype=np.int64)
    there = Shop(
        job_ptr, seconds(np.repeat(np.arange(len(job_ptr) - 1), np.diff(job_ptr))), alt_ptr,
        shop.alt_machine[alts], shop.alt_worker[alts], shop.alt_span_s[alts],
        before_ptr, before_op, after_ptr, after_op,
        seconds(np.concatenate((release_s[jobs], nothing))),
        seconds(np.concatenate((shop.due_s[jobs], nothing))),
        seconds(np.concatenate((shop.weight[jobs], nothing))),
        shop.setup_s, shop.machine_count, shop.worker_count,
    )  # fmt: skip
    # an operation that moves has all its alternatives in a row, a pinned one only its own
    alt = alt_ptr[:-1].copy()
    alt[: len(own)] += answer.alt[own] - shop.alt_ptr[own]
    return Part(there, Answer(alt, answer.start_s[ops]), ops, alts, movable, window, until_s)
