"""A promise is made on the floor as it is: not on a broken machine, nor on one still busy."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.services.world import ANNA, BERT, HUB, quoted, two_plants, world

from manufold.model.execution import Command
from manufold.model.offer import Offer
from manufold.model.ports import Batch
from manufold.model.units import DAY_S, EPOCH, HOUR_S
from manufold.scheduling.load import Load
from manufold.services.context import Context
from manufold.services.documents import event
from manufold.services.door import opens_s
from manufold.services.loads import current_load, seen_load
from manufold.services.make import say
from manufold.services.order import accept
from manufold.services.schedule import forecast_at_s


def test_nothing_is_promised_on_a_machine_that_is_down() -> None:
    """With the only cheap mill down, the next slot on it begins after the expected repair."""
    ctx = world()
    now_s = ctx.clock.now_s()
    say(ctx, HUB, Command("c1", "breakdown", now_s, "hub/network_operator", resource_id="mill-1"))
    for option in quoted(ctx).offer.options:
        for slot in option.slots:
            if slot.resource_id == "mill-1":
                assert slot.start_s >= now_s + HOUR_S


def test_a_machine_busy_past_its_slot_is_not_promised_twice() -> None:
    """A job that overruns keeps its seat until it is expected to end."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    job = next(iter(order.jobs.values()))
    by = "hub/network_operator"
    start_s = job.start_s
    ctx.clock.advance_to(start_s)
    told = {"order_id": order.order_id, "job_order_id": job.job_order_id}
    say(ctx, HUB, Command("c1", "setup_start", start_s, by, resource_id="mill-1", **told))
    ctx.clock.advance_to(job.end_s + 60)
    now_s = ctx.clock.now_s()
    for option in quoted(ctx, BERT).offer.options:
        for slot in option.slots:
            assert slot.resource_id != job.resource_id or slot.start_s >= now_s + 60


def test_late_dates_beyond_the_horizon_keep_their_margin() -> None:
    """Material that takes 200 days does not make the date any surer than one of 100 days."""
    margins = []
    for days in (100, 200):
        network = two_plants()
        metal = replace(network.materials[0], lead_time_s=days * DAY_S)
        ctx = world(replace(network, materials=(metal,), stock=()))
        option = quoted(ctx, quantity=20).offer.option("cheap")
        margins.append(option.ships_at_s - option.finish_s)
    assert margins[0] == margins[1]
    assert margins[0] > ctx.settings.handover_s + 60


def test_a_forecast_is_never_in_the_past() -> None:
    """Ten days overdue, an order is expected after now, not before it."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    ctx.clock.advance_to(ctx.clock.now_s() + 10 * DAY_S)
    forecast = forecast_at_s(ctx, order)
    assert forecast is not None
    assert forecast > ctx.clock.now_s()


def test_a_forecast_is_a_date_at_an_open_door() -> None:
    """As the schedule stands at acceptance, an order is expected when its door is open and not
    after its promise; whenever one looks later, still in the hours of the door."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    zone = ctx.network.delivery_zone[order.zone_id]
    first = forecast_at_s(ctx, order)
    assert first is not None and first <= order.promised_at_s
    for _hours in range(40):
        found = forecast_at_s(ctx, order)
        assert found is not None and found == opens_s(zone, found)
        local = (EPOCH + timedelta(seconds=found)).astimezone(ZoneInfo(zone.zone))
        assert local.weekday() < 5 and 8 <= local.hour < 18
        ctx.clock.advance_to(ctx.clock.now_s() + 7 * 3600)


def test_who_waits_for_the_floor_is_promised_nothing_of_the_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While an offer waits for its turn the world runs on and a machine breaks down: the offer is
    made from then on, without that machine, and holds for as long as any."""
    ctx = world()
    order = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    job = next(iter(order.jobs.values()))
    ctx.clock.advance_to(job.end_s + 600)
    begun_s, waits, made = ctx.clock.now_s(), Event(), list[Offer]()
    standing = Context.standing

    def stood(asked: Context) -> AbstractContextManager[object]:
        waits.set()
        return standing(asked)

    monkeypatch.setattr(Context, "standing", stood)
    buyer = Thread(target=lambda: made.append(quoted(ctx, BERT).offer))
    with ctx.floor:
        buyer.start()
        assert waits.wait(30)
        now_s = ctx.clock.advance_to(begun_s + 4 * HOUR_S)
        told = Command("c1", "breakdown", now_s, "hub/network_operator", resource_id="mill-1")
        say(ctx, HUB, told)
    buyer.join(30)
    (offer,) = made
    assert offer.reservation.expires_s == now_s + ctx.settings.hold_s
    starts = {s.resource_id: s.start_s - now_s for o in offer.options for s in o.slots}
    assert starts["mill-1"] >= HOUR_S and min(starts.values()) >= 0


def test_who_comes_while_the_schedule_is_read_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An offer and a promise that ask at once stand on one reading of the bookings."""
    ctx = world()
    now_s, store = ctx.clock.now_s(), type(ctx.store)
    begun, came, go_on, read = Event(), Event(), Event(), list[int]()
    bookings, head = store.bookings, store.head

    def slowly(asked: Any, **wanted: Any) -> Any:
        read.append(1)
        begun.set()
        assert go_on.wait(30)
        return bookings(asked, **wanted)

    def looked(asked: Any) -> Any:
        if begun.is_set():
            came.set()
        return head(asked)

    monkeypatch.setattr(store, "bookings", slowly)
    monkeypatch.setattr(store, "head", looked)
    found = list[Load]()
    first = Thread(target=lambda: found.append(current_load(ctx, now_s)))
    second = Thread(target=lambda: found.append(seen_load(ctx, now_s).load))
    first.start()
    assert begun.wait(30)
    second.start()
    assert came.wait(30)
    go_on.set()
    first.join(30)
    second.join(30)
    assert len(read) == 1
    assert len(found) == 2 and found[0] is found[1]


def test_what_was_read_while_the_log_moved_on_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A load that may know newer bookings than its place in the log says serves once: kept, an
    offer made since would be taken into it a second time."""
    ctx = world()
    now_s, store = ctx.clock.now_s(), type(ctx.store)
    bookings = store.bookings

    def moved(asked: Any, **wanted: Any) -> Any:
        monkeypatch.setattr(store, "bookings", bookings)
        loaded = {"name": ctx.network.name, "revision": ctx.network.revision}
        ctx.store.append(
            Batch((event("network", "NetworkLoaded", loaded, now_s, "hub"),), now_s=now_s)
        )
        return bookings(asked, **wanted)

    monkeypatch.setattr(store, "bookings", moved)
    assert current_load(ctx, now_s).seq == ctx.store.head().seq - 1
    assert ctx.loaded is None
    again = current_load(ctx, now_s)
    assert again.seq == ctx.store.head().seq
    assert ctx.loaded is again
