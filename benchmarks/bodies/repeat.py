"""How far the data of one body wander from scan to scan of it.

    MANUFOLD_TEST_DATA=... python benchmarks/bodies/repeat.py
    MANUFOLD_TEST_DATA=... python benchmarks/bodies/repeat.py --copies 10 --keep rows.pkl

Each given scan and each body of another model is copied: noise of 0 to 2 mm (its size drawn anew
for every copy) on top of the scan's own, turned about the vertical, thinned to 60 to 100 % of its
points (never below the 20,000 that are asked for). Printed is the standard deviation of each datum
over the copies of one body.
"""

import argparse
import json
import os
import pickle
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from body_measures import as_ply

from manufold.design.garment.measure import measured
from manufold.design.garment.measure.clouds import POINTS_LEAST, cloud
from manufold.design.garment.measure.definitions import NAMES
from manufold.design.garment.measure.standing import standing

#: what the standard deviation may be, mm; slopes, which are no lengths, in degrees
GIRTH_MM, LENGTH_MM, SLOPE_DEG = 2.0, 3.0, 1.0


def bodies(home):
    """Return name -> points in mm, z up, of the given scans and of the bodies of another model."""
    found = {}
    for folder, index in (
        ("scans", "ground_truth.json"),
        ("bodies_independent", "published_measures.json"),
    ):
        for name, told in json.loads((home / folder / index).read_text()).items():
            if name.startswith("_"):
                continue
            content = (home / folder / told["file"]).read_bytes()
            read = cloud(told["file"], content)
            up = standing(read.points)
            factor = {"m": 1000.0, "cm": 10.0, "mm": 1.0}[up.unit]
            found[name] = read.points[:, list(up.order)] * factor
    return found


def copy(points, rng, noise_mm=None):
    """Return one more scan of the same body."""
    noise_mm = rng.uniform(0.0, 2.0) if noise_mm is None else noise_mm
    count = max(POINTS_LEAST, int(rng.uniform(0.6, 1.0) * len(points)))
    kept = points[rng.permutation(len(points))[:count]]
    away = rng.normal(size=kept.shape)  # along the line of sight, which may run anywhere
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    kept = kept + away * rng.normal(0.0, noise_mm, (count, 1))
    angle = rng.uniform(-np.pi, np.pi)
    c, s = np.cos(angle), np.sin(angle)
    return kept @ np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]).T


def limit(name):
    """Return the standard deviation a datum may have."""
    return GIRTH_MM if "girth" in name else SLOPE_DEG if "slope" in name else LENGTH_MM


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--copies", type=int, default=10)
    asked.add_argument("--noise", type=float, help="mm, instead of one drawn for each copy")
    asked.add_argument("--seed", type=int, default=17)
    asked.add_argument("--only")
    asked.add_argument("--keep", help="where the values go, pickled")
    told = asked.parse_args()
    spreads, values, cpus = {}, {}, []
    for name, points in bodies(Path(os.environ["MANUFOLD_TEST_DATA"]) / "garment").items():
        if told.only and told.only not in name:
            continue
        rng = np.random.default_rng(told.seed)
        rows = []
        for _ in range(told.copies):
            content = as_ply(copy(points, rng, told.noise))
            began_s = time.process_time()
            found = measured("copy.ply", content)
            cpus.append(time.process_time() - began_s)
            rows.append([found.measures[k].value for k in NAMES])
        values[name] = np.array(rows, dtype=float)
        spreads[name] = np.nanstd(values[name], axis=0, ddof=1)
    print(f"{'datum':<22}" + "".join(f"{name:>13}" for name in spreads) + f"{'limit':>8}")
    beyond = 0
    for k, datum in enumerate(NAMES):
        row = [spread[k] for spread in spreads.values()]
        over = sum(value > limit(datum) for value in row)
        beyond += over
        print(
            f"{datum:<22}"
            + "".join(f"{value:13.2f}" for value in row)
            + f"{limit(datum):8.1f}"
            + ("  beyond" if over else "")
        )
    many = sum(len(spread) for spread in spreads.values())
    print(f"beyond their limit: {beyond} of {many}")
    print(f"processor: median {np.median(cpus):.2f} s, 95 % below {np.percentile(cpus, 95):.2f} s")
    if told.keep:
        Path(told.keep).write_bytes(pickle.dumps(values))


if __name__ == "__main__":
    main()
