"""From the file of a body scan to a binding offer, on the client's clock, by a warm server.

    MANUFOLD_TEST_DATA=... python benchmarks/scan_offer.py [--rounds 5] [--garments shirt,jacket]

A real `manufold serve` on the demo network with its backlog, one client, one scan after another:
each of the public test scans, for each garment, so many rounds, each with cloth that stretches a
little more, so that no marker is known from before. The first offer of each garment is told apart:
it drafts the reference body. The processor seconds are the server's with its workers.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import httpx
from over_http import client, manufold_json, served_process
from row import row

from manufold.app import use_network
from manufold.demo import demo_network_path

#: for workers to load what the server asked them to while nobody waits
WARM_S = 12.0


def main() -> None:
    """Measure and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--garments", default="shirt,trousers,jacket,dress")
    told = parser.parse_args()
    data = os.environ.get("MANUFOLD_TEST_DATA")
    if not data:
        sys.exit("MANUFOLD_TEST_DATA is not set: the public test data are needed")
    scans = sorted(Path(data, "garment", "scans").glob("*.ply.gz"))
    folder = Path(tempfile.mkdtemp(prefix="scan-offer-"))
    home = folder / "home"
    try:
        use_network(home, demo_network_path(), world="sim", backlog=True)
        key = manufold_json("key", "make", "--party", "demo-buyer", "--role", "buyer", home=home)
        with served_process(home) as (url, server), client(url, key["key"]) as http:
            time.sleep(WARM_S)
            for garment in told.garments.split(","):
                first = offered(http, scans[0], garment)
                began = cpu_s(server)
                took = [
                    offered(http, scan, garment, stretch)
                    for stretch in range(1, told.rounds + 1)
                    for scan in scans
                ]
                each_s = (cpu_s(server) - began) / len(took)
                report(garment, first, took, each_s)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def offered(http: httpx.Client, scan: Path, garment: str, stretch: int = 0) -> float:
    """Ask for an offer; return the seconds until it is there."""
    content = scan.read_bytes()
    asked = {"quantity": "1", "garment": garment, "stretch": str(stretch), "to": "EU-DE"}
    began = perf_counter()
    answer = http.post("/v1/offers", files={"files": (scan.name, content)}, data=asked)
    took_s = perf_counter() - began
    if answer.status_code >= 300:
        sys.exit(f"{scan.name}: HTTP {answer.status_code} {answer.text[:400]}")
    assert len(answer.json()["options"]) == 3
    return took_s


def report(garment: str, first_s: float, took: list[float], each_s: float) -> None:
    """Print one row."""
    p95 = quantiles(took, n=20)[18]
    figures = (f"{median(took):.2f} s", f"{p95:.2f} s", f"{max(took):.2f} s", f"{first_s:.2f} s")
    what = f"scan to offer: {garment}, {len(took)} offers"
    print(row(what, *figures, f"{each_s:.2f} processor s each"), flush=True)


def cpu_s(pid: int) -> float:
    """Return the processor seconds of a process and of all that it started, ended ones too."""
    return sum(_spent_s(one) for one in (pid, *_below(pid)))


def _below(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield int(child)
            yield from _below(int(child))


def _spent_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
