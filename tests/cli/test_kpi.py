"""`manufold kpi`: one object that its contract describes, tables that fit, refusals in words."""

import re

import pytest
from tests.cli.told import Teller


@pytest.fixture
def ran(say: Teller) -> Teller:
    """A teller of a world that has gone on for three days."""
    say.json("run_answer", "run", "--hours", 72)
    return say


def test_the_object_tells_the_world_and_every_work_unit(ran):
    """By default the whole network since the log began, simulated said; each node sums up."""
    found = ran.json("kpi_answer", "kpi")
    assert found["world"] == "sim" and [n["code"] for n in found["notes"]] == ["kpi.before_the_log"]
    whole = found["nodes"][0]
    units = [node for node in found["nodes"] if node["level"] == "work_unit"]
    assert whole["elements"]["apt_s"] == sum(u["elements"]["apt_s"] for u in units) > 0
    told = {one["id"]: one for one in found["definitions"]}
    values = {kpi["id"]: kpi["value"] for kpi in whole["kpis"]}
    assert set(values) | {kpi["id"] for kpi in found["orders"]} == set(told)
    product = values["availability"] * values["effectiveness"] * values["quality_ratio"]
    assert values["oee_index"] == pytest.approx(product, rel=1e-9)
    assert told["oee_index"]["source"] == "ISO 22400-2"


def test_less_can_be_asked_for(ran):
    """A site, a work unit, days, an instant: each narrows the answer; a day is its whole day."""
    site = ran.json("kpi_answer", "kpi", "--site", "lodz")
    assert site["sites"] == ["lodz"] and site["nodes"][1]["parent"] == ""
    unit = site["nodes"][-1]["id"]
    day = site["from"][:8] + f"{int(site['from'][8:10]) + 1:02d}"
    one = ran.json("kpi_answer", "kpi", "--work-unit", unit, "--from", day, "--to", day)
    assert one["orders"] == [] and one["nodes"][-1]["id"] == unit
    assert one["from"][:11] == f"{day}T" and one["from"][11:19] == one["to"][11:19] == "00:00:00"
    same = ran.json(
        "kpi_answer", "kpi", "--work-unit", unit, "--from", one["from"], "--to", one["to"]
    )
    assert same == one


def test_buyers_and_owners_get_their_own(ran):
    """`--party` decides: an owner its sites, a buyer its orders alone."""
    every = ran.json("kpi_answer", "kpi")
    buyer = ran.json("kpi_answer", "kpi", "--party", "demo-buyer")
    assert buyer["nodes"] == buyer["sites"] == [] and buyer["orders"]
    assert ran.refusal(2, "kpi", "--party", "demo-buyer", "--site", "lodz")["code"] == (
        "access.role_may_not"
    )
    from manufold.app import open_home

    with open_home(ran.home) as m:
        owners = {site.party_id: site.site_id for site in m.network.sites}
    assert len(owners) >= 2
    for owner, site in owners.items():
        own = ran.json("kpi_answer", "kpi", "--party", owner)
        assert site in own["sites"] and len(own["sites"]) < len(every["sites"])


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("--site", "mars"), "kpi.site_unknown"),
        (("--work-unit", "nix"), "kpi.unit_unknown"),
        (("--from", "2199-01-01"), "kpi.window_empty"),
        (("--from", "2027-01-02", "--to", "2027-01-01"), "kpi.window_empty"),
        (("--to", "2020-01-01"), "kpi.window_empty"),
        (("--from", "0001-01-01"), "app.instant_outside"),
        (("--from", "yesterday"), "app.instant_malformed"),
    ],
)
def test_refusals_are_worded(say, asked, code):
    """What cannot be measured is refused with its code, in English and in Chinese."""
    assert say.refusal(2, "kpi", *asked)["code"] == code
    assert re.search("[\u4e00-\u9fff]", say.refusal(2, "kpi", *asked, "--language", "zh")["text"])


@pytest.mark.parametrize("columns", [80, 120])
def test_tables_fit_the_terminal(ran, monkeypatch, columns):
    """The world is said to be simulated, no line is wider than the terminal, nothing is cut."""
    monkeypatch.setenv("COLUMNS", str(columns))
    for asked in ((), ("--site", "lodz"), ("--work-unit", "st-mill-1", "--language", "zh")):
        answer = ran.words("kpi", *asked)
        assert answer.code == 0, answer.err
        assert answer.out.startswith("simulated world: ") and "…" not in answer.out
        assert "OEE" in answer.out
        for line in answer.out.splitlines():
            wide = sum(2 if ord(letter) > 0x2E7F else 1 for letter in line.rstrip())
            assert wide <= columns, line
    assert "On-time delivery" in ran.words("kpi").out


def test_a_world_that_is_not_there_is_not_made(bare):
    """Measuring makes no home."""
    assert bare.refusal(2, "kpi")["code"] == "home.missing"
    assert not bare.home.exists()
