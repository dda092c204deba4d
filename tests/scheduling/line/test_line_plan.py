"""A line is planned so that both judges find nothing, and better than by plain rules."""

from dataclasses import replace

import numpy as np
import pytest
from tests.scheduling.line.lines import MONDAY_S, PERIODS_S, TO_S, day_line, some_orders

from manufold.judge.line_rules import line_violations
from manufold.judge.violations import violations
from manufold.model.errors import CannotMake, InputFault
from manufold.model.line import LineOrder, Step, span_s
from manufold.scheduling.line.booked import line_jobs, line_network, network_slots
from manufold.scheduling.line.figures import figures
from manufold.scheduling.line.improve import Asked, Pace, Policy, ranked
from manufold.scheduling.line.lots import lots_of, lots_that_came
from manufold.scheduling.line.plan import LinePlan, Ready, planned, prepared


def ready(seed: int, count: int = 80, *, most: int = 30, lots: int = 0, hours: int = 6) -> Ready:
    """Return a small line, balanced for orders of eight styles."""
    line, orders = day_line(seed, orders_most=most), some_orders(seed, count, hours=hours)
    taken = lots_of(orders, lots) if lots else None
    return prepared(line, orders, periods_s=PERIODS_S, to_s=TO_S, lots=taken)


def asked(own: Ready) -> Asked:
    """Return the columns of a search on it."""
    return Asked.of(own.line, own.orders, own.rows, own.posts, own.carriers)


def both_judges(plan: LinePlan) -> list[str]:
    """Return the codes of all that both judges find."""
    line, orders, slots = plan.ready.line, plan.ready.orders, plan.slots()
    entered = {o.order_id: int(at) for o, at in zip(orders, plan.entered_s, strict=True)}
    found = line_violations(line, orders, slots, entered_s=entered)
    booked = network_slots(line, orders, slots)
    return [v.code for v in (*found, *violations(booked, line_network(line), line_jobs(orders)))]


@pytest.mark.parametrize("lots", [0, 6])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_judges_find_nothing(seed: int, lots: int) -> None:
    """Lines, orders and lots drawn by a seed, planned by a rule and by search: nothing is wrong."""
    own = ready(seed, lots=lots)
    rule = planned(own, policy=Policy(ranked(asked(own), "arrival"), 0, 30))
    searched = planned(own, seed=seed, pace=Pace(60), left_s=lambda: 1.0)
    assert both_judges(rule) == []
    assert both_judges(searched) == []
    assert len(searched.slots()) == sum(len(order.steps) for order in own.orders)


def test_search_betters_the_first_rule() -> None:
    """A hundred plans cost less than the first, which the search began with."""
    own = ready(4)
    first = planned(own, pace=Pace(1))
    best = planned(own, pace=Pace(100), left_s=lambda: 1.0)
    assert best.tried == 100
    assert asked(own).cost(best.found) < asked(own).cost(first.found)


def test_the_same_seed_gives_the_same_plan() -> None:
    """Two searches of one seed and so many plans end at the same slots."""
    once, again = (
        planned(ready(5, 40), seed=9, pace=Pace(70), left_s=lambda: 1.0) for _ in range(2)
    )
    assert once.slots() == again.slots()


def test_fewer_orders_inside_are_kept_to() -> None:
    """With four orders inside at most, no more than four ever are, and they are sooner through."""
    own = ready(6)
    rank = ranked(asked(own), "due")
    few, many = (
        figures(planned(own, policy=Policy(rank, 0, 4))),
        figures(planned(own, policy=Policy(rank, 0, 30))),
    )
    assert few.inside_most <= 4 < many.inside_most
    assert few.inside_s < many.inside_s


def test_likeness_saves_style_changes() -> None:
    """Forgiving many ranks to what needs no change, the line loses less by changes."""
    own = ready(7, 160, hours=1)
    rank = ranked(asked(own), "due")
    plain = figures(planned(own, policy=Policy(rank, 0, 30)))
    alike = figures(planned(own, policy=Policy(rank, 80, 30)))
    assert alike.change_s < 0.97 * plain.change_s
    assert plain.work_s - plain.change_s == pytest.approx(alike.work_s - alike.change_s, rel=0.1)


def test_lots_wait_for_one_another_and_change_less() -> None:
    """Lots of ten are longer on their way than single pieces and cost less by changes."""
    single, lots = figures(planned(ready(8))), figures(planned(ready(8, lots=10)))
    assert lots.lead_s > single.lead_s
    assert lots.change_s < single.change_s


def test_lots_that_came_wait_for_nobody() -> None:
    """They hold what was released together, of one style, and never more than the size."""
    orders = some_orders(9, 90)
    lots = lots_that_came(orders, 4)
    assert sorted(number for lot in lots for number in lot) == list(range(90))
    for lot in lots:
        assert len(lot) <= 4
        assert len({(orders[n].style, orders[n].release_s) for n in lot}) == 1
    assert max(len({orders[n].release_s for n in lot}) for lot in lots_of(orders, 4)) > 1


def test_spans_are_what_the_pace_and_the_repetitions_say() -> None:
    """What each step took is the standard time over the pace, and the loss on top."""
    own = ready(10, 30)
    plan = planned(own)
    steps = [step for order in own.orders for step in order.steps]
    for task, step in enumerate(steps):
        operator = own.line.operators[int(plan.found.operator[task])]
        pace = operator.pace_permille[step.skill]
        plain_s = span_s(step.standard_ms, pace)
        assert plan.found.plain_s[task] == plain_s
        possible = {
            span_s(step.standard_ms, pace, extra) for extra in (*own.line.extra_permille, 0)
        }
        assert plan.found.worked_s[task] in possible
    assert (plan.found.worked_s > plan.found.plain_s).any()


def test_figures_add_up() -> None:
    """Work per order is the sum of all slots' work; busy shares agree with it."""
    own = ready(11, 50)
    plan = planned(own)
    found = figures(plan)
    assert found.work_s * 50 == pytest.approx(float(plan.found.worked_s.sum()))
    assert all(0 <= share <= 1 for share in found.station_fraction.values())
    assert all(0 <= share <= 1.0001 for share in found.operator_fraction.values())
    release = np.array([order.release_s for order in own.orders])
    assert found.lead_s == pytest.approx(float((plan.finish_s - release).mean()))
    assert found.inside_most == max(count for _, count in found.inside_at)


def one(name: str, steps: tuple[Step, ...]) -> LineOrder:
    """Return an order of those steps."""
    return LineOrder(name, name, steps, MONDAY_S, MONDAY_S + 1)


def test_refusals_name_the_step() -> None:
    """No station, no skill, differing steps, mixed and large lots, too short a time are refused."""
    line = day_line(1)
    cases = {
        "line.no_station": (one("a", (Step("fly", "wing", "bench", 1000),)),),
        "line.nobody": (one("a", (Step("fly", "bench", "flying", 1000),)),),
        "line.step_differs": (
            one("a", (Step("cut", "bench", "bench", 1000),)),
            one("b", (Step("cut", "drill", "drill", 1000),)),
        ),
        "line.no_orders": (),
    }
    for code, orders in cases.items():
        with pytest.raises((CannotMake, InputFault)) as refused:
            prepared(line, orders, periods_s=PERIODS_S, to_s=TO_S)
        assert refused.value.code == code
    orders = some_orders(1, 40)
    for code, lots in (
        ("line.lot_mixed", [tuple(range(10)), tuple(range(10, 40))]),
        ("line.lot_large", [tuple(range(40))]),
    ):
        with pytest.raises((CannotMake, InputFault)) as refused:
            prepared(line, orders, periods_s=PERIODS_S, to_s=TO_S, lots=lots)
        assert refused.value.code == code
    short = prepared(line, orders, periods_s=PERIODS_S[:1], to_s=MONDAY_S + 32_400)
    with pytest.raises(CannotMake) as late:
        planned(short)
    assert late.value.code == "line.beyond_horizon"


def test_one_piece_flow_beats_lots_and_first_come_first_served() -> None:
    """On one line, equally searched, single pieces are through 40 % sooner than lots of twenty;
    and a quarter less late than first come, first served, on the same balance."""
    line, orders = day_line(12, orders_most=40), some_orders(12, 240, hours=5)
    hurried = tuple(replace(o, due_s=o.release_s + (o.due_s - o.release_s) // 4) for o in orders)
    few = {"periods_s": PERIODS_S, "to_s": TO_S}
    single = prepared(line, hurried, **few)  # type: ignore[arg-type]
    wide = replace(line, orders_most=200)
    lots = prepared(wide, hurried, lots=lots_of(hurried, 20), **few)  # type: ignore[arg-type]
    ours, theirs = (
        figures(planned(own, pace=Pace(80), left_s=lambda: 1.0)) for own in (single, lots)
    )
    arrival = Policy(ranked(asked(single), "arrival"), 0, 40)
    come = figures(planned(single, policy=arrival))
    assert ours.lead_s <= 0.6 * theirs.lead_s
    assert ours.late_s <= 0.75 * come.late_s
    assert come.late_s > 0
    assert theirs.change_s < ours.change_s
