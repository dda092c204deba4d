"""Offers and reads over HTTP, on the client's clock, against a real `manufold serve`, warm.

    MANUFOLD_TEST_DATA=... python benchmarks/over_http.py [--people 200] [--seed 1]

The server is a process of its own on the demo network with its backlog. Parts: every STEP, STL and
3MF file of the public test data, quantity 10. People: rows of the ANSUR II tables, drawn by the
seed, half women, one shirt each. Reads: one order, by 1 client and by 8 at once.
"""

import argparse
import csv
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import httpx
from row import row

from manufold.app import use_network
from manufold.demo import demo_network_path

KINDS = (".step", ".stp", ".stl", ".3mf")
#: limits are there for strangers, not for this
UNLIMITED = {
    "MANUFOLD_REQUESTS_PER_MINUTE": "1000000",
    "MANUFOLD_REQUESTS_BURST": "1000000",
    "MANUFOLD_HOLDS_PER_PARTY": "1000000",
}


def main() -> None:
    """Measure and print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--read-s", type=float, default=5)
    told = parser.parse_args()
    data = os.environ.get("MANUFOLD_TEST_DATA")
    if not data:
        sys.exit("MANUFOLD_TEST_DATA is not set: the public test data are needed")
    folder = Path(tempfile.mkdtemp(prefix="over-http-"))
    try:
        use_network(folder / "home", demo_network_path(), world="sim", backlog=True)
        key = manufold_json(
            "key", "make", "--party", "demo-buyer", "--role", "buyer", home=folder / "home"
        )["key"]
        with served_process(folder / "home") as (url, _pid), client(url, key) as http:
            demo = Path(__file__).parents[1] / "src/manufold/design/part/demo/bracket.step"
            offer_id = offered(http, demo.name, demo.read_bytes())[1]["offer_id"]
            parts = sorted(p for p in Path(data, "parts").rglob("*") if p.suffix.lower() in KINDS)
            report("parts", [offered(http, p.name, p.read_bytes(), 10) for p in parts])
            people = list(ansur(Path(data), told.people, told.seed))
            report("people", [offered(http, name, content) for name, content in people])
            order_id = accepted(http, offer_id)
            for clients in (1, 8):
                reads(url, key, order_id, clients, told.read_s)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def manufold_json(*arguments: str, home: Path) -> dict:
    """Return what a command answers."""
    command = [sys.executable, "-m", "manufold", *arguments, "--home", str(home), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@contextmanager
def served_process(home: Path) -> Iterator[tuple[str, int]]:
    """Serve a home in a process of its own; give its address and the process's number."""
    command = [sys.executable, "-m", "manufold", "serve", "--port", "0", "--json"]
    server = subprocess.Popen(
        [*command, "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | UNLIMITED,
    )
    try:
        yield json.loads(server.stdout.readline())["url"], server.pid
    finally:
        server.terminate()
        server.wait(20)


def client(url: str, key: str) -> httpx.Client:
    """Return a client that acts by a key."""
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60)


def offered(http: httpx.Client, name: str, content: bytes, quantity: int = 1) -> tuple[float, dict]:
    """Ask for an offer; return seconds on this clock and the answer."""
    began = perf_counter()
    answer = http.post(
        "/v1/offers", files={"files": (name, content)}, data={"quantity": str(quantity)}
    )
    seconds = perf_counter() - began
    if answer.status_code >= 500 or answer.status_code == 429:
        sys.exit(f"{name}: HTTP {answer.status_code} {answer.text[:400]}")
    return seconds, {"status": answer.status_code, **answer.json()}


def accepted(http: httpx.Client, offer_id: str) -> str:
    """Accept the cheap option of an offer; return the order."""
    answer = http.post(f"/v1/offers/{offer_id}/accept", json={"option": "cheap"})
    answer.raise_for_status()
    return answer.json()["order_id"]


def ansur(data: Path, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield rows of the public tables as files of their own, drawn by the seed."""
    dice = random.Random(seed)
    folder = data / "garment" / "ansur2"
    for table, share in (("FEMALE", count // 2), ("MALE", count - count // 2)):
        raw = gzip.decompress((folder / f"ANSUR_II_{table}_Public.csv.gz").read_bytes())
        rows = list(csv.reader(io.StringIO(raw.decode("latin-1"))))
        for place in dice.sample(range(1, len(rows)), share):
            text = io.StringIO()
            csv.writer(text).writerows([rows[0], rows[place]])
            yield f"{table.lower()}-{place}.csv", text.getvalue().encode()


def report(what: str, answers: list[tuple[float, dict]]) -> None:
    """Print one row: offers and refusals apart."""
    good = [seconds for seconds, answer in answers if answer["status"] < 300]
    for _seconds, answer in answers:
        if answer["status"] >= 300:
            print(f"refused  {answer.get('detail', answer)}"[:160])
    cuts = quantiles(good, n=20)
    refused = len(answers) - len(good)
    print(
        row(
            f"{what}: {len(good)} offers, {refused} refused",
            f"{cuts[9]:.2f} s",
            f"{cuts[18]:.2f} s",
            f"{max(good):.2f} s",
        ),
        flush=True,
    )


def reads(url: str, key: str, order_id: str, clients: int, span_s: float) -> None:
    """Print how often an order is read in a second."""
    counts = [0] * clients
    worst_s = [0.0] * clients
    end = perf_counter() + span_s

    def read(number: int) -> None:
        with client(url, key) as http:
            while (began := perf_counter()) < end:
                http.get(f"/v1/orders/{order_id}").raise_for_status()
                worst_s[number] = max(worst_s[number], perf_counter() - began)
                counts[number] += 1

    began = perf_counter()
    threads = [threading.Thread(target=read, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(counts) / (perf_counter() - began)
    print(row(f"reading an order, {clients} clients", f"{rate:.0f}/s", f"{max(worst_s):.3f} s"))


if __name__ == "__main__":
    main()
