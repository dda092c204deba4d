"""Plan a whole network at once: sites, each apart, in as many processes or machines as there are;
where there are fewer sites than workers, windows of time of each (`services.players`).

The executor handed in decides where: worker processes of this machine, or Ray's. What comes back
from each site has been judged there by code that did not place it; what came of its windows is
judged once they are together, and given up where it is no better or not clean.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter

from manufold.judge.violations import violations
from manufold.model.errors import Fault, OurFault
from manufold.model.network import Network
from manufold.model.ports import Executor
from manufold.model.schedule import Job, Schedule, Slot
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.regions import Planned, Region, plan_region, regions_of
from manufold.services.players import WorkerPlayers

__all__ = ["SitePlan", "plan_network", "plan_site"]

ENTRY = "manufold.services.network_plan:plan_site"
#: beyond its own time, what a worker may need to read, judge and answer, by job
GRACE_S, GRACE_PER_JOB_S = 120.0, 0.02
MEMORY_MB = 4000
_TOLD_MOST = 3  # broken rules that a fault of ours names


@dataclass(frozen=True, slots=True)
class SitePlan:
    """A judged schedule of one site.

    Args:
        planning_s, judging_s: how long each took where it was done.
    """

    site_id: str
    planned: Planned
    planning_s: float
    judging_s: float


def plan_network(
    network: Network,
    jobs: Sequence[Job],
    sites: Mapping[str, str],
    from_s: int,
    executor: Executor,
    *,
    seconds: float,
    workers: int,
    seed: int = 0,
) -> tuple[SitePlan, ...]:
    """Return a judged schedule of every site, the largest first.

    Where there are fewer sites than workers, each is planned by one and bettered by all, window by
    window.

    Args:
        sites: holder -> the site that makes all of it.
        seconds: for all sites together; each has its share by jobs.
        workers: how many sites, or windows of a site, at once.

    Raises:
        CannotMake: what `promise` would say of the first job that cannot be placed.
        OurFault: `schedule.judged_wrong`.
        ExecutorFault: when a worker dies or takes too long.
    """
    regions = regions_of(network, jobs, sites, from_s, seed=seed)
    total = max(1, sum(len(region.jobs) for region in regions))
    shares = [len(region.jobs) / total for region in regions]
    apart = len(regions) >= workers
    requests = [
        (region, min(seconds, seconds * workers * share) if apart else 0.0)
        for region, share in zip(regions, shares, strict=True)
    ]

    def planned(request: tuple[Region, float]) -> SitePlan:
        limit_s = request[1] + GRACE_S + GRACE_PER_JOB_S * len(request[0].jobs)
        answer: SitePlan = executor.run(ENTRY, request, limit_s=limit_s, memory_mb=MEMORY_MB)
        return answer

    with ThreadPoolExecutor(workers) as pool:
        made = tuple(pool.map(planned, requests))
    if apart or seconds <= 0:
        return made
    return tuple(
        _bettered(region, one, executor, seconds * share, workers)
        for region, one, share in zip(regions, made, shares, strict=True)
    )


def _bettered(
    region: Region, made: SitePlan, executor: Executor, seconds: float, workers: int
) -> SitePlan:
    """Return the plan of a site after all workers have bettered it."""
    jobs = {job.holder: job for job in region.jobs}
    slots = (*region.slots, *made.planned.schedule)
    network = region.network
    thawed = replace(network, sites=tuple(replace(s, frozen_zone_s=0) for s in network.sites))
    until = perf_counter() + seconds

    def judged(found: Sequence[Slot]) -> bool:
        return not any(one.holder in jobs for one in violations(found, network, jobs))

    players = WorkerPlayers(executor, workers, lambda: until - perf_counter(), keep=True)
    with players:
        found = improve(
            Snapshot(thawed, slots, jobs, region.from_s, promised=False),
            judged,
            seed=region.seed,
            rounds=region.rounds_max,
            players=players,
        )
    gone = set(found.release)
    stays = (slot for slot in slots if slot not in gone and slot.holder in jobs)
    planned = replace(
        made.planned,
        schedule=Schedule((*stays, *found.claim)),
        objective=found.after,
        rounds=made.planned.rounds + found.rounds,
        better=made.planned.better + found.better,
    )
    return replace(made, planned=planned, planning_s=made.planning_s + players.playing_s)


def plan_site(request: tuple[Region, float]) -> SitePlan:
    """Plan one site and judge it; runs where the executor has it run.

    Args:
        request: the region and its seconds.
    """
    region, seconds = request
    begun = perf_counter()
    made = plan_region(region, lambda: begun + seconds - perf_counter())
    planned_at = perf_counter()
    jobs = {job.holder: job for job in region.jobs}
    found = violations((*region.slots, *made.schedule), region.network, jobs)
    found = tuple(one for one in found if one.holder in jobs)
    if found:
        told = tuple(Fault(one.holder, one.reason) for one in found[:_TOLD_MOST])
        raise OurFault("schedule.judged_wrong", faults=told, count=len(found))
    (site_id,) = region.network.site
    judged_at = perf_counter()
    return SitePlan(site_id, made, planned_at - begun, judged_at - planned_at)
