"""Rescue brings jobs in danger forward, breaks nothing, and leaves everybody else alone."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from manufold.model.schedule import Job, Slot
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.objective import finishes_s
from manufold.scheduling.rescue import GIVE_WAY_MAX, JOBS_MAX, Rescued, rescue
from scheduling.made import middle_jobs, middle_shop, wrong
from scheduling.shops import MONDAY_S, chain, network, unit


def swapped(slots: Sequence[Slot], found: Rescued) -> list[Slot]:
    """Return the schedule after the swap."""
    assert set(found.release) <= set(slots)
    return [slot for slot in slots if slot not in set(found.release)] + list(found.claim)


def job(holder: str, run_s: int, due_s: int) -> Job:
    """Return a job of one cut."""
    return Job(holder, chain(("cut", run_s), name=holder), 1, 0, {}, due_s)


def slot(holder: str, start_s: int, end_s: int, unit_id: str = "a1") -> Slot:
    """Return the slot of such a job."""
    return Slot(unit_id, 0, start_s, 0, end_s, holder, "op1", 1, f"rev/{holder}")


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 6, 7])
def test_it_helps_those_in_danger_and_harms_nobody(seed: int) -> None:
    """Judged clean; who gained was in danger; who gave way is safe or no later; the rest stays."""
    net, listed = middle_shop(seed), middle_jobs(seed, 120, days=6)
    jobs = {one.holder: one for one in listed}
    slots = tuple(dispatch(net, listed, Load.of(net, (), MONDAY_S), RULES[0]))
    rng = random.Random(seed)
    safe_s = {  # one of six in danger, all others with a little or much to spare
        holder: end_s + (-14_400 if rng.random() < 1 / 6 else rng.randint(0, 5 * 86_400))
        for holder, end_s in finishes_s(slots).items()
    }
    pinned = frozenset((s.holder, s.operation_id) for s in slots if s.holder == "j00007")
    found = rescue(net, slots, jobs, safe_s, MONDAY_S, pinned)
    after = swapped(slots, found)
    assert found.gained_s
    assert wrong(after, net, listed) == ()
    old, new = finishes_s(slots), finishes_s(after)
    for holder in jobs:
        if holder in found.gained_s:
            assert old[holder] > safe_s[holder]
            assert found.gained_s[holder] == old[holder] - new[holder] >= 900
        elif holder in found.gave_way:
            assert new[holder] <= old[holder] + max(0, safe_s[holder] - old[holder])
        else:
            assert {s for s in slots if s.holder == holder} == {
                s for s in after if s.holder == holder
            }
    frozen = {s for s in slots if s.start_s < MONDAY_S + 86400 or s.holder == "j00007"}
    assert frozen <= set(after)
    assert len(found.gained_s) <= JOBS_MAX
    assert len(found.gave_way) <= JOBS_MAX * GIVE_WAY_MAX
    assert found == rescue(net, slots, jobs, safe_s, MONDAY_S, pinned), "the same again"


def one_machine(safe_s: Mapping[str, int]) -> Rescued:
    """Return the rescue of two jobs of two hours that follow one another on the only machine."""
    net = network([unit("a1", "cut")])
    jobs = {name: job(name, 7200, at_s) for name, at_s in safe_s.items()}
    return rescue(net, (slot("first", 0, 7200), slot("second", 7200, 14_400)), jobs, safe_s, 0)


def test_who_can_spare_the_time_gives_way() -> None:
    """The second must end by three hours, the first has all day: they change places."""
    found = one_machine({"first": 86_400, "second": 10_800})
    assert {(s.holder, s.start_s) for s in found.claim} == {("first", 7200), ("second", 0)}
    assert (found.gained_s, found.gave_way) == ({"second": 7200}, ("first",))


def test_nobody_gives_way_into_danger_himself() -> None:
    """The first could spare three hours, of which it gives half, not two: nothing moves."""
    found = one_machine({"first": 18_000, "second": 10_800})
    assert found == Rescued((), (), {}, ())


def test_who_is_safe_is_not_moved_for_a_gain() -> None:
    """A free machine stands beside the queue, and nobody needs it; who does begins no sooner there
    than is safe."""
    net = network([unit("a1", "cut"), unit("a2", "cut")])
    jobs = {"first": job("first", 7200, 86_400), "second": job("second", 7200, 86_400)}
    slots = (slot("first", 0, 7200), slot("second", 7200, 14_400))
    safe_s = {"first": 86_400, "second": 86_400}
    assert rescue(net, slots, jobs, safe_s, 0).claim == ()
    in_danger = rescue(net, slots, jobs, safe_s | {"second": 10_800}, 0)
    assert in_danger.claim == (
        replace(slots[1], resource_id="a2", start_s=3600, end_s=10_800, changeover_s=0),
    )
    assert in_danger.gave_way == ()
