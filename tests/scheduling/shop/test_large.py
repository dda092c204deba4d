"""Rolled schedules of large shops are feasible, never worse than dispatch, and repeatable."""

from itertools import pairwise

import numpy as np
import pytest
from tests.scheduling.shop.tiny import KINDS, tiny

from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.dispatch import first_answer
from manufold.scheduling.shop.large import LargeSearch
from manufold.scheduling.shop.large_chain import (
    backwards,
    chain_of,
    floor_s,
    is_chain,
    mirrored,
)
from manufold.scheduling.shop.problem import Answer, Shop, ends_s, makespan_s


def square(jobs: int, machines: int, seed: int) -> Shop:
    """Return a shop as Taillard draws it: each job visits each machine once."""
    dice = np.random.default_rng(seed)
    ops = jobs * machines
    return built(
        np.arange(jobs + 1) * machines,
        np.arange(ops + 1),
        np.concatenate([dice.permutation(machines) for _ in range(jobs)]),
        dice.integers(1, 1000, ops),
        machines,
    )


def wrongs(shop: Shop, answer: Answer) -> list[str]:
    """Return what is wrong with an answer, by a check that shares no code with the search."""
    said = []
    end_s = ends_s(shop, answer)
    for op in range(len(shop.job_of)):
        if not shop.alt_ptr[op] <= answer.alt[op] < shop.alt_ptr[op + 1]:
            said.append(f"{op} takes another's alternative")
        if answer.start_s[op] < shop.release_s[shop.job_of[op]]:
            said.append(f"{op} begins before its release")
        for row in range(shop.before_ptr[op], shop.before_ptr[op + 1]):
            if end_s[shop.before_op[row]] > answer.start_s[op]:
                said.append(f"{op} begins before its predecessor ends")
    for of, some in (
        (shop.alt_machine, shop.machine_count),
        (shop.alt_worker, shop.worker_count),
    ):
        for one in range(some):
            mine = np.flatnonzero(of[answer.alt] == one)
            mine = mine[np.lexsort((end_s[mine], answer.start_s[mine]))]
            for first, then in pairwise(mine):
                if end_s[first] > answer.start_s[then]:
                    said.append(f"{first} and {then} overlap")
    return said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(8))
def test_every_kind_of_shop_is_feasible_and_no_worse_than_dispatch(kind: str, seed: int) -> None:
    """Whatever the shop, each chunk leaves a feasible answer, no worse than before."""
    shop = tiny(kind, seed, jobs=1 + seed, machines=1 + seed % 4)
    search = LargeSearch(shop, seed)
    value = makespan_s(shop, first_answer(shop, "makespan"))
    for _ in range(6):
        search.go(300)
        assert wrongs(shop, search.best) == []
        assert makespan_s(shop, search.best) == search.value <= value
        value = search.value


@pytest.mark.parametrize(("jobs", "machines"), [(30, 30), (10, 60), (80, 5)])
@pytest.mark.parametrize("seed", [1, 2])
def test_rolling_beats_dispatch(jobs: int, machines: int, seed: int) -> None:
    """On job shops of all proportions it closes a good part of the gap to the bound."""
    shop = square(jobs, machines, seed)
    search = LargeSearch(shop, seed)
    before = search.value
    search.go(400_000)
    floor = floor_s(chain_of(shop, search.best.alt))
    assert wrongs(shop, search.best) == []
    assert search.value >= floor
    assert search.value - floor <= 0.85 * (before - floor)


def test_the_same_seed_gives_the_same_answer() -> None:
    """Two searches of one seed agree, and another's answer is taken only if it is better."""
    shop = square(15, 15, 5)
    one, two = LargeSearch(shop, 7), LargeSearch(shop, 7)
    bad = first_answer(shop, "makespan")
    for _ in range(20):
        one.go(5_000)
        two.go(5_000)
        two.take(bad)
    assert one.value == two.value
    assert np.array_equal(one.best.start_s, two.best.start_s)
    late = LargeSearch(shop, 8)
    late.take(one.best)
    assert late.value == one.value


def test_it_stops_at_the_bound() -> None:
    """One job needs no search: nothing is tried."""
    search = LargeSearch(square(1, 20, 3), 1)
    search.go(1000)
    assert search.moves == 0


def test_jobs_that_come_back_and_late_releases() -> None:
    """Jobs of unequal length visit machines again, and some come long after all others ended."""
    dice = np.random.default_rng(11)
    lengths = dice.integers(1, 25, 40)
    ops = int(lengths.sum())
    shop = built(
        np.concatenate(([0], np.cumsum(lengths))),
        np.arange(ops + 1),
        dice.integers(0, 6, ops),
        dice.integers(0, 50, ops),
        6,
        release_s=np.where(np.arange(40) % 10 == 0, 20_000, 0),
    )
    search = LargeSearch(shop, 2)
    for _ in range(10):
        search.go(20_000)
        assert wrongs(shop, search.best) == []


def test_a_chain_read_backwards_twice_is_itself() -> None:
    """Turning time round twice changes nothing, and a mirrored schedule is as long."""
    shop = square(6, 5, 9)
    answer = first_answer(shop, "makespan")
    chain = chain_of(shop, answer.alt)
    twice = backwards(backwards(chain))
    assert all(np.array_equal(a, b) for a, b in zip(chain, twice, strict=True))
    there = mirrored(chain, answer.start_s)
    assert np.array_equal(mirrored(backwards(chain), there), answer.start_s)
    assert is_chain(shop)
    assert not is_chain(tiny("setups", 1))


def test_the_plain_check_sees_what_is_wrong() -> None:
    """The check of these tests fails an answer with one operation moved."""
    shop = square(4, 4, 2)
    answer = first_answer(shop, "makespan")
    for op in range(1, 16):
        start_s = answer.start_s.copy()
        start_s[op] = 0
        if answer.start_s[op] > 0:
            assert wrongs(shop, Answer(answer.alt, start_s)) != []
