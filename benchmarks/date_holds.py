"""Does the date hold? Orders in simulated worlds: the share finished by P50, P90 and promised date.

    python benchmarks/date_holds.py [--orders 200] [--seeds 30] [--first-seed 1000]

Each seed is a world of its own: the demo network with its backlog, then orders for the demo parts
in seeded quantities and options, two simulated hours apart, run until all are at the door. Finish
is compared on the same footing as promised: P50 and P90 at the door. The interval is Wilson's, at
95 %. Seeds from `--first-seed` on are never those that defaults were chosen with (1 to 99).

Dates that hold because they lie far away are worth little, so the row says as well how far away
they are: the promised lead time (from the order to the promised date) and the sharpness (from P50
to the promised date), both means over all orders.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib.resources import files
from math import sqrt
from pathlib import Path
from random import Random
from time import perf_counter
from typing import TypeVar

from row import row

from manufold.app import open_home, use_network
from manufold.demo import demo_network_path
from manufold.design.contract import InputFile
from manufold.model.errors import ManufoldError
from manufold.model.units import from_rfc3339
from manufold.world import Manufold

PARTS = (("bracket.step", "al-6061"), ("shaft.step", "steel-1045"), ("cover.stl", "pa12"))
START = from_rfc3339("2026-11-30T07:00:00+01:00")

Found = TypeVar("Found")


def main() -> None:
    """Run the worlds and print a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2, help="worlds at once")
    parser.add_argument("--rows", help="append one CSV line per order to this file")
    told = parser.parse_args()
    began = perf_counter()
    by_p50 = by_promised = total = 0
    late_h = lead_h = spread_h = 0.0
    seeds, counts = shared_out(told.orders, told.seeds, told.first_seed)
    with ProcessPoolExecutor(told.workers) as pool:
        for seed, found in zip(seeds, pool.map(one_world, seeds, counts), strict=True):
            if told.rows:
                with open(told.rows, "a") as file:
                    file.writelines(",".join(map(str, line)) + "\n" for line in found)
            for _seed, accepted_s, _start_s, _finish_s, _end_s, *dates in found:
                p50_at_s, promised_at_s, actual_at_s = dates
                total += 1
                by_p50 += actual_at_s <= p50_at_s
                by_promised += actual_at_s <= promised_at_s
                late_h += max(0, actual_at_s - promised_at_s) / 3600
                lead_h += (promised_at_s - accepted_s) / 3600
                spread_h += (promised_at_s - p50_at_s) / 3600
            print(
                f"seed {seed}: {len(found)} orders, so far by P50 "
                f"{share(by_p50, total)}, by promised {share(by_promised, total)}",
                flush=True,
            )
    print(
        row(
            f"{total} orders, {told.seeds} seeds from {told.first_seed}",
            share(by_p50, total),
            share(by_promised, total),
            f"{late_h / max(1, total):.2f} h",
            f"{lead_h / max(1, total):.1f} h",
            f"{spread_h / max(1, total):.1f} h",
            f"{perf_counter() - began:.0f} s",
        )
    )


def shared_out(orders: int, seeds: int, first_seed: int) -> tuple[range, list[int]]:
    """Return the seeds and how many orders the world of each takes."""
    counts = [orders * (at + 1) // seeds - orders * at // seeds for at in range(seeds)]
    return range(first_seed, first_seed + seeds), counts


def one_world(seed: int, count: int) -> list[tuple[int, ...]]:
    """Return of each order: seed, accepted, planned start and finish, actual finish, then the
    dates at the door: P50, promised, actual."""
    return run_world(seed, count, lambda m, p50: dates_of(m, p50, seed))


def dates_of(m: Manufold, p50: Mapping[str, int], seed: int) -> list[tuple[int, ...]]:
    """Return the dates of a world's orders."""
    found: list[tuple[int, ...]] = []
    for order_id, p50_at_s in p50.items():
        order = m.order(order_id)
        planned = m.ctx.store.get("planned", order_id) or {}
        ended_s = max(job.actual_end_s or 0 for job in order.jobs.values())
        found.append(
            (
                seed,
                order.accepted_at_s,
                int(planned["start_s"]),
                int(planned["finish_s"]),
                ended_s,
                p50_at_s,
                order.promised_at_s,
                order.actual_at_s or 2**60,
            )
        )
    return found


def run_world(seed: int, count: int, look: Callable[[Manufold, Mapping[str, int]], Found]) -> Found:
    """Run a world until its orders are at the door, and return what `look` sees in it.

    Args:
        look: given the world and, by order, the P50 at the door that was offered.
    """
    luck = Random(seed)
    home = Path(tempfile.mkdtemp(prefix="date-holds-"))
    try:
        use_network(home / "home", demo_network_path(), world="sim", start_s=START)
        (home / "home" / "settings.toml").write_text(f"twin_seed = {seed}\n")
        use_network(home / "home", demo_network_path(), backlog=True)
        with open_home(home / "home") as m:
            p50: dict[str, int] = {}
            for _ in range(count):
                name, material = luck.choice(PARTS)
                part = files("manufold.design.part") / "demo" / name
                content = InputFile(name, part.read_bytes())
                quantity = luck.choice((1, 2, 5, 10, 20, 50))
                option = luck.choice(("fast", "cheap", "green"))
                zone = luck.choice(sorted(m.network.delivery_zone))
                try:
                    quoted = m.offer(content, quantity=quantity, material=material, to=zone)
                    order = m.accept(quoted.offer.offer_id, option)
                except ManufoldError as refusal:
                    print(f"  {name} x {quantity} to {zone}: {refusal}")
                    continue
                p50[order.order_id] = quoted.offer.option(option).p50_at_s
                m.run(hours=2)
            m.run(orders=tuple(p50))
            return look(m, p50)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def share(hits: int, total: int) -> str:
    """Return a share with Wilson's 95 % interval."""
    if not total:
        return "-"
    z, p = 1.96, hits / total
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{100 * p:.1f} % ({100 * (middle - half):.1f}..{100 * (middle + half):.1f})"


if __name__ == "__main__":
    main()
