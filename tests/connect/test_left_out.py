"""What a network file leaves out: a plausible default, flagged at its line and in the offer."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.services.world import ANNA, ask, two_plants, world

from connect.network_files import ONE, TWO, line_with
from manufold.connect.network_file import check_network, read_network
from manufold.connect.network_file.faults import NetworkFault
from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.units import DAY_S
from manufold.services.quote import offer
from manufold.words import word

UNIT_HOURS = 'work_center = "milling"\ncalendar = "day"\ncapabilities = [{'
NIGHT = """[[calendar]]
id = "night"
zone = "Europe/Berlin"
shifts = [{ days = ["mon-fri"], start = "22:00", end = "06:00" }]

"""
CLOSED = "closures = [{ from = 2026-01-01T00:00:00, to = 2029-01-01T00:00:00 }]\n"
OTHER = """
[[operator]]
id = "uta"
site = "works"
skills = ["milling"]
calendar = "day"
rate_per_h = 28
"""
#: a Monday, midnight UTC
MONDAY_S = 194_572_800


def edited(folder: Path, *edits: tuple[str, str], source: Path = ONE) -> tuple[Path, str]:
    """Return a copy of an example with texts replaced once each, and what it says."""
    text = source.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = folder / "network.toml"
    path.write_text(text, encoding="utf-8")
    return path, text


def found_in(path: Path, code: str) -> list[NetworkFault]:
    """Return the faults of a code."""
    return [fault for fault in check_network(path) if fault.reason.code == code]


def worked_s(network: Network, calendar_id: str) -> int:
    """Return the working seconds of a plain week."""
    spans = network.calendar[calendar_id].intervals(MONDAY_S, MONDAY_S + 7 * DAY_S)
    return sum(end - start for start, end in spans)


def test_a_work_unit_without_a_calendar_works_eight_hours_on_weekdays(tmp_path: Path) -> None:
    """Forty hours a week in its site's zone, never all of it; a warning stands at its table."""
    path, text = edited(tmp_path, (UNIT_HOURS, 'work_center = "milling"\ncapabilities = [{'))
    network = read_network(path)
    calendar = network.calendar[network.work_unit["mill-1"].calendar_id]
    assert (worked_s(network, calendar.calendar_id), calendar.zone) == (40 * 3600, "Europe/Berlin")
    (told,) = found_in(path, "network.calendar_assumed")
    assert (told.severity, told.line) == ("warning", line_with(text, 'id = "mill-1"') - 1)
    assert "08:00" in word(told.reason) and "mill-1" in word(told.reason)
    assert network.work_unit["bench"].calendar_id == "day"
    assert [one.code for one in network.assumed["mill-1"]] == ["schedule.calendar_assumed"]


def test_an_operator_without_calendar_and_rate(tmp_path: Path) -> None:
    """The hours are assumed; where no other operator states a rate, that is an error."""
    path, text = edited(tmp_path, ('\ncalendar = "day"\nrate_per_h = 31', ""))
    (told,) = found_in(path, "network.rate_missing")
    assert (told.severity, told.line) == ("error", line_with(text, "[[operator]]"))
    path.write_text(text + OTHER, encoding="utf-8")
    network = read_network(path)
    assert network.operator["otto"].rate_minor_per_h == 2800
    assert worked_s(network, network.operator["otto"].calendar_id) == 40 * 3600
    reasons = network.assumed["otto"]
    assert [one.code for one in reasons] == [
        "schedule.operator_calendar_assumed",
        "schedule.operator_rate_assumed",
    ]
    assert all("otto" not in word(one) for one in reasons), "a buyer reads it"


def test_a_rate_left_out_is_the_middle_one(tmp_path: Path) -> None:
    """Of the rates at its own site; of other sites, converted, where that states none."""
    path, _ = edited(tmp_path, ("rate_per_h = 42.50\n", ""))
    assert read_network(path).work_unit["mill-1"].rate_minor_per_h == 1800
    (told,) = found_in(path, "network.rate_assumed")
    assert told.reason.params["rate"] == "18"


def test_a_setup_matrix_without_default_takes_its_longest(tmp_path: Path) -> None:
    """What is not listed takes as long as the longest that is; it is said with the matrix."""
    for file in TWO.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path, text = edited(tmp_path, ("default_min = 20\n", ""), source=TWO)
    network = read_network(path)
    assert network.setup_matrix["brno-lathe"].default_s == 1530
    (told,) = found_in(path, "network.setup_assumed")
    assert told.line == line_with(text, 'id = "brno-lathe"') - 1
    assert [one.code for one in network.assumed["brno-lathe"]] == ["schedule.setup_assumed"]


def test_who_never_meets_the_machine_is_named(tmp_path: Path) -> None:
    """The only miller works nights, the mill days: the file alone shows it."""
    nights = ('calendar = "day"\nrate_per_h = 31', 'calendar = "night"\nrate_per_h = 31')
    path, _ = edited(tmp_path, nights, ("[[site]]", NIGHT + "[[site]]"))
    found = found_in(path, "network.never_attended")
    named = {(one.reason.params["work_unit"], one.reason.params["skill"]) for one in found}
    assert ("mill-1", "milling") in named
    assert all(one.severity == "warning" and one.line for one in found)


def test_a_closure_without_end_is_named(tmp_path: Path) -> None:
    """A calendar closed for three years can bear no date, and says so at its line."""
    path, text = edited(tmp_path, ("shifts = [{ days", CLOSED + "shifts = [{ days"))
    (told,) = found_in(path, "network.calendar_closed")
    assert (told.line, told.reason.params["days"]) == (line_with(text, "closures = "), 1096)


def test_files_that_leave_nothing_out_assume_nothing() -> None:
    """The examples state all of it."""
    for path in (ONE, TWO):
        assert dict(read_network(path).assumed) == {}
        assert [f for f in check_network(path) if "assumed" in f.reason.code] == []


@pytest.mark.parametrize("name", ["mill-1", "mill-2"])
def test_an_offer_says_what_it_stands_on(name: str) -> None:
    """Assumptions go with the offers whose slots use what was assumed, and with no others."""
    said = Reason(
        "schedule.calendar_assumed", {"at": name, "start": "08:00", "end": "16:00", "zone": "UTC"}
    )
    one_plant = two_plants()
    only = replace(one_plant, work_units=one_plant.work_units[:1], assumed={name: (said,)})
    told = offer(world(only), ANNA, ask()).offer.assumptions
    codes = [one.code for one in told]
    assert ("schedule.calendar_assumed" in codes) is (name == "mill-1")
