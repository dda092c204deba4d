"""Drafts every garment for all 6,068 people of ANSUR II, checks each, and prints what passed.

Run `MANUFOLD_TEST_DATA=... python benchmarks/draft_all.py [--every N] [--garment NAME]`. The
survey measured one side; so that left and right differ, each person's left shoulder, arm and leg
are changed by up to 3 degrees, 10 mm and 8 mm, from a seeded generator. CPU time is reported, of
the draft alone and of the checks, which are separate code. Each fit is drawn by a third of them.
"""

import argparse
import csv
import gzip
import io
import os
import sys
from collections import Counter
from pathlib import Path
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from manufold.design.garment.pattern.checks import faults
from manufold.design.garment.pattern.fit import fit
from manufold.design.garment.pattern.person import from_ansur, person
from manufold.design.garment.pattern.publishing import asked, published
from manufold.model.errors import ManufoldError

FITS = ("slim", "regular", "relaxed")
TABLES = ("ANSUR_II_MALE_Public.csv.gz", "ANSUR_II_FEMALE_Public.csv.gz")


def rows(folder: Path) -> list[dict[str, str]]:
    """Return everybody of both tables."""
    found: list[dict[str, str]] = []
    for name in TABLES:
        text = gzip.decompress((folder / name).read_bytes()).decode("latin-1")
        found += csv.DictReader(io.StringIO(text))
    return found


def uneven(measures: dict[str, float], chance: np.random.Generator) -> dict[str, float]:
    """Return the measures with a left side of its own."""
    off = chance.uniform(-1, 1, 3)
    slope = measures["shoulder_slope_left_deg"] + 3 * off[0]
    return measures | {
        "shoulder_slope_left_deg": min(max(slope, 5.0), 40.0),
        "arm_length_left_mm": measures["arm_length_left_mm"] + 10 * off[1],
        "outside_leg_length_left_mm": measures["outside_leg_length_left_mm"] + 8 * off[2],
    }


def main() -> int:
    """Draft and check; return 1 when anything failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1, help="draft each so-many-th person")
    parser.add_argument("--garment", choices=sorted(published()))
    parser.add_argument("--option", action="append", default=[], metavar="NAME=CHOICE")
    chosen = parser.parse_args()
    extra = dict(text.split("=", 1) for text in chosen.option)
    folder = Path(os.environ["MANUFOLD_TEST_DATA"]) / "garment" / "ansur2"
    everybody = rows(folder)
    failed = 0
    for name, garment in published().items():
        if chosen.garment not in (None, name):
            continue
        drafted_s, checked_s, why, passed, tight = [], [], Counter(), 0, 0
        chance = np.random.default_rng(20261123)
        for at, row in enumerate(everybody):
            measures = uneven(from_ansur(row), chance)
            if at % chosen.every:
                continue
            try:
                begun = process_time()
                body = person(measures)
                options = {"fit": FITS[at % 3]} | extra
                pattern = garment.draft(asked(garment, body, options))
                drawn = process_time()
                found = faults(pattern)
                checked_s.append(process_time() - drawn)
                drafted_s.append(drawn - begun)
            except (ManufoldError, AssertionError) as fault:
                why[f"refused: {fault!s:.90}"] += 1
                print(name, at, repr(fault)[:200], file=sys.stderr)
                continue
            passed += not found
            tight += any(girth.ease_mm < 0 for girth in fit(pattern))
            for fault in found:
                why[fault.reason.code + " " + fault.where] += 1
            if found:
                said = [(f.where, f.reason.code, dict(f.reason.params)) for f in found[:2]]
                print(name, at, options["fit"], said, file=sys.stderr)
        asked_for = len(range(0, len(everybody), chosen.every))
        failed += asked_for - passed
        p50, p95 = np.percentile(drafted_s, (50, 95)) * 1e3
        check = np.percentile(checked_s, 50) * 1e3
        print(
            f"{name:9} {passed} of {asked_for} pass; draft ms p50 {p50:.1f} p95 {p95:.1f} max "
            f"{1e3 * max(drafted_s):.1f}; check ms p50 {check:.1f}; {tight} tighter than the body"
        )
        for reason, count in why.most_common(8):
            print("   ", count, reason)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
