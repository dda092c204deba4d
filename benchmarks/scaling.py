"""Moves per second of two workers over those of one, on the process pool and on Ray.

    python benchmarks/scaling.py [--operations 100000] [--sites 4] [--seconds 30] [--pairs 3]
                                 [--on pool,ray] [--unit sites,improve] [--workers 2]

The same problem in the same run, one worker and several in turn. A move is a round of ruin and
recreate. `sites`: every site is placed, bettered and judged by one worker (`plan_network`);
`improve`: a schedule of all sites is bettered as `manufold improve schedule` does it, site by site
and window by window, without dispatching anew. Moves are counted over the wall time from jobs or
slots in hand to a judged schedule back here, so cutting, sending, waiting for the last and judging
count against us; starting workers and compiling does not and is told apart.

Beside the ratio stands where the rest of the time went: `a CPU second` is the ratio of moves per
processor second of the workers, which a busy machine does not spoil (below 1 is what caches and
memory cost two that play at once); `playing` is the share of the wall time in which the average
worker of the several played.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from improve_network import many
from promise_network import MONDAY_S
from row import row

from manufold.judge.violations import violations
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.improve import Snapshot, improve
from manufold.services.network_plan import plan_network
from manufold.services.players import WorkerPlayers
from manufold.workers.pool import KillablePool
from manufold.workers.ray_executor import RayExecutor

Killable = KillablePool | RayExecutor
EXECUTORS: dict[str, Callable[[int], Killable]] = {"pool": KillablePool, "ray": RayExecutor}
#: of the problem that workers are warmed up with: long enough that none takes it all
WARM_OPERATIONS, WARM_S = 400, 2.0


@dataclass(frozen=True, slots=True)
class Problem:
    """What is planned, and the schedule that bettering begins with."""

    network: Network
    jobs: list[Job]
    sites: dict[str, str]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Args:
        cpu_s: of the workers while they played; 0 where nobody says.
        playing: share of the wall time in which the average worker played.
        start_s: seconds until workers were warm.
    """

    moves: int
    wall_s: float
    cpu_s: float
    playing: float
    start_s: float

    @property
    def moves_per_s(self) -> float:
        """Moves over wall time."""
        return self.moves / self.wall_s


def main() -> None:
    """Measure and print a row for each executor and unit of work."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--sites", type=int, default=4)
    parser.add_argument("--units", type=int, default=200, help="work units a site")
    parser.add_argument("--seconds", type=float, default=30.0, help="of playing, each run")
    parser.add_argument("--pairs", type=int, default=3, help="runs with one worker and with more")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--on", default="pool,ray")
    parser.add_argument("--unit", default="sites,improve")
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    problem = problem_of(told.operations, told.sites, told.units, told.seed)
    for unit in told.unit.split(","):
        for name in told.on.split(","):
            found = [
                [run(name, unit, problem, workers, told.seconds, told.seed) for workers in pair]
                for pair in [(1, told.workers)] * told.pairs
            ]
            title = f"{len(problem.slots)} operations by {unit} on {name}, seed {told.seed}"
            print(row(title, *cells(found, told.workers)), flush=True)


def cells(found: Sequence[Sequence[Measured]], workers: int) -> tuple[str, ...]:
    """Return what pairs of runs say, in words."""
    ones, mores = zip(*found, strict=True)
    ratios = [more.moves_per_s / one.moves_per_s for one, more in found]
    each = [(more.moves / more.cpu_s) / (one.moves / one.cpu_s) for one, more in found if one.cpu_s]
    return (
        f"1 worker {median(one.moves_per_s for one in ones):.0f} moves/s",
        f"{workers} workers {median(more.moves_per_s for more in mores):.0f} moves/s",
        f"ratio {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
        f"a CPU second {median(each):.2f}" if each else "-",
        f"playing {median(more.playing for more in mores):.0%}",
        f"wall {median(more.wall_s for more in mores):.1f} s a run",
        f"start-up {median(more.start_s for more in mores):.1f} s apart",
    )


def problem_of(operations: int, sites: int, units: int, seed: int) -> Problem:
    """Return a network with its jobs, and a first schedule of all of them."""
    network, jobs, where = many(operations, sites, units, seed)
    with KillablePool(1) as pool:
        made = plan_network(network, jobs, where, MONDAY_S, pool, seconds=0.0, workers=1)
    slots = tuple(slot for one in made for slot in one.planned.schedule)
    return Problem(network, jobs, where, slots)


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
        until = 0.0
        with WorkerPlayers(executor, workers, lambda: until - perf_counter(), keep=True) as players:
            players.get_ready()
            warm_at = perf_counter()
            until = warm_at + seconds
            if unit == "sites":
                made = plan_network(
                    problem.network, problem.jobs, problem.sites, MONDAY_S, executor,
                    seconds=seconds, workers=workers, seed=seed,
                )  # fmt: skip
                moves, played_s = sum(one.planned.rounds for one in made), 0.0
                playing_s = sum(one.planning_s for one in made)
            else:
                moves = bettered(problem, players, seed)
                played_s, playing_s = players.cpu_s, players.playing_s
        wall_s = perf_counter() - warm_at
    share = playing_s / workers / wall_s
    return Measured(moves, wall_s, played_s, share, warm_at - begun)


def bettered(problem: Problem, players: WorkerPlayers, seed: int) -> int:
    """Better the schedule of all sites and judge it; return the moves."""
    jobs = {job.holder: job for job in problem.jobs}

    def judged(slots: Sequence[Slot]) -> bool:
        return not violations(slots, problem.network, jobs)

    snapshot = Snapshot(problem.network, problem.slots, jobs, MONDAY_S)
    found = improve(snapshot, judged, seed=seed, rounds=10**9, players=players)
    if found.why.code != "improve.stopped" or found.lost:
        raise SystemExit(f"{found.why.code} {found.why.params} {found.lost}")
    return found.rounds


if __name__ == "__main__":
    main()
