"""Run: a seeded world says the same every time, however it is cut, and keeps every rule."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from tests.services.stores import (
    Rough,
    all_delivered,
    clean,
    never_busy_twice,
    rough_world,
    views_stand,
    weak_plants,
)
from tests.services.world import ANNA, BERT, HUB, MAKER, quoted, world

from manufold.judge.violations import violations
from manufold.model.errors import InputFault
from manufold.model.execution import Command, OrderState
from manufold.model.fakes import FixedClock, ManualClock, MemoryStore
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.outages import with_outages
from manufold.services import run as running
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.floor import floor_of
from manufold.services.make import say
from manufold.services.order import accept, show_order, show_orders
from manufold.services.project import project
from manufold.services.run import run
from manufold.services.schedule import forecast_at_s


def shop(orders: int = 8, *, pieces: int = 30, yield_fraction: str = "0.9", **more: Any) -> Context:
    """Return a world of weak machines with orders of two buyers accepted."""
    ctx = rough_world(None, weak_plants(mtbf_h=20, mttr_h=2), **more)
    ctx = replace(ctx, verticals={"toy": Rough(yield_fraction)})
    for number in range(orders):
        actor = (ANNA, BERT)[number % 2]
        offer = quoted(ctx, actor, quantity=pieces + number).offer
        accept(ctx, actor, offer.offer_id, ("cheap", "fast", "green")[number % 3])
    return ctx


def scrapping(orders: int = 8) -> Context:
    """Return a world that starts too few pieces of what often goes wrong."""
    chance: Any = 0.2
    return shop(orders, yield_fraction="0.7", start_confidence_fraction=chance)


def log_of(ctx: Context) -> list[bytes]:
    """Return the lines of a world's log."""
    return list(ctx.store.export())


def test_the_same_seed_says_the_same() -> None:
    """Two worlds of one seed have the same log to the byte; another seed has another."""
    logs = []
    for seed in (1, 1, 2):
        ctx = shop(6, twin_seed=seed)
        answer = run(ctx)
        assert answer["delivered"] == 6
        assert answer["commands"] <= answer["events"]
        all_delivered(ctx)
        logs.append(log_of(ctx))
    assert logs[0] == logs[1] != logs[2]
    assert len(logs[0]) > 200


@pytest.mark.parametrize("step_s", [HOUR_S, 5 * HOUR_S, 8 * HOUR_S, DAY_S])
def test_a_run_cut_into_pieces_says_the_same(step_s: int) -> None:
    """Hour by hour, shift by shift or day by day: the log of the uninterrupted run."""
    whole, cut = shop(), shop()
    ends_s = whole.clock.now_s() + 6 * DAY_S
    run(whole, until_s=ends_s)
    while cut.clock.now_s() < ends_s:
        run(cut, until_s=min(cut.clock.now_s() + step_s, ends_s))
    assert log_of(cut) == log_of(whole)
    assert {o.state for o in show_orders(cut, HUB)} == {"delivered"}
    kinds = Counter(event.kind for event in cut.store.read())
    assert kinds["BrokeDown"] > 2
    assert kinds["SlotsMoved"] > 0


@pytest.mark.parametrize("step_s", [None, 8 * HOUR_S])
def test_scrap_is_made_again_and_the_order_arrives_whole(step_s: int | None) -> None:
    """Too few good pieces: planned anew in the next round, also where runs end with the shift."""
    ctx = scrapping()
    if step_s is None:
        run(ctx)
    else:
        for _ in range(90):
            run(ctx, until_s=ctx.clock.now_s() + step_s)  # a remake may wait for its metal
    assert any(len(order.production_orders) > 2 for order in show_orders(ctx, HUB))
    all_delivered(ctx)


def test_an_order_cancelled_on_the_way_leaves_the_others_alone() -> None:
    """Cancelled in the middle: nothing of it goes on, its slots are free, the rest arrives."""
    ctx = shop()
    run(ctx, until_s=ctx.clock.now_s() + HOUR_S)
    begun = next(o for o in show_orders(ctx, HUB) if o.state == "in_production")
    later = [o for o in show_orders(ctx, HUB) if o.state == "accepted"][-1]
    for order in (begun, later):
        actor = ANNA if order.party_id == "anna" else BERT
        assert cancel(ctx, actor, order.order_id, "no").state == "cancelled"
    gone = {name for order in (begun, later) for name in order.jobs}
    assert not gone & {b.booking_id.split("/")[0] for b in ctx.store.bookings(now_s=0)}
    seq = ctx.store.head().seq
    run(ctx)
    for event in ctx.store.read(seq):
        assert event.data.get("job_order_id") not in gone
    states = Counter(order.state for order in show_orders(ctx, HUB))
    assert states == {"cancelled": 2, "delivered": 6}
    never_busy_twice(ctx)
    views_stand(ctx.store)


def test_an_order_that_people_hold_does_not_run_for_ever() -> None:
    """A run ends when what is left waits for people, and goes on when they let it."""
    ctx = shop(3)
    held = show_orders(ctx, HUB)[-1]
    job = next(iter(held.jobs.values()))
    command = Command(
        "evt_hold", "hold", ctx.clock.now_s(), "x", held.order_id, data={"reason": "?"}
    )
    say(ctx, HUB, command)
    answer = run(ctx)
    assert answer["delivered"] == 2
    assert show_order(ctx, HUB, held.order_id).jobs[job.job_order_id].state == "planned"
    say(ctx, HUB, Command("evt_go", "release", ctx.clock.now_s(), "x", held.order_id))
    run(ctx)
    all_delivered(ctx)


def test_a_run_for_some_orders_ends_with_them() -> None:
    """Named orders are delivered when it stops; others may still be on the way."""
    ctx = shop()
    first = min(show_orders(ctx, HUB), key=lambda o: o.forecast_at_s or 0)
    run(ctx, orders=(first.order_id,))
    states = Counter(order.state for order in show_orders(ctx, HUB))
    assert show_order(ctx, HUB, first.order_id).state == "delivered"
    assert states["delivered"] < 8
    run(ctx)
    all_delivered(ctx)


def test_the_four_dates_of_an_order_agree() -> None:
    """Promised stays, forecast is told until arrival, actual is when the last piece arrived."""
    ctx = shop()
    promised = {o.order_id: o.promised_at_s for o in show_orders(ctx, HUB)}
    answer: dict[str, Any] = {}
    for _ in range(100):
        for order in show_orders(ctx, HUB):
            expected_s = forecast_at_s(ctx, order)
            assert (expected_s is None) == (order.state == "delivered")
            if expected_s is not None:
                jobs = order.jobs.values()
                assert expected_s > max(job.actual_end_s or job.end_s for job in jobs)
        if all(order.state == "delivered" for order in show_orders(ctx, HUB)):
            break
        answer = run(ctx, until_s=ctx.clock.now_s() + 8 * HOUR_S)
        assert answer["to"] > answer["from"]
    for order in show_orders(ctx, HUB):
        events = list(ctx.store.read(stream=f"order:{order.order_id}"))
        received = [event.at_s for event in events if event.kind == "Received"]
        shipped = [event.at_s for event in events if event.kind == "Shipped"]
        assert order.promised_at_s == promised[order.order_id]
        assert order.actual_at_s == received[-1] > shipped[-1]
        assert shipped[-1] >= max(job.actual_end_s or 0 for job in order.jobs.values())
        assert [e.at_s for e in events] == sorted(e.at_s for e in events)


def test_on_time_is_counted_as_it_was() -> None:
    """The answer's share of kept promises is that of the orders themselves."""
    ctx = shop()
    answer = run(ctx)
    kept = [o for o in show_orders(ctx, HUB) if (o.actual_at_s or 0) <= o.promised_at_s]
    assert (answer["delivered"], answer["on_time"]) == (8, len(kept))
    assert answer["world"] == "sim"


def test_after_each_planners_round_the_schedule_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judged by code that did not plan it: no overlap, no missing wait, nothing in a break."""
    ctx = scrapping()
    rounds: list[int] = []
    real = running._planners_round

    def judged(state: Any, now_s: int) -> None:
        real(state, now_s)
        floor = floor_of(ctx, orders_of(ctx), units_of(ctx), now_s)
        network = with_outages(ctx.network, floor.outages)
        assert not violations(floor.slots, network, floor.jobs, now_s=now_s)
        if not floor.outages:
            clean(ctx, now_s)
        stored = {order.order_id: order for order in orders_of(ctx)}
        assert all(stored[name] == order for name, order in state.orders.items())
        assert {u.resource_id: u for u in units_of(ctx)} == state.units
        rounds.append(now_s)

    monkeypatch.setattr(running, "_planners_round", judged)
    run(ctx)
    assert len(rounds) > 10
    shifts = [at_s for at_s in rounds if at_s % 28800 == 0]
    assert {later - earlier for earlier, later in pairwise(shifts)} == {28800}
    assert len(shifts) < len(rounds), "scrap that leaves an order short waits for no shift"
    all_delivered(ctx)


def test_refusals_name_what_is_wrong() -> None:
    """A live world, a past instant and an unknown order are refused, and nothing has happened."""
    ctx = shop(1)
    seq, now_s = ctx.store.head().seq, ctx.clock.now_s()
    with pytest.raises(InputFault, match="run.time_past"):
        run(ctx, until_s=now_s - 1)
    with pytest.raises(InputFault, match="run.order_unknown"):
        run(ctx, orders=("ord_none",))
    live = replace(ctx, store=MemoryStore("live", project))
    with pytest.raises(InputFault, match="run.live_world"):
        run(live)
    with pytest.raises(InputFault, match="run.live_world"):
        run(replace(ctx, clock=FixedClock(now_s)))
    assert (ctx.store.head().seq, ctx.clock.now_s()) == (seq, now_s)


def test_an_empty_world_runs_on_its_clock_alone() -> None:
    """With no order there is nothing to say; the clock goes where it was sent."""
    ctx = world()
    run(ctx, until_s=ctx.clock.now_s() + DAY_S)
    assert run(ctx)["commands"] == 0
    assert ctx.store.head().seq == 0


class Killed(BaseException):
    """Somebody pulled the plug."""


class MortalClock(ManualClock):
    """A clock that pulls the plug instead of its n-th move."""

    left = 10**9

    def advance_to(self, instant_s: int) -> int:
        """Move, or die."""
        self.left -= 1
        if self.left == 0:
            raise Killed
        return super().advance_to(instant_s)


def test_dying_between_the_log_and_the_clock_repeats_nothing() -> None:
    """Whichever move of the clock is lost, a resumed run says nothing twice and all arrives."""
    deaths = 0
    for left in range(1, 400, 3):
        ctx = shop(3, pieces=100)
        mortal = MortalClock(ctx.clock.now_s())
        mortal.left = left
        try:
            run(replace(ctx, clock=mortal))
        except Killed:
            deaths += 1
        ctx = replace(ctx, clock=ManualClock(mortal.now_s()), loaded=None)
        run(ctx)
        all_delivered(ctx)
        times = [event.at_s for event in ctx.store.read()]
        assert times == sorted(times)
        if mortal.left > 0:
            break
    assert deaths > 5


def test_the_planner_is_told_of_every_breakdown() -> None:
    """What a shop's operator reports by hand counts like the twin's own failures."""
    ctx = shop(2)
    at_s = ctx.clock.now_s()
    say(ctx, MAKER, Command("evt_down", "breakdown", at_s, "x", resource_id="mill-1"))
    run(ctx)
    done: list[OrderState] = list(show_orders(ctx, HUB))
    down = next(e.at_s for e in ctx.store.read() if e.kind == "Repaired")
    starts = [
        j.actual_start_s or 0 for o in done for j in o.jobs.values() if j.resource_id == "mill-1"
    ]
    assert starts
    assert min(starts) >= down > at_s
    all_delivered(ctx)
