"""Markers: `manufold nest` beside its solver alone; rows for RESULTS.md.

`python3 run.py bench nesting [--seconds 30] [--seeds 1,2,3] [--only swim,shirts]
[--solvers ours,alone]` lays the public instances with both, one after the other, each in processes
of its own with all cores; every layout is judged by `marker/overlaps.py`. `of best` is to the best
published density (best_known.json, read here and nowhere else). Time is that of the whole command,
start of Python included.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from row import row

from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.strip import Layout, Placement
from manufold.design.garment.marker.strip_file import read_strip

ALONE = """
import json, sys, spyrrow
told, seconds, seed = json.load(open(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
items = [
    spyrrow.Item(str(i["id"]), [tuple(p) for p in i["shape"]["data"]], i["demand"],
                 i["allowed_orientations"])
    for i in told["items"]
]
found = spyrrow.StripPackingInstance("alone", told["strip_height"], items).solve(
    spyrrow.StripPackingConfig(early_termination=False, total_computation_time=seconds,
                               num_workers=int(sys.argv[5]), seed=seed))
laid = [
    dict(item=int(p.id), rotation_deg=p.rotation, x=p.translation[0], y=p.translation[1])
    for p in found.placed_items
]
told = {"density": found.density, "width": found.width, "placements": laid}
json.dump(told, open(sys.argv[4], "w"))
"""
HEAD = "| date | commit | machine | instance | solver | s | density % by seed | median | of best |"


def main() -> None:
    """Lay what the arguments ask for, and print rows."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--only", default="swim,shirts,trousers,albano")
    parser.add_argument("--solvers", default="alone,ours")
    told = parser.parse_args()
    data = os.environ.get("MANUFOLD_TEST_DATA")
    if not data or not (Path(data) / "nesting").is_dir():
        raise SystemExit("set MANUFOLD_TEST_DATA to the folder of public data; it holds nesting/")
    folder = Path(data) / "nesting"
    best = json.loads((folder / "best_known.json").read_text())
    print(HEAD + " took |")
    print("|---" * 10 + "|", flush=True)
    for name in told.only.split(","):
        for solver in told.solvers.split(","):
            found, took = [], 0.0
            for seed in map(int, told.seeds.split(",")):
                density, one_s = _laid(folder / f"{name}.json", solver, told.seconds, seed)
                found.append(100 * density)
                took = max(took, one_s)
            median = statistics.median(found)
            each = " ".join(f"{density:.2f}" for density in found)
            share = f"{100 * median / best[name]['best_density_pct']:.2f} %"
            print(
                row(
                    name, solver, f"{told.seconds:g}", each, f"{median:.2f}", share, f"{took:.1f} s"
                ),
                flush=True,
            )


def _laid(file: Path, solver: str, seconds: float, seed: int) -> tuple[float, float]:
    """Return the density that a solver reached, and how long its command took."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "layout.json"
        if solver == "alone":
            command = [sys.executable, "-c", ALONE, str(file), str(round(seconds)), str(seed)]
            command += [str(out), str(os.cpu_count() or 1)]
        else:
            code = "import sys; from manufold.cli import main; sys.exit(main())"
            command = [sys.executable, "-c", code, "nest", str(file), "--seconds", f"{seconds:g}"]
            command += ["--seed", str(seed * 1000), "--out", str(out)]
        began_s = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took_s = time.monotonic() - began_s
        answer = json.loads(out.read_text())
    strip = read_strip(file.read_bytes())
    layout = Layout(answer["width"], tuple(Placement(**one) for one in answer["placements"]))
    wrong = faults(strip, layout)
    if wrong:
        raise SystemExit(f"{file.stem}, {solver}: {wrong[:3]}")
    return strip.density(answer["width"]), took_s


if __name__ == "__main__":
    main()
