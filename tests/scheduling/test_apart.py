"""A schedule is cut into parts that do not touch, and put together it is clean and no worse."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import Reason
from manufold.model.schedule import Slot
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.improve import Improvement, Snapshot, improve
from manufold.scheduling.improve_work import Work
from manufold.scheduling.load import Load
from manufold.scheduling.objective import Costing, finishes_s, objective
from manufold.scheduling.weights import Weights
from manufold.scheduling.windows import Played, Window, borders_s, play_window, windows_of
from scheduling.made import middle_jobs, middle_shop
from scheduling.shops import MONDAY_S

HEAVY = Weights(flow_minor_per_h=10, setup_minor_per_h=90_000)


class Here:
    """Players of this process, who may lose what they play."""

    def __init__(self, workers: int = 2, loses: bool = False, passes: int = 1000) -> None:
        self.workers, self.loses, self.passes = workers, loses, passes
        self.rounds = self.better = 0
        self.lost: list[Reason] = []
        self.seen: list[Window] = []

    def stopped(self) -> bool:
        """Return whether all passes were played."""
        return self.passes == 0

    def play(self, windows: Sequence[Window]) -> Sequence[Played | None]:
        """Play one window after the other."""
        self.passes -= 1
        self.seen += windows
        if self.loses:
            self.lost.append(Reason("improve.worker_lost", {"code": "x", "what": "y"}))
            return [None] * len(windows)
        found = [play_window(window, lambda: 1.0) for window in windows]
        self.rounds += sum(one.rounds for one in found)
        self.better += sum(one.better for one in found)
        return found


def snapshot(seed: int, count: int = 120) -> Snapshot:
    """Return what a poor rule made of the jobs of two sites, some of it frozen."""
    net = middle_shop(seed)
    jobs = middle_jobs(seed, count, tight=1.0, days=20)
    slots = tuple(dispatch(net, jobs, Load.of(net, (), MONDAY_S), RULES[0]))
    return Snapshot(net, slots, {job.holder: job for job in jobs}, MONDAY_S + 86400)


def bettered(before: Snapshot, players: Here, **more: object) -> Improvement:
    """Return what players make of a snapshot, judged."""

    def judged(slots: Sequence[Slot]) -> bool:
        return violations(slots, before.network, before.jobs) == ()

    told: dict[str, object] = {"seed": 7, "rounds": 1000, "weights": HEAVY} | more
    return improve(before, judged, players=players, **told)  # type: ignore[arg-type]


def swapped(before: Snapshot, found: Improvement) -> list[Slot]:
    """Return the schedule after the swap."""
    gone = set(found.release)
    return [slot for slot in before.slots if slot not in gone] + list(found.claim)


@pytest.mark.parametrize("seed", range(6))
def test_parts_make_it_better_and_clean(seed: int) -> None:
    """Put together it is judged clean and better by the weights told, and nothing changes site."""
    before = snapshot(seed)
    players = Here()
    found = bettered(before, players)
    after = swapped(before, found)
    assert violations(after, before.network, before.jobs) == ()
    costing = Costing(before.network, HEAVY)
    assert found.before == objective(before.slots, before.jobs, costing)
    assert found.after == objective(after, before.jobs, costing) < found.before
    assert (found.rounds, found.better) == (players.rounds, players.better)
    assert found.better > 0
    site = before.network.site_of
    stays = {(s.holder, s.operation_id): site(s.resource_id) for s in before.slots}
    moved = {(s.holder, s.operation_id): site(s.resource_id) for s in after}
    assert moved == stays


def test_the_windows_themselves_find_something_by_the_weights_told() -> None:
    """With dispatch left out, parts gain, and with other weights they gain something else."""
    whole = snapshot(2)
    pinned = frozenset(
        (slot.holder, slot.operation_id) for slot in whole.slots if slot.holder < "j00020"
    )
    before = replace(whole, pinned=pinned)
    gains = []
    for weights in (HEAVY, Weights(flow_minor_per_h=10_000, setup_minor_per_h=0)):
        none = bettered(before, Here(passes=0), weights=weights)
        some = bettered(before, Here(), weights=weights)
        assert some.after < none.after
        gains.append((some.after.setup_s, some.after.flow_s))
    assert gains[0] != gains[1]


def test_promises_pins_and_frozen_slots_are_kept() -> None:
    """A date that was kept is kept, what ends safely still does, and pins and frozen slots stay."""
    whole = snapshot(1)
    ends = finishes_s(whole.slots)
    held = {slot for slot in whole.slots if "j00030" < slot.holder < "j00050"}
    pinned = frozenset((slot.holder, slot.operation_id) for slot in held)
    safe_s = {holder: end_s + 3600 for holder, end_s in ends.items()}
    before = replace(whole, pinned=pinned, safe_s=safe_s)
    found = bettered(before, Here())
    after = swapped(before, found)
    frozen = {s for s in whole.slots if s.start_s < whole.now_s + 86400}
    assert found.claim
    assert frozen
    assert frozen | held <= set(after)
    assert all(slot.start_s >= whole.now_s + 86400 for slot in found.claim)
    new = finishes_s(after)
    for holder, job in before.jobs.items():
        assert job.due_s is not None
        if ends[holder] <= job.due_s:
            assert new[holder] <= min(job.due_s, safe_s[holder])


def test_players_that_lose_all_change_nothing_and_it_ends() -> None:
    """What is lost stays as it was; after three losses the search ends and says why."""
    before = snapshot(3)
    found = bettered(before, Here(loses=True))
    only = bettered(before, Here(passes=0))
    assert found.claim == only.claim  # what the dispatch rules found
    assert found.why.code == "improve.workers_lost"
    assert len(found.lost) == 3


def test_nothing_played_is_nothing_claimed() -> None:
    """Where time is up at once, the answer says that only the dispatch rules were tried."""
    found = bettered(snapshot(4), Here(passes=0))
    assert (found.rounds, found.why) == (0, Reason("improve.only_rules", {}))


def test_what_the_judge_dislikes_is_not_kept() -> None:
    """When the judge finds fault with all, the schedule before stands, and the answer says so."""
    before = snapshot(5)
    players = Here()
    found = improve(before, lambda _slots: False, seed=1, rounds=500, players=players)
    assert players.better > 0
    assert (found.claim, found.release, found.after) == ((), (), found.before)
    assert found.why.code == "improve.disliked"


def test_sites_come_first_and_windows_keep_to_themselves() -> None:
    """Of every pass no two parts share a seat at one time, and what moves stays inside its own."""
    before = snapshot(5)
    players = Here(passes=1)
    bettered(before, players)
    sites = [
        {before.network.site_of(s.resource_id).site_id for s in one.moving} for one in players.seen
    ]
    assert sorted(map(sorted, sites)) == [["a"], ["b"]]
    work = Work(before, HEAVY)
    for shifted in (False, True):
        moving = [s for s in before.slots if (s.holder, s.operation_id) in work.free]
        borders = borders_s(moving, 4, shifted=shifted)
        assert len(borders) == 5 + shifted
        cut = windows_of(work.terms(), before.slots, borders, seed=1, rounds=400)
        assert len({job.holder for one in cut for job in one.jobs}) == sum(len(w.jobs) for w in cut)
        moved = 0
        for one in cut:
            made = play_window(one, lambda: 1.0)
            keys = {(s.holder, s.operation_id) for s in made.slots}
            assert keys == {(s.holder, s.operation_id) for s in one.moving}
            assert all(one.from_s <= s.start_s < s.end_s <= one.to_s for s in made.slots)
            assert made.after <= made.before
            moved += len(set(made.slots) - set(one.moving))
        assert moved > 20


def test_borders_share_out_the_slots() -> None:
    """Windows hold about as many slots each, and every slot begins in one of them."""
    slots = snapshot(4).slots
    borders = borders_s(slots, 3, shifted=False)
    counts = [sum(low <= slot.start_s < high for slot in slots) for low, high in pairwise(borders)]
    assert sum(counts) == len(slots)
    assert max(counts) - min(counts) <= len(slots) // 20
