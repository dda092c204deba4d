"""First come, first served against ours: the same orders, machines and luck, in pairs; simulated.

    python benchmarks/compare_policies.py [--orders 100] [--seeds 12] [--first-seed 3000]
        [--load 0.8] [--policies fcfs,ours] [--rows FILE]

Each seed is a pair: one stream of orders on the demo network, made once under each policy in the
twin with common random numbers. Prints a row with the four measures that buyers feel, and below it
every measure. Nothing was chosen on seeds from 3000 on (development used seeds below 1000).
"""

import argparse
import json
from pathlib import Path
from time import perf_counter

from row import row

from manufold.api.compare_wire import compare_answer
from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.improvement.paired import Paired
from manufold.services.compare import Plan, compare
from manufold.services.compare_measures import MEASURES, verdict_of
from manufold.settings import Settings
from manufold.workers.pool import KillablePool

SHOWN = ("on_time_fraction", "lead_time_s", "tardiness_s", "promise_kept_fraction")
AT_ONCE = 2


def main() -> None:
    """Run the pairs and print a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first-seed", type=int, default=3000)
    parser.add_argument("--load", type=float, default=0.8)
    parser.add_argument("--policies", default="fcfs,ours")
    parser.add_argument("--rows", help="write the whole answer with each seed's values there")
    told = parser.parse_args()
    seeds = tuple(range(told.first_seed, told.first_seed + told.seeds))
    plan = Plan(told.orders, seeds, told.load, tuple(told.policies.split(",")))
    began = perf_counter()
    with KillablePool(workers=AT_ONCE) as pool:
        network = read_network(demo_network_path())
        found = compare(network, Settings(), pool, plan, at_once=AT_ONCE)
    took = f"{perf_counter() - began:.0f} s"
    what = f"{told.policies}: {told.orders} orders, load {told.load:g}, {told.seeds} seeds from"
    cells = (shown(name, found.measures[name]) for name in SHOWN)
    print(row(f"{what} {told.first_seed}", *cells, took))
    for measure in MEASURES:
        one = found.measures[measure.name]
        counts = f"+{one.above} -{one.below} ={one.same}, p {one.sign_p:.2g}"
        print(f"  {measure.name}: {shown(measure.name, one)}; {counts}: {verdict_of(measure, one)}")
    if told.rows:
        Path(told.rows).write_text(json.dumps(compare_answer(found, "en")) + "\n")


def shown(name: str, told: Paired) -> str:
    """Return both means and the difference with its interval, in the unit people use."""
    factor, unit, digits = 1.0, "", 1
    if name.endswith("_fraction"):
        factor, unit = 100.0, " %"
    elif name.endswith("_s"):
        factor, unit = 1 / 3600, " h"

    def number(value: float | None) -> str:
        return "-" if value is None else f"{factor * value:.{digits}f}"

    return (
        f"{number(told.mean_a)} -> {number(told.mean_b)}{unit}, {number(told.difference)} "
        f"({number(told.low)}..{number(told.high)})"
    )


if __name__ == "__main__":
    main()
