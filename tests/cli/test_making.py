"""A shop at the command line: what to make, and what has happened."""

import json

import pytest


@pytest.fixture
def bought(say, part):
    """A teller, the order of two printed covers, its job order and the party that makes it."""
    offer = say.json("offer_answer", "offer", part / "cover.stl", "-n", 2, "--material", "pa12")
    order = say.json("order_answer", "accept", offer["offer_id"], "fast")
    made_by = {"stuttgart": "neckar", "wroclaw": "warta"}[order["job_orders"][0]["site"]]
    return say, order["order_id"], order["job_orders"][0], made_by


def test_a_shop_is_told_what_to_make(bought, part, tmp_path):
    """Design, files and operations reach the maker; the file is the one that was sent."""
    say, order_id, job, maker = bought
    folder = tmp_path / "work"
    found = say.json(
        "instructions_answer", "instructions", order_id, "--party", maker, "--files", folder
    )
    assert found["order_id"] == order_id and found["material"] == "pa12"
    assert found["steps"][0]["job_order_id"] == job["job_order_id"]
    assert found["steps"][0]["run_terms"] and found["personal"] == {}
    written = list(folder.iterdir())
    assert [path.read_bytes() for path in written] == [(part / "cover.stl").read_bytes()]
    again = say.refusal(2, "instructions", order_id, "--party", maker, "--files", folder)
    assert again["code"] == "cli.cannot_write"  # nothing is written over
    stranger = say.refusal(4, "instructions", order_id, "--party", "xiangjiang")
    assert stranger["code"] == "access.no_such_order"
    words = say.words("instructions", order_id[-8:], "--party", maker)
    assert words.code == 0 and "Print" in words.out


def test_a_shop_says_what_happened_once(bought, tmp_path):
    """A set-up begins; said again it is done once; another command of its id is refused."""
    say, order_id, job, maker = bought
    file = tmp_path / "command.json"
    command = {
        "type": "command",
        "version": 1,
        "command_id": "shift-1/0001",
        "kind": "setup_start",
        "by": "whoever",
        "order_id": order_id,
        "job_order_id": job["job_order_id"],
        "resource_id": job["work_unit"],
    }
    file.write_text(json.dumps(command), encoding="utf-8")
    timeless = say.refusal(2, "say", file, "--party", maker)
    assert timeless["code"].startswith("codec.") and "at_s" in timeless["text"]
    said = say.json("say_answer", "say", file, "--party", maker, "--now")
    assert [event["kind"] for event in said["events"]] == ["SetupStarted"]
    file.write_text(json.dumps(command | {"at_s": said["events"][0]["at_s"]}), encoding="utf-8")
    assert say.json("say_answer", "say", file, "--party", maker)["events"] == []
    state = say.json("order_answer", "orders", order_id)["job_orders"][0]["state"]
    assert state == "setting_up"
    file.write_text(json.dumps(command | {"kind": "setup_end"}), encoding="utf-8")
    reused = say.refusal(4, "say", file, "--party", maker, "--now")
    assert reused["code"] == "execution.command_id_reused"
    file.write_text("[1, 2]", encoding="utf-8")
    assert say.refusal(2, "say", file, "--party", maker)["code"] == "codec.type_wrong"
    file.write_text("{", encoding="utf-8")
    assert say.refusal(2, "say", file, "--party", maker)["code"] == "codec.json_malformed"
    missing = say.refusal(2, "say", tmp_path / "none.json", "--party", maker)
    assert missing["code"] == "app.cannot_read"
    refused = say.refusal(2, "say", file, "--party", maker, "--role", "king")
    assert refused["code"] == "party.role_unknown"
