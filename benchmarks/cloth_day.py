"""A day of made-to-measure orders on shared cloth: one by one, by four, planned; RESULTS.md rows.

`python3 run.py bench cloth_day [--seconds 70] [--seeds 1] [--orders 40]`. People are drawn by seed
from the ANSUR II tables; 28 of 40 want a shirt of one of two poplins, 12 trousers of one twill,
due over the day. All three plans get the same seconds on all cores, for laying their markers with
the same nester; the planned one groups its orders within them. Every marker is judged by
`marker/overlaps.py`, every plan by `judge/cut_rules.py`. Cloth is told twice: as the pieces lie,
and with what is lost at the ends of each marker.
"""

import argparse
import csv
import gzip
import io
import os
import random
import time
from pathlib import Path

from row import row

from manufold.cli.bounded import cores
from manufold.design.garment.marker.together import LAYS
from manufold.design.garment.pattern.person import from_ansur
from manufold.judge.cut_rules import cut_violations
from manufold.model.cut_plan import CutDay, CutRules
from manufold.scheduling.cut_orders.placing import Placed, Placer
from manufold.services.cut_orders import (
    CutAsked,
    Room,
    Told,
    nests_of,
    planned_cut,
    read_cut,
    sized,
)
from manufold.workers.pool import KillablePool

HEAD = (
    "| date | commit | machine | orders | seed | plan | markers | laid m | with ends m | saved % "
)
HEAD += "laid, with ends | late | s |"
ROLLS = """roll,cloth,width_mm,length_mm,shade,flaws,price
W1,white poplin,1450,30000,w1,,9
W2,white poplin,1450,24000,w2,9000-9100,9
B1,blue poplin,1450,28000,b1,,10
B2,blue poplin,1450,12000,b1,,10
T1,grey twill,1450,26000,t1,14000-14200,14
T2,grey twill,1450,14000,t2,,14
"""
RULES = CutRules(ends_mm=20.0, setup_s=180, metre_spread_s=20.0, metre_cut_s=5.0, usable_mm=1500.0)
ROOM = Room(1, 8_000.0, ((8 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)), RULES, 2.0)


def main() -> None:
    """Cut what the arguments ask for three times, and print rows."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=70.0)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--orders", type=int, default=40)
    parser.add_argument("--only", default="alone,four,planned")
    parser.add_argument("--write", default="", help="folder for the two tables; nothing is cut")
    told = parser.parse_args()
    print(HEAD)
    print("|---" * 12 + "|", flush=True)
    for seed in map(int, told.seeds.split(",")):
        orders = orders_of(told.orders, seed)
        if told.write:
            Path(told.write, "orders.csv").write_text(orders)
            Path(told.write, "rolls.csv").write_text(ROLLS)
            continue
        asked = read_cut(
            Told("orders.csv", orders.encode()), Told("rolls.csv", ROLLS.encode()), ROOM, LAYS
        )
        alone = (0.0, 0.0)
        for plan in told.only.split(","):
            began_s = time.monotonic()
            placed, note = _cut(asked, plan, told.seconds, seed)
            took_s = time.monotonic() - began_s
            laid = sum(marker.laid_mm for marker in placed.markers) / 1000
            ends = sum(marker.to_mm - marker.from_mm for marker in placed.markers) / 1000
            alone = (laid, ends) if plan == "alone" else alone
            saved = "-"
            if alone[0] and plan != "alone":
                saved = ", ".join(
                    f"{100 * (1 - a / b):.1f}" for a, b in zip((laid, ends), alone, strict=True)
                )
            left = sum(map(len, placed.homeless))
            late = f"{len(placed.late_s)}" + (f" +{left} left out" if left else "")
            print(
                row(
                    told.orders,
                    seed,
                    plan + note,
                    len(placed.markers),
                    f"{laid:.2f}",
                    f"{ends:.2f}",
                    saved,
                    late,
                    f"{took_s:.0f}",
                ),
                flush=True,
            )


def orders_of(count: int, seed: int) -> str:
    """Return a table of orders of people of the public survey."""
    people = _people(count, seed)
    dice = random.Random(seed)
    text = io.StringIO()
    names = sorted(people[0])
    writer = csv.writer(text)
    writer.writerow(["order", "garment", "cloth", "due", "choose", *names])
    for number, values in enumerate(people, 1):
        trousers = number % 10 in (3, 6, 9)
        garment = "trousers" if trousers else "shirt"
        cloth = "grey twill" if trousers else dice.choice(("white poplin", "blue poplin"))
        due = 10 * 60 + 15 * dice.randrange(0, 29)  # 10:00 to 17:00
        fit = dice.choice(("regular", "slim", "relaxed"))
        writer.writerow(
            [f"A{number:02d}", garment, cloth, f"{due // 60:02d}:{due % 60:02d}", f"fit={fit}"]
            + [f"{values[name]:.1f}" for name in names]
        )
    return text.getvalue()


def _people(count: int, seed: int) -> list[dict[str, float]]:
    data = os.environ.get("MANUFOLD_TEST_DATA")
    folder = Path(data or "", "garment", "ansur2")
    if not data or not folder.is_dir():
        raise SystemExit("set MANUFOLD_TEST_DATA to the folder of public data; it holds garment/")
    rows = []
    for sex in ("FEMALE", "MALE"):
        with gzip.open(folder / f"ANSUR_II_{sex}_Public.csv.gz", "rt", encoding="latin-1") as file:
            rows += list(csv.DictReader(file))
    return [from_ansur(one) for one in random.Random(seed).sample(rows, count)]


def _cut(asked: CutAsked, plan: str, seconds: float, seed: int) -> tuple[Placed, str]:
    """Return a judged plan, and what else is to be said."""
    began_s = time.monotonic()
    pool = KillablePool(cores())

    def spent_s() -> float:
        return time.monotonic() - began_s

    try:
        if plan == "planned":
            found = planned_cut(
                asked,
                LAYS,
                pool,
                seconds=seconds,
                spent_s=spent_s,
                workers=cores(),
                seed=seed,
                compare=False,
            )
            error = f" (estimates {100 * found.estimate_error:.1f} % off)"
            return _judged(asked.day, found.placed), error
        nests = nests_of(asked, LAYS, pool, spent_s, cores())
        began_s = time.monotonic()
        groups = sized(asked.day, nests, {"alone": 1, "four": 4}[plan], seconds, seed)
        return _judged(asked.day, Placer(asked.day, nests.length_mm).placed(groups)), ""
    finally:
        pool.close()


def _judged(day: CutDay, placed: Placed) -> Placed:
    if not placed.homeless:
        wrong = cut_violations(day, placed.markers, placed.late_s)
        if wrong:
            raise SystemExit(f"the plan breaks rules: {wrong[:3]}")
    return placed


if __name__ == "__main__":
    main()
