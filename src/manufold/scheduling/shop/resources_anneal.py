"""Annealing by reinsertion: a critical operation is lifted out and put back by Boltzmann weight.

No place is tried and refused: each move draws among all places of all alternatives at once
(heat bath), so a move is never lost and there is nothing to undo. Only what lies on a critical
path can shorten the plan; other operations move as well, to get out of the way, and because
set-ups may break the triangle inequality.

Source  S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Science 220 (1983) 671-680,
        doi:10.1126/science.220.4598.671; P. J. M. van Laarhoven, E. H. L. Aarts, J. K. Lenstra,
        Oper. Res. 40 (1992) 113-125, doi:10.1287/opre.40.1.113 (critical moves suffice).
"""

import numpy as np

from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.shop.problem import Shop
from manufold.scheduling.shop.resources_graph import (
    NONE,
    Plan,
    end_of,
    heads_from,
    link,
    reorder,
    tails_from,
    topological,
)
from manufold.scheduling.shop.resources_place import Draw, replace, uniform

__all__ = ["anneal", "construct", "keep", "least_s", "restore"]


@compiled
def keep(plan: Plan, best: Plan) -> None:
    """Copy a plan over another one."""
    best.alt[:] = plan.alt
    best.span[:] = plan.span
    best.front[:] = plan.front
    best.back[:] = plan.back
    best.first[:] = plan.first
    best.head[:] = plan.head
    best.tail[:] = plan.tail
    best.order[:] = plan.order
    best.place[:] = plan.place


@compiled
def rests_s(shop: Shop) -> Seconds:
    """Return the least seconds from the start of each operation to the end, int64, (ops,)."""
    ops = len(shop.job_of)
    rest = np.zeros(ops, dtype=np.int64)
    order = topological(shop)
    for at in range(ops - 1, -1, -1):
        op = order[at]
        for k in range(shop.after_ptr[op], shop.after_ptr[op + 1]):
            rest[op] = max(rest[op], rest[shop.after_op[k]])
        rest[op] += shop.alt_span_s[shop.alt_ptr[op] : shop.alt_ptr[op + 1]].min()
    return rest


@compiled
def least_s(shop: Shop) -> int:
    """Return what no makespan goes below: chains at their fastest, and work without a choice."""
    ops = len(shop.job_of)
    rest = rests_s(shop)
    load = np.zeros(shop.machine_count + shop.worker_count, dtype=np.int64)
    least, total = 0, 0
    for op in range(ops):
        least = max(least, shop.release_s[shop.job_of[op]] + rest[op])
        low, high = shop.alt_ptr[op], shop.alt_ptr[op + 1]
        span = shop.alt_span_s[low:high].min()
        total += span
        machine, worker = shop.alt_machine[low], shop.alt_worker[low]
        one_machine, one_worker = True, worker >= 0
        for alt in range(low + 1, high):
            one_machine = one_machine and shop.alt_machine[alt] == machine
            one_worker = one_worker and shop.alt_worker[alt] == worker
        if one_machine:
            load[machine] += span
        if one_worker:
            load[shop.machine_count + worker] += span
    for resource in range(len(load)):
        least = max(least, load[resource])
    return max(least, (total + shop.machine_count - 1) // shop.machine_count)


@compiled
def construct(shop: Shop, plan: Plan, draw: Draw) -> None:
    """Insert all operations of an empty plan, the longest way to go first, each where it is best.

    Source: F. Werner, A. Winkler, Discrete Appl. Math. 58 (1995) 191-211,
    doi:10.1016/0166-218X(93)E0127-K (insertion with the exact path through it).
    """
    shop, plan, draw = unowned((shop, plan, draw))
    heads_from(shop, plan, 0)
    turn = np.argsort(-rests_s(shop), kind="mergesort")
    for k in range(len(turn)):
        replace(shop, plan, draw, turn[k], 0.0, 0.01)
        reorder(plan, end_of(plan), 1, 0)


@compiled
def restore(shop: Shop, plan: Plan, alt: Seconds, turn: Seconds) -> int:
    """Fill an empty plan with alternatives in an order that breaks no precedence; return its end.

    Args:
        shop: as it stands.
        plan: with every operation lifted out.
        alt: int64, shape (ops,).
        turn: int64, shape (ops,), all operations.
    """
    shop, plan = unowned((shop, plan))
    last = np.full(len(plan.first), NONE, dtype=np.int64)
    for at in range(len(turn)):
        op = turn[at]
        plan.order[at] = op
        plan.place[op] = at
        machine, worker = shop.alt_machine[alt[op]], shop.alt_worker[alt[op]]
        front_w = NONE
        if worker >= 0:
            front_w = last[shop.machine_count + worker]
            last[shop.machine_count + worker] = op
        link(shop, plan, op, alt[op], last[machine], front_w)
        last[machine] = op
    heads_from(shop, plan, 0)
    tails_from(shop, plan, len(turn) - 1)
    return end_of(plan)


@compiled
def picked(plan: Plan, draw: Draw, end_s: int, aside: float) -> int:
    """Return an operation to move: one of those on critical paths, or, this often, any."""
    ops = len(plan.order)
    skip = int(uniform(draw.state) * ops)
    if uniform(draw.state) < aside:
        return skip
    # one of the critical ones, each as likely: count, then walk to it
    critical = 0
    for op in range(ops):
        if plan.head[op] + plan.span[op] + plan.tail[op] == end_s:
            critical += 1
    skip = int(uniform(draw.state) * critical)
    for op in range(ops):
        if plan.head[op] + plan.span[op] + plan.tail[op] == end_s:
            if skip == 0:
                return op
            skip -= 1
    return 0


@compiled
def anneal(
    shop: Shop,
    plan: Plan,
    best: Plan,
    draw: Draw,
    since: int,
    moves: int,
    hot: float,
    cooling: float,
    ease: float,
    aside: float,
    early: int,
    late: int,
    enough: int,
) -> int:
    """Make moves while it cools; return how many were made.

    Args:
        shop: as it stands.
        plan: where it goes on; changed.
        best: the best plan so far; changed when a better one is met.
        draw: randomness.
        since: moves that this round has made before.
        moves: to make.
        hot: heat of the first move of the round, in seconds.
        cooling: factor of the heat from one move to the next.
        ease: weight of the path through what is moved; see `drawn`.
        aside: share of the moves whose operation need not be critical.
        early: weight of earliest starts in the order; see `reorder`.
        late: weight of latest starts.
        enough: a makespan that cannot be beaten; met, it returns.
    """
    shop, plan, best, draw = unowned((shop, plan, best, draw))
    end_s, least = end_of(plan), end_of(best)
    for move in range(moves):
        if least <= enough:
            return move
        heat = hot * cooling ** (since + move)
        replace(shop, plan, draw, picked(plan, draw, end_s, aside), heat, ease)
        end_s = end_of(plan)
        reorder(plan, end_s, early, late)
        if end_s < least:
            least = end_s
            keep(plan, best)
    return moves
