"""Who follows whom on each machine and worker, and the longest paths through it.

A plan is a semi-active schedule: every operation starts as soon as its job, its machine and its
worker let it. Heads and tails are longest paths to and from an operation in the disjunctive graph
(machine arcs carry the set-up); `order` lists the operations so that every arc points forward.

Cost    a pass is O(operations + precedences); no search, no randomness.
Source  E. Balas, Oper. Res. 17 (1969) 941-957, doi:10.1287/opre.17.6.941 (disjunctive graph);
        S. Dauzère-Pérès, J. Paulli, Ann. Oper. Res. 70 (1997) 281-306,
        doi:10.1023/A:1018930406487 (several machines to choose from).
"""

from typing import NamedTuple

import numpy as np

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.shop.problem import Shop

__all__ = [
    "NONE",
    "Plan",
    "copied",
    "empty_plan",
    "end_of",
    "heads_from",
    "keep",
    "link",
    "move_to",
    "reorder",
    "tails_from",
    "topological",
    "unlink",
]

#: no operation, no alternative, nobody
NONE = -1


class Plan(NamedTuple):
    """A schedule that is being worked at; kernels change it in place.

    Args:
        alt: int64, shape (ops,), NONE while an operation is lifted out.
        span: int64, shape (ops,), seconds it takes there, 0 while lifted out.
        front: int64, shape (2, ops), whom it follows on its machine [0] and its worker [1].
        back: int64, shape (2, ops), who follows it there.
        first: int64, shape (machines + workers,), the first operation there.
        head: int64, shape (ops,), seconds until its start.
        tail: int64, shape (ops,), seconds from its end to the end of everything.
        order: int64, shape (ops,), operations so that every arc points forward.
        place: int64, shape (ops,), where each stands in `order`.
    """

    alt: Seconds
    span: Seconds
    front: Seconds
    back: Seconds
    first: Seconds
    head: Seconds
    tail: Seconds
    order: Seconds
    place: Seconds


def empty_plan(shop: Shop) -> Plan:
    """Return a plan with every operation lifted out, in an order that keeps the precedences."""
    ops = len(shop.job_of)
    order = topological(shop)
    place = np.zeros(ops, dtype=np.int64)
    place[order] = np.arange(ops)
    resources = shop.machine_count + shop.worker_count
    return Plan(
        alt=np.full(ops, NONE, dtype=np.int64),
        span=np.zeros(ops, dtype=np.int64),
        front=np.full((2, ops), NONE, dtype=np.int64),
        back=np.full((2, ops), NONE, dtype=np.int64),
        first=np.full(resources, NONE, dtype=np.int64),
        head=np.zeros(ops, dtype=np.int64),
        tail=np.zeros(ops, dtype=np.int64),
        order=order,
        place=place,
    )


def copied(plan: Plan) -> Plan:
    """Return a plan of its own with the same content."""
    return Plan(*(column.copy() for column in plan))


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
def topological(shop: Shop) -> Seconds:
    """Return the operations so that every precedence points forward, int64, shape (ops,)."""
    ops = len(shop.job_of)
    missing = shop.before_ptr[1:] - shop.before_ptr[:-1]
    order = np.zeros(ops, dtype=np.int64)
    filled = 0
    for op in range(ops):
        if missing[op] == 0:
            order[filled] = op
            filled += 1
    read = 0
    while read < filled:
        op = order[read]
        read += 1
        for k in range(shop.after_ptr[op], shop.after_ptr[op + 1]):
            follower = shop.after_op[k]
            missing[follower] -= 1
            if missing[follower] == 0:
                order[filled] = follower
                filled += 1
    return order


@compiled
def unlink(shop: Shop, plan: Plan, op: int) -> None:
    """Lift an operation out of its machine and worker; its neighbours close up."""
    alt = plan.alt[op]
    for side in range(2):
        resource = shop.alt_machine[alt]
        if side == 1:
            if shop.alt_worker[alt] < 0:
                break
            resource = shop.machine_count + shop.alt_worker[alt]
        front, back = plan.front[side, op], plan.back[side, op]
        if front >= 0:
            plan.back[side, front] = back
        else:
            plan.first[resource] = back
        if back >= 0:
            plan.front[side, back] = front
        plan.front[side, op] = NONE
        plan.back[side, op] = NONE
    plan.alt[op] = NONE
    plan.span[op] = 0


@compiled
def link(shop: Shop, plan: Plan, op: int, alt: int, front_m: int, front_w: int) -> None:
    """Put a lifted operation behind these two (NONE: first) on the alternative's resources."""
    plan.alt[op] = alt
    plan.span[op] = shop.alt_span_s[alt]
    for side in range(2):
        resource, front = shop.alt_machine[alt], front_m
        if side == 1:
            if shop.alt_worker[alt] < 0:
                break
            resource, front = shop.machine_count + shop.alt_worker[alt], front_w
        if front >= 0:
            back = plan.back[side, front]
            plan.back[side, front] = op
        else:
            back = plan.first[resource]
            plan.first[resource] = op
        plan.front[side, op] = front
        plan.back[side, op] = back
        if back >= 0:
            plan.front[side, back] = op


@compiled
def heads_from(shop: Shop, plan: Plan, since: int) -> None:
    """Time every operation from this place of the order on.

    A lifted operation is passed through in no time and holds nobody up but its own job.
    """
    changes = shop.setup_s.size > 0
    for at in range(since, len(plan.order)):
        op = plan.order[at]
        start = shop.release_s[shop.job_of[op]]
        for k in range(shop.before_ptr[op], shop.before_ptr[op + 1]):
            before = shop.before_op[k]
            start = max(start, plan.head[before] + plan.span[before])
        front = plan.front[0, op]
        if front >= 0:
            ready = plan.head[front] + plan.span[front]
            if changes:
                ready += shop.setup_s[shop.alt_machine[plan.alt[op]], front, op]
            start = max(start, ready)
        front = plan.front[1, op]
        if front >= 0:
            start = max(start, plan.head[front] + plan.span[front])
        plan.head[op] = start


@compiled
def tails_from(shop: Shop, plan: Plan, since: int) -> None:
    """Measure what follows every operation, from this place of the order to the front."""
    changes = shop.setup_s.size > 0
    for at in range(since, -1, -1):
        op = plan.order[at]
        rest = 0
        for k in range(shop.after_ptr[op], shop.after_ptr[op + 1]):
            after = shop.after_op[k]
            rest = max(rest, plan.span[after] + plan.tail[after])
        back = plan.back[0, op]
        if back >= 0:
            after_it = plan.span[back] + plan.tail[back]
            if changes:
                after_it += shop.setup_s[shop.alt_machine[plan.alt[op]], op, back]
            rest = max(rest, after_it)
        back = plan.back[1, op]
        if back >= 0:
            rest = max(rest, plan.span[back] + plan.tail[back])
        plan.tail[op] = rest


@compiled
def reorder(plan: Plan, end_s: int, early: int, late: int) -> None:
    """Sort the order by early * earliest start + late * latest start.

    Both grow along every arc, so the order stays forward; equal keys keep their places. Which mix
    is taken decides which pairs of places on a machine and on a worker an insertion can see.
    """
    for at in range(1, len(plan.order)):
        op = plan.order[at]
        key = early * plan.head[op] + late * (end_s - plan.tail[op] - plan.span[op])
        to = at
        while to > 0:
            other = plan.order[to - 1]
            latest = end_s - plan.tail[other] - plan.span[other]
            if early * plan.head[other] + late * latest <= key:
                break
            plan.order[to] = other
            to -= 1
        plan.order[to] = op
    for at in range(len(plan.order)):
        plan.place[plan.order[at]] = at


@compiled
def end_of(plan: Plan) -> int:
    """Return when the last operation ends."""
    end_s = 0
    for op in range(len(plan.head)):
        end_s = max(end_s, plan.head[op] + plan.span[op])
    return end_s


@compiled
def move_to(plan: Plan, op: int, behind: int) -> None:
    """Take an operation out of the order and put it right behind what stands at this place."""
    at = plan.place[op]
    to = behind if behind >= at else behind + 1
    step = 1 if to > at else -1
    while at != to:
        other = plan.order[at + step]
        plan.order[at] = other
        plan.place[other] = at
        at += step
    plan.order[to] = op
    plan.place[op] = to
