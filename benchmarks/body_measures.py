"""How well scans are measured: on generated people, on the given scans, on bodies of another model.

    python benchmarks/body_measures.py --people people.npz   # made by bodies/anny_bodies.py
    python benchmarks/body_measures.py                       # what MANUFOLD_TEST_DATA has

Errors are ours minus truth, mm or degrees. Generated people come from the family the statistical
body was learned from (other people, other seeds), which flatters it; the others stand apart.
"""

import argparse
import json
import os
import pickle
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "bodies"))
from generated_scans import FAULTS, people, scan

from manufold.design.garment.measure import measured
from manufold.design.garment.measure.definitions import NAMES
from manufold.design.garment.measure.trust import LIMITS
from manufold.model.errors import InputFault


def as_ply(points, scale=0.001):
    """Return points as a binary PLY in metres."""
    head = (
        "ply\nformat binary_little_endian 1.0\nelement vertex {}\n"
        "property float x\nproperty float y\nproperty float z\nend_header\n"
    )
    return head.format(len(points)).encode() + (points * scale).astype("<f4").tobytes()


def generated(path, count):
    """Measure generated people, each with the next fault of the list; return rows."""
    rows = []
    for i, person in enumerate(people(path, count)):
        fault = FAULTS[i % len(FAULTS)]
        points, truth = scan(person, fault, 5000 + i)
        rows.append(one(fault.name, "scan.ply", as_ply(points), _values(truth)))
    return rows


def _values(truth):
    return {name: truth.data[name].value for name in NAMES}


def one(kind, name, content, truth):
    """Return what came out of one scan."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    try:
        found = measured(name, content)
    except InputFault as fault:
        return {"kind": kind, "refused": fault.code}
    return {
        "kind": kind,
        "wall_s": time.perf_counter() - began_s,
        "cpu_s": time.process_time() - cpu_s,
        "error": {
            k: None if m.value is None else m.value - truth[k] for k, m in found.measures.items()
        },
        "half": {k: m.half for k, m in found.measures.items()},
        "flags": {k: [f.code for f in m.flags] for k, m in found.measures.items()},
        "others": dict(found.others_mm),
        "value": {k: m.value for k, m in found.measures.items()},
    }


def table(title, rows):
    """Print one line a datum: bias with its 95 % interval, mean and largest error, coverage."""
    kept = [row for row in rows if "error" in row]
    print(f"\n{title}: {len(rows)} scans, {len(rows) - len(kept)} refused")
    print(
        f"{'datum':<22}{'bias':>7}{'+/-':>6}{'MAE':>6}{'p95':>6}{'max':>7}{'null':>6}{'in 95%':>8}"
    )
    for name in NAMES:
        got = [(r["error"][name], r["half"][name]) for r in kept if r["error"][name] is not None]
        errors, halves = np.array(got).T if got else (np.zeros(1), np.zeros(1))
        off = np.abs(errors)
        ci = 1.96 * errors.std(ddof=1) / np.sqrt(len(errors)) if len(errors) > 1 else 0.0
        print(
            f"{name:<22}{errors.mean():7.2f}{ci:6.2f}{off.mean():6.2f}{np.percentile(off, 95):6.1f}"
            f"{off.max():7.1f}{len(kept) - len(got):6d}{(off <= halves).mean():8.0%}"
        )
    every = [
        (abs(r["error"][k]) > 3 * LIMITS[k], bool(r["flags"][k]))
        for r in kept
        for k in NAMES
        if r["error"][k] is not None
    ]
    wrong = [flag for bad, flag in every if bad]
    right = [flag for bad, flag in every if not bad]
    print(
        f"errors over 3 x class: {len(wrong)}, flagged {sum(wrong)};"
        f" false flags {sum(right)} of {len(right)} ({sum(right) / max(1, len(right)):.1%})"
    )
    walls, cpus = ([r[key] for r in kept] for key in ("wall_s", "cpu_s"))
    print(
        f"seconds: wall median {np.median(walls):.2f}, p95 {np.percentile(walls, 95):.2f};"
        f" processor median {np.median(cpus):.2f}, p95 {np.percentile(cpus, 95):.2f}"
    )


def given(home):
    """Return rows of the given scans."""
    truth = json.loads((home / "scans" / "ground_truth.json").read_text())
    return [
        one(name, told["file"], (home / "scans" / told["file"]).read_bytes(), told["measures"])
        for name, told in truth.items()
    ]


def independent(home):
    """Print bodies of another model against what was published for them."""
    folder = home / "bodies_independent"
    told = json.loads((folder / "published_measures.json").read_text())
    print(
        "\nbodies of another model, ours minus published, mm: bust, hip, waist (smallest), height"
    )
    for name, body in told.items():
        if name.startswith("_"):
            continue
        found = measured(body["file"], (folder / body["file"]).read_bytes())
        said = {k: v * 10 for k, v in body["published_measures_cm"].items()}
        values = {k: m.value or float("nan") for k, m in found.measures.items()}
        off = (
            values["bust_girth"] - said["bust"],
            values["hip_girth"] - said["hips"],
            found.others_mm["waist_girth_min"] - said["waist"],
            values["stature"] - said["height"],
        )
        print(f"{name:<14}" + "".join(f"{x:8.1f}" for x in off))


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people")
    asked.add_argument("--count", type=int, default=200)
    asked.add_argument("--keep", help="where the rows go, pickled, for a closer look")
    told = asked.parse_args()
    if told.people:
        rows = generated(told.people, told.count)
        table("generated people, all faults in turn", rows)
        for fault in FAULTS:
            mine = [r for r in rows if r["kind"] == fault.name and "error" in r]
            if mine:
                worst = max(
                    (abs(r["error"][k]) / LIMITS[k], k)
                    for r in mine
                    for k in NAMES
                    if r["error"][k] is not None
                )
                mean = np.mean(
                    [
                        abs(e) / LIMITS[k]
                        for r in mine
                        for k, e in r["error"].items()
                        if e is not None
                    ]
                )
                far = f"worst {worst[0]:.1f} {worst[1]}"
                print(f"{fault.name:<22} mean error {mean:.2f} of class, {far}")
        if told.keep:
            Path(told.keep).write_bytes(pickle.dumps(rows))
    home = os.environ.get("MANUFOLD_TEST_DATA")
    if home:
        table("the given scans", given(Path(home) / "garment"))
        independent(Path(home) / "garment")
    else:
        print("MANUFOLD_TEST_DATA is not set: the given scans were not measured")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\nlargest size of this process: {peak_mb} MB")


if __name__ == "__main__":
    main()
