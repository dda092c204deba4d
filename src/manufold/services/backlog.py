"""Backlog: work that was there before the first offer, so that no promise is made on empty shops.

Only a simulated world takes one. The jobs are dispatched on what is booked already, and each
becomes an accepted order with its own promise; orders under way look like any other afterwards.
"""

from collections.abc import Sequence
from typing import Any

from manufold.model.codec import encoded, stamped
from manufold.model.errors import InputFault
from manufold.model.party import Party
from manufold.model.ports import Batch
from manufold.model.schedule import Job, Slot
from manufold.scheduling.bookings import bookings_of
from manufold.scheduling.dispatch import best_dispatch
from manufold.scheduling.lateness import late_finish
from manufold.services.context import Context
from manufold.services.documents import digest_of, event
from manufold.services.door import door_dates
from manufold.services.loads import current_load, forget_load
from manufold.services.order import job_order
from manufold.services.recorded import recorded_scores
from manufold.twin.backlog import backlog

__all__ = ["import_backlog", "import_jobs"]

_GROUP = 100


def import_backlog(ctx: Context, *, orders: int = 450) -> int:
    """Load a simulated world with a seeded backlog; return how many orders it took."""
    if ctx.store.world != "sim":
        raise InputFault("run.live_world")
    now_s = ctx.clock.now_s()
    jobs = backlog(ctx.network, ctx.settings.twin_seed, orders, now_s)
    return import_jobs(ctx, jobs)


def import_jobs(ctx: Context, jobs: Sequence[Job]) -> int:
    """Dispatch jobs on the load of now and accept each as an order; return how many."""
    now_s = ctx.clock.now_s()
    slots: dict[str, list[Slot]] = {}
    for slot in best_dispatch(ctx.network, jobs, current_load(ctx, now_s)):
        slots.setdefault(slot.holder, []).append(slot)
    buyers = [party for party in ctx.network.parties if "buyer" in party.roles]
    batches = [
        _accepted(ctx, job, slots[job.holder], buyers[row % len(buyers)], now_s)
        for row, job in enumerate(jobs)
        if job.holder in slots
    ]
    for first in range(0, len(batches), _GROUP):
        for answer in ctx.store.append_many(batches[first : first + _GROUP]):
            if isinstance(answer, Exception):
                raise answer
    forget_load(ctx)
    return len(batches)


def _accepted(ctx: Context, job: Job, slots: Sequence[Slot], buyer: Party, now_s: int) -> Batch:
    order_id, production = ctx.ids.mint("ord"), ctx.ids.mint("pro")
    named = {slot.operation_id: ctx.ids.mint("job") for slot in slots}
    made = [job_order(ctx.network, job.plan, slot, named, production) for slot in slots]
    claims = tuple(
        booking
        for slot, one in zip(slots, made, strict=True)
        for booking in bookings_of(
            slot, one.job_order_id, order_id, "firm", holder=one.job_order_id
        )
    )
    said = event(
        f"order:{order_id}",
        "OrderAccepted",
        _data(ctx, job, slots, buyer, order_id, now_s)
        | {
            "production_orders": {production: job.quantity},
            "jobs": [encoded(one) for one in made],
        },
        now_s,
        "manufold",
    )
    return Batch((said,), {said.stream: 0}, claims, now_s=now_s)


def _data(
    ctx: Context, job: Job, slots: Sequence[Slot], buyer: Party, order_id: str, now_s: int
) -> dict[str, Any]:
    start_s, finish_s = min(s.start_s for s in slots), max(s.end_s for s in slots)
    scores = recorded_scores(ctx)
    last = max(slots, key=lambda slot: slot.end_s)
    load = current_load(ctx, now_s)
    worktime = load.worktime_over(last.resource_id, start_s, finish_s)
    p90_s = late_finish(worktime, start_s, finish_s, scores, 0.9).finish_s
    p50_s = late_finish(worktime, start_s, finish_s, scores, 0.5).finish_s
    site_id = ctx.network.site_of(last.resource_id).site_id
    ways = {
        lane.to_id: lane.time_s
        for lane in ctx.network.lanes
        if lane.from_id == site_id and lane.to_id in ctx.network.delivery_zone
    }
    zone_id = min(ways, key=lambda zone: (ways[zone], zone))
    zone = ctx.network.delivery_zone[zone_id]
    door = door_dates(ctx, zone, p50_s, max(p90_s, job.due_s or 0), ways[zone_id])
    return {
        "order_id": order_id,
        "offer_id": "",
        "option_id": "",
        "party_id": buyer.party_id,
        "design_revision": job.plan.design_revision,
        "design_blob": "",
        "vertical": "",
        "plan_digest": digest_of(job.plan),
        "plan": stamped("process_plan", 1, job.plan),
        "quantity": max(1, int(job.quantity * job.plan.yield_fraction)),
        "zone_id": zone_id,
        "price_minor": 0,
        "currency": ctx.network.currency,
        "carbon_g": 0,
        "promised_at_s": door.promised_at_s,
        "p50_at_s": door.p50_at_s,
        "requested_at_s": None,
        "due_s": door.ships_at_s,
        "ready_s": dict(job.ready_s),
        "under_tolerance": 0,
        "over_tolerance": job.quantity,
    }
