"""A promise on a loaded line moves nothing, breaks nothing, and is never later than behind all."""

from dataclasses import replace

import pytest
from tests.scheduling.line.lines import MONDAY_S, PERIODS_S, TO_S, day_line, some_orders

from manufold.judge.line_rules import line_violations
from manufold.judge.violations import violations
from manufold.model.errors import CannotMake
from manufold.model.line import LineOrder, span_s
from manufold.model.units import HOUR_S
from manufold.scheduling.line.booked import line_jobs, line_network, network_slots
from manufold.scheduling.line.improve import Pace
from manufold.scheduling.line.loaded import Loaded
from manufold.scheduling.line.plan import LinePlan, planned, prepared
from manufold.scheduling.line.promise import promised

NOON_S = MONDAY_S + 10 * HOUR_S


def a_plan(seed: int, count: int, *, most: int = 15) -> LinePlan:
    """Return a plan of a small line."""
    line, orders = day_line(seed, orders_most=most), some_orders(seed, count, hours=4)
    return planned(prepared(line, orders, periods_s=PERIODS_S, to_s=TO_S), pace=Pace(1))


def more(seed: int, count: int) -> list[LineOrder]:
    """Return further orders of other names."""
    return [replace(o, order_id=f"new {o.order_id}") for o in some_orders(seed + 50, count)]


def wrong(loaded: Loaded) -> list[str]:
    """Return what both judges find in all that is on the line."""
    line, orders, slots = loaded.ready.line, loaded.orders, loaded.slots
    found = line_violations(line, orders, slots, entered_s=loaded.entered_s, exact=False)
    booked = network_slots(line, orders, slots)
    return [v.code for v in (*found, *violations(booked, line_network(line), line_jobs(orders)))]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_promises_move_nothing_and_are_kept_by_the_judges(seed: int) -> None:
    """A dozen orders promised one after another leave every slot where it was, and no fault."""
    plan = a_plan(seed, 90)
    loaded = Loaded.of(plan)
    for order in more(seed, 12):
        before = loaded.slots
        found = promised(loaded, order, NOON_S)
        assert found.loaded.slots[: len(before)] == before
        assert found.finish_s == max(slot.end_s for slot in found.slots)
        assert found.entered_s >= max(NOON_S, order.release_s)
        loaded = found.loaded
    assert wrong(loaded) == []
    assert len(loaded.orders) == 102


def test_a_promise_lies_between_what_hands_need_and_the_end_of_all() -> None:
    """It is never sooner than the longest way at the best pace, and uses gaps before the last."""
    plan = a_plan(4, 120)
    line, last_s = plan.ready.line, int(plan.finish_s.max())
    for order in more(4, 6):
        found = promised(Loaded.of(plan), order, NOON_S)
        ends: dict[str, int] = {}
        for step in order.steps:
            best = max(o.pace_permille.get(step.skill, 1) for o in line.operators)
            begins = max((ends[name] for name in step.after), default=found.entered_s)
            ends[step.step_id] = begins + span_s(step.standard_ms, best)
        assert max(ends.values()) <= found.finish_s
        assert found.finish_s < max(last_s, order.release_s) + HOUR_S


def test_an_empty_line_is_sooner_than_a_full_one() -> None:
    """The same order enters later where fifteen are inside all the time, and ends later."""
    order = replace(more(5, 1)[0], release_s=MONDAY_S + 9 * HOUR_S)
    empty, full = Loaded.of(a_plan(5, 8)), Loaded.of(a_plan(5, 200, most=4))
    now_s = MONDAY_S + 9 * HOUR_S
    soon, late = promised(empty, order, now_s), promised(full, order, now_s)
    assert soon.entered_s == now_s
    assert late.entered_s > now_s
    assert soon.finish_s < late.finish_s
    assert wrong(late.loaded) == []


def test_what_fits_nowhere_is_refused() -> None:
    """An order behind the end of the time, and a step that nobody has a post for, are refused."""
    loaded = Loaded.of(a_plan(6, 20))
    order = more(6, 1)[0]
    with pytest.raises(CannotMake) as refused:
        promised(loaded, order, TO_S - 60)
    assert refused.value.code == "line.full"
    steps = (replace(order.steps[0], step_id="polish"),)
    with pytest.raises(CannotMake) as strange:
        promised(loaded, replace(order, steps=steps), NOON_S)
    assert strange.value.code == "line.no_post"
