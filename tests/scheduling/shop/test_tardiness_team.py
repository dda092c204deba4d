"""Members of a team work on shares of one schedule and put them together when they meet."""

import numpy as np
import pytest
from tests.scheduling.shop.late_shops import faults, late_shop

from manufold.scheduling.shop import tardiness_team
from manufold.scheduling.shop.dispatch import first_answer
from manufold.scheduling.shop.problem import Answer, value_of
from manufold.scheduling.shop.tardiness import TardinessSearch
from manufold.scheduling.shop.tardiness_team import TardinessMember, fits


@pytest.fixture(autouse=True)
def _small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tardiness_team, "WINDOW", 700)


@pytest.mark.parametrize("members", [2, 3])
def test_what_each_wins_all_have_after_the_meeting(members: int) -> None:
    """At meetings in step every answer is feasible, and nobody's window is lost."""
    shop = late_shop(5, ops=2_000, machines=40, load=1.2)
    start = first_answer(shop, "tardiness")
    team = [TardinessMember(shop, s, start, (s, members)) for s in range(members)]
    shown = [start] * members
    joined = 0
    for _ in range(14):
        for number, member in enumerate(team):
            before = member.value
            member.go(3_000)
            assert member.value <= before
            shown[number] = member.best
            assert faults(shop, member.best) == []
            assert member.value == value_of(shop, member.best, "tardiness")
        alone = min(member.value for member in team)
        for number, member in enumerate(team):
            before = member.value
            member.meet([a for n, a in enumerate(shown) if n != number])
            assert member.value <= before
            assert faults(shop, member.best) == []
            assert member.value == value_of(shop, member.best, "tardiness")
        joined += min(member.value for member in team) < alone
    assert joined >= 3
    assert max(m.value for m in team) == min(m.value for m in team)


def test_members_out_of_step_stay_feasible() -> None:
    """Whoever meets at odd times, with old answers, never ends with a worse or broken answer."""
    shop = late_shop(6, ops=1_400, machines=30, load=1.2)
    start = first_answer(shop, "tardiness")
    team = [TardinessMember(shop, s, start, (s, 2)) for s in range(2)]
    dice = np.random.default_rng(1)
    shown = [[start], [start]]
    for _ in range(60):
        number = int(dice.integers(2))
        member = team[number]
        member.go(int(dice.integers(1, 4_000)))
        shown[number].append(member.best)
        if dice.random() < 0.5:
            before = member.value
            theirs = shown[1 - number]
            member.meet([theirs[-int(dice.integers(1, min(3, len(theirs)) + 1))]])
            assert member.value <= before
        assert faults(shop, member.best) == []
        assert member.value == value_of(shop, member.best, "tardiness")


def test_in_a_small_shop_the_best_answer_goes_on() -> None:
    """Where windows would be too small, each member searches the whole and the best is taken."""
    shop = late_shop(5, ops=300, machines=10, load=1.2)
    start = first_answer(shop, "tardiness")
    team = [TardinessMember(shop, s, start, (s, 2)) for s in range(2)]
    for _ in range(6):
        for member in team:
            member.go(3_000)
        shown = [member.best for member in team]
        best = min(member.value for member in team)
        for number, member in enumerate(team):
            member.meet([shown[1 - number]])
            assert member.value == value_of(shop, member.best, "tardiness")
    assert [member.value for member in team] == [best, best]


def test_a_lone_member_is_the_search_itself() -> None:
    """One of one finds what `TardinessSearch` finds, meetings or not."""
    shop = late_shop(7, ops=200, machines=10, load=1.1)
    start = first_answer(shop, "tardiness")
    lone, search = TardinessMember(shop, 4, start, (0, 1)), TardinessSearch(shop, 4, start)
    for _ in range(3):
        lone.go(3_000)
        lone.meet([])
        search.go(3_000)
    assert (lone.value, lone.moves) == (search.value, search.moves)
    assert np.array_equal(lone.best.start_s, search.best.start_s)


def test_what_does_not_fit_is_seen() -> None:
    """Overlaps, early starts and broken chains do not fit; a feasible answer does."""
    shop = late_shop(8, ops=100, machines=5, load=1.0)
    good = first_answer(shop, "tardiness")
    assert fits(shop, good)
    assert not fits(shop, Answer(good.alt, good.start_s - 10_000))
    assert not fits(shop, Answer(good.alt, np.full(100, 10_000)))
    swapped = good.start_s.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    assert not fits(shop, Answer(good.alt, swapped))
