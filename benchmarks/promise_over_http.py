"""How long a promise takes over HTTP on a large, busy network: one serial client, no open pages.

    python benchmarks/promise_over_http.py [--bookings 100000] [--units 500] [--queries 2000]

The network of `promise_network.py` with rates, power and a way to a buyer, in a home of its own on
SQLite. Its bookings are orders: plans of ten operations, dispatched and accepted a thousand at a
time, as a simulated world's backlog is. A real `manufold serve` answers `POST /v1/promises`, on
one connection that is kept; each query draws a plan of ten operations with three work units each,
and a quantity. "Known plans" draw from as many as `promise_network.py` does, each asked for
before; "new plans" are seen by the server for the first time. Seconds are on the client's clock.
"""

import argparse
import gc
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import httpx
import numpy as np
from over_http import client, manufold_json, served_process
from promise_network import DEEP, MONDAY_S, OURS, PLANS, routing, shops, took_us
from row import row

from manufold.app import Manufold, open_home
from manufold.model.codec import canonical, encoded, stamped
from manufold.model.network import Lane, Network
from manufold.model.party import Party
from manufold.model.ports import Batch
from manufold.model.schedule import Job
from manufold.model.units import DAY_S
from manufold.services.backlog import import_jobs
from manufold.services.documents import event
from manufold.store.home import create_home

#: orders are let in over so many days that about nine tenths of the working time is taken
SPAN_DAYS = 45
#: what takes no break must fit between two breaks of the shortest shift
QUANTITY_MOST = 12
#: orders dispatched at once: every rule of dispatch is tried on all of them
PART = 1_000


def main() -> None:
    """Build the home, ask, and print rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=100_000)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--warm", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="kept, and used again where it stands")
    told = parser.parse_args()
    rng = random.Random(told.seed)
    folder = Path(tempfile.mkdtemp(prefix="promise-over-http-"))
    home = told.home or folder / "home"
    try:
        if not (home / "home.toml").exists():
            made_home(home, rng, told.units, told.bookings)
        with open_home(home) as m:
            live = len(m.ctx.store.bookings(now_s=m.ctx.clock.now_s()))
        key = manufold_json("key", "make", "--party", "b", "--role", "buyer", home=home)["key"]
        known = [body(rng, number, told.units) for number in range(PLANS)]
        fresh = (body(rng, PLANS + number, told.units) for number in range(10**9))
        what = f"{live} bookings, {told.units} units, {told.queries} queries"
        with served_process(home) as (url, pid), client(url, key) as http:
            first_s = took_us(lambda: asked(http, rng, known[0])) / 1e6
            for plan in known:
                asked(http, rng, plan)
            for name, plans in (("known plans", drawn(rng, known)), ("new plans", fresh)):
                for _ in range(told.warm):
                    asked(http, rng, next(plans))
                gc.collect()
                before_ms = cpu_ms(pid)
                seconds = [asked(http, rng, next(plans)) for _ in range(told.queries)]
                report(name, what, seconds, (cpu_ms(pid) - before_ms) / told.queries)
            print(row("first promise after start", what, f"{first_s:.2f} s", f"{rss_mb(pid)} MB"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def made_home(home: Path, rng: random.Random, units: int, bookings: int) -> None:
    """Make a simulated world of the network, full of accepted orders."""
    network = trading(shops(rng, units))
    made = create_home(home, "sim", None, sim_start_s=MONDAY_S)
    document = canonical(stamped("network", 1, network))
    made.keep_network(network.revision, {"network.json": document})
    with open_home(home) as m:
        loaded = {"name": network.name, "revision": network.revision}
        said = event("network", "NetworkLoaded", loaded, MONDAY_S, "manufold")
        m.ctx.store.append(Batch((said,), now_s=MONDAY_S))
        orders(m, rng, units, bookings)


def orders(m: Manufold, rng: random.Random, units: int, bookings: int) -> None:
    """Dispatch and accept orders, a part at a time, until there are so many bookings."""
    plans = [routing(rng, number, units) for number in range(PLANS)]
    most = bookings // DEEP
    jobs = [
        Job(
            f"order {number}",
            rng.choice(plans),
            rng.randint(1, QUANTITY_MOST),
            release_s=MONDAY_S + rng.randrange(SPAN_DAYS) * DAY_S,
        )
        for number in range(most)
    ]
    began = perf_counter()
    count = sum(import_jobs(m.ctx, jobs[at : at + PART]) for at in range(0, most, PART))
    print(f"{count} orders accepted in {perf_counter() - began:.0f} s", flush=True)


def trading(network: Network) -> Network:
    """Return the network with a buyer, a way to the door, rates and power."""
    units = tuple(
        replace(unit, rate_minor_per_h=3000 + 10 * number, power_w=2000 + number)
        for number, unit in enumerate(network.work_units)
    )
    way = Lane("a", "z", DAY_S, 900, 60, "EUR", Decimal(90), OURS)
    buyer = Party("b", "B", ("buyer",), "DE")
    changed = replace(network, parties=(*network.parties, buyer), work_units=units, lanes=(way,))
    return replace(changed, revision=sha256(canonical(encoded(changed))).hexdigest())


def body(rng: random.Random, number: int, units: int) -> dict:
    """Return a plan as JSON has it."""
    return json.loads(canonical(stamped("process_plan", 1, routing(rng, number, units))))


def drawn(rng: random.Random, plans: list[dict]) -> Iterator[dict]:
    """Yield plans at random for ever."""
    while True:
        yield rng.choice(plans)


def asked(http: httpx.Client, rng: random.Random, plan: dict) -> float:
    """Ask for a promise; return seconds on this clock."""
    content = json.dumps(
        {"process_plan": plan, "quantity": rng.randint(1, QUANTITY_MOST), "to": "z"}
    ).encode()
    headers = {"Content-Type": "application/json"}
    began = perf_counter()
    answer = http.post("/v1/promises", content=content, headers=headers)
    seconds = perf_counter() - began
    answer.raise_for_status()
    assert {one["name"] for one in answer.json()["options"]} == {"fast", "cheap", "green"}
    return seconds


def report(name: str, what: str, seconds: list[float], each_ms: float) -> None:
    """Print a row of quantiles, and what each query cost the server's processor."""
    p50, p90, p99, most = 1e3 * np.percentile(seconds, [50, 90, 99, 100])
    cells = (f"p50 {p50:.1f} ms", f"p90 {p90:.1f} ms", f"p99 {p99:.1f} ms", f"max {most:.1f} ms")
    cells = (*cells, f"server CPU {each_ms:.1f} ms each")
    print(row(f"promise over HTTP, {name}", what, *cells), flush=True)


def cpu_ms(pid: int) -> float:
    """Return the processor time that a process has used, milliseconds."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return 1e3 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> int:
    """Return the peak memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    main()
