"""Which search takes which shop: the first family of the list that knows the kind.

A family is added here and nowhere else. `make` is told the member it is for: `part` is (number,
count) of a team, so that a family may give each member a share of the shop; most only take another
seed.
"""

from collections.abc import Callable
from typing import NamedTuple

from manufold.scheduling.shop.makespan import MakespanSearch
from manufold.scheduling.shop.problem import Answer, Goal, Search, Shop
from manufold.scheduling.shop.redispatch import Redispatch
from manufold.scheduling.shop.tardiness_team import TardinessMember

__all__ = ["FAMILIES", "Family", "Order", "family_of"]


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


def _makespan(order: Order) -> Search:
    return MakespanSearch(order.shop, order.seed, order.start, bound_s=order.bound)


def _tardiness(order: Order) -> Search:
    return TardinessMember(order.shop, order.seed, order.start, order.part)


def _redispatch(order: Order) -> Search:
    return Redispatch(order.shop, order.goal, order.seed, order.start)


FAMILIES: tuple[Family, ...] = (
    Family("makespan", lambda s, goal: goal == "makespan" and _machines_only(s), _makespan),
    Family("tardiness", lambda s, goal: goal == "tardiness" and _machines_only(s), _tardiness),
    Family("dispatch", lambda s, goal: True, _redispatch),
)


def family_of(shop: Shop, goal: Goal) -> Family:
    """Return the family that searches a shop."""
    return next(family for family in FAMILIES if family.knows(shop, goal))
