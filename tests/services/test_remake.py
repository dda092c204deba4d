"""Remake and floor: what is short waits for its material; what is torn keeps its place."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.services.stores import Rough, clean, rough_world
from tests.services.world import ANNA, HUB, quoted, two_plants

from manufold.model.execution import Command
from manufold.model.material import Stock
from manufold.services.catch_up import catch_up
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.floor import floor_of
from manufold.services.free_stock import free_stock
from manufold.services.make import say
from manufold.services.order import accept, show_order
from manufold.services.run import run


def short_of(stock: tuple[Stock, ...]) -> tuple[Context, Any, int]:
    """Return a world whose stock changes once an order is accepted, the order's remake, when."""
    chance: Any = 0.2
    ctx = rough_world(network=two_plants())
    settings = replace(ctx.settings, start_confidence_fraction=chance)
    ctx = replace(ctx, verticals={"toy": Rough("0.7")}, settings=settings)
    order = accept(ctx, ANNA, quoted(ctx, quantity=14).offer.offer_id, "cheap")
    ctx = replace(ctx, network=replace(ctx.network, stock=stock), kept={}, loaded=None)
    run(ctx, orders=(order.order_id,))
    found = show_order(ctx, ANNA, order.order_id)
    (planned,) = [e for e in ctx.store.read() if e.kind == "RemakePlanned"][:1]
    jobs = [j for j in found.jobs.values() if j.production_order_id in planned.data.values()]
    assert jobs
    return ctx, jobs, planned.at_s


def test_a_remake_waits_for_metal_that_must_be_bought() -> None:
    """With nothing in stock anywhere it starts after the lead time of three days."""
    _ctx, jobs, at_s = short_of(())
    assert min(job.actual_start_s for job in jobs) >= at_s + 3 * 86400


def test_a_remake_goes_where_its_metal_lies_and_takes_it() -> None:
    """With metal at the other plant only it is made there at once, and that stock is less."""
    ctx, jobs, at_s = short_of((Stock("works", "metal", Decimal(50)),))
    assert {job.site_id for job in jobs} == {"works"}
    assert min(job.actual_start_s for job in jobs) < at_s + 86400
    assert free_stock(ctx)["works", "metal"] < 50


def test_what_is_left_of_a_torn_order_gives_way() -> None:
    """An order ahead of it is late: both move on, where the torn one used to block the other."""
    ctx = rough_world(network=two_plants())
    first = accept(ctx, ANNA, quoted(ctx, quantity=20).offer.offer_id, "cheap")
    torn = accept(ctx, ANNA, quoted(ctx, quantity=20).offer.offer_id, "cheap")
    last = next(job for job in torn.jobs.values() if job.after)
    now_s = ctx.clock.now_s()
    say(ctx, HUB, Command("c1", "cancel", now_s, "hub/network_operator", torn.order_id,
                          last.job_order_id, data={"reason": "no"}))  # fmt: skip
    late_s = max(job.end_s for job in first.jobs.values()) - 60
    ctx.clock.advance_to(late_s)
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), late_s)
    left = [slot.operation_id for slot in floor.slots if slot.holder == torn.order_id]
    assert left == ["op10"]
    moved = catch_up(ctx, late_s, {order.order_id: order for order in orders_of(ctx)})
    assert set(moved) == {first.order_id, torn.order_id}
    clean(ctx)
