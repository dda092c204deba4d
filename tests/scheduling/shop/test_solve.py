"""Solving is anytime: moves or time end it, and the best so far comes back, judged."""

import json

import numpy as np
import pytest
from tests.scheduling.shop.exact import optimum
from tests.scheduling.shop.tiny import KINDS, slots_of, tiny

from manufold.judge.shop_rules import shop_slots, shop_violations
from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import value_of
from manufold.scheduling.shop.redispatch import Redispatch
from manufold.scheduling.shop.searches import FAMILIES, Order, family_of
from manufold.scheduling.shop.solve import begun, solve
from manufold.scheduling.shop.team import LoneBoard, Pace, Progress, work
from manufold.scheduling.shop.written import written

ENDLESS = Pace(moves_most=300)


def always() -> float:
    """Return that there is time left."""
    return 1.0


def countdown(ticks: int):
    """Return a clock that runs out after so many looks."""
    left = iter(range(ticks, -(10**9), -1))
    return lambda: 0.1 * next(left)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_shop_is_solved_and_judged(kind):
    """The registry finds a search; its answer is right and mostly the optimum."""
    goal = "tardiness" if kind == "late" else "makespan"
    met = 0
    for seed in range(6):
        shop = tiny(kind, seed, jobs=2)
        first = begun(shop, goal)
        found = solve(shop, goal, left_s=always, seed=seed, pace=ENDLESS)
        assert found.fault == ""
        assert found.bound <= found.value <= first.value
        wrong = shop_violations(
            shop, slots_of(shop, found.answer), objective=found.value, tardiness=goal == "tardiness"
        )
        assert wrong == ()
        best = optimum(shop, goal)
        assert found.value >= best
        met += found.value == best
    assert met >= 5


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_answer(kind):
    """Ended by moves, two runs are the same, bit by bit."""
    goal = "tardiness" if kind == "late" else "makespan"
    shop = tiny(kind, 11, jobs=6)
    one, two = (solve(shop, goal, left_s=always, seed=5, pace=ENDLESS) for _ in range(2))
    assert one.value == two.value
    assert all(np.array_equal(a, b) for a, b in zip(one.answer, two.answer, strict=True))


def test_no_time_gives_the_first_answer():
    """Without a second left the answer of the rules is returned."""
    shop = tiny("flexible", 3, jobs=8)
    found = solve(shop, "makespan", left_s=lambda: 0.0)
    assert found.value == begun(shop, "makespan").value


class Breaking:
    """A search that gets better once and then fails, or is interrupted."""

    def __init__(self, order: Order, fault: BaseException) -> None:
        self._inner = Redispatch(order.shop, order.goal, order.seed, order.start)
        self._fault = fault
        self.best, self.value, self.moves = order.start, self._inner.value, 0

    def go(self, moves: int) -> None:
        """Better once, then fail."""
        if self.moves:
            raise self._fault
        while self._inner.value >= self.value:
            self._inner.go(1)
        self.best, self.value, self.moves = self._inner.best, self._inner.value, 1

    def take(self, answer) -> None:
        """Take nothing."""


@pytest.mark.parametrize(
    ("fault", "said"),
    [(ValueError("oops"), "ValueError: oops"), (KeyboardInterrupt(), "interrupted")],
)
def test_a_search_that_fails_gives_what_it_had(monkeypatch, fault, said):
    """The last answer that was posted is returned, and the fault is said."""
    shop = tiny("flexible", 2, jobs=30)
    first = begun(shop, "makespan")
    assert first.value > first.bound
    broken = FAMILIES[-1]._replace(make=lambda order: Breaking(order, fault))
    monkeypatch.setattr("manufold.scheduling.shop.solve.family_of", lambda shop, goal: broken)
    found = solve(shop, "makespan", left_s=always, pace=Pace(moves_most=10, chunk_moves=1))
    assert found.fault == said
    assert found.value < first.value
    assert shop_violations(shop, slots_of(shop, found.answer), objective=found.value) == ()


def test_a_member_goes_on_from_better_answers_of_others():
    """What another member posted is taken at the next look at the board."""
    shop = tiny("flexible", 5, jobs=12)
    good = solve(shop, "makespan", left_s=always, seed=3, pace=ENDLESS)
    board = LoneBoard()
    board.post(good.value, good.answer, 0)
    first = begun(shop, "makespan")

    class Idle:
        """A search that finds nothing by itself."""

        def __init__(self) -> None:
            self.best, self.value, self.moves = first.answer, first.value, 0

        def go(self, moves: int) -> None:
            self.moves += moves

        def take(self, answer) -> None:
            self.best, self.value = answer, value_of(shop, answer, "makespan")

    assert good.value < first.value
    idle, told = Idle(), []
    pace = Pace(exchange_s=0.3)
    work(idle, board, 0, countdown(20), pace=pace, told=told.append)
    assert idle.value == good.value
    assert all(isinstance(one, Progress) and one.value == good.value for one in told)


def test_an_exhausted_search_ends_the_work():
    """A search that has no move left does not hold the machine until time is up."""

    class Done:
        """A search without moves."""

        best, value, moves = None, 9, 0

        def go(self, moves: int) -> None:
            """Try nothing."""

        def take(self, answer) -> None:
            """Take nothing."""

    looks = []
    work(Done(), LoneBoard(), 0, lambda: looks.append(1) or 1.0, pace=Pace())
    assert len(looks) < 10


def test_what_is_written_can_be_judged():
    """The JSON of an answer passes the judge, for shops with and without workers."""
    for kind in ("flexible", "workers", "graph"):
        shop = tiny(kind, 4)
        first = begun(shop, "makespan")
        text = written(shop, first.answer, objective=first.value, bound=first.bound, took_s=1.25)
        told = json.loads(text)
        assert told["objective"] == first.value and told["seconds"] == 1.25
        assert ("worker" in told["slots"][0]) == (kind == "workers")
        assert shop_violations(shop, shop_slots(told), objective=told["objective"]) == ()


def test_the_first_family_that_knows_a_shop_takes_it():
    """The last family knows everything, so every shop has one."""
    assert FAMILIES[-1].knows(tiny("workers", 1), "tardiness")
    for kind in KINDS:
        for goal in ("makespan", "tardiness"):
            assert family_of(tiny(kind, 1), goal) in FAMILIES


def test_times_too_large_for_rolled_schedules_take_another_search() -> None:
    """Rolled schedules pack an instant and a number into one; too large a shop is not rolled."""
    ops = 30_000
    for span_s, name in ((10**3, "large"), (2 * 10**10, "makespan")):
        shop = built(
            np.array([0, ops]),
            np.arange(ops + 1),
            np.arange(ops),
            np.full(ops, span_s),
            ops,
        )
        assert family_of(shop, "makespan").name == name
