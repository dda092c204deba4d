"""A live home of the least network, without a network operator: who acts, who is asked for."""

import json
import re
from pathlib import Path

import pytest
from tests.cli.told import Teller

import manufold.app

DOCS = Path(__file__).parents[2] / "docs"


def least() -> str:
    """Return the first network of the reference."""
    text = (DOCS / "network-file.md").read_text(encoding="utf-8")
    return re.search(r"```toml\n(.*?)```", text, re.S)[1]  # type: ignore[index]


def without_operator(text: str) -> str:
    """Return a network file in which nobody is network operator."""
    return text.replace(', "network_operator"', "").replace('"network_operator", ', "")


@pytest.fixture
def told(bare: Teller, tmp_path: Path) -> Teller:
    """A teller of a live home of the least network, without a network operator."""
    file = tmp_path / "plant.toml"
    file.write_text(without_operator(least()), encoding="utf-8")
    manufold.app.use_network(bare.home, file, world="live")
    return bare


def test_the_only_one_fit_acts(told: Teller, tmp_path: Path) -> None:
    """The schedule and what happens on the floor are the supplier's, not the buyer's."""
    assert told.json("schedule_answer", "schedule")["slots"] == []
    file = tmp_path / "said.json"
    said = {"type": "command", "version": 1, "command_id": "1", "kind": "setup_start", "by": ""}
    file.write_text(json.dumps(said | {"order_id": "ord_x", "at_s": 1}), encoding="utf-8")
    assert told.refusal(4, "say", file)["params"]["party"] == "muster"
    file.write_text(
        json.dumps(said | {"order_id": "ord_x", "kind": "receive", "at_s": 1}), encoding="utf-8"
    )
    assert told.refusal(4, "say", file)["params"]["party"] == "anna"
    assert told.refusal(4, "instructions", "ord_x")["params"]["party"] == "muster"


def test_a_vacant_role_is_named_with_the_remedy(told: Teller) -> None:
    """Bettering takes a network operator; nobody is, and the file is where one is named."""
    refusal = told.refusal(2, "schedule", "--improve")
    assert refusal["code"] == "access.role_vacant"
    assert "network_operator" in refusal["text"] and "network file" in refusal["text"]
    named = told.refusal(2, "schedule", "--improve", "--party", "muster")
    assert named["params"] == {"role": "planner", "roles": "network_operator"}


def test_keys_are_listed_and_revoked_without_an_operator(told: Teller) -> None:
    """Whoever has the home sees the keys of all, and takes back any of them."""
    made = [
        told.json("key_answer", "key", "make", "--party", party, "--role", role)["key_id"]
        for party, role in (("anna", "buyer"), ("muster", "operator"))
    ]
    listed = told.json("keys_answer", "key", "list")["keys"]
    assert {key["key_id"] for key in listed} == set(made)
    for key_id in made:
        assert told.json("key_revoked_answer", "key", "revoke", key_id)["revoked"] is True


@pytest.mark.parametrize(
    ("role", "party", "needed"), [("operator", "anna", "supplier"), ("buyer", "muster", "buyer")]
)
def test_the_role_to_add_is_the_files(told: Teller, role: str, party: str, needed: str) -> None:
    """A shop's role is no role of the file: the refusal names the one that is."""
    refusal = told.refusal(2, "key", "make", "--party", party, "--role", role)
    assert refusal["code"] == "access.role_not_taken" and refusal["params"]["needed"] == needed
    unknown = told.refusal(2, "key", "make", "--party", party, "--role", "boss")
    assert "quality_engineer" in unknown["text"]


def test_a_missing_operator_is_a_warning(told: Teller, tmp_path: Path) -> None:
    """`network check` says who is missing and what to add; the least network itself is clean."""
    file = tmp_path / "least.toml"
    file.write_text(least(), encoding="utf-8")
    assert told.words("network", "check", file).out.endswith("0 errors, 0 warnings\n")
    file.write_text(without_operator(least()), encoding="utf-8")
    found = told.json("network_check_answer", "network", "check", file)["faults"]
    assert [(one["severity"], one["code"]) for one in found] == [("warning", "network.no_operator")]
    assert found[0]["line"] > 0 and "network_operator" in found[0]["text"]
    shown = told.words("network", "check", file)
    assert shown.code == 0 and shown.out.endswith("0 errors, 1 warning\n")


def test_a_file_as_a_whole_has_no_line(told: Teller, tmp_path: Path) -> None:
    """What is not there is named without a line 0, and one error is one error."""
    shown = told.words("network", "check", tmp_path / "none.toml")
    assert shown.code == 2 and shown.err.startswith("none.toml: error: ")
    assert shown.out.endswith("1 error, 0 warnings\n")
