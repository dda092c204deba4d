"""The corners of counting, each with its answer by hand."""

from dataclasses import replace
from fractions import Fraction

from tests.improvement.day import (
    at,
    day_events,
    day_network,
    event,
    job_event,
    order_events,
    report,
    told,
)
from tests.services.world import HUB

from manufold.improvement.estimates import quantile, wilson
from manufold.improvement.kpi import Kpi
from manufold.model.codec import encoded
from manufold.model.execution import JobOrder
from manufold.model.ports import NewEvent
from manufold.services.kpis import KpiReport, kpis

BEGIN = event("network", "NetworkLoaded", at("08:00", -1), name="shop", revision="0" * 64)


def measured(events: list[NewEvent], from_s: int, to_s: int) -> KpiReport:
    return kpis(
        told([BEGIN, *events], at("00:00", 5), day_network()), HUB, from_s=from_s, to_s=to_s
    )


def orders_of(found: KpiReport) -> dict[str, Kpi]:
    return {kpi.kpi_id: kpi for kpi in found.orders}


def down(kind: str, at_s: int) -> NewEvent:
    more = {"reason": "?"} if kind == "BrokeDown" else {}
    return event("unit:mill-1", kind, at_s, resource_id="mill-1", **more)


def test_a_run_that_nobody_paused_stands_while_the_unit_is_down():
    """Run 08:00-16:00, down 11:30-12:45 over the break: 30 + 15 minutes of it are delay."""
    events = [
        *order_events("A", at("07:00"), 5, 5),
        job_event("A", "RunStarted", at("08:00")),
        down("BrokeDown", at("11:30")),
        down("Repaired", at("12:45")),
        report("A", at("16:00"), 5, 0, 0, True),
    ]
    found = measured(events, at("00:00"), at("00:00", 1)).nodes[-1].elements
    assert (found.apt_s, found.adet_s, found.adot_s) == (24300, 2700, 1800)
    assert (found.broken_s, found.restoring_s) == (2700, 2700)


def test_a_report_after_the_window_of_a_run_that_goes_on():
    """Run from 08:00, ten pieces told at 11:00 and nothing since: a window to 09:00 has a third
    of them; the run after the report is told as unreported."""
    events = [
        *order_events("A", at("07:00"), 30, 30),
        job_event("A", "RunStarted", at("08:00")),
        report("A", at("11:00"), 9, 1, 0, False),
    ]
    early = measured(events, at("08:00"), at("09:00")).nodes[-1].elements
    assert (early.planned_run_s, early.unreported_s, early.gq) == (Fraction(10 * 300, 3), 0, 0)
    late = measured(events, at("10:00"), at("12:00")).nodes[-1].elements
    assert (late.planned_run_s, late.unreported_s) == (Fraction(10 * 300, 3), 3600)


def test_an_instant_belongs_to_the_work_before_it():
    """What is told at the very end of a window is in it, at its very begin it is not."""
    done = at("14:00")
    ends = measured(day_events()[1:], at("13:00"), done).nodes[0].elements
    begins = measured(day_events()[1:], done, at("15:00")).nodes[0].elements
    assert (ends.gq, ends.energy_wh, ends.finished) == (8, 5000, 1)
    assert (begins.gq, begins.energy_wh, begins.finished) == (0, 0, 0)


def test_a_job_order_moved_before_it_began_counts_where_it_ran():
    """Slots move; what runs is told with its work unit, and its order is judged there."""
    network = day_network()
    second = replace(network.work_units[0], work_unit_id="mill-2")
    network = replace(network, work_units=(*network.work_units, second))
    move = {"job_order_id": "A", "resource_id": "mill-2", "seat": 0, "site_id": "plant"}
    events = [
        BEGIN,
        *order_events("A", at("07:00"), 5, 5),
        event("order:ord-A", "SlotsMoved", at("07:30"), moves=[move], code="x.y", params={}),
    ]
    ctx = told(events, at("00:00", 5), network)
    kpis(ctx, HUB)
    assert ctx.kept["kpi_log"].jobs["A"].resource_id == "mill-2"


def test_an_order_arrives_when_enough_of_it_has():
    """Two deliveries of one order of ten with one short allowed: the second one counts."""
    dates = {"promised_at_s": at("12:00"), "p50_at_s": at("12:00"), "under_tolerance": 1}
    events = order_events("A", at("08:00", -1), 10, 10, **dates)
    for clock, pieces in (("11:00", 5), ("13:00", 4), ("14:00", 1)):
        came = event("order:ord-A", "Received", at(clock), zone_id="door", quantity=pieces)
        events.append(came)
    found = orders_of(measured(events, at("00:00"), at("00:00", 1)))
    assert found["on_time"].value == 0
    assert found["late_p50"].value == 1  # 13:00 against 12:00


def test_a_production_order_counts_when_its_last_job_order_ends():
    """Two job orders one after another: AOET from the first begin to the last end, overnight; in
    a window that ends between them it does not count yet."""
    first, *_ = order_events("A", at("07:00"), 5, 5)
    last = JobOrder("Z", "pro-A", "op10", ("A",), "mill-1", 0, "plant", 0, 0, 0, 5)
    accepted = replace(first, data={**first.data, "jobs": [*first.data["jobs"], encoded(last)]})

    def of_last(kind: str, at_s: int, **data: object) -> NewEvent:
        return replace(job_event("Z", kind, at_s, **data), stream="order:ord-A")

    counts = {"good": 4, "scrap": 1, "rework": 0, "complete": True}
    events = [
        accepted,
        job_event("A", "RunStarted", at("08:00")),
        report("A", at("10:00"), 5, 0, 0, True),
        of_last("RunStarted", at("08:00", 1)),
        of_last("Finished", at("09:00", 1), **counts),
    ]
    for known in (events, events[:3]):  # finished the next day, or not even begun
        place = measured(known, at("00:00"), at("00:00", 1)).nodes[0]
        before = {kpi.kpi_id: kpi.value for kpi in place.kpis}
        assert before["throughput_rate"] is None
    whole = measured(events, at("00:00"), at("00:00", 2)).nodes[0]
    found = {kpi.kpi_id: kpi.value for kpi in whole.kpis}
    assert found["throughput_rate"] == Fraction(5, 25)
    assert found["process_ratio"] == Fraction(3, 25)
    assert (whole.elements.gq, whole.elements.leaving_site) == (9, 4)


def test_quantiles_and_intervals_are_those_of_the_books():
    """Hyndman-Fan 7 on ten values; Wilson's interval of 8 in 10 and of all and none."""
    values = [10, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert quantile(values, Fraction(1, 2)) == Fraction(11, 2)
    assert quantile(values, Fraction(9, 10)) == Fraction(91, 10)
    assert (quantile([7], Fraction(9, 10)), quantile(values, Fraction(1))) == (7, 10)
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 10)[0] == 0.0 and wilson(10, 10)[1] == 1.0
    assert round(wilson(10, 10)[0], 4) == 0.7225
