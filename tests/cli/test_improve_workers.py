"""Bettering with workers from the command line: settings decide, answers say who searched."""

import pytest
from tests.cli.told import Teller

SHORT = ("improve", "schedule", "--dry-run", "--seconds", 60, "--rounds", 300, "--seed", 7)


def test_two_workers_better_the_demo_and_say_the_same_twice(say: Teller) -> None:
    """Two processes search; the same seed, rounds and workers give the same answer, judged."""
    say.json("schedule_answer", "schedule", "--days", 1)
    found = say.json("improve_answer", *SHORT, "--workers", 2)
    assert (found["workers"], found["on"], found["lost"]) == (2, "pool", [])
    assert found["rounds"] >= 300
    assert found["ready_seconds"] > 0
    assert list(found["after"].values()) <= list(found["before"].values())
    again = say.json("improve_answer", *SHORT, "--workers", 2)
    for part in ("after", "rounds", "better", "moved_slots", "why"):
        assert again[part] == found[part], part


def test_a_setting_says_how_many_search(say: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an option the setting counts; an option of one searches in the process itself."""
    say.json("schedule_answer", "schedule", "--days", 1)
    monkeypatch.setenv("MANUFOLD_IMPROVE_WORKERS", "2")
    assert say.json("improve_answer", *SHORT)["on"] == "pool"
    alone = say.json("improve_answer", *SHORT, "--workers", 1)
    assert (alone["workers"], alone["on"]) == (1, "here")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("--workers", 0), "improve.workers_outside"),
        (("--workers", 300), "improve.workers_outside"),
        (("--rounds", 0), "improve.rounds_outside"),
        (("--ray", "127.0.0.1:1"), "executor.no_cluster"),
    ],
)
def test_what_cannot_be_is_refused(say: Teller, asked: tuple[object, ...], code: str) -> None:
    """No workers, too many, no rounds, and a cluster that is not there are refused by name."""
    say.json("schedule_answer", "schedule", "--days", 1)
    assert say.refusal(2, "improve", "schedule", "--dry-run", *asked)["code"] == code


def test_no_time_is_said_and_nothing_claimed(say: Teller) -> None:
    """Where no round was played, the answer does not say that nothing better was found."""
    say.json("schedule_answer", "schedule", "--days", 1)
    told = say.words("improve", "schedule", "--dry-run", "--seconds", 0.001)
    assert told.code == 0
    assert "No better schedule was found" not in told.out
    assert "Give it more seconds" in told.out.replace("\n", " ")


@pytest.mark.slow
def test_ray_searches_on_this_machine(say: Teller) -> None:
    """`--ray local` starts a cluster, searches there and gives what processes give."""
    say.json("schedule_answer", "schedule", "--days", 1)
    there = say.json("improve_answer", *SHORT, "--workers", 2, "--ray", "local")
    assert (there["workers"], there["on"], there["lost"]) == (2, "ray", [])
    here = say.json("improve_answer", *SHORT, "--workers", 2)
    assert there["after"] == here["after"]
