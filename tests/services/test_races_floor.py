"""Races on the floor: cancel and start, breakdown and hold, improvement and booking.

Two contexts on one store are two processes; the rival is let in by a patch at the exact moment.
"""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from tests.services.stores import (
    Opener,
    at_once,
    beside,
    clean,
    held,
    let_in,
    light,
    never_twice,
    opener,
    pair,
    told,
)
from tests.services.world import ANNA, BERT, HUB, MAKER, quoted, two_plants, world

from manufold.model.errors import Conflict, ManufoldError
from manufold.model.execution import Command, OrderState
from manufold.model.offer import Offer
from manufold.model.party import Actor
from manufold.model.units import HOUR_S
from manufold.scheduling.bookings import is_claim
from manufold.services import make, schedule, swap
from manufold.services.catch_up import catch_up
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.documents import orders_of, unit_of, units_of
from manufold.services.order import accept, show_order
from manufold.services.quote import show_offer
from manufold.services.schedule import Search, improve_schedule

__all__ = ["opener", "pair"]


def start(ctx: Context, made: OrderState, at_s: int, name: str = "") -> Any:
    """Say that the first job order of an order is being set up."""
    job = next(iter(made.jobs.values()))
    command = Command(
        name or f"evt_start_{made.order_id}",
        "setup_start",
        at_s,
        "x",
        made.order_id,
        job.job_order_id,
        job.resource_id,
    )
    return make.say(ctx, HUB, command)


@pytest.mark.parametrize("first", ["cancel", "start"])
def test_cancel_against_start(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """Both look, then both speak, in either order: one is heard, the other is told."""
    one, two = pair
    made = accept(one, ANNA, quoted(one).offer.offer_id, "cheap")
    at_s = next(iter(made.jobs.values())).start_s
    one.clock.advance_to(at_s)  # type: ignore[attr-defined]
    if first == "cancel":
        rival: Callable[[], Any] = lambda: cancel(two, ANNA, made.order_id, "no")  # noqa: E731
        mine: Callable[[], Any] = lambda: start(one, made, at_s)  # noqa: E731
    else:
        rival = lambda: start(two, made, at_s)  # noqa: E731
        mine = lambda: cancel(one, ANNA, made.order_id, "no")  # noqa: E731
    let_in(monkeypatch, make, "decide", rival)
    with pytest.raises(Conflict):
        mine()
    found = show_order(one, ANNA, made.order_id)
    assert found.state == ("cancelled" if first == "cancel" else "in_production")
    kinds = {e.kind for e in one.store.read(stream=f"order:{made.order_id}")}
    assert ("SetupStarted" in kinds) != ("OrderCancelled" in kinds)
    assert bool(one.store.bookings(now_s=at_s)) == (first == "start")
    clean(one)


def test_cancel_and_start_at_once(pair: tuple[Context, Context]) -> None:
    """Two threads, eight times: a cancelled order has no booking, a begun one keeps its own."""
    one, two = pair
    for _ in range(8):
        made = accept(one, ANNA, quoted(one).offer.offer_id, "cheap")
        at_s = one.clock.now_s()
        answers = at_once(
            [
                lambda m=made: cancel(one, ANNA, m.order_id, "no"),
                lambda m=made, s=at_s: start(two, m, s),
            ]
        )
        refused = told(answers)
        found = show_order(one, ANNA, made.order_id)
        # work that has begun may be cancelled too, by a cancel that saw it
        assert len(refused) == 1 or found.state == "cancelled"
        booked = {b.booking_id for b in one.store.bookings(now_s=at_s) if not is_claim(b)}
        assert (booked == set(made.jobs)) == (found.state == "in_production")
        if found.state == "in_production":
            cancel(one, ANNA, made.order_id, "next round")
    never_twice(one.store)


def test_a_command_said_twice_at_once_is_done_once(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine's line drops and it says the same again: the second is no fault."""
    one, two = pair
    made = accept(one, ANNA, quoted(one).offer.offer_id, "cheap")
    at_s = one.clock.now_s()
    first: list[Any] = []
    let_in(monkeypatch, make, "decide", lambda: first.append(start(two, made, at_s)))
    assert start(one, made, at_s) == ()
    assert [e.kind for e in first[0]] == ["SetupStarted"]
    assert start(two, made, at_s) == ()
    kinds = [e.kind for e in one.store.read(stream=f"order:{made.order_id}")]
    assert kinds == ["OrderAccepted", "SetupStarted"]


def test_two_jobs_never_start_on_one_seat(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two operators begin two orders on one machine: the second is told that it is busy."""
    one, two = pair
    orders = [accept(one, ANNA, quoted(one).offer.offer_id, "cheap") for _ in range(2)]
    assert len({j.resource_id for o in orders for j in o.jobs.values()}) == 1
    at_s = one.clock.now_s()
    let_in(monkeypatch, make, "decide", lambda: start(two, orders[1], at_s))
    with pytest.raises(Conflict):
        start(one, orders[0], at_s)
    busy = unit_of(one, next(iter(orders[1].jobs.values())).resource_id).busy
    assert set(busy.values()) == set(orders[1].jobs)
    assert show_order(one, ANNA, orders[0].order_id).state == "accepted"


def test_a_unit_breaks_down_only_once(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people report one breakdown, each in words of their own: one event, one is told."""
    one, two = pair
    at_s = one.clock.now_s()

    def report(ctx: Context, name: str) -> Any:
        command = Command(name, "breakdown", at_s, "x", resource_id="mill-1")
        return make.say(ctx, MAKER, command)

    let_in(monkeypatch, make, "decide", lambda: report(two, "evt_b"))
    with pytest.raises(Conflict):
        report(one, "evt_a")
    assert [e.kind for e in one.store.read(stream="unit:mill-1")] == ["BrokeDown"]


def _broken_world(one: Context) -> tuple[OrderState, Offer, int]:
    """Return a firm order on mill-1, an offer behind it there, and when the mill broke down."""
    firm = accept(one, ANNA, light(one, 100).offer_id, "cheap")
    job = next(iter(firm.jobs.values()))
    offer = light(one, 50, BERT)
    at_s = one.clock.now_s()
    command = Command("evt_down", "breakdown", at_s, "x", resource_id=job.resource_id)
    make.say(one, HUB, command)
    return firm, offer, at_s


def test_a_breakdown_moves_firm_slots_over_a_hold(pair: tuple[Context, Context]) -> None:
    """What is late pushes an offer's hold away; its buyer is told, and nothing overlaps."""
    one, two = pair
    firm, offer, at_s = _broken_world(one)
    option = offer.option("cheap")
    before = show_order(one, HUB, firm.order_id)
    states = {o.order_id: o for o in orders_of(one)}
    assert catch_up(one, at_s + HOUR_S, states, units_of(one)) == (firm.order_id,)
    one.clock.advance_to(at_s + HOUR_S)  # type: ignore[attr-defined]
    after = show_order(one, HUB, firm.order_id)
    assert [j.start_s for j in after.jobs.values()] > [j.start_s for j in before.jobs.values()]
    assert after.promised_at_s == before.promised_at_s
    for ctx in (one, two):
        with pytest.raises(Conflict, match="order.slot_lost"):
            accept(ctx, BERT, offer.offer_id, option.option_id)
        with pytest.raises(Conflict, match="access.no_such_offer"):
            accept(ctx, ANNA, offer.offer_id, option.option_id)
    assert not held(one, offer)
    never_twice(one.store)
    again = accept(one, BERT, light(one, 50, BERT).offer_id, "cheap")
    assert again.state == "accepted"
    never_twice(one.store)


def test_an_offer_accepted_just_before_its_hold_is_lost_stays(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepted between the planner's look and the swap: the order stands and can be asked for."""
    one, two = pair
    _firm, offer, at_s = _broken_world(one)
    made: list[OrderState] = []
    let_in(
        monkeypatch,
        swap,
        "_losses",
        lambda: made.append(accept(two, BERT, offer.offer_id, "green", "k")),
    )
    states = {o.order_id: o for o in orders_of(one)}
    catch_up(one, at_s + HOUR_S, states, units_of(one))
    assert made[0].state == "accepted"
    assert accept(two, BERT, offer.offer_id, "green", "k").order_id == made[0].order_id
    assert show_offer(one, BERT, offer.offer_id) == offer
    assert len([b for b in one.store.bookings(now_s=at_s) if not is_claim(b)]) == 2
    never_twice(one.store)


def _improvable(ctx: Context) -> list[OrderState]:
    """Return firm orders with a gap before them that an improvement would fill."""
    made = [accept(ctx, ANNA, light(ctx, 400).offer_id, "cheap") for _ in range(5)]
    cancel(ctx, ANNA, made.pop(2).order_id, "a gap")
    return made


def _standing(ctx: Context) -> list[Any]:
    return [
        (b.booking_id, b.resource_id, b.seat, b.from_s, b.to_s, b.state)
        for b in ctx.store.bookings(now_s=ctx.clock.now_s())
    ]


def test_improving_fills_a_gap_and_breaks_nothing(pair: tuple[Context, Context]) -> None:
    """With a gap before them orders move forward, promises stand, the judge finds nothing."""
    one, _two = pair
    made = _improvable(one)
    answer = improve_schedule(one, HUB, Search(0.5))
    assert answer.moved_orders > 0
    assert answer.found.after.flow_s < answer.found.before.flow_s
    for order_before in made:
        found = show_order(one, ANNA, order_before.order_id)
        assert found.promised_at_s == order_before.promised_at_s
        assert max(j.end_s for j in found.jobs.values()) <= found.due_s
    clean(one)
    never_twice(one.store)


@pytest.mark.parametrize("booking", ["order", "hold", "cancel"])
def test_a_booking_during_improvement_refuses_the_swap_whole(
    pair: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch, booking: str
) -> None:
    """Somebody books, holds or cancels between snapshot and swap: nothing moves, all stands."""
    one, two = pair
    made = _improvable(one)
    offers: list[Offer] = []

    def rival() -> None:
        if booking == "cancel":
            cancel(two, ANNA, made[-1].order_id, "meanwhile")
            return
        offers.append(light(two, 400, BERT))
        if booking == "order":
            accept(two, BERT, offers[0].offer_id, "cheap")

    after_rival: list[Any] = []
    let_in(monkeypatch, schedule, "improve", lambda: (rival(), after_rival.append(_standing(one))))
    answer = improve_schedule(one, HUB, Search(0.5))
    assert answer.moved_orders == answer.moved_slots == 0
    assert str(answer.refused).startswith("store.")
    assert _standing(one) == after_rival[0]
    clean(one)
    never_twice(one.store)
    if booking == "hold":
        assert accept(two, BERT, offers[0].offer_id, "cheap").state == "accepted"


def test_improving_never_moves_a_hold(pair: tuple[Context, Context]) -> None:
    """An offer keeps its slots to the second while the orders around it move."""
    one, _two = pair
    _improvable(one)
    offer = light(one, 20, BERT)
    before = held(one, offer)
    answer = improve_schedule(one, HUB, Search(0.5))
    assert answer.refused is None
    assert held(one, offer) == before
    made = accept(one, BERT, offer.offer_id, "cheap")
    assert {(j.resource_id, j.start_s, j.end_s) for j in made.jobs.values()} <= before
    clean(one)
    never_twice(one.store)


def _customer(ctx: Context, actor: Actor, seed: int, rounds: int) -> list[str]:
    """Offer, accept, cancel and improve at random; return how each was answered."""
    rng, answers = Random(seed), []
    mine: list[str] = []
    for number in range(rounds):
        try:
            what = rng.random()
            if what < 0.15 and mine:
                cancel(ctx, actor, mine.pop(rng.randrange(len(mine))), "changed my mind")
            elif what < 0.25:
                improve_schedule(ctx, HUB, Search(0.02))
            else:
                content = b"block 0.5" + b"0" * (seed * rounds + number)  # a design of its own
                made = quoted(ctx, actor, quantity=rng.randrange(1, 40), content=content).offer
                if rng.random() < 0.7:
                    option = rng.choice(["fast", "cheap"])
                    mine.append(accept(ctx, actor, made.offer_id, option).order_id)
            answers.append("done")
        except ManufoldError as fault:
            answers.append(fault.code)
    return answers


def test_a_market_of_threads_keeps_every_rule(opener: Opener) -> None:
    """Four buyers and a planner at once, for many rounds: the judge and the join find nothing."""
    one = world(two_plants(), opener(), promise_tries_max=10)
    contexts = [beside(one, 50 + seed, opener()) for seed in range(4)]
    calls = [
        lambda s=seed, c=ctx: _customer(c, (ANNA, BERT)[s % 2], s, 12)
        for seed, ctx in enumerate(contexts)
    ]
    answers = at_once(calls)
    codes = [code for found in answers for code in found]  # type: ignore[union-attr]
    assert codes.count("done") > 24
    allowed = {"done", "offer.slots_contested", "store.slot_taken", "store.stream_moved"}
    allowed.add("order.material_lost")
    assert set(codes) <= allowed
    clean(one)
    never_twice(one.store)
