"""The policies that can be compared: where new work goes, and what each planner's round does.

All of them stand on the same rules of the shop: nothing starts before its slot, what slips pushes
what comes after it and comes back when the trouble is over, what came out short is planned again.
They differ in where work goes, and in whether it moves for a better schedule.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake, Conflict, InputFault, Reason
from manufold.model.execution import OrderState, UnitState
from manufold.model.network import Network
from manufold.model.schedule import dispatch_lists
from manufold.model.units import DAY_S, to_rfc3339
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.first_come import behind_everything
from manufold.scheduling.forecast import forecast
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.load import Load
from manufold.scheduling.outages import with_outages
from manufold.services.better import better, pinned_of, safe_ends_s
from manufold.services.catch_up import catch_up
from manufold.services.context import Context
from manufold.services.floor import Floor, floor_of
from manufold.services.loads import current_load
from manufold.services.outages import outages_of
from manufold.services.schedule import weights_of
from manufold.services.swap import swapped

__all__ = ["POLICIES", "Policy", "policy_of"]

#: of ruin and recreate in each planner's round; a number, not a time, so that a rerun says the same
ROUNDS = 10

Orders = Mapping[str, OrderState]
Units = Iterable[UnitState]


@dataclass(frozen=True, slots=True)
class Policy:
    """Where work goes and how it moves.

    Args:
        load: the load as new work sees it.
        follow: bring slots in line with what happened; the orders that moved.
        better: move slots for a better schedule, once a round; the orders that moved.
    """

    name: str
    load: Callable[[Context, int, Units], Load]
    follow: Callable[[Context, int, Orders, Units], tuple[str, ...]]
    better: Callable[[Context, int, Orders, Units], tuple[str, ...]]


def policy_of(name: str) -> Policy:
    """Return a policy by its name.

    Raises:
        InputFault: `compare.policy_unknown`.
    """
    if name not in POLICIES:
        raise InputFault("compare.policy_unknown", policy=name[:40], known=", ".join(POLICIES))
    return POLICIES[name]


def _queue(ctx: Context, now_s: int, units: Units) -> Load:
    """Return the load in which every seat is taken until its last booking ends."""
    network = with_outages(ctx.network, outages_of(ctx.network, units, now_s))
    bookings = ctx.store.bookings(now_s=now_s)
    from_s, span_s = now_s - now_s % DAY_S, ctx.settings.horizon_days * DAY_S
    return behind_everything(Load.of(network, bookings, from_s, span_s, seq=ctx.store.head().seq))


def _gaps(ctx: Context, now_s: int, units: Units) -> Load:
    """Return the load as the platform's own offers see it."""
    return current_load(ctx, now_s)


def _right_shift(ctx: Context, now_s: int, orders: Orders, units: Units) -> tuple[str, ...]:
    """Push what is late, and let it come back, without ever changing who comes after whom."""
    floor = floor_of(ctx, orders.values(), units, now_s)
    if not floor.slots:
        return ()
    agreed_s = {
        key: job.agreed_s
        for key, (_order, job) in floor.job_orders.items()
        if job.agreed_s is not None and job.state == "planned"
    }
    after = forecast(
        ctx.network,
        dispatch_lists(floor.slots, claims=True),
        floor.jobs,
        floor.progress,
        now_s,
        floor.outages,
        agreed_s,
    ).slots
    network = with_outages(ctx.network, floor.outages)
    why = Reason("schedule.caught_up", {"at": to_rfc3339(now_s)})
    return swapped(ctx, "manufold", floor, after, why, now_s=now_s, network=network)


def _caught_up(ctx: Context, now_s: int, orders: Orders, units: Units) -> tuple[str, ...]:
    """Do what the platform's own planner's round does."""
    return catch_up(ctx, now_s, orders, units)


def _requeued(ctx: Context, now_s: int, orders: Orders, units: Units) -> tuple[str, ...]:
    """Line up anew whatever waits: at every machine, who is there first goes first.

    Work goes to the machine of its sites that can have it soonest, and no machine waits while
    something stands before it. A begun order that uses more sites than one keeps its slots.
    """
    floor = floor_of(ctx, orders.values(), units, now_s)
    network = with_outages(ctx.network, floor.outages)
    lined = _waiting(network, floor)
    keys = {(holder, name) for holder, names in lined.items() for name in names}
    kept = {(s.holder, s.operation_id): s for s in floor.slots}
    fixed = {key: slot for key, slot in kept.items() if key not in keys}
    jobs = [
        replace(floor.jobs[holder], release_s=max(floor.jobs[holder].release_s, now_s))
        for holder in sorted(lined, key=lambda holder: (floor.jobs[holder].release_s, holder))
    ]
    sites = {
        holder: frozenset(
            network.site_of(slot.resource_id).site_id
            for (own, _name), slot in kept.items()
            if own == holder
        )
        for holder in lined
    }
    load = Load.of(network, from_s=now_s).with_slots(fixed.values())
    try:
        made = dispatch(network, jobs, load, RULES[0], sites=sites, fixed=fixed)
    except CannotMake:  # beyond the horizon on what is left of the machines: stay in line
        return ()
    why = Reason("schedule.caught_up", {"at": to_rfc3339(now_s)})
    after = (*fixed.values(), *made)
    with suppress(Conflict):
        return swapped(ctx, "manufold", floor, after, why, now_s=now_s, network=network)
    return ()


def _waiting(network: Network, floor: Floor) -> dict[str, list[str]]:
    """Return what waits, by order, of orders that one site makes or that nobody has begun."""
    waiting: dict[str, list[str]] = {}
    begun: set[str] = set()
    at: dict[str, set[str]] = {}
    for slot in floor.slots:
        _order, job = floor.job_orders[slot.holder, slot.operation_id]
        at.setdefault(slot.holder, set()).add(network.site_of(slot.resource_id).site_id)
        if job.state == "planned" and not job.held:
            waiting.setdefault(slot.holder, []).append(slot.operation_id)
        else:
            begun.add(slot.holder)
    return {h: names for h, names in waiting.items() if len(at[h]) == 1 or h not in begun}


def _as_it_is(ctx: Context, now_s: int, orders: Orders, units: Units) -> tuple[str, ...]:
    """Leave the schedule as it is."""
    return ()


def _rescued(ctx: Context, now_s: int, orders: Orders, units: Units) -> tuple[str, ...]:
    """Bring dates in danger forward, as the platform's own planner's round does."""
    return better(ctx, now_s, orders, units)


def _improved(ctx: Context, now_s: int, orders: Orders, units: Units) -> tuple[str, ...]:
    """Better the schedule as a planner can at any time, breaking no promise."""
    floor = floor_of(ctx, orders.values(), units, now_s)
    network = with_outages(ctx.network, floor.outages)
    found = improve(
        Snapshot(
            network,
            floor.slots,
            floor.jobs,
            now_s,
            pinned_of(floor),
            safe_ends_s(ctx, floor, now_s),
        ),
        lambda slots: not violations(slots, network, floor.jobs, now_s=now_s, begun=floor.progress),
        seed=ctx.settings.twin_seed,
        rounds=ROUNDS,
        weights=weights_of(ctx.settings),
    )
    if not found.claim:
        return ()
    gone = set(found.release)
    after = [*(slot for slot in floor.slots if slot not in gone), *found.claim]
    why = Reason("schedule.improved", {"rounds": found.rounds})
    with suppress(Conflict):  # somebody booked in between; nobody does in a throw-away world
        return swapped(ctx, "manufold", floor, after, why, now_s=now_s, network=network)
    return ()


POLICIES: Mapping[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy("fcfs", _queue, _right_shift, _as_it_is),
        Policy("fifo", _queue, _right_shift, _requeued),
        Policy("promise", _gaps, _caught_up, _rescued),
        Policy("ours", _gaps, _caught_up, _improved),
    )
}
