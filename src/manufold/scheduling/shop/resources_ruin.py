"""Ruin and recreate: several operations are lifted out together and put back one by one.

Where a machine and a worker are both short, no single operation can move: its place is free on the
one and taken on the other. A few that stand together in time, or share a machine, a worker or a
job, are lifted out at once; each then goes back where the path through it is shortest, in an order
that is drawn. The whole is kept by the rule of annealing, or undone.

Cost    a move lifts out and puts back some operations, each in O(operations + places), and copies
        the plan.
Source  G. Schrimpf, J. Schneider, H. Stamm-Wilbrandt, G. Dueck, J. Comput. Phys. 159 (2000)
        139-171, doi:10.1006/jcph.1999.6413.
"""

import math

import numpy as np

from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.shop.problem import Shop
from manufold.scheduling.shop.resources_graph import (
    Plan,
    end_of,
    heads_from,
    keep,
    reorder,
    tails_from,
    unlink,
)
from manufold.scheduling.shop.resources_place import Draw, replace, uniform

__all__ = ["recreate"]

#: share of the iterations that take what is near in time, and what shares a resource or the job
NEAR, SHARED = 0.4, 0.3


@compiled
def critical_one(plan: Plan, draw: Draw, end_s: int) -> int:
    """Return one of the operations on critical paths, each as likely."""
    chosen, seen = 0, 0
    for op in range(len(plan.head)):
        if plan.head[op] + plan.span[op] + plan.tail[op] == end_s:
            seen += 1
            if uniform(draw.state) * seen < 1.0:
                chosen = op
    return chosen


@compiled
def companions(shop: Shop, plan: Plan, draw: Draw, end_s: int, count: int) -> Seconds:
    """Return a critical operation and some that stand in its way, int64, shape (count,).

    They come in an order that is drawn.
    """
    ops = len(plan.head)
    seed = critical_one(plan, draw, end_s)
    machine, worker = shop.alt_machine[plan.alt[seed]], shop.alt_worker[plan.alt[seed]]
    middle = plan.head[seed] + 0.5 * plan.span[seed]
    how = uniform(draw.state)
    far = np.zeros(ops)
    for op in range(ops):
        dice = uniform(draw.state)
        away = abs(plan.head[op] + 0.5 * plan.span[op] - middle) / end_s
        if how < NEAR:
            far[op] = away * (0.5 + dice)
        elif how < NEAR + SHARED:
            shares = shop.alt_machine[plan.alt[op]] == machine
            shares = shares or (worker >= 0 and shop.alt_worker[plan.alt[op]] == worker)
            shares = shares or shop.job_of[op] == shop.job_of[seed]
            far[op] = away * dice if shares else 1.0 + away * dice
        else:
            far[op] = dice
    far[seed] = -1.0
    lifted = np.argsort(far, kind="mergesort")[:count]
    for at in range(count - 1, 0, -1):
        other = int(uniform(draw.state) * (at + 1))
        lifted[at], lifted[other] = lifted[other], lifted[at]
    return lifted


@compiled
def recreate(
    shop: Shop,
    plan: Plan,
    kept: Plan,
    best: Plan,
    draw: Draw,
    since: int,
    moves: int,
    few: int,
    many: int,
    hot: float,
    cooling: float,
    heat: float,
    ease: float,
    enough: int,
) -> int:
    """Ruin and recreate while it cools; return how many moves were made.

    Args:
        shop: as it stands.
        plan: where it goes on; changed.
        kept: room for what is gone back to; filled here.
        best: the best plan so far; changed when a better one is met.
        draw: randomness.
        since: moves that this round has made before.
        moves: to make.
        few: operations lifted out together, at least.
        many: at most.
        hot: seconds that a plan may be worse, at the first move of the round.
        cooling: factor of it from one move to the next.
        heat: of the places, in seconds; see `drawn`.
        ease: weight of the path through what is moved; see `drawn`.
        enough: a makespan that cannot be beaten; met, it returns.
    """
    shop, plan, kept, best, draw = unowned((shop, plan, kept, best, draw))
    ops = len(plan.head)
    keep(plan, kept)
    end_s, least = end_of(plan), end_of(best)
    for move in range(moves):
        if least <= enough:
            return move
        count = min(ops, few + int(uniform(draw.state) * (many - few + 1)))
        lifted = companions(shop, plan, draw, end_s, count)
        for at in range(count):
            unlink(shop, plan, lifted[at])
        heads_from(shop, plan, 0)
        tails_from(shop, plan, ops - 1)
        for at in range(count):
            replace(shop, plan, draw, lifted[at], heat, ease)
        now_s = end_of(plan)
        side = int(uniform(draw.state) * 3.0)
        reorder(plan, now_s, 1 if side < 2 else 0, 1 if side > 0 else 0)
        if now_s < least:
            least = now_s
            keep(plan, best)
        allowed = hot * cooling ** (since + move)
        if now_s <= end_s or uniform(draw.state) < math.exp((end_s - now_s) / allowed):
            end_s = now_s
            keep(plan, kept)
        else:
            keep(kept, plan)
    return moves
