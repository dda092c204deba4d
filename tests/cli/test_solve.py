"""`manufold solve` writes a judged schedule of a published shop, or refuses; it needs no home."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from tests.contracts.schemas import CONTRACTS, faults
from tests.scheduling.shop.exact import optimum
from tests.scheduling.shop.tiny import hard_job_shop

from manufold.judge.shop_rules import shop_slots, shop_violations
from manufold.scheduling.shop.read import GOALS, read

INSTANCES = {
    "fjsp": "2 2\n2 1 0 5 2 0 3 1 4\n1 1 1 7\n",
    "jsp": "3 2\n0 3 1 2\n1 2 0 4 1 1 -1 -1\n1 6\n",
    "fjsp-tardiness": "2 2\n1 9 3 1 2 0 3 1 4\n0 5 1 2 1 0 2 1 1 2\n",
    "fjsp-w": "1 2 3\n2 1 2 2 1 40 3 30 2 1 1 2 10 2 2 2 20 3 25\n",
    "fjsp-sdst": "2 2 1\n1 1 1 25\n1 1 1 9\n\n0 4\n3 0\n\n0 8\n7 0\n",
    "fajsp": "3 2 2\n0 2\n1 2\n1 0 5\n2 0 2 1 3\n1 1 4\n",
}


@pytest.mark.parametrize("form", INSTANCES)
def test_a_shop_of_each_format_is_solved(bare, tmp_path, form):
    """The schedule keeps its contract and every rule; small shops are solved to the optimum."""
    file, out = tmp_path / "shop.txt", tmp_path / "out.json"
    file.write_text(INSTANCES[form])
    told = bare.json("solve_answer", "solve", file, "--format", form, "--moves", 3000, "--out", out)
    schedule = json.loads(out.read_text())
    assert faults("shop_schedule", schedule) == []
    shop = read(INSTANCES[form], form)
    wrong = shop_violations(
        shop,
        shop_slots(schedule),
        objective=schedule["objective"],
        tardiness=GOALS[form] == "tardiness",
    )
    assert wrong == ()
    assert schedule["objective"] == told["objective"] == optimum(shop, GOALS[form])
    assert told["notes"] == [] and told["bound"] == schedule["bound"] <= told["objective"]
    assert not bare.home.exists()


def test_the_golden_schedule_is_right():
    """The example of the contract passes the schema and the judge."""
    golden = json.loads((CONTRACTS / "examples" / "shop_schedule" / "two_jobs.json").read_text())
    assert faults("shop_schedule", golden) == []
    shop = read(INSTANCES["fjsp"], "fjsp")
    assert shop_violations(shop, shop_slots(golden), objective=golden["objective"]) == ()


def test_a_packed_file_is_unpacked_and_its_format_guessed(bare, tmp_path):
    """`.gz` is opened, and a text that fits one format only is read in it; people read one line."""
    file, out = tmp_path / "shop.txt.gz", tmp_path / "out.json"
    file.write_bytes(gzip.compress(INSTANCES["fjsp-w"].encode()))
    said = bare.words("solve", file, "--seconds", 5, "--workers", 1, "--out", out)
    assert said.code == 0, said.err
    assert "makespan 40" in said.out and "written to" in said.out
    assert json.loads(out.read_text())["slots"][0]["worker"] in (0, 2)
    assert "作业" not in said.out
    chinese = bare.words("solve", file, "--moves", 5, "--out", out, "--language", "zh")
    assert "已校验" in chinese.out


def test_moves_make_the_same_schedule_again(bare, tmp_path):
    """The same seed and moves give the same slots; what stood at the place is replaced."""
    file, out = tmp_path / "shop.txt", tmp_path / "out.json"
    file.write_text(hard_job_shop(8, 5))
    found = []
    for _ in range(2):
        bare.json("solve_answer", "solve", file, "--format", "jsp", "--moves", 200, "--out", out)
        found.append(json.loads(out.read_text())["slots"])
    assert found[0] == found[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "shop.txt"]


@pytest.mark.parametrize(
    ("text", "more", "code"),
    [
        (None, (), "file.missing"),
        ("", (), "shop.format_none"),
        ("1 2\n1 1 0 5\n", (), "shop.format_unclear"),
        (INSTANCES["fjsp"], ("--format", "xml"), "shop.format_unknown"),
        (INSTANCES["fjsp"], ("--format", "jsp"), "shop.row_odd"),
        (INSTANCES["fjsp"][:-4], ("--format", "fjsp"), "shop.row_short"),
        (INSTANCES["fjsp"], ("--seconds", "0"), "shop.seconds_outside"),
        (INSTANCES["fjsp"], ("--seconds", "nan"), "shop.seconds_outside"),
        (INSTANCES["fjsp"], ("--seed", "-1"), "shop.seed_outside"),
        (INSTANCES["fjsp"], ("--workers", "-1"), "shop.workers_outside"),
        (INSTANCES["fjsp"], ("--moves", "5", "--workers", "2"), "shop.moves_alone"),
    ],
)
def test_what_cannot_be_solved_is_refused(bare, tmp_path, text, more, code):
    """A refusal names fault and remedy, and leaves nothing behind."""
    file, out = tmp_path / "shop.txt", tmp_path / "out.json"
    if text is not None:
        file.write_text(text)
    assert bare.refusal(2, "solve", file, "--out", out, *more)["code"] == code
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_refused_first(bare, tmp_path):
    """Nobody waits a minute to learn that a folder is missing; no shop is lost; an archive is
    named."""
    file = tmp_path / "shop.txt.gz"
    file.write_bytes(b"\x1f\x8b broken")
    for out in (tmp_path, tmp_path / "none" / "out.json", file):
        assert bare.refusal(2, "solve", file, "--out", out)["code"] == "file.out_unwritable"
    found = bare.refusal(2, "solve", file, "--out", tmp_path / "out.json")
    assert found["code"] == "file.unreadable"


def test_control_c_keeps_what_was_found(tmp_path):
    """Asked to end, the command judges and writes its best long before its time is up."""
    file, out = tmp_path / "shop.txt", tmp_path / "out.json"
    file.write_text(hard_job_shop(20, 15))
    command = [sys.executable, "-c", "import sys; from manufold.cli import main; sys.exit(main())"]
    command += ["solve", str(file), "--format", "jsp", "--seconds", "500", "--workers", "2"]
    running = subprocess.Popen(
        [*command, "--out", str(out), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"MANUFOLD_HOME": str(tmp_path / "home")},
    )
    try:
        assert "bound" in running.stderr.readline()  # the first line of progress
        running.send_signal(signal.SIGINT)
        asked_s = time.monotonic()
        told, _ = running.communicate(timeout=60)
    finally:
        running.kill()
        running.wait()
        running.stdout.close()
        running.stderr.close()
    assert time.monotonic() - asked_s < 60
    assert running.returncode == 0
    answer, schedule = json.loads(told), json.loads(out.read_text())
    assert answer["seconds"] < 400 and answer["objective"] == schedule["objective"]
    shop = read(file.read_bytes(), "jsp")
    assert shop_violations(shop, shop_slots(schedule), objective=schedule["objective"]) == ()
