"""A whole network planned and judged: sites in worker processes, time and rounds by workers.

    python benchmarks/improve_network.py [--operations 1000000] [--sites 10] [--seconds 30]
                                         [--workers 2] [--ray [ADDRESS]]

Ten operations a job, three work units each, set-ups by family, two shifts or three; a site is a
shop of its own in which every job can be made. Wall time counts all from jobs in hand to judged
schedules back in this process. `rounds/s` are rounds of ruin and recreate in the time planned.
"""

import argparse
import random
import resource
from dataclasses import replace
from time import perf_counter

from promise_network import MONDAY_S, routing, shops
from row import row

from manufold.model.network import Network
from manufold.model.schedule import Job
from manufold.model.units import DAY_S
from manufold.scheduling.warm import warm
from manufold.services.network_plan import plan_network
from manufold.workers.pool import KillablePool
from manufold.workers.ray_executor import RayExecutor

PLANS = 300


def main() -> None:
    """Plan and print a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--units", type=int, default=500, help="work units a site")
    parser.add_argument("--seconds", type=float, default=30.0, help="of planning, judging apart")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ray", nargs="?", const="", help="on Ray; a cluster's address to join")
    told = parser.parse_args()
    warm()
    network, jobs, sites = many(told.operations, told.sites, told.units, told.seed)
    begun = perf_counter()
    ray = told.ray is not None
    with RayExecutor(told.workers, address=told.ray) if ray else KillablePool(told.workers) as pool:
        made = plan_network(
            network, jobs, sites, MONDAY_S, pool,
            seconds=told.seconds, workers=told.workers, seed=told.seed,
        )  # fmt: skip
    wall_s = perf_counter() - begun
    slots = sum(len(one.planned.schedule) for one in made)
    rounds = sum(one.planned.rounds for one in made)
    planning_s = sum(one.planning_s for one in made)
    first = sum(one.planned.first.tardiness_s for one in made)
    last = sum(one.planned.objective.tardiness_s for one in made)
    child_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        row(
            f"{slots} operations, {told.sites} sites, {told.workers} "
            f"{'Ray workers' if ray else 'workers'}, seed {told.seed}",
            f"{wall_s:.1f} s to judged schedules",
            f"judging {sum(one.judging_s for one in made):.1f} s of all workers",
            f"{rounds / planning_s * told.workers:.0f} rounds/s",
            f"weighted tardiness {last / max(1, first):.3f} of the first schedule's",
            f"{own_mb:.0f} MB, a worker {child_mb:.0f} MB",
        )
    )


def many(
    operations: int, sites: int, units: int, seed: int
) -> tuple[Network, list[Job], dict[str, str]]:
    """Return a network of sites that are shops of their own, and jobs with their sites."""
    rng = random.Random(seed)
    parts = [_site(_round_the_clock(shops(rng, units)), f"s{n}") for n in range(sites)]
    first = parts[0]
    network = replace(
        first,
        sites=tuple(site for part in parts for site in part.sites),
        work_centers=tuple(center for part in parts for center in part.work_centers),
        work_units=tuple(unit for part in parts for unit in part.work_units),
    )
    plans = [routing(rng, number, units) for number in range(PLANS)]
    jobs, where = [], {}
    each = operations // 10 // sites
    span_s = each * 10 * 4_800 / units * 2.0
    for site in network.sites:
        for number in range(each):
            release_s = MONDAY_S + int(rng.random() * span_s)
            due_s = release_s + rng.randint(4, 20) * DAY_S
            name = f"{site.site_id}-{number}"
            weight = rng.choice([1, 2, 4])
            jobs.append(
                Job(name, rng.choice(plans), rng.randint(1, 20), release_s, {}, due_s, weight)
            )
            where[name] = site.site_id
    return network, jobs, where


def _round_the_clock(network: Network) -> Network:
    """Return a network whose every third work unit works in two shifts, the others always.

    So every group of three can do what is asked of it: no horizon holds an overloaded shop.
    """
    hours = ("two", "round", "round")
    units = network.work_units
    return replace(
        network,
        work_units=tuple(replace(unit, calendar_id=hours[at % 3]) for at, unit in enumerate(units)),
    )


def _site(network: Network, name: str) -> Network:
    """Return a network whose one site, and all that stands there, is called otherwise."""
    (site,), (center,) = network.sites, network.work_centers
    return replace(
        network,
        sites=(replace(site, site_id=name, name=name),),
        work_centers=(replace(center, work_center_id=f"c-{name}", site_id=name),),
        work_units=tuple(
            replace(unit, work_unit_id=f"{name}-{unit.work_unit_id}", work_center_id=f"c-{name}")
            for unit in network.work_units
        ),
    )


if __name__ == "__main__":
    main()
