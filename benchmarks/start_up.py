"""Start-up: cold `manufold --help`, and the demo from nothing and warm.

    python benchmarks/start_up.py [--from-nothing]

`--from-nothing` copies the tree to an empty folder and runs `python3 run.py demo` there, so that
setting up the environment is in the figure; it is run once, the others five times.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from row import row

ROOT = Path(__file__).parent.parent


def timed(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    """Return the seconds of a command that must succeed."""
    began = perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def main() -> None:
    """Measure and print a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from-nothing", action="store_true")
    told = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="start-up-"))
    environment = dict(os.environ) | {"MANUFOLD_HOME": str(scratch / "home")}
    cli = [str(Path(sys.executable).parent / "manufold")]
    try:
        helps = [timed([*cli, "--help"], ROOT, environment) for _ in range(5)]
        demos = [timed([*cli, "demo", "--no-serve"], ROOT, environment) for _ in range(3)]
        nothing = "-"
        if told.from_nothing:
            clone = scratch / "clone"
            subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
            python = [shutil.which("python3") or sys.executable]
            command = [*python, "run.py", "demo", "--no-serve"]
            nothing = f"{timed(command, clone, environment):.0f} s"
        print(row(f"{median(helps):.2f} s", f"{median(demos):.1f} s", nothing))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
