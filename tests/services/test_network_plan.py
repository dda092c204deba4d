"""A network is planned and bettered by site and by window of time: clean, never worse, and the
same whoever does the work."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from manufold.judge.violations import violations
from manufold.model.ports import Executor
from manufold.model.schedule import Job, Slot
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.objective import finishes_s, objective
from manufold.scheduling.windows import borders_s, play_window, windows_of
from manufold.services.network_plan import Bettered, better_windows, plan_network
from manufold.workers import InlineExecutor, KillablePool, RayExecutor
from scheduling.made import middle_jobs, middle_shop
from scheduling.shops import MONDAY_S

SITES = 2


class World:
    """A shop of two sites, its jobs, and what a poor rule made of them."""

    def __init__(self, seed: int, count: int = 120) -> None:
        self.network = replace(
            middle_shop(seed),
            sites=tuple(replace(s, frozen_zone_s=0) for s in middle_shop(seed).sites),
        )
        made = middle_jobs(seed, count, tight=1.0, days=20)
        self.jobs = {job.holder: job for job in made}
        load = Load.of(self.network, (), MONDAY_S)
        self.slots = tuple(dispatch(self.network, made, load, RULES[0]))

    def better(self, executor: Executor, workers: int, **more: Any) -> Bettered:
        told: dict[str, Any] = {"seconds": 600.0, "rounds": 600, "windows": 4, "seed": 7} | more
        return better_windows(
            self.network, self.slots, self.jobs, executor, workers=workers, **told
        )


@pytest.fixture(scope="module")
def pool() -> Iterator[KillablePool]:
    with KillablePool(2) as made:
        yield made


@pytest.mark.parametrize("seed", range(6))
def test_windows_make_it_better_and_clean(seed: int) -> None:
    """The schedule put together is judged clean and better, at each of two kinds of borders."""
    world = World(seed)
    assert violations(world.slots, world.network, world.jobs) == ()
    found = world.better(InlineExecutor(), 1)
    assert violations(found.slots, world.network, world.jobs) == ()
    assert found.before == objective(world.slots, world.jobs)
    assert found.after == objective(found.slots, world.jobs) < found.before
    assert (found.refused, found.better > 0) == (0, True)
    assert {(s.holder, s.operation_id) for s in found.slots} == {
        (s.holder, s.operation_id) for s in world.slots
    }
    site = world.network.site_of
    stays = {(s.holder, s.operation_id): site(s.resource_id) for s in world.slots}
    assert all(stays[s.holder, s.operation_id] == site(s.resource_id) for s in found.slots)


def test_one_worker_or_two_give_the_same(pool: KillablePool) -> None:
    """Seed and rounds decide the answer: in this process, with one worker, with two."""
    world = World(3)
    here = world.better(InlineExecutor(), 1)
    answers = [world.better(pool, workers) for workers in (1, 2)]
    assert [replace(one, playing_s=0.0) for one in answers] == [replace(here, playing_s=0.0)] * 2


def test_ray_gives_the_same() -> None:
    """The same code on Ray gives the same schedule."""
    world = World(3, count=60)
    with RayExecutor(2) as ray:
        there = world.better(ray, 2)
    here = world.better(InlineExecutor(), 1)
    assert replace(there, playing_s=0.0) == replace(here, playing_s=0.0)


@pytest.mark.parametrize("shifted", [False, True])
def test_a_window_keeps_to_itself(shifted: bool) -> None:
    """What moves begins and ends in its window, and windows cover every job that may move."""
    world = World(5)
    borders = borders_s(world.slots, 4, shifted=shifted)
    assert len(borders) == 5 + shifted
    cut = windows_of(world.network, world.slots, world.jobs, borders, seed=1, rounds=400)
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


def test_promises_and_pins_are_kept() -> None:
    """A date that was kept is kept, and what a person holds stays where it is."""
    world = World(1)
    held = {slot for slot in world.slots if slot.holder < "j00040"}
    pinned = frozenset((slot.holder, slot.operation_id) for slot in held)
    found = world.better(InlineExecutor(), 1, pinned=pinned, promised=True)
    assert held <= set(found.slots) != set(world.slots)
    old, new = finishes_s(world.slots), finishes_s(found.slots)
    for holder, job in world.jobs.items():
        assert job.due_s is not None
        assert new[holder] <= job.due_s or old[holder] > job.due_s


def test_what_is_not_clean_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the judge finds fault, the schedule before stands and the passes are told of."""
    world = World(2)
    monkeypatch.setattr(
        "manufold.services.network_plan.violations",
        lambda *_all, **_more: [SimpleNamespace(holder="j00000")],
    )
    found = world.better(InlineExecutor(), 1)
    assert (found.slots, found.after, found.refused) == (world.slots, found.before, 2)


def test_borders_share_out_the_slots() -> None:
    """Windows hold about as many slots each, and every slot begins in one of them."""
    world = World(4)
    borders = borders_s(world.slots, 3, shifted=False)
    counts = [
        sum(low <= slot.start_s < high for slot in world.slots) for low, high in pairwise(borders)
    ]
    assert sum(counts) == len(world.slots)
    assert max(counts) - min(counts) <= len(world.slots) // 20


def sited(world: World) -> tuple[list[Job], dict[str, str]]:
    """Return the jobs that need no painting, shared out over two sites that can do all else."""
    made = [
        job
        for job in world.jobs.values()
        if all(step.capability != "paint" for step in job.plan.operations)
    ]
    return made, {job.holder: "ab"[at % SITES] for at, job in enumerate(made)}


def test_sites_are_planned_apart_and_judged(pool: KillablePool) -> None:
    """Each site has a clean schedule of all its jobs, which windows then better on."""
    world = World(6)
    jobs, sites = sited(world)
    made = plan_network(world.network, jobs, sites, MONDAY_S, pool, seconds=0.0, workers=2, seed=1)
    slots: list[Slot] = [slot for one in made for slot in one.planned.schedule]
    own = {job.holder: job for job in jobs}
    assert violations(slots, world.network, own) == ()
    assert {slot.holder for slot in slots} == set(own)
    assert all(
        world.network.site_of(slot.resource_id).site_id == sites[slot.holder] for slot in slots
    )
    found = better_windows(
        world.network, slots, own, pool, seconds=600.0, rounds=400, workers=2, windows=4
    )
    assert found.after < found.before
    assert violations(found.slots, world.network, own) == ()


def test_all_workers_better_a_single_site(pool: KillablePool) -> None:
    """With more workers than sites, windows of the one site are played, and it stays clean."""
    world = World(6)
    jobs, _ = sited(world)
    alone = {job.holder: "a" for job in jobs}
    (first,) = plan_network(world.network, jobs, alone, MONDAY_S, pool, seconds=0.0, workers=2)
    (made,) = plan_network(world.network, jobs, alone, MONDAY_S, pool, seconds=1.0, workers=2)
    assert made.planned.objective < first.planned.objective == made.planned.first
    assert made.planned.rounds > 0
    own = {job.holder: job for job in jobs}
    assert violations(made.planned.schedule, world.network, own) == ()
    assert objective(made.planned.schedule, own) == made.planned.objective
