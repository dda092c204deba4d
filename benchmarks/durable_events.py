"""Durable events a second, on SQLite and PostgreSQL, as one caller, as a group, as a crowd.

    python benchmarks/durable_events.py [--seconds 5] [--postgres URL]

Every append carries one event, claims one booking on one of 40 seats and folds one view; a second
is counted on the wall. Prints rows for `benchmarks/RESULTS.md`. The PostgreSQL server must run with
fsync on, or its row says that it did not.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from row import row
from sqlalchemy import create_engine, text

from manufold.model.ports import Batch, Booking, NewEvent, StoredEvent
from manufold.store import SqlStore, open_store
from manufold.store.engine import made_url

SEATS = 40
GROUP = 100
THREADS = 32


def project(
    event: StoredEvent, get: Callable[[str, str], Mapping[str, Any] | None]
) -> dict[tuple[str, str], Mapping[str, Any] | None]:
    """Fold one small document per stream."""
    return {("order", event.stream): {"seq": event.seq, "pieces": event.data["pieces"]}}


def batches() -> Iterator[Batch]:
    """Yield batches without end; no two get in each other's way."""
    for n in count():
        start_s = 600 * (n // SEATS)
        event = NewEvent(
            f"order:{n}",
            "OrderAccepted",
            1,
            {"pieces": n % 50, "option": "fast", "blob": "blb_0ABCDEFGHJ_K1MNPQRSTVWXYZ01"},
            n,
            "acme/buyer",
        )
        claim = Booking(
            f"b{n}",
            f"mill-{n % SEATS}",
            0,
            start_s,
            start_s + 600,
            f"job:{n}",
            f"order:{n}",
            "firm",
        )
        yield Batch((event,), {f"order:{n}": 0}, (claim,))


def rate_of(store: SqlStore, seconds: float, way: str, source: Iterator[Batch]) -> float:
    """Return acknowledged events a second."""
    before = store.head().seq
    began_s = time.perf_counter()
    until_s = began_s + seconds
    gate = threading.Lock()

    def single() -> None:
        while time.perf_counter() < until_s:
            with gate:
                batch = next(source)
            store.append(batch)

    if way == "grouped":
        while time.perf_counter() < until_s:
            store.append_many([next(source) for _ in range(GROUP)])
    elif way == "crowd":
        crowd = [threading.Thread(target=single) for _ in range(THREADS)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
    else:
        single()
    return (store.head().seq - before) / (time.perf_counter() - began_s)


def measured(where: str | Path, seconds: float) -> list[float]:
    """Return the rates of one database: single, grouped, crowd."""
    store = open_store(where, "sim", project, busy_s=30)
    source = batches()
    rate_of(store, 0.5, "single", source)
    rates = [rate_of(store, seconds, way, source) for way in ("single", "grouped", "crowd")]
    faults = sum(1 for _ in store.read()) - store.head().seq
    assert faults == 0
    store.close()
    return rates


def server_of(url: str) -> str:
    """Return what makes a PostgreSQL row comparable: its version and whether it really syncs."""
    engine = create_engine(made_url(url))
    with engine.connect() as connection:
        shown = [
            connection.execute(text(f"show {name}")).scalar()
            for name in ("server_version", "fsync")
        ]
    engine.dispose()
    return f"PostgreSQL {str(shown[0]).split()[0]}, fsync {shown[1]}"


def _told(name: str, rates: list[float]) -> str:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
    return row(f"{name} (load {load})", *(f"{rate:,.0f}" for rate in rates))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--postgres", metavar="URL", help="of an empty database")
    given = parser.parse_args()
    print("durable events/s: one event, one booking, one view per append")
    print(
        f"| date | commit | machine | database | single | groups of {GROUP} | {THREADS} threads |"
    )
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=os.environ.get("MANUFOLD_BENCH_DIR")) as folder:
        name = "SQLite, WAL, synchronous full"
        print(_told(name, measured(Path(folder) / "store.db", given.seconds)), flush=True)
    if given.postgres:
        print(_told(server_of(given.postgres), measured(given.postgres, given.seconds)))


if __name__ == "__main__":
    main()
