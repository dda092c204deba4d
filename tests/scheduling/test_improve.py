"""Improve makes a schedule better and breaks nothing: no promise, no pinned slot, no rule."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import Reason
from manufold.model.schedule import Job, Slot
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.improve import ROUNDS_AT_ONCE, Improvement, Snapshot, improve
from manufold.scheduling.load import Load
from manufold.scheduling.objective import finishes_s, objective
from manufold.scheduling.rebuild import Rebuild
from scheduling.made import middle_jobs, middle_shop, wrong
from scheduling.shops import MONDAY_S, chain, network, unit

ROUNDS = 25


def snapshot(seed: int, rule: int = 0) -> Snapshot:
    """Return jobs dispatched by a poor rule, promised what they got or a little less."""
    net, jobs = middle_shop(seed), middle_jobs(seed, 60, tight=1.0, days=4)
    slots = tuple(dispatch(net, jobs, Load.of(net, (), MONDAY_S), RULES[rule]))
    return Snapshot(net, slots, {job.holder: job for job in jobs}, MONDAY_S)


def clean(before: Snapshot) -> object:
    """Return the judge of a snapshot."""

    def judged(slots: Sequence[Slot]) -> bool:
        return violations(slots, before.network, before.jobs) == ()

    return judged


def swapped(before: Snapshot, found: Improvement) -> list[Slot]:
    """Return the schedule after the swap."""
    gone = set(found.release)
    assert gone <= set(before.slots)
    return [slot for slot in before.slots if slot not in gone] + list(found.claim)


@pytest.mark.parametrize("seed", range(6))
def test_it_gets_better_and_breaks_no_promise(seed: int) -> None:
    """Less tardiness, judged clean, and each promise that was kept is still kept."""
    before = snapshot(seed)
    found = improve(before, clean(before), seed=1, rounds=ROUNDS)
    after = swapped(before, found)
    assert wrong(after, before.network, list(before.jobs.values())) == ()
    assert found.before == objective(before.slots, before.jobs)
    assert found.after == objective(after, before.jobs) < found.before
    old, new = finishes_s(before.slots), finishes_s(after)
    for holder, job in before.jobs.items():
        assert job.due_s is not None
        assert new[holder] <= job.due_s or old[holder] > job.due_s


def test_what_is_frozen_or_pinned_stays() -> None:
    """Slots inside the frozen zone and pinned ones are the same afterwards; none moves into it."""
    whole = snapshot(3)
    now_s = sorted(slot.start_s for slot in whole.slots)[len(whole.slots) // 3]
    frozen = {s for s in whole.slots if s.start_s < now_s + 86400}
    held = {s for s in whole.slots if s.holder == "j00007"}
    pinned = frozenset((s.holder, s.operation_id) for s in held)
    before = replace(whole, now_s=now_s, pinned=pinned)
    found = improve(before, clean(before), seed=1, rounds=ROUNDS)
    assert found.claim
    assert frozen | held <= set(swapped(before, found))
    assert all(slot.start_s >= now_s + 86400 for slot in found.claim)


def test_a_kept_promise_stands_in_the_way_of_a_gain() -> None:
    """Swapping the two would gain much weight, and is not done while it breaks the small one."""
    net = network([unit("a1", "cut")])
    jobs = {
        "small": Job("small", chain(("cut", 600), name="small"), 1, 0, {}, 600),
        "heavy": Job("heavy", chain(("cut", 600), name="heavy"), 1, 0, {}, 600, 1000),
    }
    slots = (
        Slot("a1", 0, 0, 0, 600, "small", "op1", 1, "rev/small"),
        Slot("a1", 0, 600, 0, 1200, "heavy", "op1", 1, "rev/heavy"),
    )
    before = Snapshot(net, slots, jobs, 0)
    assert improve(before, clean(before), seed=1, rounds=20).claim == ()
    loose = replace(before, jobs=jobs | {"small": replace(jobs["small"], due_s=1200)})
    found = improve(loose, clean(loose), seed=1, rounds=20)
    assert {s.holder: s.start_s for s in found.claim} == {"heavy": 0, "small": 600}


def test_a_round_beats_the_portfolio_sometimes() -> None:
    """Ruin and recreate adds something to the dispatch of everything."""
    gains = [
        improve(before, clean(before), seed=1, rounds=rounds).after
        for before in [snapshot(1)]
        for rounds in (0, 60)
    ]
    assert gains[1] < gains[0]


def test_the_same_seed_gives_the_same_answer() -> None:
    """Seed and rounds decide the answer; a stop ends it early with what there is."""
    before = snapshot(3)
    first = improve(before, clean(before), seed=5, rounds=10)
    assert improve(before, clean(before), seed=5, rounds=10) == first
    stopped = improve(before, clean(before), seed=5, rounds=10, should_stop=lambda: True)
    assert stopped.rounds == 0
    assert stopped.why == Reason("improve.only_rules", {})  # and claims no search
    assert stopped.after < stopped.before
    assert first.why == Reason("improve.played_out", {"rounds": 10})


def test_nothing_the_judge_dislikes_is_handed_back() -> None:
    """When the judge finds fault with the better schedule, nothing changes."""
    before = snapshot(2)
    found = improve(before, lambda slots: False, seed=1, rounds=200)
    assert found.release == found.claim == ()
    assert found.why.code == "improve.disliked"
    assert found.after == found.before


def test_an_order_stays_at_its_site() -> None:
    """Moving to the other site would finish sooner and is not done behind the buyer's back."""
    net = network([unit("a1", "cut", site="a"), unit("b1", "cut", site="b")])
    jobs = {n: Job(n, chain(("cut", 600), name=n), 1, 0, {}, 100) for n in ("one", "two")}
    slots = (
        Slot("a1", 0, 0, 0, 600, "one", "op1", 1, "rev/one"),
        Slot("a1", 0, 900, 0, 1500, "two", "op1", 1, "rev/two"),
    )
    before = Snapshot(net, slots, jobs, 0)
    found = improve(before, clean(before), seed=1, rounds=5)
    assert {slot.resource_id for slot in swapped(before, found)} == {"a1"}
    assert max(slot.end_s for slot in swapped(before, found)) == 1200


def test_unknown_work_is_not_touched() -> None:
    """Slots of holders nobody knows stay booked and are never overlapped."""
    net = network([unit("a1", "cut")])
    jobs = {"one": Job("one", chain(("cut", 600), name="one"), 1, 0, {}, 100)}
    held = Slot("a1", 0, 300, 0, 400, "offer", "op1", 1, "x")
    slots = (held, Slot("a1", 0, 5000, 0, 5600, "one", "op1", 1, "rev/one"))
    before = Snapshot(net, slots, jobs, 0)
    found = improve(before, lambda slots: True, seed=1, rounds=2)
    assert held in swapped(before, found)
    assert [slot.start_s for slot in found.claim] == [400]


class Broken(Rebuild):
    """A search that fails in its second stretch of rounds, in the middle of a change."""

    def play(self, rounds: int) -> int:
        """Play, or fail."""
        if self.rounds >= ROUNDS_AT_ONCE:
            self.found[:] = 0
            raise MemoryError("no room for the pool")
        return super().play(rounds)


def test_a_search_that_fails_hands_back_what_was_judged_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the first stretch found stands, whole and clean, and the answer says what failed."""
    before = snapshot(1)
    monkeypatch.setattr("manufold.scheduling.improve_work.Rebuild", Broken)
    judged: list[tuple[Slot, ...]] = []

    def judge(slots: Sequence[Slot]) -> bool:
        judged.append(tuple(slots))
        return violations(slots, before.network, before.jobs) == ()

    found = improve(before, judge, seed=1, rounds=1000)
    assert found.why == Reason("improve.failed", {"what": "MemoryError: no room for the pool"})
    assert found.rounds == ROUNDS_AT_ONCE
    assert judged  # on the way, since the end was never reached
    assert sorted(swapped(before, found), key=repr) == sorted(judged[-1], key=repr)
    monkeypatch.undo()
    sound = improve(before, clean(before), seed=1, rounds=found.rounds)
    assert (found.after, found.claim) == (sound.after, sound.claim)


def test_a_search_that_fails_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it fails before anything was judged, everything stays, and no promise is called lost
    for good by whoever could not look."""

    class Unborn(Rebuild):
        def __init__(self, *given: object, **named: object) -> None:
            raise ValueError("cannot begin")

    monkeypatch.setattr("manufold.scheduling.improve_work.Rebuild", Unborn)
    before = snapshot(2)
    found = improve(before, clean(before), seed=1, rounds=10)
    assert found.why == Reason("improve.failed", {"what": "ValueError: cannot begin"})
    assert found.release == found.claim == ()
    assert found.before == found.after == objective(before.slots, before.jobs)
    assert found.missed
    assert {one.why.code for one in found.missed} == {"improve.missed_unknown"}
    assert not any(one.cannot_hold for one in found.missed)


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever interrupts gets out, with nothing handed back that somebody might book."""

    def interrupted(self: Rebuild, rounds: int) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Rebuild, "play", interrupted)
    before = snapshot(2)
    with pytest.raises(KeyboardInterrupt):
        improve(before, clean(before), seed=1, rounds=10)
