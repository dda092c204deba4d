"""Remake: what scrap left short is planned once more at once, so the promise may still hold."""

from collections.abc import Mapping

from manufold.execution.progress import progress
from manufold.model.codec import encoded
from manufold.model.errors import CannotMake, Conflict
from manufold.model.execution import OrderState
from manufold.model.ports import Batch
from manufold.model.schedule import Job
from manufold.offer.started import quantity_to_start
from manufold.scheduling.bookings import booking_of
from manufold.scheduling.promise import promise
from manufold.services.context import Context
from manufold.services.documents import event, plan_of
from manufold.services.loads import current_load, forget_load
from manufold.services.order import job_order

__all__ = ["remake"]

_OPEN = ("accepted", "in_production", "partially_shipped", "partially_delivered", "returned")


def remake(ctx: Context, now_s: int, orders: Mapping[str, OrderState]) -> list[str]:
    """Plan what is short of every open order whose job orders are all over; return their ids.

    An order that nobody can make again before the horizon stays short, for people to see.
    """
    planned = []
    for order in orders.values():
        over = all(job.state in ("finished", "cancelled") for job in order.jobs.values())
        if order.state in _OPEN and over and progress(order).short_by > 0:
            try:
                _plan_again(ctx, now_s, order, progress(order).short_by)
            except (CannotMake, Conflict):
                forget_load(ctx)
                continue
            planned.append(order.order_id)
    return planned


def _plan_again(ctx: Context, now_s: int, order: OrderState, short: int) -> None:
    plan = plan_of(ctx, order.plan_digest)
    started = quantity_to_start(short, plan.yield_fraction, ctx.settings.start_confidence_fraction)
    production = ctx.ids.mint("pro")
    job = Job(production, plan, started, release_s=now_s)
    zone = order.zone_id or None
    promised = promise(current_load(ctx, now_s), ctx.network, job, to_site_or_zone=zone)
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
        booking_of(slot, one.job_order_id, production, "firm", holder=one.job_order_id)
        for slot, one in zip(promised.slots, jobs, strict=True)
    )
    said = event(stream, "RemakePlanned", data, now_s, "manufold")
    ctx.store.append(Batch((said,), {stream: order.stream_version}, claims, now_s=now_s))
