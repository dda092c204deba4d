"""Where a search begins: a plan made by insertion, or one that keeps the sequences of an answer.

Source  F. Werner, A. Winkler, Discrete Appl. Math. 58 (1995) 191-211,
        doi:10.1016/0166-218X(93)E0127-K (insertion with the exact path through it).
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
from manufold.scheduling.shop.resources_place import Draw, replace

__all__ = ["construct", "least_s", "restore"]


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
def construct(shop: Shop, plan: Plan, draw: Draw, heat: float) -> None:
    """Insert all operations of an empty plan, the longest way first, each where it is best.

    Args:
        shop: as it stands.
        plan: empty; filled here.
        draw: randomness.
        heat: of the places, in seconds; 0 takes the best.
    """
    shop, plan, draw = unowned((shop, plan, draw))
    heads_from(shop, plan, 0)
    turn = np.argsort(-rests_s(shop), kind="mergesort")
    for k in range(len(turn)):
        replace(shop, plan, draw, turn[k], heat, 0.01)
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
