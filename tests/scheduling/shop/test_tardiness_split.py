"""Parts of a schedule improve on their own, never meet, and fit together again."""

import pickle

import numpy as np
import pytest
from tests.scheduling.shop.late_shops import faults, late_shop
from tests.scheduling.shop.tiny import tiny

from manufold.scheduling.shop.dispatch import first_answer
from manufold.scheduling.shop.problem import Answer, Shop, value_of
from manufold.scheduling.shop.tardiness import TardinessSearch
from manufold.scheduling.shop.tardiness_split import merge, part_search, split


def _begun(seed: int) -> tuple[Shop, Answer]:
    shop = late_shop(seed, ops=800, machines=20, load=1.2)
    return shop, first_answer(shop, "tardiness")


@pytest.mark.parametrize("parts", [1, 2, 3, 5])
def test_what_parts_win_the_whole_wins(parts: int) -> None:
    """Searched apart and merged, the whole is feasible and wins the sum of what the parts won."""
    shop, answer = _begun(parts)
    first = value_of(shop, answer, "tardiness")
    for turn in range(3):
        cut = split(shop, answer, parts, turn)
        assert 1 <= len(cut) <= parts
        searches = [part_search(pickle.loads(pickle.dumps(p)), 9, 50.0) for p in cut]
        before = [search.value for search in searches]
        assert before == [value_of(p.shop, p.answer, "tardiness") for p in cut]
        for search in searches:
            search.go(6_000)
            assert search.cooled > 50.0 or search.value == 0
        won = sum(before) - sum(search.value for search in searches)
        found = merge(answer, cut, [search.best for search in searches])
        assert faults(shop, found) == []
        value = value_of(shop, found, "tardiness")
        assert value == value_of(shop, answer, "tardiness") - won
        answer = found
    assert value < first


def test_no_job_moves_in_two_parts_and_most_move_in_one() -> None:
    """Nearly all operations have moved after a few turns, none in two parts at once."""
    shop, answer = _begun(1)
    ever = np.zeros(len(shop.job_of), dtype=int)
    for turn in range(4):
        now = np.zeros_like(ever)
        for part in split(shop, answer, 2, turn):
            now[part.ops[: part.shop.job_ptr[part.movable]]] += 1
        assert now.max() == 1
        assert now.mean() > 0.5
        ever |= now
    assert ever.mean() > 0.9


def test_a_part_is_a_shop_that_stands_in_the_whole() -> None:
    """Its answer is feasible in its own shop, and pinned operations stand where they stood."""
    shop, answer = _begun(2)
    for part in split(shop, answer, 3, 1):
        assert faults(part.shop, part.answer) == []
        assert np.array_equal(part.alts[part.answer.alt], answer.alt[part.ops])
        search = part_search(part, 3, 10.0)
        search.go(4_000)
        own = int(part.shop.job_ptr[part.movable])
        assert np.array_equal(search.best.start_s[own:], part.answer.start_s[own:])
        assert np.array_equal(search.best.alt[own:], part.answer.alt[own:])
        assert faults(part.shop, search.best) == []


def test_merging_some_parts_or_none_is_harmless() -> None:
    """A worker that never answers costs nothing but its own improvement."""
    shop, answer = _begun(3)
    cut = split(shop, answer, 2, 0)
    assert merge(answer, [], []).start_s.tolist() == answer.start_s.tolist()
    search = part_search(cut[-1], 1, 10.0)
    search.go(4_000)
    assert faults(shop, merge(answer, cut[-1:], [search.best])) == []


def test_a_graph_can_be_cut() -> None:
    """A job that is a graph over the whole time is either stuck or moves without harm."""
    for seed in range(20):
        shop = tiny("graph", seed, jobs=8)._replace(due_s=np.array([5]), weight=np.array([2]))
        search = TardinessSearch(shop, seed)
        search.go(50)
        answer, value = search.best, search.value
        for turn in range(3):
            cut = split(shop, answer, 2, turn)
            searches = [part_search(part, seed, 1.0) for part in cut]
            for each in searches:
                each.go(500)
            answer = merge(answer, cut, [each.best for each in searches])
            assert faults(shop, answer) == []
            assert value_of(shop, answer, "tardiness") <= value
            value = value_of(shop, answer, "tardiness")
