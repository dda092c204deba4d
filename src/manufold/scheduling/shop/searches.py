"""Which search takes which shop: the first family of the list that knows the kind.

A family is added here and nowhere else. `make` is told the member it is for: `part` is (number,
count) of a team, so that a family may give each member a share of the shop; most only take another
seed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from manufold.scheduling.shop.large import LargeSearch
from manufold.scheduling.shop.large_chain import is_chain
from manufold.scheduling.shop.makespan import MakespanSearch
from manufold.scheduling.shop.problem import Answer, Goal, Search, Shop
from manufold.scheduling.shop.redispatch import Redispatch
from manufold.scheduling.shop.resources import ResourceSearch
from manufold.scheduling.shop.tardiness_team import TardinessMember

__all__ = ["FAMILIES", "Family", "Order", "family_of"]

#: operations from which on whole schedules are rolled instead of one critical path cut
LARGE = 30_000
#: a rolled schedule keeps an instant and the number of a job or machine in one whole number
KEYS_MOST = 2**62


class Order(NamedTuple):
    """What a search is made for.

    Args:
        shop: to schedule.
        goal: what is made small.
        seed: of its dice, another for each member of a team.
        start: a feasible answer to begin from.
        bound: no answer is below.
        part: number of this member and how many there are.
    """

    shop: Shop
    goal: Goal
    seed: int
    start: Answer
    bound: int
    part: tuple[int, int]


class Family(NamedTuple):
    """A kind of search.

    Args:
        name: what people call it.
        knows: whether it can search a shop for a goal.
        make: a search of it.
    """

    name: str
    knows: Callable[[Shop, Goal], bool]
    make: Callable[[Order], Search]


def _machines_only(shop: Shop) -> bool:
    return shop.worker_count == 0 and shop.setup_s.size == 0


def _knows_large(shop: Shop, goal: Goal) -> bool:
    latest_s = int(shop.release_s.max()) + int(shop.alt_span_s.sum())
    fits = latest_s * (shop.machine_count + len(shop.release_s)) < KEYS_MOST
    return goal == "makespan" and len(shop.job_of) >= LARGE and fits and is_chain(shop)


def _knows_makespan(shop: Shop, goal: Goal) -> bool:
    return goal == "makespan" and _machines_only(shop)


def _knows_tardiness(shop: Shop, goal: Goal) -> bool:
    owner = np.repeat(shop.job_of, np.diff(shop.before_ptr))
    inside = bool((owner == shop.job_of[shop.before_op]).all())
    return goal == "tardiness" and _machines_only(shop) and inside


def _knows_resources(shop: Shop, goal: Goal) -> bool:
    return goal == "makespan"


def _knows_all(shop: Shop, goal: Goal) -> bool:
    return True


def _large(order: Order) -> Search:
    return LargeSearch(order.shop, order.seed, order.start)


def _resources(order: Order) -> Search:
    hasty = order.part[0] % 2 == 1
    return ResourceSearch(order.shop, order.goal, order.seed, order.start, hasty=hasty)


def _makespan(order: Order) -> Search:
    return MakespanSearch(order.shop, order.seed, order.start, bound_s=order.bound)


def _tardiness(order: Order) -> Search:
    return TardinessMember(order.shop, order.seed, order.start, order.part)


def _redispatch(order: Order) -> Search:
    return Redispatch(order.shop, order.goal, order.seed, order.start)


FAMILIES: tuple[Family, ...] = (
    Family("large", _knows_large, _large),
    Family("makespan", _knows_makespan, _makespan),
    Family("tardiness", _knows_tardiness, _tardiness),
    Family("resources", _knows_resources, _resources),
    Family("dispatch", _knows_all, _redispatch),
)


def family_of(shop: Shop, goal: Goal) -> Family:
    """Return the family that searches a shop."""
    return next(family for family in FAMILIES if family.knows(shop, goal))
