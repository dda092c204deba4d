"""Bounds are never above the optimum, and reach it where they should."""

import gzip

import pytest
from tests.scheduling.shop.exact import optimum
from tests.scheduling.shop.tiny import KINDS, tiny

from manufold.scheduling.shop.bound import lower_bound
from manufold.scheduling.shop.dispatch import first_answer
from manufold.scheduling.shop.problem import value_of
from manufold.scheduling.shop.read import read


@pytest.mark.parametrize("goal", ["makespan", "tardiness"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_bound_is_above_the_optimum(kind, goal):
    """Twenty-five tiny shops of each kind against an exhaustive search; many bounds are met."""
    met = 0
    for seed in range(25):
        shop = tiny(kind, seed, jobs=2)
        best, bound = optimum(shop, goal), lower_bound(shop, goal)
        assert bound <= best <= value_of(shop, first_answer(shop, goal), goal), seed
        met += bound == best
    assert met >= (2 if kind == "setups" else 3)


def test_machines_that_share_work_are_counted_together():
    """Six equal operations on three machines need two rounds; the longest path sees one."""
    shop = read("6 3\n" + "1 3 0 10 1 10 2 10\n" * 6, "fjsp")
    assert lower_bound(shop, "makespan") == 20


def test_one_machine_is_bound_by_heads_and_tails():
    """What comes first to a machine and what still follows it are no part of its load."""
    shop = read("2 3\n0 4 1 10 2 3\n0 2 1 10 2 6\n", "jsp")
    assert lower_bound(shop, "makespan") == 2 + 10 + 10 + 3
    assert optimum(shop, "makespan") == 25


def test_a_worker_is_a_bound():
    """Two machines with one worker are no faster than one."""
    shop = read("2 2 1\n1 1 1 1 1 7\n1 1 2 1 1 8\n", "fjsp-w")
    assert lower_bound(shop, "makespan") == 15


def test_known_optima_are_bounds(test_data):
    """The packed instances have machines without a gap: the bound is the published optimum."""
    path = test_data / "scheduling" / "jsp_large" / "short-js-600000-100-10000-1.data.gz"
    assert lower_bound(read(gzip.decompress(path.read_bytes()), "jsp"), "makespan") == 600_000
