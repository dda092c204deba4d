"""Schedule: what stands where, and how it gets better.

Slots outside the frozen zone may move as long as no promise breaks. Every change is computed on a
snapshot, judged by code that did not find it, and swapped in one transaction (`services.swap`);
what was booked in between makes the store refuse the swap whole, and the next round tries again.
"""

from collections.abc import Sequence
from dataclasses import asdict
from time import perf_counter
from typing import Any

from manufold.judge.violations import violations
from manufold.model.errors import Conflict, InputFault, Reason
from manufold.model.execution import OrderState
from manufold.model.party import Actor
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S
from manufold.scheduling.bookings import booked_slots
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.outages import with_outages
from manufold.services.access import may_act, own_sites
from manufold.services.better import pinned_of
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.door import opens_s
from manufold.services.floor import floor_of
from manufold.services.swap import swapped

__all__ = ["forecast_at_s", "improve_schedule", "show_slots"]


def show_slots(
    ctx: Context,
    actor: Actor,
    *,
    site: str | None = None,
    work_unit: str | None = None,
    days: int = 7,
) -> tuple[Slot, ...]:
    """Return the slots of the next days at the actor's sites, in time order.

    Slots held for offers that nobody has accepted yet are among them: see `Slot.for_offer`.

    Raises:
        InputFault: `schedule.site_unknown`, `schedule.unit_unknown`, `schedule.days_wrong`.
    """
    may_act(ctx.network, actor, "planner", "operator", "owner", "network_operator")
    if site is not None and site not in ctx.network.site:
        known = ", ".join(sorted(ctx.network.site))
        raise InputFault("schedule.site_unknown", site=site[:80], known=known)
    if work_unit is not None and work_unit not in ctx.network.work_unit:
        raise InputFault("schedule.unit_unknown", unit=work_unit[:80])
    if not 1 <= days <= 720:
        raise InputFault("schedule.days_wrong", days=days)
    sites = own_sites(ctx.network, actor)
    now_s = ctx.clock.now_s()
    found = [
        slot
        for slot in booked_slots(ctx.store.bookings(now_s=now_s, to_after_s=now_s))
        if slot.start_s < now_s + days * DAY_S
        and slot.resource_id in ctx.network.work_unit
        and (work_unit is None or slot.resource_id == work_unit)
        and (here := ctx.network.site_of(slot.resource_id).site_id) in sites
        and (site is None or here == site)
    ]
    return tuple(sorted(found, key=lambda s: (s.resource_id, s.seat, s.start_s)))


def forecast_at_s(ctx: Context, order: OrderState) -> int | None:
    """Return when an order is expected at the open door as the schedule stands; None when it is
    over or not the viewer's to know."""
    if order.actual_at_s is not None or order.state == "cancelled" or not order.zone_id:
        return None
    open_jobs = [job for job in order.jobs.values() if job.state != "cancelled"]
    if not open_jobs:
        return None
    last = max(open_jobs, key=lambda job: job.actual_end_s or job.end_s)
    zone = ctx.network.delivery_zone.get(order.zone_id)
    lane_s = ctx.network.lane_s(last.site_id, order.zone_id)
    if zone is None or lane_s is None:
        return None
    if order.shipped >= order.quantity and order.shipped_at_s is not None:
        return opens_s(zone, max(ctx.clock.now_s(), order.shipped_at_s + lane_s))
    ready_s = last.actual_end_s if last.actual_end_s is not None else last.end_s
    return opens_s(zone, max(ctx.clock.now_s(), ready_s + ctx.settings.handover_s) + lane_s)


def improve_schedule(ctx: Context, actor: Actor, *, limit_s: float = 10.0) -> dict[str, Any]:
    """Better the schedule of the whole network without breaking a promise; say what was gained.

    It works on a snapshot; what is booked meanwhile is in the way of the swap, which the store
    then refuses whole: the answer says so, and the schedule stays as it was.

    Raises:
        InputFault: `access.role_may_not` for anyone but the network operator, since it moves the
            slots of all owners.
    """
    may_act(ctx.network, actor, "network_operator")
    # a simulated clock would run away from the snapshot; in a live world shops are not kept waiting
    with ctx.standing():
        return _improved(ctx, actor, limit_s)


def _improved(ctx: Context, actor: Actor, limit_s: float) -> dict[str, Any]:
    now_s = ctx.clock.now_s()
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), now_s)
    held = booked_slots(
        booking
        for booking in ctx.store.bookings(now_s=now_s, to_after_s=now_s)
        if booking.state == "held"
    )
    network = with_outages(ctx.network, floor.outages)
    snapshot = Snapshot(network, (*floor.slots, *held), floor.jobs, now_s, pinned_of(floor))

    def judged(slots: Sequence[Slot]) -> bool:
        own = [slot for slot in slots if slot.holder in floor.jobs]
        return not violations(own, network, floor.jobs, now_s=now_s, begun=floor.progress)

    ends = perf_counter() + limit_s
    found = improve(
        snapshot,
        judged,
        seed=ctx.settings.twin_seed,
        should_stop=lambda: perf_counter() > ends,
    )
    gone = set(found.release)
    after = [*(slot for slot in floor.slots if slot not in gone), *found.claim]
    why = Reason("schedule.improved", {"rounds": found.rounds})
    try:
        with ctx.floor:
            moved = (
                swapped(
                    ctx, actor, floor, after, why, now_s=now_s, network=network, over_holds=False
                )
                if found.claim
                else ()
            )
    except Conflict as conflict:
        return {"moved_orders": 0, "refused": conflict.code}
    return {
        "moved_orders": len(moved),
        "moved_slots": len(found.claim),
        "rounds": found.rounds,
        "before": asdict(found.before),
        "after": asdict(found.after),
    }
