"""Remake: what scrap left short is planned once more at once, so the promise may still hold."""

from collections.abc import Mapping

from manufold.execution.progress import progress
from manufold.model.codec import encoded
from manufold.model.errors import CannotMake, Conflict
from manufold.model.execution import OrderState
from manufold.model.ports import Batch
from manufold.model.schedule import Job
from manufold.offer.started import quantity_to_start
from manufold.scheduling.bookings import bookings_of
from manufold.scheduling.promise import promise
from manufold.services.candidates import material_at
from manufold.services.context import Context
from manufold.services.documents import event, plan_of
from manufold.services.free_stock import free_stock, stock_turns
from manufold.services.loads import current_load, forget_load
from manufold.services.order import job_order
from manufold.services.stock_need import need_of

__all__ = ["remake", "short_by"]

_OPEN = ("accepted", "in_production", "partially_shipped", "partially_delivered", "returned")


def remake(ctx: Context, now_s: int, orders: Mapping[str, OrderState]) -> list[str]:
    """Plan what is short of every open order as soon as that is certain; return their ids.

    Certain it is when scrap is reported that the pieces started do not bear, however much is still
    to be done with the others. What people cancelled of an order is not taken for scrap: then all
    of it has to be over. An order that nobody can make again before the horizon stays short, for
    people to see.
    """
    planned = []
    for order in orders.values():
        short = short_by(order)
        if short > 0:
            try:
                _plan_again(ctx, now_s, order, short)
            except (CannotMake, Conflict):
                forget_load(ctx)
                continue
            planned.append(order.order_id)
    return planned


def short_by(order: OrderState) -> int:
    """Return the pieces to make anew, 0 while that may still change by itself."""
    if order.state not in _OPEN:
        return 0
    states = {job.state for job in order.jobs.values()}
    if "cancelled" in states and not states <= {"finished", "cancelled"}:
        return 0
    return progress(order).short_by


def _plan_again(ctx: Context, now_s: int, order: OrderState, short: int) -> None:
    plan = plan_of(ctx, order.plan_digest)
    started = quantity_to_start(short, plan.yield_fraction, ctx.settings.start_confidence_fraction)
    production = ctx.ids.mint("pro")
    job = Job(production, plan, started, release_s=now_s)
    zone = order.zone_id or None
    ready_s = material_at(ctx.network, plan, started, free_stock(ctx), now_s).ready_s
    load = current_load(ctx, now_s)
    promised = promise(load, ctx.network, job, to_site_or_zone=zone, ready_s=ready_s)
    named = {slot.operation_id: ctx.ids.mint("job") for slot in promised.slots}
    jobs = [job_order(ctx.network, plan, slot, named, production) for slot in promised.slots]
    data = {
        "production_order_id": production,
        "quantity": started,
        "jobs": [encoded(one) for one in jobs],
        "code": "make.short",
        "params": {"pieces": short},
    }
    stream = f"order:{order.order_id}"
    claims = tuple(
        booking
        for slot, one in zip(promised.slots, jobs, strict=True)
        for booking in bookings_of(
            slot, one.job_order_id, production, "firm", holder=one.job_order_id
        )
    )
    said = event(stream, "RemakePlanned", data, now_s, "manufold")
    from_stock = [one for one in jobs if ready_s.get((one.operation_id, one.site_id), 0) <= now_s]
    need = need_of(encoded(plan)["bill_of_materials"], from_stock)
    turns, _short = stock_turns(ctx, need, order.order_id)
    expected = {stream: order.stream_version}
    ctx.store.append(Batch((said,), expected, claims, unique=turns, now_s=now_s))
