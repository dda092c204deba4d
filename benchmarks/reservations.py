"""100,000 attempts to hold slots, by 64 threads of one process: nothing sold twice, how fast.

    python benchmarks/reservations.py [--attempts 100000] [--postgres URL] [--verbs 640]

Through the store's port (`tests/store/fire.py`): each attempt wants one to three stretches of 20
work units with two seats, drawn by seed and number, tries up to three places, and what it wins it
keeps, extends, accepts or gives back; holds run out while others come. Then fewer attempts through
the services on the demo network: a shirt to somebody's measures, offered, extended, released or
accepted. Full synchronisation stays on; a PostgreSQL server without fsync says so in its row.

Judged afterwards by two sweeps that share no code with the store: the table as it stands, and the
log replayed from its first event. One double sale, or a difference between both, ends the run.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter

from durable_events import server_of
from row import row

from manufold.app import open_home, use_network
from manufold.demo import demo_network_path
from manufold.design.contract import InputFile
from manufold.model.errors import Conflict
from manufold.model.party import Actor
from manufold.services.holding import extend_offer, release_offer
from manufold.services.order import accept
from manufold.services.quote import Ask, offer
from manufold.store import open_store, verify

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from store.fire import Fire, fold_hold, replayed, sold_twice

DAY_S = 86_400
SEED = 20261123
PER_DAY = 100_000 // 60  # attempts on a day of the 40 seats: a third finds no place in three tries
BUYER = Actor("demo-buyer", "buyer")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--verbs", type=int, default=640, help="attempts through the services")
    parser.add_argument("--postgres", metavar="URL", help="of an empty database")
    told = parser.parse_args()
    print(
        "| date | commit | machine | what | won | lost | retried | bookings/s | p50 | p99 | twice |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=os.environ.get("MANUFOLD_BENCH_DIR")) as folder:
        if told.attempts:
            name = f"store port, SQLite, WAL, synchronous full, {told.attempts:,} attempts"
            through_the_port(name, str(Path(folder) / "s.db"), told.attempts, told.threads)
            if told.postgres:
                name = f"store port, {server_of(told.postgres)}, {told.attempts:,} attempts"
                through_the_port(name, told.postgres, told.attempts, told.threads)
        if told.verbs:
            name = f"services, SQLite, WAL, synchronous full, {told.verbs:,} attempts"
            through_the_verbs(name, Path(folder) / "home", told.verbs, told.threads)


def through_the_port(name: str, where: str, attempts: int, threads: int) -> None:
    """Print the row of a fire on one database, judged."""
    store = open_store(where, "sim", fold_hold, busy_s=60)
    told, took_s = Fire(store, attempts, SEED, DAY_S * attempts // PER_DAY).run(threads)
    if told.faults:
        raise told.faults[0]
    booked, wrong = replayed(store)
    twice = sold_twice(store)
    rows = {booking.booking_id for booking in store.bookings(now_s=-(2**62))}
    counts = told.counts
    held = sum(1 for event in store.read() if event.kind == "Held")
    if twice or wrong or rows != booked or held != counts["won"]:
        raise SystemExit(f"double booking or a lost one: {twice[:3]} {wrong[:3]}")
    if counts["won"] + counts["lost"] != attempts or not verify(store, (), {}).sound:
        raise SystemExit("the counts or the chain are wrong")
    store.close()
    printed(name, counts, counts["won"] / took_s, told.booked / took_s, told.waits_s)


def through_the_verbs(name: str, folder: Path, attempts: int, threads: int) -> None:
    """Print the row of offers, extensions, releases and acceptances on the demo network."""
    use_network(folder, demo_network_path(), world="sim", backlog=True)
    shirt = json.loads((files("manufold.design.garment") / "demo" / "shirt.json").read_bytes())
    counts, waits_s, door, numbers = Counter[str](), list[float](), threading.Lock(), count()
    with open_home(folder) as m:
        m.ctx.settings = replace(m.ctx.settings, holds_per_party=10**6)

        def attempt(number: int) -> str:
            rng = Random(SEED + number)
            girth_mm = rng.randrange(900, 1100)
            measures = {**shirt, "bust_girth_mm": girth_mm, "waist_girth_mm": girth_mm - 120}
            file = InputFile("shirt.json", json.dumps(measures).encode())
            made = offer(m.ctx, BUYER, Ask([file], 1, "EU-DE", vertical="garment")).offer
            drawn = rng.random()
            if drawn < 0.1:
                extend_offer(m.ctx, BUYER, made.offer_id)
            elif drawn < 0.25:
                release_offer(m.ctx, BUYER, made.offer_id)
            elif drawn < 0.55:
                accept(m.ctx, BUYER, made.offer_id, rng.choice(["fast", "cheap", "green"]))
            return "won"

        def work() -> None:
            while (number := next(numbers)) < attempts:
                began_s = perf_counter()
                try:
                    told = attempt(number)
                except Conflict as refusal:
                    told = refusal.code
                with door:
                    counts[told] += 1
                    waits_s.append(perf_counter() - began_s)

        attempt(-1)  # warm
        crowd = [threading.Thread(target=work) for _ in range(threads)]
        began_s = perf_counter()
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        took_s = perf_counter() - began_s
        twice = sold_twice(m.store)
        m.verify()
    lost = sum(n for code, n in counts.items() if code != "won")
    if twice or counts["won"] + lost != attempts:
        raise SystemExit(f"double booking or a lost one: {twice[:3]} {counts}")
    others = {code: n for code, n in counts.items() if code != "won"}
    name = f"{name} {others}" if others else name
    printed(name, Counter(won=counts["won"], lost=lost), counts["won"] / took_s, None, waits_s)


def printed(
    name: str, counts: Counter[str], won: float, booked: float | None, waits_s: list[float]
) -> None:
    """Print a row: holds won a second, and stretches booked a second where they are counted."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
    waits = sorted(waits_s)
    rate = f"{won:,.0f} holds/s" if booked is None else f"{won:,.0f} holds, {booked:,.0f} rows/s"
    shares = [f"{1000 * waits[int(len(waits) * q)]:,.1f} ms" for q in (0.5, 0.99)]
    numbers = (f"{counts[kind]:,}" for kind in ("won", "lost", "retried"))
    print(row(f"{name} (load {load} after)", *numbers, rate, *shares, 0), flush=True)


if __name__ == "__main__":
    main()
