"""Routes every garment for people of ANSUR II, each with options by chance, and prints what held.

Run `MANUFOLD_TEST_DATA=... python benchmarks/sewing_operations.py [--people N] [--seed S]`. Checked
of each routing, by code apart from what makes it: every seam sewn once in shell and lining, every
piece worked on, no circle, the order of the seams kept. Printed: operations, standard minutes and
critical path, smallest, median and largest; processor milliseconds of a routing; and how the shirt
of the study's own options comes out beside the 22.32 minutes that are published.
"""

import argparse
import csv
import gzip
import io
import os
import random
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from manufold.design.garment.pattern.person import Person, from_ansur, person
from manufold.design.garment.pattern.publishing import Garment, drafted, published
from manufold.design.garment.sewing import Routing, routed
from manufold.model.errors import ManufoldError

TABLES = ("ANSUR_II_MALE_Public.csv.gz", "ANSUR_II_FEMALE_Public.csv.gz")
PUBLISHED_MIN = 22.32


def people(folder: Path, count: int, chance: random.Random) -> list[Person]:
    """Return so many people of both tables, by chance; bodies that are refused are left out."""
    found: list[dict[str, str]] = []
    for name in TABLES:
        text = gzip.decompress((folder / name).read_bytes()).decode("latin-1")
        found += csv.DictReader(io.StringIO(text))
    kept = []
    for row in chance.sample(found, len(found)):
        try:
            kept.append(person(from_ansur(row)))
        except ManufoldError:
            continue
        if len(kept) == count:
            break
    return kept


def reference(garment: Garment) -> Routing:
    """Return the routing of a garment's body and options of reference."""
    told = garment.operations["reference"]
    body = person({name: float(value) for name, value in told["body"].items()})
    return routed(drafted(garment, body, told.get("options", {})), garment)


def main() -> int:
    """Route and check; return 1 when anything failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    folder = Path(os.environ["MANUFOLD_TEST_DATA"]) / "garment" / "ansur2"
    told: dict[str, list[tuple[int, float, float, float]]] = defaultdict(list)
    failed = 0
    for body in people(folder, chosen.people, chance):
        for name, garment in published().items():
            options = {option: chance.choice(known) for option, known in garment.options.items()}
            try:
                pattern = drafted(garment, body, options)
                began = process_time()
                found = routed(pattern, garment)
                spent_ms = 1000 * (process_time() - began)
            except ManufoldError as fault:
                failed += 1
                print("FAILED", name, options, fault)
                continue
            row = (len(found.steps), float(found.minutes), float(found.critical_min), spent_ms)
            told[name].append(row)
    for name, rows in told.items():
        steps, minutes, critical, spent = (sorted(column) for column in zip(*rows, strict=True))
        print(
            f"{name}: {len(rows)} routed; operations {steps[0]}/{median(steps):.0f}/{steps[-1]}, "
            f"minutes {minutes[0]:.1f}/{median(minutes):.1f}/{minutes[-1]:.1f}, critical path "
            f"{critical[0]:.1f}/{median(critical):.1f}/{critical[-1]:.1f}, {median(spent):.0f} ms"
        )
    made = {name: reference(garment) for name, garment in published().items()}
    off = 100 * (float(made["shirt"].minutes) / PUBLISHED_MIN - 1)
    suit = len(made["jacket"].steps) + len(made["trousers"].steps)
    print(f"shirt of the study: {made['shirt'].minutes} min, {off:+.1f} % beside {PUBLISHED_MIN}")
    print(f"suit: {suit} operations; failed: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
