"""How long a promise takes on the demo network with its backlog: the public call, in process.

Run it as `python benchmarks/promise_latency.py [queries]`; it prints a row for RESULTS.md.
"""

import random
import sys
from dataclasses import replace
from time import perf_counter

import numpy as np
from row import row

from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.model.errors import CannotMake
from manufold.model.units import DAY_S, from_rfc3339
from manufold.scheduling.dispatch import best_dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.scheduling.warm import warm
from manufold.twin.backlog import backlog

ORDERS, SEED, QUERY_SEED = 450, 1, 7


def main(queries: int = 2000) -> None:
    """Print p50, p95 and p99 of a promise, and of booking its slots."""
    network = read_network(demo_network_path())
    now_s = from_rfc3339("2026-03-02T00:00:00Z")
    jobs = backlog(network, SEED, ORDERS, now_s)
    warm()
    begun = perf_counter()
    schedule = best_dispatch(network, jobs, Load.of(network, (), now_s))
    dispatched_s = perf_counter() - begun
    load = Load.of(network, (), now_s).with_slots(schedule)
    rng = random.Random(QUERY_SEED)
    took_ms: dict[str, list[float]] = {"one site": [], "all sites": [], "book": []}
    operations = refused = 0
    for number in range(queries):
        asked = rng.choice(jobs)
        release_s = now_s + rng.randint(0, 20 * DAY_S)
        job = replace(asked, holder=f"query{number}", release_s=release_s, due_s=None)
        home = network.site_of(next(s.resource_id for s in schedule if s.holder == asked.holder))
        for name, sites in (("one site", frozenset({home.site_id})), ("all sites", None)):
            begun = perf_counter()
            try:
                promised = promise(load, network, job, sites=sites)
            except CannotMake:
                refused += 1
                continue
            took_ms[name].append(1000 * (perf_counter() - begun))
            operations += len(promised.slots)
        begun = perf_counter()
        load.with_slots(promised.slots)
        took_ms["book"].append(1000 * (perf_counter() - begun))
    print(
        f"dispatch of {len(schedule)} operations by ten rules: {dispatched_s:.2f} s; "
        f"{operations / (2 * queries):.1f} operations a promise; {refused} refused"
    )
    for name, values in took_ms.items():
        p50, p95, p99 = np.percentile(values, [50, 95, 99])
        print(
            row(
                f"promise, {name}",
                f"{queries} queries, seeds {SEED}/{QUERY_SEED}",
                f"p50 {p50:.2f} ms",
                f"p95 {p95:.2f} ms",
                f"p99 {p99:.2f} ms",
            )
        )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
