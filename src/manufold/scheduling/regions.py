"""Regions: a large schedule cut into parts that can be planned apart, one site each.

A job belongs to the site that makes all of it; its seats, people and tools are nobody else's, so
regions may be planned in any order, in other processes or on other machines, and put together
without looking. What no single site can make is placed first, by `promise`, and stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Schedule, Slot
from manufold.scheduling.load import HORIZON_S, Load
from manufold.scheduling.objective import Objective
from manufold.scheduling.rebuild import Rebuild

__all__ = ["Planned", "Region", "plan_region", "regions_of", "site_network"]

#: rounds between two looks at the clock
ROUNDS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Region:
    """One site's part: its network, its jobs, what stands already.

    Args:
        slots: of others, which stay.
        rounds_max: of ruin and recreate, however much time there is.
    """

    network: Network
    jobs: tuple[Job, ...]
    from_s: int
    slots: tuple[Slot, ...] = ()
    horizon_s: int = HORIZON_S
    seed: int = 0
    rounds_max: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Planned:
    """A region's schedule, and how it came about."""

    schedule: Schedule
    first: Objective
    objective: Objective
    rounds: int
    better: int


def regions_of(
    network: Network, jobs: Sequence[Job], sites: Mapping[str, str], from_s: int, *, seed: int = 0
) -> tuple[Region, ...]:
    """Return the regions of jobs whose sites are known, the largest first.

    Args:
        sites: holder -> the site that makes all of it.
    """
    own: dict[str, list[Job]] = {}
    for job in jobs:
        own.setdefault(sites[job.holder], []).append(job)
    parts = [
        Region(site_network(network, site), tuple(found), from_s, seed=seed + number)
        for number, (site, found) in enumerate(sorted(own.items()))
    ]
    return tuple(sorted(parts, key=lambda region: -len(region.jobs)))


def site_network(network: Network, site_id: str) -> Network:
    """Return the network of one site."""
    centers = {c.work_center_id for c in network.work_centers if c.site_id == site_id}
    return replace(
        network,
        sites=(network.site[site_id],),
        work_centers=tuple(c for c in network.work_centers if c.work_center_id in centers),
        work_units=tuple(u for u in network.work_units if u.work_center_id in centers),
        operators=tuple(o for o in network.operators if o.site_id == site_id),
        tools=tuple(t for t in network.tools if t.site_id == site_id),
        lanes=tuple(
            lane
            for lane in network.lanes
            if lane.from_id == site_id and lane.to_id not in network.site
        ),
        stock=tuple(s for s in network.stock if s.site_id == site_id),
    )


def plan_region(region: Region, left_s: Callable[[], float]) -> Planned:
    """Return a schedule of a region, better the longer it may take.

    Args:
        left_s: seconds that are left; the first schedule is made however few.

    Raises:
        CannotMake: what `promise` would say of the first job that cannot be placed.
    """
    search = _first_schedule(region)
    first = search.objective()
    while left_s() > 0 and search.rounds < region.rounds_max:
        search.play(min(ROUNDS_AT_ONCE, region.rounds_max - search.rounds))
    slots = (slot for own in search.slots() for slot in own)
    return Planned(Schedule(slots), first, search.objective(), search.rounds, search.better)


def _first_schedule(region: Region) -> Rebuild:
    """Return all jobs placed by due date, on as long a horizon as they need."""
    load: Load | None = Load.of(
        region.network, from_s=region.from_s, horizon_s=region.horizon_s
    ).with_slots(region.slots)
    (site,) = region.network.site
    order = sorted(range(len(region.jobs)), key=lambda at: _urgency(region.jobs[at]))
    while load is not None:
        search = Rebuild(
            load,
            region.jobs,
            [{o.operation_id: site for o in job.plan.operations} for job in region.jobs],
            [{}] * len(region.jobs),
            [None] * len(region.jobs),
            seed=region.seed,
        )
        wider = load.extended()
        try:
            search.construct(order)
            return search
        except CannotMake as refusal:
            if refusal.code != "schedule.past_horizon" or wider is None:
                raise
        load = wider
    raise AssertionError("a horizon that cannot grow refuses")


def _urgency(job: Job) -> tuple[bool, int, str]:
    return job.due_s is None, job.due_s or job.release_s, job.holder
