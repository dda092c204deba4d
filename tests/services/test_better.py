"""Dates in danger come forward, where the work stands later than was agreed and only there."""

from dataclasses import replace

from tests.services.stores import clean, rough_world
from tests.services.world import ANNA, quoted, two_plants

from manufold.model.execution import OrderState
from manufold.services.better import better
from manufold.services.catch_up import catch_up
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.documents import order_of, orders_of
from manufold.services.order import accept


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
