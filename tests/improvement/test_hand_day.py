"""One day on one mill, worked out by hand from the definitions."""

from fractions import Fraction

import pytest
from tests.improvement.day import at, day_events, told
from tests.services.world import ANNA, HUB

from manufold.improvement.kpi import DEFINITIONS, Kpi
from manufold.services.kpis import KpiNode, kpis

#: PBT   08:00-12:00 and 12:30-16:30                                     8 h     28800 s
#: AUST  A 08:00-08:30                                                   0.5 h    1800 s
#: APT   A 08:30-10:00, 10:50-12:00, 12:30-14:00   5400 + 4200 + 5400 = 15000 s
#:       B 15:00-16:00, 16:10-16:30                3600 + 1200        =  4800 s  19800 s
#: ADET  A 10:00-10:50 (broken, then waiting) 3000, B 16:00-16:10 600               3600 s
#: ADOT  14:00-15:00                                                               3600 s
TIMES = {"pbt_s": 28800, "apt_s": 19800, "aust_s": 1800, "adet_s": 3600, "adot_s": 3600}
#: A is reported whole: 18 good, 2 scrap, 2 of them reworked before. Of B nothing is reported on
#: the day, but 4800 of its 8400 s of run are: 21 x 4/7 = 12 pieces' worth of planned run.
#: PRI x PQ = 300 x 20 + 300 x 12 = 9600 s.
COUNTS = {"gq": 18, "sq": 2, "rq": 2, "first_good": 16, "planned_run_s": 9600, "psq": 2}
REST = {"up_s": 26100, "broken_s": 2700, "operating_s": 21600, "energy_wh": 5000, "finished": 1}
REST |= {"unread": 0, "unplanned": 0, "outside_s": 0, "unreported_s": 0, "energy_carbon_g": 2000}
REST |= {"failures": 1, "restored": 1, "restoring_s": 2700, "leaving_site": 18, "leaving_all": 18}

VALUES = {
    "allocation_efficiency": Fraction(25200, 28800),
    "utilization_efficiency": Fraction(19800, 25200),
    "availability": Fraction(19800, 28800),
    "effectiveness": Fraction(9600, 19800),
    "quality_ratio": Fraction(18, 20),
    "oee_index": Fraction(3, 10),  # 11/16 x 16/33 x 9/10
    "nee_index": Fraction(18, 55),  # 3/4 x 16/33 x 9/10
    "setup_ratio": Fraction(1, 12),
    "technical_efficiency": Fraction(19800, 23400),
    "first_pass_yield": Fraction(16, 20),
    "scrap_ratio": Fraction(1, 10),
    "rework_ratio": Fraction(1, 10),
    "planned_scrap_ratio": Fraction(1),  # 2 scrapped, 20 x 10 % expected
    "mttf": Fraction(29, 4),  # 8 h less 45 min, one failure
    "mtbf": Fraction(6),  # 21600 s set up and run
    "mttr": Fraction(3, 4),  # 10:00-10:45
    "energy_consumption": Fraction(5000, 20),
    "energy_per_good": Fraction(5000, 18),
    "grid_carbon_per_good": Fraction(2000, 18),  # 5 kWh at 400 g
    "throughput_rate": Fraction(20, 6),  # A from 08:00 to 14:00
    "allocation_ratio": Fraction(11, 12),  # the break is in AOET
    "process_ratio": Fraction(15000, 21600),
}
#: A was promised for 15:00, put off to 16:00, came 15:30; B is due days later. A took from the
#: day before 08:00: 31.5 h; its passport says 900 g for 18 pieces.
ORDERS = {
    "on_time": Fraction(0),
    "on_time_revised": Fraction(1),
    "on_time_requested": Fraction(0),
    "promised_requested": Fraction(1),
    "p50_calibration": Fraction(0),
    "p90_calibration": Fraction(0),
    "lead_p50": Fraction(63, 2),
    "lead_p90": Fraction(63, 2),
    "late_p10": Fraction(1, 2),
    "late_p50": Fraction(1, 2),
    "late_p90": Fraction(1, 2),
    "promise_error": Fraction(1, 2),
    "carbon_per_good": Fraction(50),
}


def by_id(found: tuple[Kpi, ...]) -> dict[str, Fraction | None]:
    return {kpi.kpi_id: kpi.value for kpi in found}


@pytest.fixture
def nodes() -> dict[str, KpiNode]:
    """The day's nodes by their level; there is one of each."""
    report = kpis(told(day_events(), at("00:00", 2)), HUB, from_s=at("00:00"), to_s=at("00:00", 1))
    assert len(report.nodes) == 4
    return {node.level: node for node in report.nodes}


@pytest.mark.parametrize("level", ["all", "site", "work_center", "work_unit"])
def test_elements_are_those_of_the_hand(nodes, level):
    """Each second and each piece of the day is where the definitions put it, at each level."""
    elements = nodes[level].elements
    for name, value in (TIMES | COUNTS | REST).items():
        assert getattr(elements, name) == value, name
    names = set(TIMES | COUNTS | REST)
    assert names == set(type(elements).__dataclass_fields__)


def test_values_are_those_of_the_hand(nodes):
    """Every indicator of equipment and of production orders, exact."""
    assert by_id(nodes["site"].kpis) == by_id(nodes["all"].kpis) == VALUES
    alone = by_id(nodes["work_unit"].kpis)
    assert alone == {name: VALUES[name] for name in alone}
    per_goods = {"energy_per_good", "grid_carbon_per_good"}
    assert VALUES.keys() - alone.keys() == per_goods | {
        "throughput_rate",
        "allocation_ratio",
        "process_ratio",
    }


def test_orders_are_those_of_the_hand():
    """The dates of the one order due and delivered that day; a promise put off helps nothing."""
    ctx = told(day_events(), at("00:00", 2))
    for actor in (HUB, ANNA):
        report = kpis(ctx, actor, from_s=at("00:00"), to_s=at("00:00", 1))
        assert by_id(report.orders) == ORDERS
    assert set(VALUES | ORDERS) == set(DEFINITIONS)


def test_values_are_what_was_divided(nodes):
    """Numerator and denominator travel with each value and give it; the reason tells both."""
    for node in nodes.values():
        for kpi in node.kpis:
            assert kpi.numerator is not None and kpi.denominator
            assert kpi.value == Fraction(kpi.numerator) / kpi.denominator
            assert kpi.basis.code == "kpi.made_of"
    availability = next(kpi for kpi in nodes["site"].kpis if kpi.kpi_id == "availability")
    assert availability.basis.params == {"above": "5.5 h", "below": "8 h"}


def test_the_next_morning_has_the_rest():
    """The window after it: B's other 3600 s of run, its 21 pieces, and 9 pieces' planned run."""
    ctx = told(day_events(), at("00:00", 2))
    report = kpis(ctx, HUB, from_s=at("00:00", 1), to_s=at("10:00", 1))
    found = report.nodes[0].elements
    assert (found.pbt_s, found.apt_s, found.adot_s) == (7200, 3600, 3600)
    assert (found.gq, found.sq, found.planned_run_s) == (20, 1, 300 * 9)


def test_a_run_still_going_on_is_not_guessed():
    """Before B is reported its run counts as production and says that pieces are missing."""
    events = day_events()[:-1]
    ctx = told(events, at("16:30"))
    report = kpis(ctx, HUB, from_s=at("00:00"))
    found = report.nodes[0]
    assert (found.elements.apt_s, found.elements.unreported_s) == (19800, 4800)
    assert found.elements.planned_run_s == 6000
    assert [note.code for note in found.notes] == ["kpi.not_yet_reported"]
