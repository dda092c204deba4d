"""All constraints at once: whatever promise, dispatch, improve and repair hand out is judged."""

import random
from dataclasses import replace

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot, dispatch_lists
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.forecast import Progress, forecast
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.load import Load
from manufold.scheduling.outages import Outage
from manufold.scheduling.promise import promise
from manufold.scheduling.repair import repair
from scheduling.rich import rich_jobs, rich_shop
from scheduling.shops import MONDAY_S


def told(slots: list[Slot] | tuple[Slot, ...], net: Network, jobs: list[Job]) -> list[str]:
    """Return what the judge finds, in words short enough to read."""
    known = {job.holder: job for job in jobs}
    return [f"{v.code} {dict(v.reason.params)}" for v in violations(slots, net, known)]


def promised(net: Network, jobs: list[Job]) -> tuple[list[Slot], list[Job], Load]:
    """Promise one after the other; return slots and jobs of what could be promised."""
    load, slots, kept = Load.of(net, from_s=MONDAY_S), list[Slot](), list[Job]()
    for job in jobs:
        try:
            found = promise(load, net, job, to_site_or_zone="home")
        except CannotMake:
            continue
        load = load.with_slots(found.slots)
        slots += found.slots
        kept.append(job)
    return slots, kept, load


@pytest.mark.parametrize("seed", range(60))
def test_promises_one_after_the_other_are_clean(seed: int) -> None:
    """Every promise stands beside all that were made before, holder by holder."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    jobs = rich_jobs(rng, 25)
    slots, kept, _ = promised(net, jobs)
    assert len(kept) > 15
    assert told(slots, net, kept) == []


def test_the_shops_hold_what_they_are_meant_to() -> None:
    """Crews, tools, shared ovens, overlap and changeovers all occur in what is tested here."""
    seen = set[str]()
    for seed in range(20):
        rng = random.Random(seed)
        net = rich_shop(rng)
        jobs = rich_jobs(rng, 25)
        slots, kept, _ = promised(net, jobs)
        doors: dict[str, int] = {}
        ends = {(s.holder, s.operation_id): s for s in slots}
        for slot in slots:
            seen |= {"changeover"} if slot.changeover_s else set()
            for claim in slot.also:
                known = net.operator if claim.resource_id in net.operator else net.tool
                seen.add("operator" if known is net.operator else "tool")
                if claim.resource_id in net.work_unit:
                    doors[claim.shared_as] = doors.get(claim.shared_as, 0) + 1
        seen |= {"batch"} if max(doors.values(), default=0) > 1 else set()
        for job in kept:
            for operation in job.plan.operations:
                for before in operation.after:
                    early = ends[job.holder, operation.operation_id].start_s
                    if early < ends[job.holder, before].end_s:
                        seen.add("overlap")
    assert seen == {"changeover", "operator", "tool", "batch", "overlap"}


@pytest.mark.parametrize("seed", range(20))
def test_dispatch_is_clean_under_every_rule(seed: int) -> None:
    """All rules give schedules without a fault, of all jobs, on a shop that is loaded already."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    before, kept, load = promised(net, rich_jobs(rng, 8))
    jobs = []
    for job in rich_jobs(rng, 16):
        job = replace(job, holder=f"new {job.holder}")
        try:
            promise(load, net, job)
        except CannotMake:
            continue
        jobs.append(job)
    for rule in RULES[:3]:
        slots = list(dispatch(net, jobs, load, rule))
        assert len(slots) == sum(len(job.plan.operations) for job in jobs)
        assert told([*before, *slots], net, [*kept, *jobs]) == []


@pytest.mark.parametrize("seed", range(12))
def test_improving_is_clean_and_keeps_promises(seed: int) -> None:
    """What is better is judged, and no promise that was kept is missed."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    slots, kept, _ = promised(net, rich_jobs(rng, 14))
    jobs = {job.holder: job for job in kept}
    before = Snapshot(net, tuple(slots), jobs, MONDAY_S)
    found = improve(before, lambda made: not violations(made, net, jobs), seed=seed, rounds=40)
    gone = set(found.release)
    after = [*(slot for slot in slots if slot not in gone), *found.claim]
    assert told(after, net, kept) == []
    assert found.after <= found.before


def test_improving_finds_something_in_such_shops() -> None:
    """The rounds are not in vain: most shops get better."""
    better = 0
    for seed in range(8):
        rng = random.Random(seed)
        net = rich_shop(rng)
        slots, kept, _ = promised(net, rich_jobs(rng, 14))
        jobs = {job.holder: job for job in kept}
        found = improve(
            Snapshot(net, tuple(slots), jobs, MONDAY_S),
            lambda made, net=net, jobs=jobs: not violations(made, net, jobs),  # type: ignore[misc]
            seed=seed,
            rounds=60,
        )
        better += found.after < found.before
    assert better >= 6


@pytest.mark.parametrize("seed", range(20))
def test_a_forecast_without_trouble_is_the_plan(seed: int) -> None:
    """Where nothing has happened yet the lists lead to the slots, claims and all."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    slots, kept, _ = promised(net, rich_jobs(rng, 14))
    jobs = {job.holder: job for job in kept}
    found = forecast(net, dispatch_lists(slots, claims=True), jobs, {}, MONDAY_S)
    assert sorted(found.slots, key=str) == sorted(slots, key=str)


@pytest.mark.parametrize("seed", range(20))
def test_a_late_start_pushes_on_and_stays_clean(seed: int) -> None:
    """One operation starts late or a work unit breaks: what follows moves, and all is judged."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    slots, kept, _ = promised(net, rich_jobs(rng, 14))
    jobs = {job.holder: job for job in kept}
    first = min(slots, key=lambda s: s.start_s)
    now_s = first.start_s + 5 * 3600
    progress = {(first.holder, first.operation_id): Progress(first.start_s + 4 * 3600)}
    begun = set(progress)
    down = [Outage(rng.choice(slots).resource_id, now_s, now_s + 86400)]
    for outages in ([], down):
        made = (
            repair(net, slots, jobs, progress, now_s, outages).slots
            if outages
            else forecast(net, dispatch_lists(slots, claims=True), jobs, progress, now_s).slots
        )
        known = {job.holder: job for job in kept}
        wrong = [
            v
            for v in violations(made, net, known, now_s=now_s)
            if (v.holder, v.operation_id) not in begun
            and v.code not in ("judge.lag_too_long",)
            and not (outages and v.code in ("judge.wrong_length", "judge.broken_off"))
        ]
        assert [f"{v.code} {dict(v.reason.params)}" for v in wrong] == []
