"""Schedule: what stands where, and how it gets better.

Slots outside the frozen zone may move as long as no promise breaks. Every change is computed on a
snapshot, judged by code that did not find it, and swapped in one transaction (`services.swap`);
what was booked in between makes the store refuse the swap whole, and the next round tries again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from manufold.judge.violations import violations
from manufold.model.errors import Conflict, InputFault, Reason
from manufold.model.execution import OrderState
from manufold.model.party import Actor
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S
from manufold.scheduling.bookings import booked_slots
from manufold.scheduling.improve import Improvement, Snapshot, improve
from manufold.scheduling.missed import Missed
from manufold.scheduling.outages import with_outages
from manufold.scheduling.weights import Weights
from manufold.services.access import may_act, own_sites
from manufold.services.better import pinned_of, safe_ends_s
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.door import opens_s
from manufold.services.floor import floor_of
from manufold.services.swap import swapped
from manufold.settings import Settings

__all__ = ["Bettered", "forecast_at_s", "improve_schedule", "show_slots", "weights_of"]

#: however much time there is
ROUNDS_MOST = 100_000_000
#: rounds in a row that were no better: then more would rarely be
PATIENCE = 5000
#: longest search: promises are made meanwhile, and each may make the store refuse the swap
LIMIT_MOST_S = 600


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


@dataclass(frozen=True, slots=True)
class Bettered:
    """What bettering the schedule gained.

    Args:
        moved_orders, moved_slots: what moved, or would have where nothing shall move.
        refused: code of what the store said when somebody booked meanwhile; nothing moved then.
        missed: (order, its promise that is not kept), the latest first.
        seconds: it took, judging included.
    """

    found: Improvement
    moved_orders: int
    moved_slots: int
    refused: str | None
    missed: tuple[tuple[str, Missed], ...]
    seconds: float
    seed: int
    dry_run: bool


def improve_schedule(
    ctx: Context,
    actor: Actor,
    *,
    limit_s: float = 10.0,
    seed: int | None = None,
    dry_run: bool = False,
    should_stop: Callable[[], bool] = lambda: False,
) -> Bettered:
    """Better the schedule of the whole network without breaking a promise; say what was gained.

    It works on a snapshot; what is booked meanwhile is in the way of the swap, which the store
    then refuses whole: the answer says so, and the schedule stays as it was.

    Args:
        limit_s: it ends sooner when nothing more is found for long.
        seed: of the search, default the setting `twin_seed`.
        dry_run: whether everything stays as it is.
        should_stop: asked between rounds, e.g. whether somebody asked it to end.

    Raises:
        InputFault: `access.role_may_not` for anyone but the network operator, since it moves the
            slots of all owners; `improve.seconds_outside`.
    """
    may_act(ctx.network, actor, "network_operator")
    if not 0 < limit_s <= LIMIT_MOST_S:
        raise InputFault("improve.seconds_outside", seconds=f"{limit_s:g}", most=LIMIT_MOST_S)
    seed = ctx.settings.twin_seed if seed is None else seed
    # a simulated clock would run away from the snapshot; in a live world shops are not kept waiting
    with ctx.standing():
        return _improved(ctx, actor, limit_s, seed, dry_run, should_stop)


def weights_of(settings: Settings) -> Weights:
    """Return what counts beside dates, as the settings have it."""
    return Weights(
        settings.weigh_flow_minor_per_h,
        settings.weigh_setup_minor_per_h,
        settings.weigh_changeover_factor,
        settings.weigh_energy_factor,
        settings.weigh_carbon_minor_per_kg,
    )


def _improved(
    ctx: Context,
    actor: Actor,
    limit_s: float,
    seed: int,
    dry_run: bool,
    should_stop: Callable[[], bool],
) -> Bettered:
    begun, now_s = perf_counter(), ctx.clock.now_s()
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), now_s)
    held = booked_slots(
        booking
        for booking in ctx.store.bookings(now_s=now_s, to_after_s=now_s)
        if booking.state == "held"
    )
    network = with_outages(ctx.network, floor.outages)
    snapshot = Snapshot(
        network,
        (*floor.slots, *held),
        floor.jobs,
        now_s,
        pinned_of(floor),
        safe_ends_s(ctx, floor, now_s),
    )

    def judged(slots: Sequence[Slot]) -> bool:
        own = [slot for slot in slots if slot.holder in floor.jobs]
        return not violations(own, network, floor.jobs, now_s=now_s, begun=floor.progress)

    found = improve(
        snapshot,
        judged,
        seed=seed,
        rounds=ROUNDS_MOST,
        should_stop=lambda: should_stop() or perf_counter() - begun > limit_s,
        weights=weights_of(ctx.settings),
        patience=PATIENCE,
    )
    order_of = {holder: order.order_id for (holder, _), (order, _job) in floor.job_orders.items()}
    orders, refused = len({order_of[slot.holder] for slot in found.claim}), None
    if found.claim and not dry_run:
        gone = set(found.release)
        after = [*(slot for slot in floor.slots if slot not in gone), *found.claim]
        why = Reason("schedule.improved", {"rounds": found.rounds})
        try:
            with ctx.floor:
                swapped(
                    ctx, actor, floor, after, why, now_s=now_s, network=network, over_holds=False
                )
        except Conflict as conflict:
            orders, refused = 0, conflict.code
    return Bettered(
        found,
        orders,
        0 if refused else len(found.claim),
        refused,
        tuple((order_of[one.holder], one) for one in found.missed),
        perf_counter() - begun,
        seed,
        dry_run,
    )
