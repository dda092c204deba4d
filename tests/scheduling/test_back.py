"""Late work drops back behind others, which stay where they are; only a date makes it insist."""

import random
from dataclasses import replace

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake
from manufold.model.network import SetupMatrix
from manufold.model.schedule import Job, Slot
from manufold.scheduling.back import dropped_back
from manufold.scheduling.load import Load
from manufold.scheduling.moves import movement_of
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.promise import promise
from manufold.scheduling.repair import repair
from scheduling.made import middle_jobs, middle_shop
from scheduling.rich import rich_jobs, rich_shop
from scheduling.shops import MONDAY_S, network, operation, plan, unit

H = 3600
SAW = network([unit("saw", "cut")])


def sawing(name: str, due_h: int | None = None, ready_h: int = 0, family: str = "f") -> Job:
    """Return an hour on the saw, whose material comes and which is due some hours from now."""
    saw = operation("saw", "cut", H, setup_family=family)
    due_s = None if due_h is None else due_h * H
    return Job(name, plan(saw), 1, 0, {"saw": ready_h * H}, due_s)


def sawn(start_h: int, job: Job, family: str = "f") -> Slot:
    """Return an hour on the saw."""
    start_s = start_h * H
    return Slot("saw", 0, start_s, 0, start_s + H, job.holder, "saw", 1, family, 0)


def starts_h(slots: tuple[Slot, ...] | None) -> dict[str, float]:
    """Return when each holder's work begins, in hours."""
    assert slots is not None
    return {slot.holder: slot.start_s / H for slot in slots}


def dropped(jobs: list[Job], *at_h: int, pinned: str = "") -> dict[str, float]:
    """Return where jobs on the saw, planned at these hours, go."""
    slots = [sawn(start_h, job) for start_h, job in zip(at_h, jobs, strict=True)]
    known = {job.holder: job for job in jobs}
    found = dropped_back(SAW, slots, (), known, 0, {(pinned, "saw")})
    assert found is not None
    assert violations(found, SAW, known, now_s=0) == ()
    return starts_h(found)


def test_those_behind_late_material_stay_where_they_are() -> None:
    """Its material comes at three: the late one goes into the first free hour, nobody waits."""
    jobs = [sawing("late", ready_h=3), *(sawing(f"on{at}") for at in range(1, 6))]
    found = dropped(jobs, 0, 1, 2, 3, 4, 6)
    assert found == {"late": 5, "on1": 1, "on2": 2, "on3": 3, "on4": 4, "on5": 6}


def test_only_who_would_miss_its_date_insists() -> None:
    """Due at five, the late one takes the third hour; who was planned there goes into the hour
    that came free, and whoever is pinned stays."""
    jobs = [sawing("late", 5, ready_h=3), *(sawing(f"on{at}", 20) for at in range(1, 6))]
    found = dropped(jobs, 0, 1, 2, 3, 4, 6)
    assert found == {"late": 3, "on1": 1, "on2": 2, "on3": 0, "on4": 4, "on5": 6}
    pinned = dropped(jobs, 0, 1, 2, 3, 4, 6, pinned="on3")
    assert pinned == {**found, "late": 4, "on3": 3, "on4": 0}


def test_who_is_left_with_too_short_a_set_up_comes_sooner() -> None:
    """Red behind late blue was set up for nothing: it begins in the free hour, ends as planned."""
    net = network(
        [unit("saw", "cut", matrix="m")],
        matrices=[SetupMatrix("m", (("green", "red", 1800, 0, 0),))],
    )
    jobs = [
        sawing("g", family="green"),
        sawing("b", ready_h=9, family="blue"),
        sawing("r", family="red"),
    ]
    families = ("green", "blue", "red")
    slots = [sawn(at, job, families[at]) for at, job in enumerate(jobs)]
    known = {job.holder: job for job in jobs}
    found = dropped_back(net, slots, (), known, 0)
    assert starts_h(found) == {"g": 0, "b": 9, "r": 1.5}
    assert found is not None and found[2].end_s == 3 * H
    assert violations(found, net, known, now_s=0) == ()


def test_what_is_fixed_is_not_pushed() -> None:
    """A hold of somebody unknown stands in the way, and stays."""
    late, held = sawing("late", 4, ready_h=2), sawing("held")
    slots = [sawn(0, late), sawn(2, held)]
    found = dropped_back(SAW, slots, {("held", "saw")}, {"late": late}, 0)
    assert starts_h(found) == {"late": 3, "held": 2}


@pytest.mark.parametrize("seed", range(12))
def test_any_shop_drops_back_cleanly(seed: int) -> None:
    """Crews, tools, ovens, lots, families: a unit down and material late break no rule; the same
    again the second time; and where nothing is wrong nothing moves."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    load, slots, jobs = Load.of(net, from_s=MONDAY_S), list[Slot](), dict[str, Job]()
    for job in rich_jobs(rng, 15):
        if any(one.max_lag_s is not None for one in job.plan.operations):
            continue
        try:
            made = promise(load, net, job, to_site_or_zone="home").slots
        except CannotMake:
            continue
        load, jobs[job.holder] = load.with_slots(made), job
        slots += made
    assert dropped_back(net, slots, (), jobs, MONDAY_S) == tuple(slots)
    now_s = sorted(one.start_s for one in slots)[len(slots) // 3]
    begun = {(one.holder, one.operation_id) for one in slots if one.start_s < now_s}
    to_come = [one for one in slots if one.start_s >= now_s + H]
    for slot in rng.sample(to_come, min(3, len(to_come))):
        job = jobs[slot.holder]
        ready_s = {**job.ready_s, slot.operation_id: slot.start_s + rng.randint(H, 60 * H)}
        jobs[slot.holder] = replace(job, ready_s=ready_s)
    coming = {slot.resource_id for slot in to_come}
    outages = [Outage(name, now_s, now_s + 30 * H) for name in sorted(coming)[:1]]
    free = [one for one in outages if not any(
        slot.resource_id == one.resource_id and slot.end_s > now_s > slot.start_s for slot in slots
    )]  # fmt: skip
    down = with_outages(net, free)
    found = dropped_back(down, slots, begun, jobs, now_s)
    assert found is not None
    wrong = violations(found, down, jobs, now_s=now_s, begun=begun)
    assert [one for one in wrong if (one.holder, one.operation_id) not in begun] == []
    assert dropped_back(down, slots, begun, jobs, now_s) == found


@pytest.mark.parametrize("seed", range(4))
def test_late_material_moves_little_on_a_full_floor(seed: int) -> None:
    """One operation's material comes two days later: few others move, and no promise is missed
    that waiting behind it would have kept."""
    net, jobs = middle_shop(seed), middle_jobs(seed, 60, tight=1.0)
    jobs = [one for one in jobs if all(o.max_lag_s is None for o in one.plan.operations)]
    load, slots = Load.of(net, (), MONDAY_S), list[Slot]()
    for job in jobs:
        made = promise(load, net, job).slots
        load, slots = load.with_slots(made), [*slots, *made]
    ends = {job.holder: max(s.end_s for s in slots if s.holder == job.holder) for job in jobs}
    known = {job.holder: replace(job, due_s=ends[job.holder] + 8 * H) for job in jobs}
    first = sorted(slots, key=lambda slot: slot.start_s)[len(slots) // 4]
    late = {first.operation_id: first.start_s + 2 * 86400}
    known[first.holder] = replace(known[first.holder], ready_s=late)
    found = repair(net, slots, known, {}, MONDAY_S, [])
    assert violations(found.slots, net, known) == ()
    assert {holder for holder, _late_s in found.at_risk} <= {first.holder}
    assert movement_of(slots, found.slots).count <= 20
