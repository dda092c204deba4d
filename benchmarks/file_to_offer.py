"""From file to offer: p50 and p95 with the time per stage, on all public test parts, warm.

    MANUFOLD_TEST_DATA=... python benchmarks/file_to_offer.py [--times 1]

Every STEP, STL and 3MF file is offered on the demo network with its backlog, the worker warm and
the kernels compiled. Files that are rightly refused (a 67 m part) are counted apart.
"""

import argparse
import os
import shutil
import sys
import tempfile
from importlib.resources import files as resources
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from row import row

from manufold.app import open_home, use_network
from manufold.demo import demo_network_path
from manufold.design.contract import InputFile
from manufold.model.errors import ManufoldError


def main() -> None:
    """Offer every file and print a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1)
    told = parser.parse_args()
    data = os.environ.get("MANUFOLD_TEST_DATA")
    if not data:
        sys.exit("MANUFOLD_TEST_DATA is not set: the public test parts are needed")
    kinds = (".step", ".stp", ".stl", ".3mf")
    parts = sorted(p for p in Path(data, "parts").rglob("*") if p.suffix.lower() in kinds)
    home = Path(tempfile.mkdtemp(prefix="file-to-offer-"))
    stages: dict[str, list[float]] = {}
    refused: list[str] = []
    try:
        use_network(home / "home", demo_network_path(), world="sim", backlog=True)
        with open_home(home / "home") as m:
            warm = resources("manufold.design.part") / "demo" / "bracket.step"
            m.offer(InputFile("bracket.step", warm.read_bytes()))
            for part in parts * told.times:
                began = perf_counter()
                try:
                    quoted = m.offer(part, quantity=10)
                except ManufoldError as refusal:
                    seconds = perf_counter() - began
                    refused.append(f"{part.name}: {refusal} ({seconds:.2f} s)")
                    continue
                for name, seconds in quoted.stages_s.items():
                    stages.setdefault(name, []).append(seconds)
                print(f"{part.name}: {quoted.stages_s['total']:.2f} s", flush=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for line in refused:
        print(f"refused  {line}")
    for name, found in stages.items():
        cuts = quantiles(found, n=20)
        print(f"{name:8} p50 {cuts[9]:.3f} s  p95 {cuts[18]:.3f} s  max {max(found):.3f} s")
    total = stages["total"]
    cuts = quantiles(total, n=20)
    read = quantiles(stages["read"], n=20)
    promise = quantiles(stages["promise"], n=20)
    print(
        row(
            f"{len(total)} offers, {len(refused)} refused",
            f"{cuts[9]:.2f} s",
            f"{cuts[18]:.2f} s",
            f"{max(total):.2f} s",
            f"read {read[9]:.2f}/{read[18]:.2f}, promise {promise[9]:.2f}/{promise[18]:.2f} s",
        )
    )


if __name__ == "__main__":
    main()
