"""Laws that hold for whatever a shop has said: seconds are kept, windows and work units add up."""

from dataclasses import fields, replace
from fractions import Fraction
from random import Random

import pytest
from tests.improvement.day import DAY, day_network, event, job_event, order_events, told
from tests.services.world import HUB

from manufold.improvement.elements import Elements
from manufold.improvement.kpi import DEFINITIONS
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.network import Network, WorkUnit
from manufold.model.ports import NewEvent
from manufold.model.units import DAY_S
from manufold.services.kpis import KpiReport, kpis

SEEDS = range(40)
SPAN_S = 4 * DAY_S
NOW_S = DAY + SPAN_S + DAY_S
#: counted once for a report or a repair, or per seat, so no sum of seconds of the window
LEVELS = ("all", "site", "work_center", "work_unit")


def shop() -> Network:
    """Return three work units: the day mill, one around the clock with two seats, one by night."""
    one = day_network()
    night = WorkCalendar("night", "Europe/Berlin", (Shift(DAYS, "22:00", "05:30"),))
    mill = one.work_units[0]
    return replace(
        one,
        calendars=(*one.calendars, night),
        work_units=(
            mill,
            replace(mill, work_unit_id="mill-2", calendar_id="always", seats=2),
            replace(mill, work_unit_id="mill-3", calendar_id="night"),
        ),
    )


def day_of_work(random: Random, unit: WorkUnit, seat: int) -> list[NewEvent]:
    """Return what one seat might have said: job orders one after another, each its own order."""
    said: list[NewEvent] = []
    at_s, number = DAY - random.randrange(DAY_S), 0
    while at_s < DAY + SPAN_S:
        number += 1
        name = f"{unit.work_unit_id}-{seat}-{number}"
        pieces = random.randrange(1, 30)
        said += order_events(name, at_s, pieces, pieces, unit=unit.work_unit_id)
        said_here, at_s = job_life(random, name, unit.work_unit_id, seat, pieces, at_s)
        said += said_here
    return said


def job_life(
    random: Random, name: str, unit: str, seat: int, pieces: int, at_s: int
) -> tuple[list[NewEvent], int]:
    """Return the events of one job order and when it was over."""

    def later() -> int:
        nonlocal at_s
        at_s += random.choice([0, 1, 59, 600, 3600, 9 * 3600])
        return at_s

    def say(kind: str, **data: object) -> None:
        said.append(job_event(name, kind, later(), unit=unit, seat=seat, **data))

    said: list[NewEvent] = []
    if random.random() < 0.6:
        say("SetupStarted")
        if random.random() < 0.3:
            say("Paused", reason="?")
            say("Resumed")
        say("SetupEnded")
    say("RunStarted")
    while random.random() < 0.4:
        say("Paused", reason="?")
        say("Resumed")
    done = random.randrange(pieces)
    if done:
        counts = {"good": done, "scrap": 0, "rework": random.randrange(3), "complete": False}
        say("Finished", **counts)
    if random.random() < 0.5:
        said.append(job_event(name, "EnergyRead", later(), energy_wh=random.randrange(5000)))
    if random.random() < 0.15:
        said.append(job_event(name, "JobCancelled", later(), reason="?"))
    else:
        scrap = random.randrange(pieces - done + 1)
        counts = {"good": pieces - done - scrap, "scrap": scrap, "rework": 0, "complete": True}
        say("Finished", **counts)
    at_s += random.randrange(20_000)
    return said, at_s


def breakdowns(random: Random, unit: str) -> list[NewEvent]:
    """Return breakdowns that take no notice of what the job orders say; the last one may last."""
    said, at_s = [], DAY
    while random.random() < 0.7 and at_s < DAY + SPAN_S:
        at_s += random.randrange(DAY_S)
        said.append(event(f"unit:{unit}", "BrokeDown", at_s, resource_id=unit, reason="?"))
        at_s += random.randrange(1, 40_000)
        said.append(event(f"unit:{unit}", "Repaired", at_s, resource_id=unit))
    return said


def streams(seed: int) -> list[list[NewEvent]]:
    """Return what each seat and each work unit said."""
    random = Random(seed)
    found = []
    for unit in shop().work_units:
        found += [day_of_work(random, unit, seat) for seat in range(unit.seats)]
        found.append(breakdowns(random, unit.work_unit_id))
    return found


def in_time(parts: list[list[NewEvent]]) -> list[NewEvent]:
    """Return the events as a log has them: by time, each stream in its own order."""
    begin = event("network", "NetworkLoaded", DAY - 2 * DAY_S, name="shop", revision="0" * 64)
    return [begin, *sorted((one for part in parts for one in part), key=lambda one: one.at_s)]


def measured(events: list[NewEvent], from_s: int, to_s: int) -> KpiReport:
    return kpis(told(events, NOW_S, shop()), HUB, from_s=from_s, to_s=to_s)


def elements(report: KpiReport) -> dict[tuple[str, str], Elements]:
    return {(node.level, node.node_id): node.elements for node in report.nodes}


@pytest.mark.parametrize("seed", SEEDS)
def test_seconds_are_kept_and_shares_are_shares(seed):
    """PBT is APT, AUST, ADET and ADOT, none below nought; a share lies in [0, 1]; OEE and NEE are
    the products of their factors; a figure is there exactly when something was divided by."""
    report = measured(in_time(streams(seed)), DAY, DAY + SPAN_S)
    for node in report.nodes:
        e = node.elements
        assert e.pbt_s == e.apt_s + e.aust_s + e.adet_s + e.adot_s
        assert all(getattr(e, field.name) >= 0 for field in fields(e)), e
        assert e.up_s + e.broken_s <= e.pbt_s
        found = {kpi.kpi_id: kpi.value for kpi in node.kpis}
        for name, value in found.items():
            if value is not None:
                assert value >= 0 and (DEFINITIONS[name].unit != "share" or value <= 1), name
        factors = [found[n] for n in ("availability", "effectiveness", "quality_ratio")]
        if None in factors or not e.pq:
            assert found["oee_index"] is None
        else:
            assert found["oee_index"] == factors[0] * factors[1] * factors[2]
            processing = Fraction(e.aupt_s, e.pbt_s)
            assert found["nee_index"] == processing * factors[1] * factors[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_add_up(seed):
    """A window cut in two anywhere: each element of the halves sums to the whole's, exactly; only
    first_good may differ, which looks at the reports of one window."""
    events, random = in_time(streams(seed)), Random(seed)
    cut_s = DAY + random.randrange(1, SPAN_S)
    whole = elements(measured(events, DAY, DAY + SPAN_S))
    first = elements(measured(events, DAY, cut_s))
    second = elements(measured(events, cut_s, DAY + SPAN_S))
    for place, total in whole.items():
        halves = Elements.total([first[place], second[place]])
        both = replace(total, first_good=0), replace(halves, first_good=0)
        assert both[0] == both[1], place


@pytest.mark.parametrize("seed", SEEDS)
def test_work_units_sum_to_their_site(seed):
    """Each level is the sum of the one below, and one owner's only site is all it sees."""
    found = elements(measured(in_time(streams(seed)), DAY, DAY + SPAN_S))
    sums = [
        Elements.total([one for (level, _), one in found.items() if level == wanted])
        for wanted in LEVELS
    ]
    assert sums == [sums[0]] * 4


@pytest.mark.parametrize("seed", SEEDS)
def test_unrelated_orders_may_come_in_any_order(seed):
    """Whole streams shuffled against one another leave every figure as it was."""
    parts = streams(seed)
    told_once = measured(in_time(parts), DAY, DAY + SPAN_S)
    begin, *rest = in_time(parts)
    by_stream: dict[str, list[NewEvent]] = {}
    for one in rest:
        by_stream.setdefault(one.stream, []).append(one)
    groups = list(by_stream.values())
    Random(seed).shuffle(groups)
    again = measured([begin, *(one for group in groups for one in group)], DAY, DAY + SPAN_S)
    assert again == told_once
