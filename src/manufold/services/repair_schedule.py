"""Repair the schedule: do what a planner saw in `what-if`, once, on the live floor.

The floor is taken as it is; work units that are down come from the log, with the end expected of
them. What the planner tells beside that, a work unit that will be down or an operator who will be
away, is kept with it: promises, rounds and scenarios know of it from then on, until it is over or
told anew. No calendar is written. `scheduling.repair` plans, the judge
looks at what came of it, and it is swapped in one transaction or not at all. What begun, what a
person holds and what is held for offers stays.

Measured is against the order of work: what the dispatch lists lead to when nothing goes elsewhere.
A planner's round walks that way by itself, so a repair that gains nothing over it is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake, Conflict, InputFault, Reason
from manufold.model.execution import OrderState, UnitState
from manufold.model.network import Network
from manufold.model.party import Actor
from manufold.model.ports import Batch, NewEvent
from manufold.model.schedule import Job, Slot, dispatch_lists
from manufold.model.units import to_rfc3339
from manufold.scheduling.bookings import booked_slots
from manufold.scheduling.forecast import forecast
from manufold.scheduling.moves import Move, Movement, movement_of
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.repair import repair
from manufold.services.access import may_act, own_sites
from manufold.services.better import pinned_of
from manufold.services.context import Context
from manufold.services.documents import event, orders_of, units_of
from manufold.services.floor import Floor, floor_of
from manufold.services.repair_view import RepairView, StillLate
from manufold.services.swap import holds_in_the_way, moved_claims, swapped

__all__ = ["OUTAGES_MOST", "RepairAsk", "RepairDone", "repair_schedule"]

#: breakdowns and absences that are told at once
OUTAGES_MOST = 50


@dataclass(frozen=True, slots=True)
class RepairAsk:
    """What is told beside what the log says.

    Args:
        down: work units that will do nothing, from when to when.
        absent: operators likewise.
        fewest: whether as few operations shall move as will do; else the order of work is kept
            where that misses no more promises.
        dry_run: whether everything stays as it is.
    """

    down: tuple[Outage, ...] = ()
    absent: tuple[Outage, ...] = ()
    fewest: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class RepairDone:
    """What a repair did, or would do, as the actor may see it.

    Args:
        swapped: whether the schedule is another one now.
        why: what became of the repair.
        movement, moves: what is the actor's own of what moved; nothing where none was found.
        order_of: group of slots -> order, of what moved.
        missed_before: orders that come late when the order of work is kept.
        missed_after: those that come late as it stands now, or would.
        late: these, the latest first.
    """

    at_s: int
    swapped: bool
    dry_run: bool
    why: Reason
    movement: Movement
    moves: tuple[Move, ...]
    order_of: Mapping[str, str]
    missed_before: int
    missed_after: int
    late: tuple[StillLate, ...]


@dataclass(frozen=True, slots=True)
class _Live:
    """The floor that is repaired.

    Args:
        jobs: as a repair weighs them: due when the carrier's paper must be begun.
        told: what is down or away beside what the log says.
        agreed_s: where what was put off may come back to.
    """

    floor: Floor
    jobs: Mapping[str, Job]
    told: tuple[Outage, ...]
    held: tuple[Slot, ...]
    now_s: int
    agreed_s: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def outages(self) -> tuple[Outage, ...]:
        return (*self.floor.outages, *self.told)

    def worth(self, slots: tuple[Slot, ...]) -> tuple[int, Movement]:
        """Return what a schedule misses and moves: smaller is better."""
        ends: dict[str, int] = {}
        for slot in slots:
            ends[slot.holder] = max(slot.end_s, ends.get(slot.holder, 0))
        missed = sum(
            max(0, end_s - due_s) * self.jobs[holder].weight
            for holder, end_s in ends.items()
            if (due_s := self.jobs[holder].due_s) is not None
        )
        return missed, movement_of(self.floor.slots, slots)


@dataclass(frozen=True, slots=True)
class _Ways:
    """Where the order of work leads, and what shall be done, None for nothing, and why nothing."""

    in_order: tuple[Slot, ...]
    after: tuple[Slot, ...] | None
    why: Reason | None = None


def repair_schedule(ctx: Context, actor: Actor, wanted: RepairAsk) -> RepairDone:
    """Repair the schedule around what is down, away or late; say what moved and what stays late.

    All of the floor is repaired at once; a supplier's planner is told what is its own.

    Raises:
        InputFault: `access.role_may_not`; what is told is unknown, another's, over, or too much:
            `schedule.unit_unknown`, `what_if.operator_unknown`, `repair.outage_over`,
            `repair.too_many`.
        Conflict: `repair.contested` when somebody booked or moved work meanwhile.
        CannotMake: `repair.no_room`: work does not fit before the horizon.
    """
    may_act(ctx.network, actor, "planner", "owner", "network_operator")
    # a simulated clock would run away from the floor as it was read
    with ctx.standing():
        now_s = ctx.clock.now_s()
        told = _told(ctx, actor, wanted, now_s)
        orders = {order.order_id: order for order in orders_of(ctx)}
        units = {unit.resource_id: unit for unit in units_of(ctx)}
        live = _live(ctx, orders, units, told, now_s)
        ways = _found(ctx, live, wanted.fewest)
        view = RepairView(ctx, actor, live.floor, orders, units, live.outages, now_s)
        before = view.late(ways.in_order)
        if ways.after is None:
            assert ways.why is not None
            if not wanted.dry_run:
                _kept(ctx, actor, live)
            nothing = Movement(0, 0, 0)
            counts = len(before), len(before)
            return RepairDone(
                now_s, False, wanted.dry_run, ways.why, nothing, (), {}, *counts, before
            )
        if not wanted.dry_run:
            _swapped(ctx, actor, live, ways.after)
        moves, late = view.moves(ways.after), view.late(ways.after)
        movement = view.movement(ways.after)
        order_of = {move.slot.holder: view.order_of[move.slot.holder] for move in moves}
        counted: dict[str, str | int | bool] = {
            "count": movement.count,
            "orders": len({order_of[move.slot.holder] for move in moves if move.moved}),
            "elsewhere": movement.elsewhere,
        }
        return RepairDone(
            now_s,
            not wanted.dry_run,
            wanted.dry_run,
            Reason("repair.dry" if wanted.dry_run else "repair.done", counted),
            movement,
            moves,
            order_of,
            len(before),
            len(late),
            late,
        )


def _told(ctx: Context, actor: Actor, wanted: RepairAsk, now_s: int) -> tuple[Outage, ...]:
    """Return what the actor tells of its own sites, as far as it is still to come."""
    network, sites = ctx.network, own_sites(ctx.network, actor)
    told = (*wanted.down, *wanted.absent)
    if len(told) > OUTAGES_MOST:
        raise InputFault("repair.too_many", found=len(told), most=OUTAGES_MOST)
    for one in wanted.down:
        known = one.resource_id in network.work_unit
        if not known or network.site_of(one.resource_id).site_id not in sites:
            raise InputFault("schedule.unit_unknown", unit=one.resource_id[:80])
    for one in wanted.absent:
        operator = network.operator.get(one.resource_id)
        if operator is None or operator.site_id not in sites:
            raise InputFault("what_if.operator_unknown", operator=one.resource_id[:80])
    for one in told:
        if one.to_s <= now_s:
            until = to_rfc3339(one.to_s, _zone(network, one.resource_id))
            raise InputFault("repair.outage_over", resource=one.resource_id, until=until)
    return tuple(replace(one, from_s=max(one.from_s, now_s)) for one in told)


def _zone(network: Network, resource_id: str) -> str:
    operator = network.operator.get(resource_id)
    if operator is not None:
        return network.site[operator.site_id].zone
    return network.site_of(resource_id).zone


def _live(
    ctx: Context,
    orders: Mapping[str, OrderState],
    units: Mapping[str, UnitState],
    told: tuple[Outage, ...],
    now_s: int,
) -> _Live:
    floor = floor_of(ctx, orders.values(), units.values(), now_s)
    handover_s = ctx.settings.handover_s
    jobs = {
        holder: job if job.due_s is None else replace(job, due_s=job.due_s - handover_s)
        for holder, job in floor.jobs.items()
    }
    agreed_s = {
        key: job.agreed_s
        for key, (_order, job) in floor.job_orders.items()
        if job.agreed_s is not None and job.state == "planned"
    }
    held = booked_slots(
        booking
        for booking in ctx.store.bookings(now_s=now_s, to_after_s=now_s)
        if booking.state == "held"
    )
    return _Live(floor, jobs, told, held, now_s, agreed_s)


def _found(ctx: Context, live: _Live, fewest: bool) -> _Ways:
    """Return what shall be done; work that fits nowhere is told what would make room."""
    try:
        return _ways(ctx, live, fewest)
    except CannotMake as fault:
        if fault.code != "schedule.past_horizon":
            raise
        raise CannotMake("repair.no_room", days=fault.reason.params["days"]) from None


def _ways(ctx: Context, live: _Live, fewest: bool) -> _Ways:
    """Return what shall be done; where offers hold what it needs, other ways are looked for."""
    if not live.floor.slots:
        return _Ways((), None, Reason("repair.in_order", {}))
    here = replace(live, agreed_s={})  # what was held meanwhile is not taken back
    tries = {(True, fewest): live, (False, fewest): here, (False, True): here}
    in_order: tuple[Slot, ...] = ()
    for (_back, few), one in tries.items():
        known = _in_order(ctx, one, ())
        in_order = _in_order(ctx, one, one.told) if one.told else known
        found = _repaired(ctx, one, few)
        if one.worth(found) >= one.worth(in_order):
            if in_order == known:  # as a planner's round would have it
                return _Ways(in_order, None, Reason("repair.in_order", {}))
            found = in_order  # nobody else knows what was told
        if not holds_in_the_way(ctx, moved_claims(one.floor, found), one.now_s):
            return _judged(ctx, one, in_order, found)
    return _Ways(in_order, None, Reason("repair.held", {}))


def _judged(
    ctx: Context, live: _Live, in_order: tuple[Slot, ...], found: tuple[Slot, ...]
) -> _Ways:
    network = with_outages(ctx.network, live.outages)
    jobs, begun = live.floor.jobs, live.floor.progress
    broken = violations(found, network, jobs, now_s=live.now_s, begun=begun)
    if broken:
        return _Ways(in_order, None, Reason("repair.judged_wrong", {"count": len(broken)}))
    return _Ways(in_order, found)


def _in_order(ctx: Context, live: _Live, told: tuple[Outage, ...]) -> tuple[Slot, ...]:
    """Return where the dispatch lists lead, this being down or away beside what the log says."""
    outages = (*live.floor.outages, *told)
    lists = dispatch_lists(live.floor.slots, claims=True)
    known = (live.jobs, live.floor.progress, live.now_s, outages, live.agreed_s)
    found = forecast(ctx.network, lists, *known).slots
    at = {(slot.holder, slot.operation_id): slot for slot in found}
    return tuple(at[slot.holder, slot.operation_id] for slot in live.floor.slots)


def _repaired(ctx: Context, live: _Live, fewest: bool) -> tuple[Slot, ...]:
    known = (live.jobs, live.floor.progress, live.now_s, live.outages, live.agreed_s)
    pinned = pinned_of(live.floor)
    slots = live.floor.slots
    found = repair(ctx.network, slots, *known, fewest=fewest, held=live.held, pinned=pinned).slots
    at = {(slot.holder, slot.operation_id): slot for slot in found}
    return tuple(at[slot.holder, slot.operation_id] for slot in slots)


def _told_events(actor: Actor, live: _Live) -> tuple[NewEvent, ...]:
    """Return what is told as events; each replaces what was told before for the same time."""
    return tuple(
        event(
            f"unit:{one.resource_id}",
            "OutageTold",
            {"resource_id": one.resource_id, "from_s": one.from_s, "to_s": one.to_s},
            live.now_s,
            actor,
        )
        for one in live.told
    )


def _kept(ctx: Context, actor: Actor, live: _Live) -> None:
    """Keep what is told though nothing moves for it."""
    events = _told_events(actor, live)
    if events:
        ctx.store.append(Batch(events=events, now_s=live.now_s))
        ctx.loaded = None


def _swapped(ctx: Context, actor: Actor, live: _Live, after: tuple[Slot, ...]) -> None:
    network = with_outages(ctx.network, live.outages)
    why = Reason("schedule.repaired", {})
    try:
        with ctx.floor:
            swapped(
                ctx,
                actor,
                live.floor,
                after,
                why,
                now_s=live.now_s,
                network=network,
                over_holds=False,
                beside=_told_events(actor, live),
            )
    except Conflict:
        raise Conflict("repair.contested") from None
