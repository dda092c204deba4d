"""Promises at the command line: a plan from a file, two languages, and nothing held."""

import io
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.told import Teller
from tests.contracts.schemas import CONTRACTS

from manufold.app import open_home

EXAMPLE = CONTRACTS.parent / "examples" / "bracket_plan.json"
GOLDEN = CONTRACTS / "examples" / "process_plan" / "bracket_milled.json"


def plan() -> dict[str, Any]:
    """Return the milling of the golden plan, without the vice that no demo site has."""
    found = json.loads(GOLDEN.read_text(encoding="utf-8"))
    milled = found["operations"][0]
    assert milled["tools"] and not milled["after"]
    return found | {"operations": [milled | {"tools": {}}]}


def test_a_plan_is_promised_and_nothing_held(
    say: Teller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a file or standard input, as JSON or in words, by weights; the world stays as it is."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan()), encoding="utf-8")
    slots = say.json("schedule_answer", "schedule", "--days", 60)
    events = say.events()
    more = ("--quantity", 5, "--to", "EU-DE", "--by", "2027-01-31")
    found = say.json("promise_answer", "promise", file, *more, "--weights", "day=3,price=1")
    assert [one["name"] for one in found["options"]] == ["fast", "cheap", "green", "weighted"]
    assert (found["quantity"], found["destination"]) == (5, "EU-DE")
    assert found["requested_at"] == "2027-01-31T23:59:59+01:00"
    assert found["weights"] == {"day": 3, "price": 1, "carbon": 0}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file.read_bytes())))
    again = say.json("promise_answer", "promise", "-", *more)
    assert again["options"] == [
        one | {"same_as": [name for name in one["same_as"] if name != "weighted"]}
        | {"reasons": [r for r in one["reasons"] if r["code"] != "promise.best_by_weights"]}
        for one in found["options"][:3]
    ]  # fmt: skip
    for language, word in (("en", "Nothing is held"), ("zh", "未保留任何产能")):
        few = say.words("promise", file, *more, "--language", language)
        whole = say.words("promise", file, *more, "--language", language, "--all")
        assert few.code == whole.code == 0
        assert word in few.out and len(few.out) < len(whole.out)
    assert say.json("schedule_answer", "schedule", "--days", 60) == slots
    assert say.events() == events


def test_the_plan_beside_the_examples_can_be_had(say: Teller) -> None:
    """What the documents point to is promised on the demo network, each P50 after the last slot."""
    found = say.json("promise_answer", "promise", EXAMPLE, "--quantity", 10)
    for one in found["options"]:
        assert one["p50_at"] <= one["promised_at"]
        made = max(datetime.fromisoformat(slot["end_at"]) for slot in one["slots"])
        assert datetime.fromisoformat(one["p50_at"]) > made


def test_it_is_a_verb_of_the_library_too(say: Teller) -> None:
    """`Manufold.promise` says in Python what the command says."""
    say.json("schedule_answer", "schedule")  # makes the home
    with open_home(say.home) as m:
        seq = m.ctx.store.head().seq
        found = m.promise(plan(), quantity=5, to="EU-DE", by="2027-01-31")
        assert {name for way in found.ways for name in way.names} == {"fast", "cheap", "green"}
        assert found.zone.zone_id == "EU-DE" and found.by_s is not None
        assert m.ctx.store.head().seq == seq


def test_refusals_are_worded(say: Teller, tmp_path: Path) -> None:
    """No JSON, no plan, nobody able, bad weights, no home: each by its code and exit code."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan()), encoding="utf-8")
    nowhere = say.words("promise", file, "--home", tmp_path / "none", "--json")
    assert nowhere.code != 0 and not (tmp_path / "none").exists()
    say.json("schedule_answer", "schedule")
    weights = say.refusal(2, "promise", file, "--weights", "speed=1")
    assert weights["code"] == "promise.weights_malformed"
    for content, code, wanted in (
        ("no", 2, "codec.json_malformed"),
        ("[1]", 2, "codec.type_wrong"),
        (GOLDEN.read_text(encoding="utf-8"), 3, "schedule.no_capability"),
    ):
        file.write_text(content, encoding="utf-8")
        assert say.refusal(code, "promise", file)["code"] == wanted
