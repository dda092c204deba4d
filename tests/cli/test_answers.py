"""Every command answers with one object that its contract describes, and with words that fit."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.cli.told import Teller
from tests.contracts.schemas import schema, schema_names
from tests.contracts.test_schemas import objects

import manufold.app
from manufold.demo import demo_network_path
from manufold.model.units import to_rfc3339
from manufold.words import term

ANSWERS = tuple(sorted(name for name in schema_names() if name.endswith("_answer")))


@pytest.fixture
def accepted(say: Teller, part: Path) -> tuple[Teller, str]:
    """A teller and the order of one printed cover, accepted."""
    offer = say.json("offer_answer", "offer", part / "cover.stl", "-n", 2, "--material", "pa12")
    order = say.json("order_answer", "accept", offer["offer_id"], "fast")
    return say, order["order_id"]


def test_answers_have_contracts():
    """Each answer's schema is sound, closed and described, and carries its own name."""
    assert len(ANSWERS) >= 12
    for name in ANSWERS:
        Draft202012Validator.check_schema(schema(name))
        assert schema(name)["properties"]["schema"]["const"] == f"manufold/{name}/1"
        for path, found in objects(schema(name)):
            assert found["additionalProperties"] is False, (name, path)
            assert set(found["required"]) <= set(found["properties"]), (name, path)
            for field, about in found["properties"].items():
                told = about.get("description") or "$ref" in about
                assert told, (name, path, field)


def test_stream_from_offer_to_proof(say, part, tmp_path):
    """Offer, accept, look, run, prove: each object is whole and they agree with one another."""
    offer = say.json(
        "offer_answer", "offer", part / "cover.stl", "--quantity", 3, "--material", "pa12",
        "--to", "EU-DE", "--by", "2027-01-31", "--party", "demo-buyer", "--vertical", "part",
        "--set", "unit=mm",
    )  # fmt: skip
    assert (offer["quantity"], offer["destination"]) == (3, "EU-DE")
    cheap = next(option for option in offer["options"] if option["name"] == "cheap")
    amounts = [line["amount_minor"] for line in cheap["lines"] if "amount_minor" in line]
    assert sum(amounts) == cheap["price_minor"]
    accept = ("accept", offer["offer_id"], "cheap", "--key", "k1", "--party", "demo-buyer")
    order = say.json("order_answer", *accept)
    assert order["promised_at"] == cheap["promised_at"]
    assert order["price_minor"] == cheap["price_minor"]
    assert order["requested_at"] == "2027-01-31T23:59:59+01:00"
    events = say.events()
    assert say.json("order_answer", *accept) == order
    assert say.events() == events  # the second time nothing happened
    listed = say.json("orders_answer", "orders", "--party", "demo-buyer")["orders"]
    assert order in listed
    run = say.json("run_answer", "run", "--order", order["order_id"][-8:])
    assert (run["world"], run["delivered"] >= 1) == ("sim", True)
    done = say.json("order_answer", "orders", order["order_id"])
    assert done["state"] == "delivered" and done["actual_at"] and done["forecast_at"] is None
    page = tmp_path / "pass port.html"
    passport = say.json("passport", "passport", order["order_id"], "--html", page)
    assert passport["order_id"] == order["order_id"] and passport["world"] == "sim"
    assert passport["passport_id"] in page.read_text(encoding="utf-8")
    assert say.json("passport", "passport", order["order_id"]) == passport
    proof = say.json("verify_answer", "verify")
    assert proof["passports"] == 1 and proof["heads"] >= 2


def test_schedule_and_verticals(say, tmp_path):
    """The remaining commands answer with their objects too."""
    slots = say.json("schedule_answer", "schedule", "--days", 2, "--site", "lodz")["slots"]
    assert {slot["site"] for slot in slots} == {"lodz"}
    one = say.json("schedule_answer", "schedule", "--work-unit", slots[0]["work_unit"])["slots"]
    assert {slot["work_unit"] for slot in one} == {slots[0]["work_unit"]}
    assert "part" in say.json("verticals_answer", "vertical", "list")["verticals"]
    found = say.json("network_check_answer", "network", "check", demo_network_path())
    assert found["errors"] == 0
    made = say.json(
        "network_use_answer", "network", "use", demo_network_path(), "--home", tmp_path / "x"
    )
    assert made["world"] == "sim"
    again = say.json(
        "network_use_answer", "network", "use", demo_network_path(), "--home", tmp_path / "x"
    )
    assert again == made


def test_slots_of_offers_are_told_from_work(say, part):
    """What an offer holds is marked in the dispatch lists, and is work once it is accepted."""

    def slots():
        return say.json("schedule_answer", "schedule", "--days", 90)["slots"]

    assert {slot["held"] for slot in slots()} == {False}
    offer = say.json("offer_answer", "offer", part / "cover.stl", "-n", 2, "--material", "pa12")
    options = {option["option_id"] for option in offer["options"]}
    held = {slot["holder"] for slot in slots() if slot["held"]}
    assert held == options
    unit = next(slot["work_unit"] for slot in slots() if slot["held"])
    shown = say.words("schedule", "--work-unit", unit, "--days", 90).out
    assert "held for an offer" in " ".join(shown.split())
    say.json("order_answer", "accept", offer["offer_id"], "cheap")
    assert {slot["held"] for slot in slots()} == {False}


def test_a_simulated_world_says_so(bare, part):
    """A mistyped home is made anew, and says so; what it lists is never taken for real."""
    made = bare.words("orders")
    assert "a new one is made" in made.err and "invented" in made.err
    assert made.out.startswith("Simulated world")
    assert bare.words("schedule", "--language", "zh").out.startswith("模拟世界")
    offered = bare.words("offer", part / "cover.stl", "--material", "pa12")
    assert offered.out.startswith("Simulated world") and not offered.err


def test_a_world_runs_in_one_place_at_a_time(say):
    """A second run of the same home is refused in words, and may begin once the first is over."""
    refused = []

    def meanwhile(*_how_far):
        if not refused:
            refused.append(say.refusal(4, "run", "--hours", 1))

    with manufold.app.open_home(say.home) as m:
        before = m.ctx.clock.now_s()
        m.run(hours=1, told=meanwhile)
        assert m.ctx.clock.now_s() == before + 3600
    assert refused[0]["code"] == "run.elsewhere" and str(say.home) in refused[0]["text"]
    assert say.json("run_answer", "run", "--hours", 1)["to"] > to_rfc3339(before + 3600)


def test_a_refused_run_shows_no_progress(say):
    """The refusal stands alone on standard error."""
    told = say.words("run", "--hours", -3)
    assert told.code == 2 and told.err.startswith("manufold: -3")


def test_price_lines_are_named_as_on_the_pages(say, part):
    """One word for one thing: the price and the footprint are split by the words of the pages."""
    told = say.words("offer", part / "cover.stl", "-n", 2, "--material", "pa12", "--all")
    for kind in ("run", "setup", "material", "platform_fee"):
        assert term("price_kind", kind, "en") in told.out, kind
    plain = say.words("offer", part / "cover.stl", "-n", 2, "--material", "pa12")
    assert told.out.count("  · ") >= plain.out.count("  · ") > 3


def test_improve_says_what_it_gained(say):
    """Bettering reports each measure before and after, and none of them in front grew."""
    found = say.json("schedule_answer", "schedule", "--improve", "--days", 1)["improved"]
    assert list(found["after"].values()) < list(found["before"].values())
    assert say.json("verify_answer", "verify")["events"] > 0


def test_improve_schedule_reports_against_its_bound(say):
    """A dry run moves nothing, and says with what seed, to what bound, and how it ended."""
    before = say.json("schedule_answer", "schedule", "--days", 30)["slots"]
    few = ("--seconds", 300, "--rounds", 200, "--seed", 7, "--dry-run")
    found = say.json("improve_answer", "improve", "schedule", *few)
    assert say.json("schedule_answer", "schedule", "--days", 30)["slots"] == before
    assert found["dry_run"] and found["seed"] == 7
    for part, low in found["bound"].items():
        assert low <= found["after"][part], part
    assert found["gap"]["tardiness_s"] == (
        found["after"]["tardiness_s"] - found["bound"]["tardiness_s"]
    )
    assert (found["why"]["code"], found["rounds"]) == ("improve.played_out", 200)
    assert (found["workers"], found["on"], found["lost"]) == (1, "here", [])
    for language, bound in (("en", "bound"), ("zh", "下界")):
        told = say.words("improve", "schedule", *few, "--language", language)
        assert told.code == 0 and bound in told.out


def test_improve_schedule_is_refused_beyond_its_limits(say):
    """No time, and more than anybody may take, are refused with what may be asked."""
    for seconds in (0, 601):
        told = say.refusal(2, "improve", "schedule", "--seconds", seconds)
        assert told["code"] == "improve.seconds_outside"


def test_vertical_check(say):
    """The shipped vertical keeps its contract."""
    found = say.json("vertical_check_answer", "vertical", "check", "part")
    assert found["faults"] == []


def test_network_faults_are_answered(say, tmp_path):
    """Faults are listed with file, line and sentence; the exit code is that of bad input."""
    path = tmp_path / "plant [1].toml"
    text = demo_network_path().read_text(encoding="utf-8")
    path.write_text(text.replace('currency = "EUR"', 'currency = "XXX"', 1), encoding="utf-8")
    answer = say.words("network", "check", path, "--json")
    assert answer.code == 2
    found = answer.json
    assert found["errors"] >= 1 and all(fault["text"] for fault in found["faults"])
    assert Draft202012Validator(schema("network_check_answer")).schema
    told = say.words("network", "check", path)
    assert told.code == 2 and "plant [1].toml" in told.out and ":" in told.err


def test_cancel_answers_with_the_order(accepted):
    """Cancelling shows the order as it then is, and every seat it had is free."""
    say, order_id = accepted
    found = say.json("order_answer", "cancel", order_id, "--reason", "changed my mind")
    assert found["state"] == "cancelled"
    assert {job["state"] for job in found["job_orders"]} == {"cancelled"}
    slots = say.json("schedule_answer", "schedule", "--days", 90)["slots"]
    assert order_id not in {slot["holder"] for slot in slots}


@pytest.mark.parametrize("columns", [80, 120])
def test_words_fit_the_terminal(accepted, part, monkeypatch, columns):
    """No line is wider than the terminal, nothing is cut with dots, every date knows its zone."""
    say, order_id = accepted
    monkeypatch.setenv("COLUMNS", str(columns))
    commands = (
        ("offer", part / "cover.stl", "-n", 4, "--by", "2027-02-28"),
        ("orders",),
        ("orders", "--all"),
        ("orders", order_id),
        ("schedule",),
        ("schedule", "--site", "lodz", "--days", 1),
        ("schedule", "--all", "--days", 2),
        ("run", "--hours", 1),
        ("verify",),
        ("vertical", "list"),
        ("cancel", order_id),
    )
    for command in commands:
        answer = say.words(*command)
        assert answer.code == 0, answer.err
        assert "…" not in answer.out, command
        for line in answer.out.splitlines():
            is_command = line.startswith("  manufold accept ")  # to be copied in one piece
            assert len(line.rstrip()) <= columns or is_command, line
    offer = say.words(*commands[0]).out
    assert "times in Europe/Berlin" in offer and re.search(r"held until .* CES?T", offer)
    assert re.search(
        r"promised +\w{3} \d\d \w{3} 20\d\d \d\d:\d\d CES?T", say.words("orders", order_id).out
    )


def test_long_lists_are_short_until_asked(say):
    """450 orders do not flood the terminal; the rest is counted and one word away."""
    total = len(say.json("orders_answer", "orders")["orders"])
    assert total > 400
    few = say.words("orders").out
    assert few.count("\n") < 30 and f"{total} orders" in few and f"other {total - 20}" in few
    assert say.words("orders", "--all").out.count("\n") > total
    board = say.words("schedule").out
    assert board.count("\n") < 70 and "--all shows all" in board


def test_endings_of_ids_stand_for_them(accepted):
    """Eight letters name an order for those who may see it, and nothing for others."""
    say, order_id = accepted
    assert say.json("order_answer", "orders", order_id[-8:])["order_id"] == order_id
    hidden = say.refusal(4, "orders", order_id[-8:], "--party", "second-buyer")
    assert hidden["code"] == "access.no_such_order"
    assert say.refusal(4, "orders", order_id[-3:])["code"] == "access.no_such_order"


def test_sentences_in_chinese(say, part):
    """The language is asked for on the command line, or set for the home."""
    refused = say.refusal(2, "offer", part / "cover.stl", "--quantity", 0, "--language", "zh")
    assert re.search("[\u4e00-\u9fff]", refused["text"])
    (say.home / "settings.toml").write_text('language = "zh"\n', encoding="utf-8")
    refused = say.refusal(2, "offer", part / "cover.stl", "--quantity", 0)
    assert re.search("[\u4e00-\u9fff]", refused["text"])
    assert say.refusal(2, "orders", "--language", "tlh")["code"] == "words.language_unknown"


def test_demo_answers_and_shows_itself(bare):
    """The demo plays the whole stream; its object holds each document of it."""
    found = bare.json("demo_answer", "demo", "--seed", 3)
    assert [order["state"] for order in found["orders"]] == ["delivered"] * 4
    assert found["verify"]["passports"] == 4
    beside = bare.home.with_name(f"{bare.home.name}-demo")
    assert json.dumps(found["home"]) == json.dumps(str(beside))
