"""A kernel on disk outlives no change of what was compiled into it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

INNER = """
from manufold.scheduling.kernel import compiled

STEP = {step}

@compiled
def inner(value):
    return value + {more}
"""
OUTER = """
from kernels_inner import STEP, inner
from manufold.scheduling.kernel import compiled

@compiled
def middle(value):
    return inner(value) * STEP

@compiled
def outer(value):
    return middle(value)
"""
ASK = """
from kernels_outer import outer
print(outer(1), sum(outer.stats.cache_hits.values()))
"""


def asked(folder: Path, *, step: int, more: int) -> list[int]:
    """Return what a new process answers, and how many kernels it found on disk."""
    (folder / "kernels_inner.py").write_text(INNER.format(step=step, more=more), encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "NUMBA_CACHE_DIR": str(folder / "kept"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True
    )
    return [int(word) for word in done.stdout.split()]


@pytest.mark.parametrize("changed", [{"step": 3, "more": 1}, {"step": 2, "more": 10}])
def test_a_change_two_calls_away_is_compiled_anew(tmp_path: Path, changed: dict[str, int]) -> None:
    """A constant or a kernel that only a callee names: the answer is the new one, then kept."""
    (tmp_path / "kernels_outer.py").write_text(OUTER, encoding="utf-8")
    assert asked(tmp_path, step=2, more=1) == [4, 0]
    assert asked(tmp_path, step=2, more=1) == [4, 1]
    wanted = (1 + changed["more"]) * changed["step"]
    assert asked(tmp_path, **changed) == [wanted, 0]
    assert asked(tmp_path, **changed) == [wanted, 1]
