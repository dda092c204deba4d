"""Shops of the literature: we and our peers side by side; rows for RESULTS.md.

`python3 run.py bench scheduling` [--quick] [--only FAMILY,...] [--solvers manufold,cp-sat,...]
[--seconds 60] [--workers 2] [--seeds 1] [--again] [--rows FILE] runs every solver on every instance
with the same limit and cores, each in a process of its own that is killed well after its time, and
judges every schedule by the judge that knows no solver. Finished rows are kept in a file of JSON
lines, by machine, version (ours: the commit), instance, seconds, workers and seed, so that a run
that was broken off goes on where it was; `--again` measures anew. `--quick` takes one instance per
family for ten seconds. A peer that is not installed is said aloud and left out.

`gap` is to the best value published (bks.csv, read here and nowhere else), `ratio` to the plain
dispatching rules; memory is the peak of proportional set sizes of all processes of a run.
"""

import argparse
import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

from row import commit, machine, row
from scheduling_cases import CASES, Case, best_known, folder
from scheduling_peers import PEERS, version

from manufold.judge.shop_rules import shop_slots, shop_violations
from manufold.scheduling.shop.read import GOALS, read

HERE = Path(__file__).parent
#: a run is killed so long after its time, for those that do not listen to it
GRACE_S = 120.0
LOOK_S = 0.25
KEY = ("machine", "solver", "version", "instance", "form", "seconds", "workers", "seed")
HEAD = "| date | commit | machine | family | instance | solver | objective | bound | gap | ratio |"
HEAD += " took | memory |"


def main() -> None:
    """Measure what the arguments ask for, and print rows."""
    told = _arguments()
    kept = _kept(told.rows)
    cases = [case for case in CASES if not told.only or case.family in told.only.split(",")]
    if told.quick:
        cases = list({case.family: case for case in reversed(cases)}.values())[::-1]
    if not cases:
        raise SystemExit(f"no family of {told.only}; known: {', '.join({c.family for c in CASES})}")
    solvers = {name: _version(name) for name in told.solvers.split(",")}
    print(HEAD + "\n" + "|---" * HEAD.count(" | ") + "|---|", flush=True)
    for case in cases:
        reference = None
        for seed in range(1, told.seeds + 1):
            for solver, known in solvers.items():
                if known is None:
                    continue
                asked = {"machine": machine(), "solver": solver, "version": known}
                asked |= {"instance": case.name, "form": case.form, "seconds": told.seconds}
                asked |= {"workers": told.workers, "seed": seed}
                key = tuple(asked[name] for name in KEY)
                if key not in kept or told.again:
                    kept[key] = asked | _measured(case, asked)
                    with told.rows.open("a", encoding="utf-8") as opened:
                        opened.write(json.dumps(kept[key]) + "\n")
                if solver == "dispatch":
                    reference = kept[key]["objective"]
                print(_shown(case, kept[key], reference), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--solvers", default="dispatch,manufold,cp-sat,pyjobshop")
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--rows", type=Path, default=HERE / "scheduling_rows.jsonl")
    told = parser.parse_args()
    told.seconds = told.seconds or (10.0 if told.quick else 60.0)
    unknown = set(told.solvers.split(",")) - {"manufold", *PEERS}
    if unknown:
        raise SystemExit(f"no solver {', '.join(unknown)}; known: manufold, {', '.join(PEERS)}")
    return told


def _kept(rows: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the finished rows by their key; the last of a key counts."""
    if not rows.exists():
        return {}
    found = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines() if line]
    return {tuple(one[name] for name in KEY): one for one in found}


def _version(solver: str) -> str | None:
    if solver in {"manufold", "dispatch"}:
        return commit()
    try:
        return version(solver)
    except PackageNotFoundError as fault:
        print(f"{solver} is left out: {fault}; `pip install manufold[bench]`", file=sys.stderr)
        return None


def _measured(case: Case, asked: dict[str, Any]) -> dict[str, Any]:
    """Run a solver in a process of its own; return what came of it."""
    file = folder() / case.file
    limit, workers, seed = f"{asked['seconds']:g}", str(asked["workers"]), str(asked["seed"])
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "answer.json"
        if asked["solver"] == "manufold":
            code = "import sys; from manufold.cli import main; sys.exit(main())"
            command = [sys.executable, "-c", code, "solve", str(file), "--format", case.form]
            command += ["--seconds", limit, "--workers", workers, "--seed", seed, "--out", str(out)]
        else:
            command = [sys.executable, str(HERE / "scheduling_peers.py"), asked["solver"]]
            command += [str(file), case.form, limit, workers, seed, str(out)]
        began_s = time.monotonic()
        ended, peak_mb = _watched(command, asked["seconds"] + GRACE_S)
        took_s = round(time.monotonic() - began_s, 2)
        found = {"objective": None, "bound": None, "took_s": took_s, "peak_mb": round(peak_mb)}
        if not out.exists():
            return found | {"fault": ended}
        answer = json.loads(out.read_text(encoding="utf-8"))
    if answer["objective"] is None:
        return found | {"fault": "no solution"}
    raw = file.read_bytes()
    shop = read(gzip.decompress(raw) if file.suffix == ".gz" else raw, case.form)
    wrong = shop_violations(
        shop,
        shop_slots(answer),
        objective=answer["objective"],
        tardiness=GOALS[case.form] == "tardiness",
    )
    if wrong:
        return found | {"fault": f"breaks {wrong[0].code}"}
    return found | {"objective": answer["objective"], "bound": answer["bound"], "fault": ""}


def _watched(command: list[str], limit_s: float) -> tuple[str, float]:
    """Run a command in a group of its own; return how it ended and its peak memory in MB."""
    with tempfile.TemporaryFile() as errors:
        running = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        until_s, peak_mb = time.monotonic() + limit_s, 0.0
        while running.poll() is None:
            peak_mb = max(peak_mb, _memory_mb(running.pid))
            if time.monotonic() > until_s:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()
                return f"killed after {limit_s:g} s", peak_mb
            time.sleep(LOOK_S)
        errors.seek(0)
        lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    return (lines[-1][:120] if lines else f"exit {running.returncode}"), peak_mb


def _memory_mb(group: int) -> float:
    """Return the proportional set size of all processes of a session, where the system tells it."""
    total_kb = 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            session = int((path / "stat").read_text().rpartition(")")[2].split()[3])
            if session == group:
                lines = (path / "smaps_rollup").read_text().splitlines()
                total_kb += next(int(one.split()[1]) for one in lines if one.startswith("Pss:"))
        except (OSError, ValueError, StopIteration):  # it ended meanwhile
            continue
    return total_kb / 1024


def _shown(case: Case, found: dict[str, Any], reference: int | None) -> str:
    """Return a row of Markdown."""
    value, known = found["objective"], best_known(case)
    gap = f"{value / known - 1:.2%}" if value is not None and known else "-"
    ratio = f"{value / reference:.4f}" if value is not None and reference else "-"
    limit = f"{case.family}, {found['seconds']:g} s, {found['workers']} w, seed {found['seed']}"
    name = " ".join(part for part in (found["solver"], found["version"]) if part)
    bound = "-" if found["bound"] is None else f"{found['bound']:,.0f}"
    shown = found["fault"] if value is None else f"{value:,}"
    memory = f"{found['peak_mb']:,} MB"
    took = f"{found['took_s']:.1f} s"
    return row(limit, case.name, name, shown, bound, gap, ratio, took, memory)


if __name__ == "__main__":
    main()
