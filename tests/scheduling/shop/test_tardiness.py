"""The search for weighted tardiness: always feasible, repeatable, optimal where that is known."""

import numpy as np
import pytest
from tests.scheduling.shop.exact import optimum
from tests.scheduling.shop.late_shops import faults, late_shop
from tests.scheduling.shop.tiny import tiny

from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.dispatch import first_answer
from manufold.scheduling.shop.problem import Answer, Shop, ends_s, value_of
from manufold.scheduling.shop.tardiness import TardinessSearch


@pytest.mark.parametrize("seed", range(6))
def test_every_answer_on_the_way_is_feasible_and_worth_what_it_says(seed: int) -> None:
    """After each stretch of moves the best answer keeps every rule and has the told value."""
    shop = late_shop(seed, ops=200, machines=10, load=0.8 + 0.05 * seed)
    search = TardinessSearch(shop, seed)
    values = []
    for moves in (1, 10, 2_000, 2_000, 20_000):
        search.go(moves)
        assert faults(shop, search.best) == []
        assert search.value == value_of(shop, search.best, "tardiness")
        values.append(search.value)
    assert values == sorted(values, reverse=True)


def test_it_leaves_dispatching_far_behind() -> None:
    """On shops with too much to do, 60,000 moves take a fifth off the best dispatch rule."""
    dispatched, searched = 0, 0
    for seed in range(4):
        shop = late_shop(seed, ops=800, machines=20, load=1.05)
        dispatched += value_of(shop, first_answer(shop, "tardiness"), "tardiness")
        search = TardinessSearch(shop, seed)
        search.go(60_000)
        searched += search.value
    assert 0 < searched < 0.8 * dispatched, (searched, dispatched)


def test_the_same_seed_gives_the_same_answer() -> None:
    """Equal seeds agree in every start, also when another search runs in between."""
    shop = late_shop(3, ops=200, machines=10, load=0.95)
    one, two, other = (TardinessSearch(shop, seed) for seed in (5, 5, 6))
    for _ in range(3):
        one.go(6_000)
        other.go(3_000)
    for _ in range(3):
        two.go(6_000)
    assert one.moves == two.moves
    assert one.value == two.value
    assert np.array_equal(one.best.start_s, two.best.start_s)
    assert np.array_equal(one.best.alt, two.best.alt)


def _tiny(seed: int) -> Shop:
    dice = np.random.default_rng(seed)
    lengths = dice.integers(1, 4, 3)
    choices = dice.integers(1, 3, lengths.sum())
    release = dice.integers(0, 12, 3)
    return built(
        np.concatenate(([0], np.cumsum(lengths))),
        np.concatenate(([0], np.cumsum(choices))),
        dice.integers(0, 2, choices.sum()),
        dice.integers(0, 10, choices.sum()),
        2,
        release_s=release,
        due_s=release + dice.integers(1, 16, 3),
        weight=dice.integers(0, 5, 3),
    )


def test_it_finds_the_optimum_of_tiny_shops() -> None:
    """Against every order and alternative tried, at least 95 of 100 tiny shops are optimal."""
    missed = []
    for seed in range(100):
        shop = _tiny(seed)
        search = TardinessSearch(shop, seed)
        search.go(6_000)
        best = optimum(shop, "tardiness")
        assert search.value >= best
        assert faults(shop, search.best) == []
        if search.value > best:
            missed.append((seed, search.value, best))
    assert len(missed) <= 5, missed


def _odd(name: str) -> Shop:
    dice = np.random.default_rng(7)
    if name == "graph":
        return tiny("graph", 4, jobs=6)._replace(due_s=np.array([9]), weight=np.array([3]))
    jobs, machines = {"one machine": (30, 1), "single operations": (40, 4)}.get(name, (12, 3))
    lengths = np.ones(jobs, dtype=int)
    if name in ("one machine", "weightless", "no length"):
        lengths = dice.integers(1, 6, jobs)
    if name == "one job":
        lengths = np.array([300])
    ops = int(lengths.sum())
    spans = dice.integers(0 if name == "no length" else 1, 9, ops * 2)
    return built(
        np.concatenate(([0], np.cumsum(lengths))),
        np.arange(ops + 1) * 2,
        dice.integers(0, machines, ops * 2),
        spans,
        machines,
        release_s=dice.integers(0, 20, len(lengths)),
        due_s=dice.integers(-5, 40, len(lengths)),
        weight=np.zeros(len(lengths), dtype=int)
        if name == "weightless"
        else dice.integers(0, 5, len(lengths)),
    )


@pytest.mark.parametrize(
    "name", ["graph", "one machine", "single operations", "weightless", "no length", "one job"]
)
def test_odd_shops_stay_feasible(name: str) -> None:
    """Graphs, one machine, single operations, no weights, no length, one long job: all are kept."""
    shop = _odd(name)
    search = TardinessSearch(shop, 1, first_answer(shop, "tardiness"))
    before = search.value
    search.go(3_000)
    assert faults(shop, search.best) == []
    assert search.value == value_of(shop, search.best, "tardiness") <= before
    if name == "weightless":
        assert search.value == search.moves == 0


def test_huge_times_do_not_overflow() -> None:
    """Dates beyond 32 bits are searched as well as small ones."""
    small = late_shop(2, ops=100, machines=5, load=1.0)
    huge = small._replace(
        release_s=small.release_s * 2**24,
        due_s=small.due_s * 2**24,
        alt_span_s=small.alt_span_s * 2**24,
    )
    search = TardinessSearch(huge, 1)
    search.go(6_000)
    assert ends_s(huge, search.best).max() > 2**31
    assert faults(huge, search.best) == []
    assert search.value == value_of(huge, search.best, "tardiness")


def test_it_goes_on_from_a_better_answer_only() -> None:
    """`take` adopts what is better and ignores what is worse."""
    shop = late_shop(1, ops=200, machines=10, load=0.95)
    ahead, behind = TardinessSearch(shop, 1), TardinessSearch(shop, 2)
    ahead.go(30_000)
    behind.take(ahead.best)
    assert behind.value == ahead.value
    value = behind.value
    behind.take(first_answer(shop, "tardiness"))
    assert behind.value == value
    behind.go(3_000)
    assert faults(shop, behind.best) == []
    assert behind.value <= value


@pytest.mark.parametrize("kind", ["workers", "setups"])
def test_what_it_does_not_know_it_refuses(kind: str) -> None:
    """A shop with workers or set-ups is another search's trade."""
    with pytest.raises(ValueError, match="workers nor set-ups"):
        TardinessSearch(tiny(kind, 1), 1)


def test_the_checker_of_these_tests_sees_broken_answers() -> None:
    """A late release, an overlap and a foreign alternative are each found."""
    shop = late_shop(1, ops=60, machines=5, load=0.9)
    good = first_answer(shop, "tardiness")
    assert faults(shop, good) == []
    assert faults(shop, Answer(good.alt, good.start_s - 10_000))
    assert faults(shop, Answer(good.alt, np.full(60, 10_000)))
    assert faults(shop, Answer(np.zeros(60, dtype=np.int64), good.start_s))
