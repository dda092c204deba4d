"""A network is planned by site, and by window of time where workers are left over: clean, and never
worse."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from manufold.judge.violations import violations
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.objective import objective
from manufold.services.network_plan import plan_network
from manufold.workers import KillablePool
from scheduling.made import middle_jobs, middle_shop
from scheduling.shops import MONDAY_S

SITES = 2


class World:
    """A shop of two sites and its jobs."""

    def __init__(self, seed: int, count: int = 120) -> None:
        shop = middle_shop(seed)
        self.network: Network = replace(
            shop, sites=tuple(replace(s, frozen_zone_s=0) for s in shop.sites)
        )
        self.jobs = {job.holder: job for job in middle_jobs(seed, count, tight=1.0, days=20)}


@pytest.fixture(scope="module")
def pool() -> Iterator[KillablePool]:
    with KillablePool(2) as made:
        yield made


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
