"""Improve: better ranks of orders, and two better numbers, by running the line again and again.

The first plans come from rules (due date, slack, order of arrival), from how many orders may be
inside and from how much of a style's likeness is taken into account; the best of them is then
changed, a late order brought forward or two orders exchanged, and a change is kept unless it is
worse than what a falling temperature forgives. Any time gives a plan.

Source  release by a limit on work in process: M. L. Spearman, D. L. Woodruff, W. J. Hopp, CONWIP,
        Int. J. Prod. Res. 28 (1990) 879-894, doi:10.1080/00207549008942761; threshold by
        temperature: S. Kirkpatrick et al., Science 220 (1983) 671-680.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp
from random import Random

import numpy as np

from manufold.model.line import Line, LineOrder
from manufold.scheduling.kernel import seconds
from manufold.scheduling.line.flow import Carriers, Found, Posts
from manufold.scheduling.line.flow_run import run
from manufold.scheduling.line.rows import Rows, Table

__all__ = ["INSIDE", "RULES", "Asked", "Pace", "Policy", "improved", "ranked"]

RULES = ("due", "slack", "arrival")
#: a second of lead time against a second of lateness
LEAD_WEIGHT = 0.1
#: a second of work that a style change costs
WORK_WEIGHT = 0.1
WORST = 1e18
#: shares of the orders that may be inside, and ranks that likeness is worth, which are tried
INSIDE = (1.0, 0.75, 0.55, 0.4, 0.3, 0.2)
ALIKE = (0, 10, 40, 120)
#: how often one that is late is brought forward
LATE_FIRST = 0.5
#: of the objective: what the search forgives at its begin
WARMTH = 0.002


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """What decides a plan.

    Args:
        rank: of each carrier, a permutation.
        alike: ranks forgiven to what needs no style change.
        orders_most: inside at once.
    """

    rank: Table
    alike: int
    orders_most: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is tried: so many plans at most."""

    plans_most: int = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The columns of a search; `span_ms` is the standard time of each order."""

    rows: Rows
    posts: Posts
    carriers: Carriers
    release_s: Table
    due_s: Table
    weight: Table
    span_ms: Table

    @classmethod
    def of(
        cls,
        line: Line,
        orders: Sequence[LineOrder],
        rows: Rows,
        posts: Posts,
        carriers: Carriers,
    ) -> "Asked":
        """Return what a search needs to know."""
        return cls(
            rows,
            posts,
            carriers,
            seconds([order.release_s for order in orders]),
            seconds([order.due_s for order in orders]),
            seconds([order.weight for order in orders]),
            np.add.reduceat(rows.standard_ms, rows.task_ptr[:-1]),
        )

    def tried(self, policy: Policy) -> tuple[float, Found]:
        """Run the line by a policy; return what it costs and what happens."""
        rules = self.rows.rules.copy()
        rules[1] = min(rules[1], policy.orders_most)
        rows = self.rows._replace(rules=rules)
        found, whole = run(rows, self.posts, self.carriers, policy.rank, policy.alike)
        return (self.cost(found) if whole else WORST), found

    def cost(self, found: Found) -> float:
        """Return the weighted seconds of lateness, and a little for lead time and for work."""
        finish = np.maximum.reduceat(found.end_s, self.rows.task_ptr[:-1])
        late = float((self.weight * np.maximum(0, finish - self.due_s)).sum())
        lead = float((finish - self.release_s).sum())
        changed = float((found.worked_s - found.plain_s).sum())
        return late + LEAD_WEIGHT * lead + WORK_WEIGHT * changed


def ranked(asked: Asked, rule: str) -> Table:
    """Return the rank of each carrier by a rule: its most urgent order counts."""
    ptr = asked.carriers.ptr[:-1]
    due = np.minimum.reduceat(asked.due_s[asked.carriers.order], ptr)
    key = {
        "due": due,
        "slack": due - np.add.reduceat(asked.span_ms[asked.carriers.order], ptr) // 1000,
        "arrival": asked.carriers.release_s,
    }[rule]
    rank = np.zeros(len(ptr), dtype=np.int64)
    rank[np.lexsort((np.arange(len(ptr)), key))] = np.arange(len(ptr))
    return rank


def improved(
    asked: Asked, *, seed: int, pace: Pace, left_s: Callable[[], float]
) -> tuple[Policy, int]:
    """Return the best policy found, and how many were tried; at least one is.

    Args:
        left_s: seconds left.
    """
    dice = Random(seed)
    given_s, tried = left_s(), 1
    best = Policy(ranked(asked, "due"), 0, int(asked.rows.rules[1]))
    best_cost, found = asked.tried(best)

    def over() -> bool:
        return left_s() <= 0 or tried >= pace.plans_most

    for others in _neighbours(asked):  # one number or rule after the other, the best one stays
        for policy in others(best):
            if over():
                break
            cost, happened = asked.tried(policy)
            tried += 1
            if cost < best_cost:
                best, best_cost, found = policy, cost, happened
    now, now_cost = best, best_cost
    while not over():
        gone = 1 - left_s() / given_s if given_s > 0 else 1.0
        gone = max(gone, tried / pace.plans_most)
        policy = _changed(asked, now, _late(asked, found), dice)
        cost, happened = asked.tried(policy)
        tried += 1
        forgiven = WARMTH * best_cost * max(1e-9, 1 - gone)
        if cost <= now_cost or dice.random() < exp((now_cost - cost) / forgiven):
            now, now_cost, found = policy, cost, happened
        if cost < best_cost:
            best, best_cost = policy, cost
    return best, tried


def _neighbours(asked: Asked) -> Iterator[Callable[[Policy], list[Policy]]]:
    """Yield ways to look at policies beside one: other limits, other likeness, other rules."""
    most = int(asked.rows.rules[1])
    yield lambda p: [replace(p, alike=alike) for alike in ALIKE[1:]]
    yield lambda p: [replace(p, orders_most=max(1, round(part * most))) for part in INSIDE[1:]]
    yield lambda p: [replace(p, rank=ranked(asked, rule)) for rule in RULES[1:]]
    yield lambda p: [replace(p, alike=alike) for alike in ALIKE if alike != p.alike]


def _late(asked: Asked, found: Found) -> Table:
    """Return the carriers with an order that is late."""
    finish = np.maximum.reduceat(found.end_s, asked.rows.task_ptr[:-1])
    late = (finish > asked.due_s)[asked.carriers.order]
    return np.flatnonzero(np.logical_or.reduceat(late, asked.carriers.ptr[:-1]))


def _changed(asked: Asked, policy: Policy, late: Table, dice: Random) -> Policy:
    """Return a policy that differs in one respect."""
    count = len(policy.rank)
    move = dice.random()
    if move < 0.06:
        most = max(1, round(policy.orders_most * dice.uniform(0.85, 1.18)))
        return replace(policy, orders_most=min(most, int(asked.rows.rules[1])))
    if move < 0.12:
        return replace(
            policy, alike=max(0, round(policy.alike * dice.uniform(0.6, 1.6)) + dice.randint(-2, 2))
        )
    by_rank = np.argsort(policy.rank)
    here = dice.randrange(count)
    reach = max(2, count // 12)
    by = dice.randint(-reach, reach)
    if len(late) and dice.random() < LATE_FIRST:
        here, by = int(policy.rank[late[dice.randrange(len(late))]]), -abs(by)
    there = min(count - 1, max(0, here + by))
    if move < 0.5:
        by_rank[here], by_rank[there] = by_rank[there], by_rank[here]
    else:
        one = by_rank[here]
        by_rank = np.insert(np.delete(by_rank, here), there, one)
    rank = np.zeros(count, dtype=np.int64)
    rank[by_rank] = np.arange(count)
    return replace(policy, rank=rank)
