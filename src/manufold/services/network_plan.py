"""Plan a whole network at once: sites and windows of time, each apart, in as many processes or
machines as there are.

The executor handed in decides where: worker processes of this machine, or Ray's. What comes back
from each site has been judged there by code that did not place it; what came of its windows is
judged once they are together, and given up where it is no better or not clean.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter

from manufold.judge.violations import violations
from manufold.model.errors import Fault, OurFault
from manufold.model.network import Network
from manufold.model.ports import Executor
from manufold.model.schedule import Job, Schedule, Slot
from manufold.scheduling.objective import Objective, objective
from manufold.scheduling.regions import Planned, Region, plan_region, regions_of
from manufold.scheduling.windows import (
    Key,
    Played,
    Window,
    borders_s,
    play_window,
    put_together,
    windows_of,
)

__all__ = ["Bettered", "SitePlan", "better_windows", "plan_network", "plan_site", "played_window"]

ENTRY = "manufold.services.network_plan:plan_site"
WINDOW_ENTRY = "manufold.services.network_plan:played_window"
#: operations of a window, about; so many windows, whoever plays them, are one answer
WINDOW_OPERATIONS = 5_000
#: windows of a small schedule: two may be played at a time
WINDOWS_MIN = 4
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
    found = better_windows(
        region.network, (*region.slots, *made.planned.schedule), jobs, executor,
        seconds=seconds, workers=workers, seed=region.seed,
    )  # fmt: skip
    planned = replace(
        made.planned,
        schedule=Schedule(slot for slot in found.slots if slot.holder in jobs),
        objective=found.after,
        rounds=made.planned.rounds + found.rounds,
        better=made.planned.better + found.better,
    )
    return replace(made, planned=planned, planning_s=made.planning_s + found.playing_s)


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


@dataclass(frozen=True, slots=True)
class Bettered:
    """A schedule after its windows were played.

    Args:
        slots: judged clean, and no worse than they were; the same as before where nothing was won.
        rounds, better: played in all windows, and how many of them were better.
        playing_s: of all workers together, where windows were played.
        refused: passes whose result was not clean, and was given up.
    """

    slots: tuple[Slot, ...]
    before: Objective
    after: Objective
    rounds: int
    better: int
    playing_s: float
    refused: int


def better_windows(
    network: Network,
    slots: Sequence[Slot],
    jobs: Mapping[str, Job],
    executor: Executor,
    *,
    seconds: float,
    workers: int,
    rounds: int = 1_000_000_000,
    passes: int = 2,
    windows: int = 0,
    pinned: Collection[Key] = frozenset(),
    promised: bool = False,
    seed: int = 0,
) -> Bettered:
    """Return a schedule that is better, window by window; every operation stays at its site.

    With rounds enough to end before the seconds do not, the answer depends on neither workers nor
    executor.

    Args:
        slots: judged clean; those of holders that `jobs` does not know are pinned.
        rounds: of all passes together.
        passes: each plays every window; in every second one borders lie half a window later.
        windows: how many, 0 for as many as the size asks for.
        pinned, promised: as in `windows_of`.

    Raises:
        ExecutorFault: when a worker dies or takes too long.
    """
    stood = tuple(slots)
    began = value = objective(stood, jobs)
    count = windows or max(WINDOWS_MIN, len(stood) // WINDOW_OPERATIONS)
    played_rounds = better = refused = 0
    playing_s = 0.0
    for at in range(passes if stood else 0):
        borders = borders_s(stood, count, shifted=at % 2 == 1)
        made = stood
        for half in range(2):
            cut = windows_of(
                network, made, jobs, borders, seed=seed + at * count * 2, rounds=rounds // passes,
                pinned=pinned, promised=promised,
            )  # fmt: skip
            mine = [one for one in cut if bisect_left(borders, one.from_s) % 2 == half]
            found = _played(mine, executor, seconds / passes / 2, workers)
            made = put_together(made, (one for one, _s in found))
            played_rounds += sum(one.rounds for one, _s in found)
            better += sum(one.better for one, _s in found)
            playing_s += sum(spent_s for _one, spent_s in found)
        if made == stood:
            continue
        wrong = any(one.holder in jobs for one in violations(made, network, jobs))
        if objective(made, jobs) < value and not wrong:
            stood, value = made, objective(made, jobs)
        else:
            refused += 1
    return Bettered(stood, began, value, played_rounds, better, playing_s, refused)


def _played(
    windows: Sequence[Window], executor: Executor, seconds: float, workers: int
) -> list[tuple[Played, float]]:
    """Return what came of windows and how long each took, the largest first."""
    ordered = sorted(windows, key=lambda one: (-len(one.moving), one.from_s))
    total = max(1, sum(len(one.moving) for one in ordered))
    at_once = max(1, min(workers, len(ordered)))

    def played(window: Window) -> tuple[Played, float]:
        own_s = min(seconds, seconds * at_once * len(window.moving) / total)
        limit_s = own_s + GRACE_S + GRACE_PER_JOB_S * len(window.jobs)
        answer: tuple[Played, float] = executor.run(
            WINDOW_ENTRY, (window, own_s), limit_s=limit_s, memory_mb=MEMORY_MB
        )
        return answer

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(played, ordered))


def played_window(request: tuple[Window, float]) -> tuple[Played, float]:
    """Play one window; runs where the executor has it run.

    Args:
        request: the window and its seconds.
    """
    window, seconds = request
    begun = perf_counter()
    made = play_window(window, lambda: begun + seconds - perf_counter())
    return made, perf_counter() - begun
