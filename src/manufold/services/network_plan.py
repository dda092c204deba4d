"""Plan a whole network at once: each site apart, in as many processes or machines as there are.

The executor handed in decides where: worker processes of this machine, or Ray's. What comes back
from each site has been judged there by code that did not place it.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

from manufold.judge.violations import violations
from manufold.model.errors import Fault, OurFault
from manufold.model.network import Network
from manufold.model.ports import Executor
from manufold.model.schedule import Job
from manufold.scheduling.regions import Planned, Region, plan_region, regions_of

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

    Args:
        sites: holder -> the site that makes all of it.
        seconds: for all sites together; each has its share by jobs.
        workers: how many sites at once.

    Raises:
        CannotMake: what `promise` would say of the first job that cannot be placed.
        OurFault: `schedule.judged_wrong`.
        ExecutorFault: when a worker dies or takes too long.
    """
    regions = regions_of(network, jobs, sites, from_s, seed=seed)
    total = max(1, sum(len(region.jobs) for region in regions))
    requests = [
        (region, seconds * workers * len(region.jobs) / total / max(1, min(workers, len(regions))))
        for region in regions
    ]

    def planned(request: tuple[Region, float]) -> SitePlan:
        limit_s = request[1] + GRACE_S + GRACE_PER_JOB_S * len(request[0].jobs)
        answer: SitePlan = executor.run(ENTRY, request, limit_s=limit_s, memory_mb=MEMORY_MB)
        return answer

    with ThreadPoolExecutor(workers) as pool:
        return tuple(pool.map(planned, requests))


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
