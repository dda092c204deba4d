"""Shows the search where precedences have any shape: parts that meet, parts that fan out."""

from pathlib import Path

import numpy as np
import pytest
from tests.scheduling.shop.setups_shops import faults, shop_of

from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import Shop
from manufold.scheduling.shop.read import read
from manufold.scheduling.shop.resources import ResourceSearch
from manufold.scheduling.shop.resources_graph import (
    NONE,
    Plan,
    copied,
    empty_plan,
    end_of,
    heads_from,
    reorder,
    tails_from,
    unlink,
)
from manufold.scheduling.shop.resources_place import empty_draw, replace, uniform

#: proven by a complete solver
OPTIMA_S = {"DAFJS01": 257, "DAFJS04": 606, "YFJS01": 773, "YFJS03": 347, "YFJS10": 399}
#: that take the longest
SLOW = ("DAFJS01", "YFJS01")


@pytest.mark.parametrize(
    ("name", "optimum_s"),
    [
        pytest.param(name, best_s, marks=[pytest.mark.slow] if name in SLOW else [])
        for name, best_s in OPTIMA_S.items()
    ],
)
def test_reaches_proven_optima(test_data: Path, name: str, optimum_s: int) -> None:
    """Assembly shops whose optimum is known are solved to it."""
    shop = read((test_data / "scheduling" / "fajsp" / name).read_text(), "fajsp")
    search = ResourceSearch(shop, "makespan", 1)
    search.go(600_000)
    assert search.value == optimum_s
    assert faults(shop, search) == ()


def test_parts_made_side_by_side_meet_once() -> None:
    """Nine parts on three machines, then one assembly: three rounds of parts and the assembly."""
    machine = np.array([0, 1, 2] * 9 + [0])
    shop = built(
        np.array([0, 10]), np.array([*range(0, 28, 3), 28]), machine,
        np.array([4] * 27 + [6]), 3, arcs=np.array([(part, 9) for part in range(9)]),
    )  # fmt: skip
    search = ResourceSearch(shop, "makespan", 0)
    search.go(5_000)
    assert search.value == 3 * 4 + 6


@pytest.mark.parametrize("kind", ["assembly", "workers"])
def test_a_place_costs_what_was_said_before_it_was_taken(kind: str) -> None:
    """Without set-ups the figure of an insertion is exact, move after move, at any heat."""
    for seed in range(4):
        shop = shop_of(kind, seed, jobs=4, ops=25, machines=3, choices=3)
        plan, draw = empty_plan(shop), empty_draw(shop, seed)
        heads_from(shop, plan, 0)
        for op in range(25):
            replace(shop, plan, draw, op, 5.0, 0.5)
            reorder(plan, end_of(plan), 1, 0)
        for _ in range(200):
            op = int(uniform(draw.state) * 25)
            replace(shop, plan, draw, op, 5.0, 0.5)
            told = max(plan.head[op] + plan.span[op] + plan.tail[op], _without(shop, plan, op))
            assert told == end_of(plan)
            reorder(plan, end_of(plan), int(uniform(draw.state) * 2), 1)
            _consistent(shop, plan)


def _without(shop: Shop, plan: Plan, op: int) -> int:
    """Return the makespan of a plan of which one operation is lifted out; the plan is kept."""
    other = copied(plan)
    unlink(shop, other, op)
    heads_from(shop, other, 0)
    tails_from(shop, other, len(other.order) - 1)
    return int(end_of(other))


def _consistent(shop: Shop, plan: Plan) -> None:
    """Assert that sequences, order, heads and tails of a plan fit together."""
    head, tail = plan.head.copy(), plan.tail.copy()
    heads_from(shop, plan, 0)
    tails_from(shop, plan, len(plan.order) - 1)
    assert (head == plan.head).all()
    assert (tail == plan.tail).all()
    assert (plan.order[plan.place] == np.arange(len(plan.order))).all()
    for side in range(2):
        for op, back in enumerate(plan.back[side]):
            if back != NONE:
                assert plan.front[side, back] == op
                assert plan.place[op] < plan.place[back]
