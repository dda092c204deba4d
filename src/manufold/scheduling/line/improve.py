"""Improve: better ranks of orders, and two better numbers, by running the line again and again.

The first plans come from rules (due date, slack, order of arrival), from how many orders may be
inside and from how much of a style's likeness is taken into account; the best of them is then
changed, a late order brought forward or two orders exchanged, and a change is kept unless it is
worse than what a falling temperature forgives. Any time gives a plan.

Source  release by a limit on work in process: M. L. Spearman, D. L. Woodruff, W. J. Hopp, CONWIP,
        Int. J. Prod. Res. 28 (1990) 879-894, doi:10.1080/00207549008942761; threshold by
        temperature: S. Kirkpatrick et al., Science 220 (1983) 671-680.
"""

from collections.abc import Callable, Sequence
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
    best, best_cost, tried = None, WORST, 0
    given_s = left_s()
    most = int(asked.rows.rules[1])
    for rule in RULES[:2]:
        rank = ranked(asked, rule)
        for inside in INSIDE:
            for alike in ALIKE:
                if best is not None and (left_s() <= 0.5 * given_s or tried >= pace.plans_most):
                    break
                policy = Policy(rank, alike, max(1, round(inside * most)))
                cost, _ = asked.tried(policy)
                tried += 1
                if best is None or cost < best_cost:
                    best, best_cost = policy, cost
    assert best is not None
    now, now_cost = best, best_cost
    while left_s() > 0 and tried < pace.plans_most:
        gone = 1 - left_s() / given_s if given_s > 0 else 1.0
        gone = max(gone, tried / pace.plans_most)
        policy = _changed(asked, now, dice)
        cost, _ = asked.tried(policy)
        tried += 1
        forgiven = WARMTH * best_cost * max(1e-9, 1 - gone)
        if cost <= now_cost or dice.random() < exp((now_cost - cost) / forgiven):
            now, now_cost = policy, cost
        if cost < best_cost:
            best, best_cost = policy, cost
    return best, tried


def _changed(asked: Asked, policy: Policy, dice: Random) -> Policy:
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
    there = min(count - 1, max(0, here + dice.randint(-reach, reach)))
    if move < 0.5:
        by_rank[here], by_rank[there] = by_rank[there], by_rank[here]
    else:
        one = by_rank[here]
        by_rank = np.insert(np.delete(by_rank, here), there, one)
    rank = np.zeros(count, dtype=np.int64)
    rank[by_rank] = np.arange(count)
    return replace(policy, rank=rank)
