"""A world that runs while others look: slices, turns, ends; and rounds of a live one."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from tests.api.door import caller, keys_of, made, ordered, sim
from tests.services.stores import all_delivered, clean, never_busy_twice, never_twice
from tests.services.world import ANNA, BERT, HUB, quoted

from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import Command
from manufold.model.fakes import MemoryStore
from manufold.model.units import DAY_S
from manufold.services.bell import Bell
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.documents import orders_of, unit_of
from manufold.services.make import say
from manufold.services.order import accept
from manufold.services.project import project
from manufold.services.rounds import plan_round, round_now
from manufold.services.run import run
from manufold.services.running import Runner
from manufold.services.schedule import Search, improve_schedule
from manufold.services.turns import Turns


def busy(orders: int = 6, **settings: Any) -> Context:
    """Return a world with orders of two buyers accepted."""
    ctx = sim(hold_s=10 * DAY_S, **settings)
    for number in range(orders):
        actor = (ANNA, BERT)[number % 2]
        accept(ctx, actor, quoted(ctx, actor, quantity=20 + number).offer.offer_id, "cheap")
    return ctx


def test_in_slices_in_the_background_it_is_the_same() -> None:
    """A run by the runner, slice by slice, leaves the log of one long run to the byte."""
    whole, sliced = busy(), busy()
    run(whole)
    with Runner(sliced) as runner:
        runner.start()
        assert runner.wait(60)
        status = runner.status()
    assert (status.running, status.share, status.error) == (False, 1.0, None)
    assert list(sliced.store.export()) == list(whole.store.export())
    all_delivered(sliced)


def test_stopped_and_started_again_it_is_the_same() -> None:
    """Stopped between slices as often as one likes, the log in the end is the same."""
    whole, cut = busy(), busy()
    run(whole)
    stops = 0
    with Runner(cut) as runner:
        while any(order.state != "delivered" for order in orders_of(cut)):
            runner.start()
            runner.stop()
            stops += 1
            assert not runner.status().running
    assert stops > 1
    assert list(cut.store.export()) == list(whole.store.export())


def test_what_is_ordered_meanwhile_is_made_as_well() -> None:
    """An order accepted and one cancelled between two slices are taken up by the run under way."""
    ctx = busy(4)
    waiting, seen = Turns(), []
    first = orders_of(ctx)[0]

    def go_on() -> bool:
        with waiting:
            if not seen:
                late = accept(ctx, ANNA, quoted(ctx, ANNA, quantity=3).offer.offer_id, "fast")
                seen.append(late.order_id)
                if orders_of(ctx)[0].state == "accepted":
                    cancel(ctx, ANNA, first.order_id, "no longer")
        return True

    run(ctx, go_on=go_on)
    states = {order.order_id: order.state for order in orders_of(ctx)}
    assert states[seen[0]] == "delivered"
    assert set(states.values()) <= {"delivered", "cancelled"}
    clean(ctx)
    never_twice(ctx.store)
    never_busy_twice(ctx)


def test_a_breakdown_meanwhile_is_taken_up() -> None:
    """A unit that people report down stands still in the run under way until it is repaired."""
    ctx = busy(4)
    unit = next(iter(orders_of(ctx)[0].jobs.values())).resource_id
    told: list[str] = []

    def go_on() -> bool:
        if not told and unit_of(ctx, unit).down_since_s is None:
            now_s = ctx.clock.now_s()
            say(ctx, HUB, Command("down", "breakdown", now_s, "", resource_id=unit))
            told.append("down")
        return True

    run(ctx, go_on=go_on)
    assert told == ["down"]
    said = [e for e in ctx.store.read(stream=f"unit:{unit}") if e.by == "hub/network_operator"]
    assert [event.kind for event in said] == ["BrokeDown"]
    all_delivered(ctx)
    never_busy_twice(ctx)


def test_others_have_a_turn() -> None:
    """A thread that wants the floor gets it before the run has had it twice more."""
    floor, order, started = Turns(), [], threading.Event()

    def run_on() -> None:
        for number in range(200):
            with floor:
                order.append("run")
                if number == 5:
                    started.set()

    def planner() -> None:
        started.wait(10)
        for _ in range(20):
            with floor:
                order.append("planner")

    threads = [threading.Thread(target=one) for one in (run_on, planner)]
    with floor:
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(10)
    assert order.count("planner") == 20
    assert len(order) == 220


def test_the_floor_is_fair_and_may_be_taken_twice() -> None:
    """First come, first served, whatever the holder does in between."""
    floor, order = Turns(), []
    begun = threading.Barrier(2)

    def waiter() -> None:
        begun.wait(10)
        with floor, floor:
            order.append("waiter")

    thread = threading.Thread(target=waiter)
    thread.start()
    with floor:
        with floor:
            begun.wait(10)
        while not floor._queue:  # until the waiter stands in line
            threading.Event().wait(0.001)
    with floor:
        order.append("holder")
    thread.join(10)
    assert order == ["waiter", "holder"]


def test_one_run_at_a_time() -> None:
    """A second start is refused, and so is one after the end; faults are told beforehand."""
    ctx = busy(3)
    gate = threading.Event()
    bell = Bell()
    with Runner(ctx, bell) as runner:
        with ctx.floor:
            runner.start(ctx.clock.now_s() + DAY_S)
            with pytest.raises(Conflict, match=r"run\.running_already"):
                runner.start()
        assert runner.wait(60)
        with pytest.raises(InputFault, match=r"run\.time_past"):
            runner.start(0)
        with pytest.raises(InputFault, match=r"run\.order_unknown"):
            runner.start(orders=("ord_x",))
        bell.listen(gate.set)
    assert gate.is_set()
    with pytest.raises(Conflict, match=r"run\.closed"):
        runner.start()


def test_a_run_that_breaks_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected ends the run, not the server, and is told as a fault of ours."""
    ctx = busy(2)

    def broken(*_given: Any, **_more: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("manufold.services.running.run", broken)
    with Runner(ctx) as runner:
        runner.start()
        assert runner.wait(10)
        status = runner.status()
    assert not status.running
    assert status.error is not None
    assert status.error.code == "run.broke_off"
    assert status.error.params == {"kind": "ZeroDivisionError"}


def test_rounds_of_a_live_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live world cannot be pushed; its rounds come by themselves, and by hand."""
    ctx = replace(sim(catch_up_s=1), store=MemoryStore("live", project))
    accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    rounds = threading.Event()

    def told(one: Context) -> None:
        plan_round(one)
        rounds.set()

    monkeypatch.setattr("manufold.services.running.plan_round", told)
    with Runner(ctx) as runner:
        with pytest.raises(InputFault, match=r"run\.live_world"):
            runner.start()
        runner.begin_rounds()
        assert rounds.wait(30)
        assert not runner.status().running
    assert ctx.kept["caught_up_s"] == ctx.clock.now_s()
    ctx.clock.advance_to(ctx.clock.now_s() + 5 * DAY_S)  # type: ignore[attr-defined]
    assert plan_round(ctx).moved == (orders_of(ctx)[0].order_id,)
    assert round_now(ctx, HUB).moved == ()
    with pytest.raises(InputFault, match=r"access\.role_may_not"):
        round_now(ctx, ANNA)


def test_improving_takes_its_turn() -> None:
    """In a simulated world the clock stands still while the schedule is bettered."""
    ctx = busy(4)
    with Runner(ctx) as runner:
        runner.start()
        gained = improve_schedule(ctx, HUB, Search(0.5))
        runner.stop()
    assert gained.refused is None
    clean(ctx)


async def test_running_over_http() -> None:
    """Start, look, stop; a second start is a conflict; an unknown order is not there."""
    ctx = busy(3)
    app, keys = made(ctx), keys_of(ctx)
    anna = caller(app, keys, "anna")
    order = await ordered(anna, 3)
    assert await anna.code("POST", "/v1/run", 404, json={"orders": ["ord_x"]})
    both = {"hours": 1, "until": "2030-01-01"}
    assert await anna.code("POST", "/v1/run", 422, json=both) == "api.run_ends"
    past = {"until": "2020-02-01"}
    assert await anna.code("POST", "/v1/run", 422, json=past) == "run.time_past"
    with ctx.floor:
        begun = await anna.json("POST", "/v1/run", 202, json={"orders": [order["order_id"]]})
        assert begun["running"] is True
        assert await anna.code("POST", "/v1/run", 409, json={}) == "run.running_already"
    app.state.runner.wait(60)
    status = await anna.json("GET", "/v1/run")
    assert (status["running"], status["share"], status["error"]) == (False, 1, None)
    assert (await anna.json("GET", f"/v1/orders/{order['order_id']}"))["state"] == "delivered"
    assert (await anna.json("DELETE", "/v1/run"))["running"] is False
