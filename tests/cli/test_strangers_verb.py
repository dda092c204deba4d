"""A command of a package that is not ours: found, asked, bounded, and told when it is broken."""

import json
import os
import subprocess
import sys

import pytest

WEIGH = """
from manufold.design.verbs import Answered, Option, Verb
from manufold.model.errors import Reason


def weigh(asked):
    grams = len(asked.file.content) * asked.values["factor"]
    files = {"note": b"%d g" % grams} if asked.values["note"] else {}
    return Answered({"mass_g": grams}, (Reason("cli.written", {"out": f"{grams} g"}),), files)


WEIGH = Verb(
    "weigh", "Weigh a file.", "Any file.", 1000,
    (Option("factor", "whole", "Grams per byte.", 2, 1, 100),
     Option("note", "out", "Where a note goes.", "")),
    weigh,
)
"""


@pytest.fixture
def command(tmp_path):
    """Return how to run the command line beside a package that brings a verb."""

    def put(code):
        (tmp_path / "weighing.py").write_text(code)
        info = tmp_path / "weighing-1.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: weighing\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[manufold.verbs]\nweigh = weighing:WEIGH\n")

    def run(*arguments):
        paths = os.pathsep.join([str(tmp_path), *(path for path in sys.path if path)])
        code = "import sys; from manufold.cli import main; sys.exit(main())"
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=120,
        )

    put(WEIGH)
    run.put = put
    return run


def test_a_strangers_verb_is_a_command(command, tmp_path):
    """It stands in the help, reads its file, answers JSON and writes what was asked for."""
    file, note = tmp_path / "plate.txt", tmp_path / "note.txt"
    file.write_text("12345")
    assert "Weigh a file." in command("--help").stdout
    said = command("weigh", file, "--factor", 3, "--note", note, "--json")
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert (told["schema"], told["mass_g"]) == ("manufold/weigh_answer/1", 15)
    assert (told["file"], told["note"], told["notes"]) == (str(file), str(note), [])
    assert note.read_text() == "15 g"
    plain = command("weigh", file)
    assert "written to 10 g" in plain.stdout


def test_its_bounds_are_kept(command, tmp_path):
    """A number beyond and a file too large are refused with exit code 2 and one sentence."""
    file = tmp_path / "plate.txt"
    file.write_text("x" * 1001)
    beyond = command("weigh", file, "--factor", 101, "--json")
    assert beyond.returncode == 2
    assert json.loads(beyond.stdout)["code"] == "cli.option_outside"
    large = command("weigh", file)
    assert large.returncode == 2
    assert "unpacks to more than" in large.stderr


def test_a_broken_one_is_named_and_ours_work(command):
    """`weigh` cannot be loaded: it is named; a command of ours never asks for it."""
    command.put("1 / 0\n")
    broken = command("weigh", "x")
    assert broken.returncode == 2
    assert "weigh" in broken.stderr and "ZeroDivisionError" in broken.stderr
    assert command("kpi", "--help").returncode == 0
