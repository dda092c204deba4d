"""Schedule: what stands where, and how it gets better.

Slots outside the frozen zone may move as long as no promise breaks. Every change is computed on a
snapshot, judged by code that did not find it, and swapped in one transaction (`services.swap`);
what was booked in between makes the store refuse the swap whole, and the next round tries again.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from math import inf
from time import perf_counter

from manufold.judge.violations import violations
from manufold.model.errors import Conflict, ExecutorFault, InputFault, Reason
from manufold.model.execution import OrderState
from manufold.model.party import Actor
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S
from manufold.scheduling.bookings import booked_slots
from manufold.scheduling.improve import Improvement, Snapshot, improve
from manufold.scheduling.missed import Missed
from manufold.scheduling.outages import with_outages
from manufold.scheduling.warm import warm_search
from manufold.scheduling.weights import Weights
from manufold.services.access import may_act, own_sites
from manufold.services.better import pinned_of, safe_ends_s
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.door import opens_s
from manufold.services.floor import floor_of
from manufold.services.players import PASS_MOST_S, WorkerPlayers
from manufold.services.swap import swapped
from manufold.settings import Settings

__all__ = ["Bettered", "Search", "forecast_at_s", "improve_schedule", "show_slots", "weights_of"]

#: however much time there is
ROUNDS_MOST = 100_000_000
#: rounds in a row that were no better: then more would rarely be
PATIENCE = 5000
#: longest search: promises are made meanwhile, and each may make the store refuse the swap
LIMIT_MOST_S = 600
#: most workers of one search
WORKERS_MOST = 256
#: what is kept of the time for the end: judging what was found, and once more for the swap; until
#: something was judged, so much a slot is reckoned with
JUDGED_TWICE, JUDGING_PER_SLOT_S = 2.2, 5e-5


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
        seconds: it took, reading, judging and moving included.
        ready_s: compiling, and starting the workers, took before that.
        workers: how many searched at once.
        on: where: "here", in this process; "pool", processes of this machine; "ray".
    """

    found: Improvement
    moved_orders: int
    moved_slots: int
    refused: str | None
    missed: tuple[tuple[str, Missed], ...]
    seconds: float
    seed: int
    dry_run: bool
    ready_s: float = 0.0
    workers: int = 1
    on: str = "here"


@dataclass(frozen=True, slots=True)
class Search:
    """How the schedule shall be bettered.

    Args:
        limit_s: it ends sooner when nothing more is found for long; begins once all is compiled.
        rounds: at most, however much time there is; with time enough, they and the seed decide the
            answer.
        seed: default the setting `twin_seed`.
        dry_run: whether everything stays as it is.
        workers: that search at once, default the setting `improve_workers`; one searches here.
        ray: where to find them: "local" for a cluster of this machine, the address of one that
            runs, "" for processes of this machine; default the setting `improve_ray`.
    """

    limit_s: float = 10.0
    rounds: int | None = None
    seed: int | None = None
    dry_run: bool = False
    workers: int | None = None
    ray: str | None = None


def improve_schedule(
    ctx: Context,
    actor: Actor,
    search: Search = Search(),
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> Bettered:
    """Better the schedule of the whole network without breaking a promise; say what was gained.

    It works on a snapshot; what is booked meanwhile is in the way of the swap, which the store
    then refuses whole: the answer says so, and the schedule stays as it was.

    Args:
        should_stop: asked between rounds, e.g. whether somebody asked it to end.

    Raises:
        InputFault: `access.role_may_not` for anyone but the network operator, since it moves the
            slots of all owners; `improve.seconds_outside`, `improve.rounds_outside`,
            `improve.workers_outside`; `executor.no_ray`, `executor.no_cluster`.
        ExecutorFault: `improve.workers_unready`.
    """
    may_act(ctx.network, actor, "network_operator")
    workers, ray = _asked(ctx, search)
    on = "ray" if ray else "pool" if workers > 1 else "here"
    begun, watch = perf_counter(), _Watch(search.limit_s)
    with ExitStack() as held:
        players = None
        if on != "here" and ctx.hands is not None:
            pass_s = PASS_MOST_S if search.rounds is None else inf
            hands = ctx.hands(workers, ray)
            players = held.enter_context(
                WorkerPlayers(hands, workers, watch.left_s, should_stop, pass_most_s=pass_s)
            )
        warm_search()
        if players is not None:
            try:
                players.get_ready()
            except ExecutorFault as fault:
                what = str(fault.params.get("detail", fault.code))
                raise ExecutorFault("improve.workers_unready", what=what[:200]) from None
        ready_s = perf_counter() - begun
        # a simulated clock would run away from the snapshot; live shops are not kept waiting
        held.enter_context(ctx.standing())
        watch.begin()
        done = _improved(ctx, actor, search, watch, should_stop, players)
    if players is None:
        return replace(done, ready_s=ready_s)
    return replace(done, ready_s=ready_s, workers=workers, on=on)


def _asked(ctx: Context, search: Search) -> tuple[int, str]:
    """Return how many workers search and on what Ray; refuse what cannot be."""
    if not 0 < search.limit_s <= LIMIT_MOST_S:
        told = f"{search.limit_s:g}"
        raise InputFault("improve.seconds_outside", seconds=told, most=LIMIT_MOST_S)
    if search.rounds is not None and not 1 <= search.rounds <= ROUNDS_MOST:
        raise InputFault("improve.rounds_outside", rounds=search.rounds, most=ROUNDS_MOST)
    workers = ctx.settings.improve_workers if search.workers is None else search.workers
    if not 1 <= workers <= WORKERS_MOST:
        raise InputFault("improve.workers_outside", workers=workers, most=WORKERS_MOST)
    return workers, ctx.settings.improve_ray if search.ray is None else search.ray


class _Watch:
    """The time of a search; what judging takes is kept for the end."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s, self._begun, self._judging_s = limit_s, inf, 0.0

    def begin(self) -> None:
        self._begun = perf_counter()

    def elapsed_s(self) -> float:
        """Return the seconds since it began."""
        return perf_counter() - self._begun

    def expect(self, slots: int) -> None:
        """Reckon with the judging of so many slots."""
        self._judging_s = slots * JUDGING_PER_SLOT_S

    def judging(self, slots: Sequence[Slot], judged: Callable[[Sequence[Slot]], bool]) -> bool:
        """Return what the judge says, and remember how long it took."""
        begun = perf_counter()
        clean = judged(slots)
        self._judging_s = perf_counter() - begun
        return clean

    def left_s(self) -> float:
        """Return the seconds that are left for searching, at least half of all at first."""
        kept_s = min(self.limit_s / 2, JUDGED_TWICE * self._judging_s)
        return self.limit_s - self.elapsed_s() - kept_s


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
    search: Search,
    watch: _Watch,
    should_stop: Callable[[], bool],
    players: WorkerPlayers | None,
) -> Bettered:
    now_s = ctx.clock.now_s()
    seed = ctx.settings.twin_seed if search.seed is None else search.seed
    floor = floor_of(ctx, orders_of(ctx), units_of(ctx), now_s)
    held = booked_slots(
        booking
        for booking in ctx.store.bookings(now_s=now_s, to_after_s=now_s)
        if booking.state == "held"
    )
    network = with_outages(ctx.network, floor.outages)
    pinned, safe_s = pinned_of(floor), safe_ends_s(ctx, floor, now_s)
    watch.expect(len(floor.slots))

    def judged(slots: Sequence[Slot]) -> bool:
        own = [slot for slot in slots if slot.holder in floor.jobs]
        return not violations(own, network, floor.jobs, now_s=now_s, begun=floor.progress)

    found = improve(
        Snapshot(network, (*floor.slots, *held), floor.jobs, now_s, pinned, safe_s),
        lambda slots: watch.judging(slots, judged),
        seed=seed,
        rounds=search.rounds or ROUNDS_MOST,
        should_stop=lambda: should_stop() or watch.left_s() <= 0,
        weights=weights_of(ctx.settings),
        patience=PATIENCE,
        players=players,
    )
    order_of = {holder: order.order_id for (holder, _), (order, _job) in floor.job_orders.items()}
    orders, refused = len({order_of[slot.holder] for slot in found.claim}), None
    if found.claim and not search.dry_run:
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
        watch.elapsed_s(),
        seed,
        search.dry_run,
    )
