"""Shows that the search is exact on shops small enough to try everything, and never infeasible."""

from pathlib import Path

import numpy as np
import pytest
from tests.scheduling.shop.exact import optimum
from tests.scheduling.shop.setups_shops import KINDS, faults, shop_of

from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import Answer
from manufold.scheduling.shop.read import read
from manufold.scheduling.shop.resources import ResourceSearch
from manufold.scheduling.shop.resources_begin import least_s

#: Fattahi_setup_01 to _10, proven by a complete solver
OPTIMA_S = (70, 112, 233, 374, 126, 334, 397, 262, 220, 541)


@pytest.mark.parametrize(("number", "optimum_s"), list(enumerate(OPTIMA_S, 1)))
def test_reaches_proven_optima(test_data: Path, number: int, optimum_s: int) -> None:
    """The published shops with forbidden changeovers are solved to their optimum."""
    file = test_data / "scheduling" / "fjsp_sdst" / f"Fattahi_setup_{number:02d}.fjs"
    shop = read(file.read_text(), "fjsp-sdst")
    search = ResourceSearch(shop, "makespan", number)
    search.go(40_000)
    assert search.value == optimum_s
    assert faults(shop, search) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_finds_the_shortest_of_all_schedules(kind: str) -> None:
    """Every order with every alternative was tried: the search ends at the same makespan."""
    for seed in range(25):
        shop = shop_of(kind, seed, jobs=1 + seed % 3, ops=5, machines=1 + seed % 3)
        search = ResourceSearch(shop, "makespan", seed)
        search.go(4_000)
        assert search.value == optimum(shop, "makespan"), (kind, seed)
        assert least_s(shop) <= search.value


@pytest.mark.parametrize("kind", KINDS)
def test_is_feasible_from_the_beginning_on(kind: str) -> None:
    """At each step of the way the best answer keeps every rule and has the value it claims."""
    shorter = 0
    for seed in range(6):
        shop = shop_of(kind, seed, jobs=7, ops=40, machines=4, choices=3)
        search = ResourceSearch(shop, "makespan", seed)
        values = []
        for _ in range(8):
            assert faults(shop, search) == ()
            values.append(search.value)
            search.go(700)
        assert values == sorted(values, reverse=True)
        shorter += values[-1] < values[0]
    assert shorter >= 3


def test_the_same_seed_gives_the_same_answer_whatever_the_chunks() -> None:
    """A search told to go in one piece and one told in uneven pieces end at the same answer."""
    shop = shop_of("all", 3, jobs=6, ops=30, machines=4, choices=3)
    whole, pieces = (ResourceSearch(shop, "makespan", 11) for _ in range(2))
    whole.go(40_000)
    for chunk in (1, 999, 12_000, 27_000):
        pieces.go(chunk)
    assert whole.moves == pieces.moves == 40_000
    assert whole.value == pieces.value
    assert (whole.best.alt == pieces.best.alt).all()
    assert (whole.best.start_s == pieces.best.start_s).all()
    other = ResourceSearch(shop, "makespan", 12)
    other.go(40_000)
    assert (other.best.start_s != whole.best.start_s).any()


@pytest.mark.parametrize("kind", KINDS)
def test_goes_on_from_an_answer_of_somebody_else(kind: str) -> None:
    """A better answer is taken with its sequences; a worse one changes nothing."""
    shop = shop_of(kind, 5, jobs=6, ops=30, machines=4, choices=3)
    good = ResourceSearch(shop, "makespan", 1)
    good.go(30_000)
    fresh = ResourceSearch(shop, "makespan", 2)
    assert fresh.value > good.value
    worse = fresh.best
    fresh.take(good.best)
    assert fresh.value == good.value
    assert faults(shop, fresh) == ()
    fresh.take(worse)
    assert fresh.value == good.value
    begun = ResourceSearch(shop, "makespan", 3, good.best)
    assert begun.value == good.value


def test_stops_when_nothing_can_be_shorter() -> None:
    """One job on its fastest machines is as long as its chain: the search makes no move."""
    shop = built(
        np.array([0, 3]), np.array([0, 2, 3, 5]), np.array([0, 1, 0, 1, 0]),
        np.array([4, 6, 5, 9, 2]), 2,
    )  # fmt: skip
    search = ResourceSearch(shop, "makespan", 0)
    search.go(10_000)
    assert search.value == 11
    assert search.moves == 0


def test_keeps_an_idle_start_out_of_a_late_answer() -> None:
    """An answer that starts everything late is pushed to the left when it is taken."""
    shop = shop_of("workers", 8, jobs=3, ops=9, machines=3)
    search = ResourceSearch(shop, "makespan", 0)
    late = Answer(search.best.alt, search.best.start_s + 500)
    begun = ResourceSearch(shop, "makespan", 0, late)
    assert begun.value <= search.value
    assert faults(shop, begun) == ()


def test_a_sequence_that_changes_over_less_is_found() -> None:
    """Two families on one machine, ten each: the search changes over once, as a planner would."""
    family = np.tile([0, 1], 10)
    setup_s = np.where(family[:, None] == family[None, :], 0, 25).astype(np.int32)[None]
    shop = built(
        np.arange(21), np.arange(21), np.zeros(20, dtype=np.int64),
        np.full(20, 3, dtype=np.int64), 1, setup_s=setup_s,
    )  # fmt: skip
    search = ResourceSearch(shop, "makespan", 4)
    search.go(60_000)
    assert search.value == 20 * 3 + 25
