"""Every example runs as it stands and prints what stands beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("[0-9]*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_it_says(example: Path, tmp_path: Path) -> None:
    """The program ends well and its output is the one beside it, word for word."""
    environment = dict(os.environ) | {"MANUFOLD_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, str(example)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == example.with_suffix(".out").read_text(encoding="utf-8")


def test_there_are_examples_and_each_is_listed() -> None:
    """The list in examples/README.md names all of them."""
    listed = (EXAMPLES[0].parent / "README.md").read_text(encoding="utf-8")
    assert len(EXAMPLES) >= 2
    assert not [path.name for path in EXAMPLES if path.name not in listed]
