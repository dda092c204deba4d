"""A planner's round: dates in danger come forward where work was put off; nobody stops it."""

from dataclasses import replace

import pytest
from tests.services.stores import clean, rough_world
from tests.services.world import ANNA, BERT, HUB, Toy, quoted, two_plants, world

from manufold.model.calendar import DAYS, Shift
from manufold.model.design import Design
from manufold.model.execution import Command, OrderState
from manufold.model.network import SetupMatrix
from manufold.model.process_plan import ProcessPlan
from manufold.services.better import better
from manufold.services.catch_up import catch_up
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.documents import order_of, orders_of
from manufold.services.make import say
from manufold.services.order import accept
from manufold.services.rounds import plan_round

EIGHT = Shift(DAYS, "06:00", "14:00")


class Families(Toy):
    """Blocks of one mass take another set-up than all others; none may pause."""

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Return the plan of the toy in one unbroken operation of a family."""
        (plan,) = super().plans(design, quantity)
        family = "b" if design.facts["mass_kg"] == "0.011" else "a"
        only = replace(plan.operations[0], pausable=False, setup_family=family)
        return (replace(plan, operations=(only,)),)


def in_danger() -> tuple[Context, OrderState, OrderState]:
    """Return a world of two orders, the second behind the first, whose dates are no longer safe."""
    plants = two_plants()
    sites = tuple(replace(site, frozen_zone_s=0) for site in plants.sites)
    ctx = rough_world(network=replace(plants, sites=sites))
    first, second = (
        accept(ctx, ANNA, quoted(ctx, quantity=20).offer.offer_id, "cheap") for _ in range(2)
    )
    settings = replace(ctx.settings, handover_s=ctx.settings.handover_s + 30 * 86400)
    return replace(ctx, settings=settings), first, second


def starts_s(ctx: Context, order: OrderState) -> dict[str, int]:
    """Return where the work of an order stands now."""
    found = order_of(ctx, order.order_id)
    assert found is not None
    return {job.job_order_id: job.start_s for job in found.jobs.values()}


def test_what_stands_as_agreed_is_left_alone() -> None:
    """A gap before it would do it good; but it has what its promise gave it."""
    ctx, first, second = in_danger()
    cancel(ctx, ANNA, first.order_id, "no longer needed")
    before = starts_s(ctx, second)
    orders = {order.order_id: order for order in orders_of(ctx)}
    assert better(ctx, ctx.clock.now_s(), orders) == ()
    assert starts_s(ctx, second) == before


def test_what_was_put_off_comes_forward_again() -> None:
    """The first is late, then cancelled: the second, put off behind it, goes into the gap."""
    ctx, first, second = in_danger()
    agreed = starts_s(ctx, second)
    now_s = max(job.end_s for job in first.jobs.values()) - 60
    ctx.clock.advance_to(now_s)
    catch_up(ctx, now_s, {order.order_id: order for order in orders_of(ctx)})
    put_off = starts_s(ctx, second)
    assert all(put_off[name] > agreed[name] for name in agreed)
    cancel(ctx, ANNA, first.order_id, "no longer needed")
    moved = better(ctx, now_s, {order.order_id: order for order in orders_of(ctx)})
    assert moved == (second.order_id,)
    after = starts_s(ctx, second)
    assert all(now_s <= after[name] < put_off[name] for name in after)
    clean(ctx)


def too_long_by_then() -> tuple[Context, OrderState]:
    """Return a world where seven unbroken hours no longer fit: other work began before them."""
    plants = two_plants()
    matrix = SetupMatrix("m", (("a", "b", 7200, 0, 0),))
    units = (replace(plants.work_units[0], setup_matrix_id="m"),)
    days = tuple(replace(one, shifts=(EIGHT,)) for one in plants.calendars)
    ctx = world(
        replace(plants, setup_matrices=(matrix,), work_units=units, calendars=days),
        toy=Families(),
        hold_s=100,
    )
    gone, _long, ahead = (
        accept(ctx, ANNA, quoted(ctx, quantity=number, content=block).offer.offer_id, "cheap")
        for number, block in ((10, b"block 0.011"), (210, b"block 0.011"), (10, b"block 0.010"))
    )
    cancel(ctx, ANNA, gone.order_id, "no longer needed")
    ctx.clock.advance_to(min(job.start_s for job in _long.jobs.values()))
    (job,) = ahead.jobs.values()
    say(ctx, HUB, Command("c1", "setup_start", ctx.clock.now_s(), "hub/network_operator",
                          ahead.order_id, job.job_order_id, job.resource_id))  # fmt: skip
    return ctx, ahead


def test_work_that_fits_nowhere_stops_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    """The round leaves the slots, says so in the log, and another buyer is promised a date."""
    ctx, ahead = too_long_by_then()
    ctx.clock.advance_to(ctx.clock.now_s() + 60)
    before = starts_s(ctx, ahead)
    assert plan_round(ctx).moved == ()
    assert starts_s(ctx, ahead) == before
    assert "fits nowhere" in caplog.text
    ctx.clock.advance_to(ctx.clock.now_s() + 86400)
    assert quoted(ctx, BERT).offer.options


def test_a_broken_unit_that_left_the_network_stops_no_round() -> None:
    """Its breakdown is still in the log; nobody waits for its repair."""
    ctx = world(hold_s=100)
    accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    say(ctx, HUB, Command("c1", "breakdown", ctx.clock.now_s(), "hub/network_operator",
                          resource_id="mill-2", data={"reason": "spindle"}))  # fmt: skip
    units = tuple(one for one in ctx.network.work_units if one.work_unit_id != "mill-2")
    left = replace(ctx, network=replace(ctx.network, work_units=units), kept={}, loaded=None)
    assert plan_round(left).made_again == ()
    assert quoted(left, BERT).offer.options
