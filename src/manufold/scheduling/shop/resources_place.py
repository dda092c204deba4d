"""Every place where a lifted operation may go back, each with the makespan it would give.

The operation is lifted out and the graph timed without it. The longest path through it is then
known for each alternative and each place from the heads in front and the tails behind; what does
not run through it stays as it is. So without set-ups, or with set-ups that keep the triangle
inequality, the figure is exact and not an estimate. A place is a gap of the plan's order: whatever
stands on either side of it on the machine and on the worker, no cycle can arise.

What a place costs is the makespan and, `ease` times, the longest path through the operation: where
many paths are critical the makespan alone says nothing, and what is not critical would stay on a
slow machine in somebody's way.

Cost    O(alternatives x neighbours in the window between predecessors and successors). The loop
        over places is one function: a call that hands over a plan costs more than a place.
Source  M. Mastrolilli, L. M. Gambardella, J. Sched. 3 (2000) 3-20,
        doi:10.1002/(SICI)1099-1425(200001/02)3:1<3::AID-JOS32>3.0.CO;2-Y (reinsertion);
        S. Geman, D. Geman, IEEE PAMI 6 (1984) 721-741, doi:10.1109/TPAMI.1984.4767596 (a place is
        drawn by its Boltzmann weight, so nothing is tried in vain).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.shop.problem import Shop
from manufold.scheduling.shop.resources_graph import (
    NONE,
    Plan,
    end_of,
    heads_from,
    link,
    move_to,
    tails_from,
    unlink,
)

__all__ = ["Draw", "drawn", "empty_draw", "replace", "uniform"]


class Draw(NamedTuple):
    """Randomness and room to work in.

    Args:
        state: uint64, shape (1,), of the generator.
        noise: float64, shape (2048,), standard Gumbel quantiles; minus them, times the heat, the
            smallest of several costs is drawn by its Boltzmann weight.
        entry: int64, shape (machines + workers,), last operation there before the window.
        stamp: int64, shape (machines + workers,), the move that `entry` belongs to.
        move: int64, shape (1,), counts moves for `stamp`.
        found: int64, shape (4,), the drawn alternative, whom it follows on machine and worker, and
            the place of the order that it goes behind.
    """

    state: NDArray[np.uint64]
    noise: NDArray[np.float64]
    entry: Seconds
    stamp: Seconds
    move: Seconds
    found: Seconds


def empty_draw(shop: Shop, seed: int) -> Draw:
    """Return a generator of this seed with its room."""
    resources = shop.machine_count + shop.worker_count
    middles = (np.arange(2048) + 0.5) / 2048
    return Draw(
        state=np.array([seed & (2**64 - 1)], dtype=np.uint64),
        noise=-np.log(-np.log(middles)),
        entry=np.full(resources, NONE, dtype=np.int64),
        stamp=np.zeros(resources, dtype=np.int64),
        move=np.zeros(1, dtype=np.int64),
        found=np.full(4, NONE, dtype=np.int64),
    )


@compiled
def uniform(state: NDArray[np.uint64]) -> float:
    """Return the next number in (0, 1).

    Source: G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014, doi:10.1145/2660193.2660195 (SplitMix).
    """
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (float(z >> np.uint64(11)) + 0.5) / 9007199254740992.0


@compiled
def entry_of(plan: Plan, draw: Draw, side: int, resource: int, low: int) -> int:
    """Return the last operation of a resource that stands no later than a place, or NONE."""
    if draw.stamp[resource] != draw.move[0]:
        draw.stamp[resource] = draw.move[0]
        at, following = NONE, plan.first[resource]
        while following >= 0 and plan.place[following] <= low:
            at, following = following, plan.back[side, following]
        draw.entry[resource] = at
    entry: int = draw.entry[resource]
    return entry


@compiled
def window(shop: Shop, plan: Plan, op: int) -> tuple[int, int]:
    """Return the places of the last predecessor and the first successor of an operation."""
    low, high = -1, len(plan.order)
    for k in range(shop.before_ptr[op], shop.before_ptr[op + 1]):
        low = max(low, plan.place[shop.before_op[k]])
    for k in range(shop.after_ptr[op], shop.after_ptr[op + 1]):
        high = min(high, plan.place[shop.after_op[k]])
    return low, high


@compiled
def drawn(
    shop: Shop, plan: Plan, draw: Draw, op: int, without: int, heat: float, ease: float
) -> None:
    """Draw a place for a lifted operation into `draw.found`.

    Args:
        shop: as it stands.
        plan: timed without the operation.
        draw: randomness; takes what is found.
        op: the lifted operation.
        without: the makespan without it.
        heat: of the Boltzmann weights, in seconds; 0 takes the best.
        ease: weight of the path through the operation.
    """
    draw.move[0] += 1
    low, high = window(shop, plan, op)
    ready, rest = plan.head[op], plan.tail[op]
    changes = shop.setup_s.size > 0
    best = math.inf
    for alt in range(shop.alt_ptr[op], shop.alt_ptr[op + 1]):
        span = shop.alt_span_s[alt]
        path = float(ready + span + rest)
        if max(path, float(without)) + ease * path - 8.0 * heat > best:
            continue
        machine, worker = shop.alt_machine[alt], shop.alt_worker[alt]
        a = entry_of(plan, draw, 0, machine, low)
        b = plan.first[machine] if a < 0 else plan.back[0, a]
        c, d = NONE, NONE
        if worker >= 0:
            worker += shop.machine_count
            c = entry_of(plan, draw, 1, worker, low)
            d = plan.first[worker] if c < 0 else plan.back[1, c]
        while True:
            start = max(ready, plan.head[c] + plan.span[c]) if c >= 0 else ready
            earliest = start
            if a >= 0:
                free = plan.head[a] + plan.span[a]
                earliest = max(start, free)
                if changes:
                    free += shop.setup_s[machine, a, op]
                start = max(start, free)
            path = float(earliest + span + rest)
            if max(path, float(without)) + ease * path - 8.0 * heat > best:
                break
            after = max(rest, plan.span[d] + plan.tail[d]) if d >= 0 else rest
            if b >= 0:
                follow = plan.span[b] + plan.tail[b]
                if changes:
                    follow += shop.setup_s[machine, op, b]
                after = max(after, follow)
            path = float(start + span + after)
            cost = max(path, float(without)) + ease * path
            if heat > 0.0 and cost - 8.0 * heat <= best:
                cost -= heat * draw.noise[int(uniform(draw.state) * len(draw.noise))]
            if cost < best:
                best = cost
                draw.found[0], draw.found[1], draw.found[2] = alt, a, c
            place_b = plan.place[b] if b >= 0 else high
            place_d = plan.place[d] if d >= 0 else high
            if min(place_b, place_d) >= high:
                break
            if place_b <= place_d:
                a, b = b, plan.back[0, b]
            if place_d <= place_b:
                c, d = d, plan.back[1, d]
    draw.found[3] = low
    for front in (draw.found[1], draw.found[2]):
        if front >= 0:
            draw.found[3] = max(draw.found[3], plan.place[front])


@compiled
def replace(shop: Shop, plan: Plan, draw: Draw, op: int, heat: float, ease: float) -> None:
    """Lift an operation out and put it back where `drawn` says; the plan is timed again."""
    if plan.alt[op] >= 0:
        unlink(shop, plan, op)
        heads_from(shop, plan, plan.place[op])
        tails_from(shop, plan, plan.place[op])
    drawn(shop, plan, draw, op, end_of(plan), heat, ease)
    link(shop, plan, op, draw.found[0], draw.found[1], draw.found[2])
    move_to(plan, op, draw.found[3])
    heads_from(shop, plan, plan.place[op])
    tails_from(shop, plan, plan.place[op])
