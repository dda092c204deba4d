"""The command as a process of its own: what standard output and standard error really carry."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.contracts.schemas import faults


def command(home: Path, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m manufold` in a clean environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MANUFOLD_")}
    environment |= {"MANUFOLD_HOME": str(home), "COLUMNS": "80", **more}
    return subprocess.run(
        [sys.executable, "-m", "manufold", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )


def test_a_new_home_is_announced_beside_the_object(tmp_path, part):
    """The first offer makes a world: said on standard error, while standard output is one object;
    a CAD kernel that prints cannot get in between."""
    path = tmp_path / "spät  名 [b].step"
    path.write_bytes((part / "bracket.step").read_bytes())
    done = command(tmp_path / "home", "offer", path, "-n", 2, "--json")
    assert done.returncode == 0, done.stderr
    assert faults("offer_answer", json.loads(done.stdout)) == []
    assert done.stdout.count("\n") == 1
    assert "a simulated world on the demo network" in done.stderr


def test_refusals_of_a_process(tmp_path):
    """One object on standard output, one sentence on standard error, no traceback."""
    done = command(tmp_path / "none", "verify", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["code"] == "home.missing"
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()
    done = command(tmp_path / "none", "orders", "--sort")
    assert done.returncode == 2 and done.stdout == ""
    assert "--sort" in done.stderr and "manufold orders --help" in done.stderr


def test_a_name_that_is_no_text(tmp_path):
    """File names are bytes; one that is no UTF-8 is shown somehow and breaks nothing."""
    name = os.fsdecode(b"caf\xe9.step")
    done = command(tmp_path / "home", "network", "check", tmp_path / name, "--json")
    assert done.returncode == 2 and json.loads(done.stdout)["errors"] == 1
    done = command(tmp_path / "home", "network", "check", tmp_path / name, LC_ALL="C")
    assert done.returncode == 2 and "Traceback" not in done.stderr


@pytest.mark.parametrize("as_json", [True, False])
def test_a_reader_who_goes_away(world, as_json):
    """`manufold orders | head -1` ends quietly."""
    line = [sys.executable, "-m", "manufold", "orders", "--all", "--home", str(world)]
    process = subprocess.Popen(
        [*line, *(["--json"] if as_json else [])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(60) == 0
    process.stderr.close()


def test_colours_are_extra(world):
    """Piped output has no control characters; what is late says so in a word."""
    done = command(world, "orders", "--all")
    assert done.returncode == 0 and "\x1b" not in done.stdout
