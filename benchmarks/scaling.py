"""Moves per second of two workers over those of one, on the process pool and on Ray.

    python benchmarks/scaling.py [--operations 100000] [--sites 4] [--seconds 20] [--pairs 3]
                                 [--on pool,ray] [--unit sites,windows] [--workers 2]

The same problem in the same run, one worker and several in turn. A move is a round of ruin and
recreate. `sites`: every site is placed, bettered and judged by one worker (`plan_network`);
`windows`: a schedule of one site is bettered window by window (`better_windows`). Moves are counted
over the wall time from jobs in hand to judged schedules back here, so cutting, sending, waiting for
the last and judging count against us; starting workers and compiling does not and is told apart.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from improve_network import many
from promise_network import MONDAY_S
from row import row

from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.services.network_plan import better_windows, plan_network
from manufold.workers.pool import KillablePool
from manufold.workers.ray_executor import RayExecutor

Killable = KillablePool | RayExecutor
EXECUTORS: dict[str, Callable[[int], Killable]] = {"pool": KillablePool, "ray": RayExecutor}
#: of the problem that workers are warmed up with: long enough that none takes it all
WARM_OPERATIONS, WARM_S = 400, 2.0


@dataclass(frozen=True, slots=True)
class Problem:
    """What is planned, and the schedule of its first site that windows begin with."""

    network: Network
    jobs: list[Job]
    sites: dict[str, str]
    own: dict[str, Job]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: moves a second, seconds of wall time, seconds until workers were warm."""

    moves_per_s: float
    wall_s: float
    start_s: float


def main() -> None:
    """Measure and print a row for each executor and unit of work."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--sites", type=int, default=4)
    parser.add_argument("--units", type=int, default=200, help="work units a site")
    parser.add_argument("--seconds", type=float, default=20.0, help="of playing, each run")
    parser.add_argument("--pairs", type=int, default=3, help="runs with one worker and with more")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--on", default="pool,ray")
    parser.add_argument("--unit", default="sites,windows")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    problem = problem_of(told.operations, told.sites, told.units, told.seed)
    for unit in told.unit.split(","):
        for name in told.on.split(","):
            found = [
                [run(name, unit, problem, workers, told.seconds, told.seed) for workers in pair]
                for pair in [(1, told.workers)] * told.pairs
            ]
            size = len(problem.jobs if unit == "sites" else problem.own) * 10
            ratios = [more.moves_per_s / one.moves_per_s for one, more in found]
            print(
                row(
                    f"{size} operations by {unit} on {name}, seed {told.seed}",
                    f"1 worker {median(one.moves_per_s for one, _ in found):.0f} moves/s",
                    f"{told.workers} workers "
                    f"{median(more.moves_per_s for _, more in found):.0f} moves/s",
                    f"ratio {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
                    f"wall {median(more.wall_s for _, more in found):.1f} s a run, "
                    f"start-up {median(more.start_s for _, more in found):.1f} s apart",
                ),
                flush=True,
            )


def problem_of(operations: int, sites: int, units: int, seed: int) -> Problem:
    """Return a network with its jobs, and a first schedule of one site as large as all of it."""
    network, jobs, where = many(operations, sites, units, seed)
    first = network.sites[0].site_id
    alone, own, home = many(operations // sites, 1, units, seed)
    assert first == alone.sites[0].site_id
    with KillablePool(1) as pool:
        (made,) = plan_network(alone, own, home, MONDAY_S, pool, seconds=0.0, workers=1)
    jobs_of = {job.holder: job for job in own}
    return Problem(network, jobs, where, jobs_of, tuple(made.planned.schedule))


def run(
    name: str, unit: str, problem: Problem, workers: int, seconds: float, seed: int
) -> Measured:
    """Return what so many workers did."""
    begun = perf_counter()
    with EXECUTORS[name](workers) as executor:
        tiny, jobs, sites = many(WARM_OPERATIONS * workers, workers, 6, seed)
        made = plan_network(
            tiny, jobs, sites, MONDAY_S, executor, seconds=WARM_S, workers=workers
        )  # fmt: skip
        slots = [slot for one in made for slot in one.planned.schedule]
        own = {job.holder: job for job in jobs}
        better_windows(tiny, slots, own, executor, seconds=WARM_S, workers=workers)
        warm_at = perf_counter()
        if unit == "sites":
            made = plan_network(
                problem.network, problem.jobs, problem.sites, MONDAY_S, executor,
                seconds=seconds, workers=workers, seed=seed,
            )  # fmt: skip
            moves = sum(one.planned.rounds for one in made)
        else:
            found = better_windows(
                problem.network, problem.slots, problem.own, executor,
                seconds=seconds, workers=workers, seed=seed,
            )  # fmt: skip
            if found.refused:
                raise SystemExit(f"{found.refused} passes were not clean")
            moves = found.rounds
        wall_s = perf_counter() - warm_at
    return Measured(moves / wall_s, wall_s, warm_at - begun)


if __name__ == "__main__":
    main()
