"""What if at the command line: scenarios from a file, two languages, and nothing changes."""

import json
from pathlib import Path

from tests.cli.told import Teller


def test_scenarios_side_by_side(say: Teller, part: Path, tmp_path: Path) -> None:
    """A breakdown and a cancelled order beside things as they are; the schedule stays."""
    file = part / "bracket.step"
    offer = say.json("offer_answer", "offer", file, "--material", "al-6061", "--quantity", 20)
    order = say.json("order_answer", "accept", offer["offer_id"], "cheap")
    slots = say.json("schedule_answer", "schedule", "--days", 60)
    job = next(one for one in slots["slots"] if one["holder"] == order["order_id"])
    scenarios = {
        "scenarios": [
            {
                "name": "mill down",
                "changes": [
                    {
                        "kind": "down",
                        "work_unit": job["work_unit"],
                        "from": job["start_at"],
                        "to": job["end_at"],
                    }
                ],
            },
            {"name": "gone", "changes": [{"kind": "cancel", "order": order["order_id"]}]},
        ]
    }
    asked = tmp_path / "scenarios.json"
    asked.write_text(json.dumps(scenarios))
    found = say.json("what_if_answer", "what-if", asked)
    down, gone = found["scenarios"]
    assert [down["name"], gone["name"]] == ["mill down", "gone"]
    hit = [move for move in down["moves"] if move["order_id"] == order["order_id"]]
    assert hit and hit[0]["why"]["code"] == "repair.down"
    assert gone["cost_minor"] < found["as_it_is"]["cost_minor"]
    dates = next(one for one in found["orders"] if one["order_id"] == order["order_id"])
    assert dates["scenarios"][1]["expected_at"] is None
    assert say.json("schedule_answer", "schedule", "--days", 60) == slots
    for language, word in (("en", "as it is"), ("zh", "现状")):
        said = say.words("what-if", asked, "--language", language)
        assert said.code == 0 and word in said.out and "mill down" in said.out
    asked.write_text('{"scenarios": [{"changes": [{"kind": "quake"}]}]}')
    assert say.refusal(2, "what-if", asked)["code"] == "what_if.kind_unknown"
    asked.write_text("no")
    assert say.refusal(2, "what-if", asked)["code"] == "codec.json_malformed"


def test_the_file_of_the_document_runs_in_any_demo_world(say: Teller, tmp_path: Path) -> None:
    """Its times are from now, so that it fits on any day; each later date has its cause."""
    page = (Path(__file__).parents[2] / "docs" / "what-if.md").read_text(encoding="utf-8")
    lines = page.split('    {\n      "scenarios"', 1)[1].split("\n    }\n", 1)[0]
    asked = tmp_path / "saw.json"
    asked.write_text('{"scenarios"' + lines + "}")
    found = say.json("what_if_answer", "what-if", asked)
    down, more = found["scenarios"]
    assert down["moved"]["operations"] > 0 and more["late_s"] <= down["late_s"]
    later = [one for one in found["orders"] if one["scenarios"][0]["why"] is not None]
    assert later
    named = [one for one in later if "saw" in one["scenarios"][0]["why"]["text"].lower()]
    assert len(named) > len(later) / 2, "it is the saw"
    said = say.words("what-if", asked)
    assert "what makes dates later" in said.out
