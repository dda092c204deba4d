"""Golden network files are read into exact nouns, and their revision follows their content."""

import shutil
from decimal import Decimal

import pytest

from connect.network_files import ONE, TWO, spoiled
from manufold.connect.network_file import check_network, read_network
from manufold.demo import demo_network_path
from manufold.model.codec import canonical, decoded, encoded, from_json
from manufold.model.errors import InputFault
from manufold.model.network import Network, Tool
from manufold.model.place import EnergyHours
from manufold.model.units import DAY_S, from_rfc3339


def test_the_least_network():
    """What was left out has its default, what was written its value, exactly."""
    network = read_network(ONE)
    assert [u.work_unit_id for u in network.work_units] == ["mill-1", "bench"]
    mill = network.work_unit["mill-1"]
    assert (mill.rate_minor_per_h, mill.power_w, mill.seats, mill.mtbf_h) == (4250, 5500, 1, 0)
    assert [c.name for c in mill.capabilities] == ["mill.3axis"]
    assert mill.capabilities[0].limits == {"x_mm": 500, "y_mm": 400, "z_mm": 300}
    site = network.site_of("mill-1")
    assert site.energy_minor_per_kwh == Decimal("21.5")
    assert site.grid_g_per_kwh == Decimal("380.95")
    assert (site.margin_fraction, site.frozen_zone_s) == (Decimal("0.15"), DAY_S)
    assert site.grid_source.licence == "CC-BY-4.0"
    lane = network.lane["works", "EU-DE"]
    assert (lane.time_s, lane.cost_minor, lane.cost_minor_per_kg) == (DAY_S, 890, 85)
    assert not lane.source.verified
    material = network.material["al-6061"]
    assert (material.price_minor, material.lead_time_s, material.carbon_g) == (
        460,
        3 * DAY_S,
        15100,
    )
    assert network.platform_fee_fraction == Decimal("0.05")
    assert check_network(ONE) == ()


def test_two_sites_with_csvs():
    """CSV rows are the same nouns as tables, each currency has its own minor unit."""
    network = read_network(TWO)
    assert network.work_unit["brno-lathe-1"].rate_minor_per_h == 78000  # 780 CZK
    assert network.work_unit["nagoya-lathe-1"].rate_minor_per_h == 5200  # yen have no cents
    assert network.site["nagoya"].energy_minor_per_kwh == Decimal("24.5")
    assert network.site["brno"].energy_minor_per_kwh == 390
    brno = network.setup_matrix["brno-lathe"]
    assert ("steel-1045", "ss-304", 1530, 4000, 200) in brno.entries
    assert (brno.default_s, len(brno.entries)) == (1200, 2)
    assert network.setup_matrix["nagoya-lathe"].default_s == 750
    assert network.material["ss-304"].price_minor == 640
    assert network.material["ss-304"].lead_time_s == round(5.5 * DAY_S)
    assert {o.operator_id: o.skills for o in network.operators} == {
        "petra": ("turning", "inspection"),
        "kenji": ("turning",),
    }
    assert network.stock[0].quantity == Decimal("850.5")
    assert not network.lane["brno", "EU-CZ"].source.verified
    calendar = network.calendar["brno"]
    assert calendar.holidays == ("2026-11-17", "2026-12-25")
    assert network.calendar["nagoya"].holidays == ("2026-11-23",)
    assert calendar.shifts[0].days == ("mon", "tue", "wed", "thu", "fri")
    assert network.calendar["nagoya"].shifts[0].days[-1] == "sat"
    shut = from_rfc3339("2026-12-24T06:00:00+01:00"), from_rfc3339("2027-01-04T06:00:00+01:00")
    assert calendar.closures == (shut,)


def test_ovens_subcontractors_tools_and_hours():
    """What a schedule is bound by beside machines stands in the file, in people's units."""
    network = read_network(TWO)
    oven = network.work_unit["brno-oven-1"]
    assert (oven.batches, oven.seats) == (True, 4) and not network.work_unit["brno-lathe-1"].batches
    outside = network.work_unit["brno-coating"].capability("coat")
    assert outside is not None
    assert (outside.lead_time_s, outside.order_price_minor, outside.piece_price_minor) == (
        81_000,
        120_000,
        1450,
    )
    made_here = network.work_unit["brno-lathe-1"].capability("turn")
    assert made_here is not None
    assert (made_here.lead_time_s, made_here.order_price_minor) == (None, 0)
    assert network.tools == (Tool("brno-chucks", "chuck-200", "brno", 3),)
    weekend, night = network.site["brno"].energy_hours
    assert weekend == EnergyHours(10, 16, Decimal(125), Decimal("280.5"), ("sat", "sun"))
    assert night == EnergyHours(22, 24, Decimal(295), Decimal(450))  # its grid as usual
    assert network.site["nagoya"].energy_hours == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("to_hour = 16", "to_hour = 9", "network.hours_wrong"),
        ("to_hour = 16", "to_hour = 25", "network.value_outside"),
        ("lead_time_h = 22.5", "lead_time_h = 0", "network.value_outside"),
        ("piece_price = 14.5", "piece_price = 14.555", "network.value_too_fine"),
        ("count = 3", "count = 0", "network.value_outside"),
        ('id = "brno-chucks"', 'id = "petra"', "network.twice_in_file"),
        ('site = "brno"\ncount', 'site = "brmo"\ncount', "network.reference_unknown"),
    ],
)
def test_their_faults_are_named_where_they_stand(tmp_path, old, new, code):
    """Each refusal names the thing, in the line that has to be changed or its table's."""
    for file in TWO.parent.iterdir():
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    text = (tmp_path / TWO.name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / TWO.name).write_text(text.replace(old, new), encoding="utf-8")
    found = [f for f in check_network(tmp_path / TWO.name) if f.severity == "error"]
    assert code in {fault.reason.code for fault in found}


def test_a_week_of_a_calendar():
    """A written week is the working time it says: breaks, a night shift, a holiday."""
    calendar = read_network(TWO).calendar["brno"]
    monday = from_rfc3339("2026-11-16T00:00:00+01:00")
    worked = calendar.intervals(monday, monday + 7 * DAY_S)
    # Tuesday 17th is a holiday; Monday's night still ends on Tuesday morning, and Sunday has none
    assert sum(end - start for start, end in worked) == (4 * 7.5 + 3 * 8) * 3600
    assert worked[0] == (monday + 6 * 3600, monday + 10 * 3600)


def test_the_demo_network():
    """Five sites, three countries, three owners; no error, and only the warnings we mean."""
    network = read_network(demo_network_path())
    assert len(network.sites) == 5
    assert len({site.country for site in network.sites}) == 3
    assert len({site.party_id for site in network.sites}) == 3
    for site in network.sites:
        units = [u for u in network.work_units if network.site_of(u.work_unit_id) is site]
        assert 4 <= len(units) <= 10
        zones = [z for z in network.delivery_zone if (site.site_id, z) in network.lane]
        assert len(zones) == len(network.delivery_zone) >= 4
        assert all(network.lane_s(site.site_id, other) is not None for other in network.site)
    makers = {
        name: {network.site_of(u.work_unit_id).site_id for u in network.work_units
               if u.capability(name)}
        for name in ("mill.3axis", "turn", "print.fdm", "print.sls", "sew", "pack")
    }  # fmt: skip
    assert makers["mill.3axis"] == makers["turn"] == {"zhuzhou", "stuttgart"}
    assert min(len(sites) for sites in makers.values()) >= 2
    assert len(makers["pack"]) == 5
    warned = [
        (f.severity, f.reason.params["capability"]) for f in check_network(demo_network_path())
    ]
    assert warned == [("warning", "laser"), ("warning", "bend")]
    wanted = {"al-6061", "steel-1045", "ss-304", "pom-c", "pa12", "petg", "cotton-poplin", "thread",
              "buttons", "packaging"}  # fmt: skip
    assert wanted <= set(network.material)
    roles = {role for party in network.parties for role in party.roles}
    assert roles >= {"buyer", "supplier", "network_operator"}
    assert {"demo-buyer", "second-buyer"} <= set(network.party)


def test_demo_holidays_cover_two_years():
    """Nobody works on Christmas Day in Europe or at Spring Festival in China, in both years."""
    network = read_network(demo_network_path())
    for calendar_id, day, offset in (
        ("st-two-shifts", "2026-12-25", "+01:00"),
        ("st-two-shifts", "2027-03-26", "+01:00"),
        ("lo-day", "2026-11-11", "+01:00"),
        ("lo-day", "2027-11-11", "+01:00"),
        ("zz-two-shifts", "2026-10-01", "+08:00"),
        ("zz-two-shifts", "2027-02-06", "+08:00"),
    ):
        start_s = from_rfc3339(f"{day}T00:00:00{offset}")
        assert network.calendar[calendar_id].intervals(start_s, start_s + DAY_S) == (), day
        before = network.calendar[calendar_id].intervals(start_s - 30 * DAY_S, start_s)
        assert sum(end - begin for begin, end in before) > 60 * 3600


def test_printers_run_alone():
    """Printers work 24 hours a day, every day; nothing else does."""
    network = read_network(demo_network_path())
    start_s = from_rfc3339("2026-11-23T00:00:00Z")
    for unit in network.work_units:
        worked = network.calendar[unit.calendar_id].intervals(start_s, start_s + 7 * DAY_S)
        always = sum(end - begin for begin, end in worked) == 7 * DAY_S
        assert always == any(c.name.startswith("print.") for c in unit.capabilities)


def test_revision_follows_content(tmp_path):
    """Notes, spaces and the order of keys leave the revision; a value in a CSV changes it."""
    network = read_network(TWO)
    assert len(network.revision) == 64
    same = spoiled(tmp_path / "a", 'name = "Two plants"\n', "# a note\nname   = 'Two plants'\n\n",
                   "network.toml")  # fmt: skip
    assert read_network(same).revision == network.revision
    reordered = "site,quantity,material\nbrno,850.50,steel-1045\nnagoya,120,ss-304\n"
    (same.parent / "stock.csv").write_text(reordered)
    assert read_network(same).revision == network.revision
    other = spoiled(tmp_path / "b", "850.5", "850.6", "stock.csv")
    assert read_network(other).revision != network.revision


@pytest.mark.parametrize("path", [ONE, TWO, demo_network_path()], ids=["one", "two", "demo"])
def test_a_network_is_a_document(path):
    """What was read survives the way through JSON, with every number exact."""
    network = read_network(path)
    assert decoded(Network, from_json(canonical(encoded(network)))) == network


def test_bom_and_crlf(tmp_path):
    """Files saved by an office program on Windows read the same."""
    shutil.copytree(TWO.parent, tmp_path, dirs_exist_ok=True)
    for file in tmp_path.iterdir():
        text = file.read_bytes().replace(b"\n", b"\r\n")
        file.write_bytes(b"\xef\xbb\xbf" + text)
    assert read_network(tmp_path / "network.toml") == read_network(TWO)


def test_read_raises_all_errors_at_once(tmp_path):
    """The refusal carries each error with its file and line."""
    path = spoiled(tmp_path, 'zone = "Europe/Berlin"', 'zone = "Europe/Berlim"')
    path.write_text(path.read_text(encoding="utf-8").replace("rate_per_h = 31", "rate_per_h = -3"))
    with pytest.raises(InputFault) as refused:
        read_network(path)
    assert refused.value.code == "network.file_faults"
    assert refused.value.params == {"file": "network.toml", "count": 2}
    assert [fault.reason.code for fault in refused.value.faults] == [
        "network.zone_unknown",
        "network.value_outside",
    ]
    assert all(fault.where.startswith("network.toml:") for fault in refused.value.faults)
