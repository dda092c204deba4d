"""One arm of a comparison: a stream of orders made under one policy in a throw-away world.

The world lives in memory and is gone afterwards. Its ids are made from the order and the operation
they are for, never from when they are minted: luck is drawn by job order, so the same operation of
the same order has the same luck in every arm, wherever and whenever it is made. Failures depend on
the work unit and how often it failed before.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from manufold.execution.decide import decide
from manufold.execution.fold import fold_order, fold_unit
from manufold.model.codec import encoded, stamped
from manufold.model.errors import OurFault
from manufold.model.evidence import SignedHead
from manufold.model.execution import Command, OrderState, UnitState
from manufold.model.fakes import ManualClock, MemoryBlobs, MemoryStore
from manufold.model.ids import id_text
from manufold.model.network import Network
from manufold.model.ports import Batch, Store
from manufold.model.schedule import Slot
from manufold.scheduling.bookings import bookings_of, is_claim
from manufold.scheduling.lateness import late_finish
from manufold.scheduling.load import Load
from manufold.scheduling.promise import Promised
from manufold.scheduling.quantiles import work_class
from manufold.services.compare_policies import Policy
from manufold.services.compare_stream import BEGINS_S, Arrival, Stream, soonest
from manufold.services.context import Context
from manufold.services.documents import digest_of, event, order_of, plan_of, unit_of
from manufold.services.door import door_dates
from manufold.services.make import freed
from manufold.services.order import job_order
from manufold.services.project import project
from manufold.services.recorded import recorded_scores
from manufold.services.remake import remake, short_by
from manufold.settings import Settings
from manufold.twin.shop import ShopTwin

__all__ = ["Arm", "OrderIds", "run_arm"]

#: after the last arrival, rounds in which nothing happened: what is left waits for people
_QUIET = 3
#: and so many at most, so that a world that cannot finish ends
_ROUNDS_MOST = 3000
_OVER = ("delivered", "cancelled", "returned", "claimed")


@dataclass(slots=True)
class OrderIds:
    """Ids that follow from what they are for, so that two worlds mint the same for the same."""

    seed: int
    about: str = ""
    at_s: int = BEGINS_S
    minted: Counter[str] = field(default_factory=Counter)

    def turn_to(self, about: str, at_s: int) -> None:
        """Mint for something from now on, from the beginning."""
        self.about, self.at_s = about, at_s
        self.minted.clear()

    def mint(self, prefix: str) -> str:
        """Return the next id of a kind for what it is turned to."""
        self.minted[prefix] += 1
        text = f"{self.seed}/{self.about}/{prefix}/{self.minted[prefix]}"
        return id_text(prefix, 1000 * self.at_s, int.from_bytes(_hash(text)[:10], "big"))


@dataclass(slots=True)
class Arm:
    """What an arm ended with.

    Args:
        orders: by order id, in the order of arrival.
        arrived: order id -> what came in.
        units: by work unit.
        ended_s: when the last round was.
    """

    ctx: Context
    twin: ShopTwin
    ids: OrderIds
    policy: Policy
    orders: dict[str, OrderState] = field(default_factory=dict)
    arrived: dict[str, Arrival] = field(default_factory=dict)
    units: dict[str, UnitState] = field(default_factory=dict)
    ended_s: int = BEGINS_S

    @property
    def open_orders(self) -> dict[str, OrderState]:
        """Orders that are not over."""
        return {name: one for name, one in self.orders.items() if one.state not in _OVER}


def run_arm(
    network: Network,
    settings: Settings,
    seed: int,
    found: Stream,
    policy: Policy,
    watch: Callable[[Arm, int], None] = lambda arm, now_s: None,
) -> Arm:
    """Make all orders of a stream under a policy and return what became of them.

    Args:
        watch: told after each arrival and each round.
    """
    arm = _arm(network, settings, seed, policy)
    every_s = arm.ctx.settings.catch_up_s
    round_s = BEGINS_S - BEGINS_S % every_s + every_s
    for arrival in found.arrivals:
        while round_s <= arrival.at_s:
            _planners_round(arm, round_s)
            watch(arm, round_s)
            round_s += every_s
        _take(arm, arrival)
        watch(arm, arrival.at_s)
    quiet = 0
    for _ in range(_ROUNDS_MOST):
        said = _planners_round(arm, round_s)
        watch(arm, round_s)
        quiet = 0 if said or not arm.twin.idle else quiet + 1
        round_s += every_s
        if not arm.open_orders or quiet >= _QUIET:
            break
    return arm


def _arm(network: Network, settings: Settings, seed: int, policy: Policy) -> Arm:
    """Return an empty world of its own; it reads no design and signs nothing."""
    clock, ids = ManualClock(BEGINS_S), OrderIds(seed)
    ctx = Context(
        store=MemoryStore("sim", project),
        blobs=MemoryBlobs(seed),
        clock=clock,
        ids=ids,
        network=network,
        executor=_Nobody(),
        verticals={},
        settings=replace(settings, twin_seed=seed),
        sign_head=_unsigned,
    )
    data = {"name": network.name, "revision": network.revision}
    said = event("network", "NetworkLoaded", data, BEGINS_S, "manufold")
    ctx.store.append(Batch((said,), now_s=BEGINS_S))
    return Arm(ctx, ShopTwin(network, seed, now_s=BEGINS_S), ids, policy)


class _Nobody:
    """An executor that does nothing: plans are there already."""

    def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> Any:
        """Refuse."""
        raise OurFault("compare.reads_nothing", entry=entry)

    def warm(self, entry: str) -> None:
        """Nothing to warm."""

    def close(self) -> None:
        """Nothing to close."""


def _unsigned(store: Store, at_s: int) -> SignedHead:
    head = store.head()
    return SignedHead(head.seq, head.hash, at_s, "", "")


def _planners_round(arm: Arm, now_s: int) -> int:
    """Run on to a round and make it; return how much was said and moved."""
    said = _run_on(arm, now_s)
    moved = [*arm.policy.follow(arm.ctx, now_s, arm.open_orders, arm.units.values())]
    _seen_anew(arm, moved)
    for order_id in arm.open_orders:
        again = _made_again(arm, now_s, order_id)
        _seen_anew(arm, again)
        moved += again
    better = arm.policy.better(arm.ctx, now_s, arm.open_orders, arm.units.values())
    _seen_anew(arm, better)
    arm.ended_s = now_s
    return said + len(moved) + len(better)


def _made_again(arm: Arm, now_s: int, order_id: str) -> list[str]:
    """Plan what is short of an order once more, on the load that the policy gives new work."""
    order, ctx = arm.orders[order_id], arm.ctx
    if short_by(order) < 1:
        return []
    arrival = arm.arrived[order_id]  # its instant, not the round's: luck hangs on the whole id
    arm.ids.turn_to(f"{arrival.number}/{len(order.production_orders)}", arrival.at_s)
    ctx.loaded = arm.policy.load(ctx, now_s, arm.units.values())
    ctx.fresh_until_s = now_s + 1
    ctx.kept["caught_up_s"] = now_s
    planned = remake(ctx, now_s, {order_id: order})
    ctx.loaded = None
    return planned


def _take(arm: Arm, arrival: Arrival) -> None:
    """Accept an order as it arrives: on slots that the policy gives it."""
    ctx, now_s = arm.ctx, arrival.at_s
    _run_on(arm, now_s)
    bookings = ctx.store.bookings(now_s=now_s)
    if any(one.to_s <= now_s and not is_claim(one) for one in bookings):  # overdue work
        moved = arm.policy.follow(ctx, now_s, arm.open_orders, arm.units.values())
        _seen_anew(arm, moved)
    arm.ids.turn_to(f"{arrival.number}", now_s)
    order_id = ctx.ids.mint("ord")
    ctx.kept["caught_up_s"] = now_s
    load = arm.policy.load(ctx, now_s, arm.units.values())
    placed = soonest(load, ctx.network, arrival.job(order_id), arrival.zone_id)
    _accept(ctx, arrival, order_id, placed, load)
    fresh = order_of(ctx, order_id)
    if fresh is None:
        raise OurFault("run.order_lost", order=order_id)
    arm.arrived[order_id], arm.orders[order_id] = arrival, fresh
    arm.twin.add(fresh, plan_of(ctx, fresh.plan_digest))


def _accept(ctx: Context, arrival: Arrival, order_id: str, placed: Promised, load: Load) -> None:
    """Append what accepting an order on these slots says and books."""
    plan, production = arrival.plan, ctx.ids.mint("pro")
    named = {operation.operation_id: ctx.ids.mint("job") for operation in plan.operations}
    made = [job_order(ctx.network, plan, slot, named, production) for slot in placed.slots]
    claims = tuple(
        booking
        for slot, one in zip(placed.slots, made, strict=True)
        for booking in bookings_of(
            slot, one.job_order_id, order_id, "firm", holder=one.job_order_id
        )
    )
    data = {
        "order_id": order_id,
        "offer_id": "",
        "option_id": "",
        "party_id": arrival.party_id,
        "design_revision": plan.design_revision,
        "design_blob": "",
        "vertical": "",
        "plan_digest": digest_of(plan),
        "plan": stamped("process_plan", 1, plan),
        "quantity": arrival.quantity,
        "zone_id": arrival.zone_id,
        "price_minor": 0,
        "currency": ctx.network.currency,
        "carbon_g": 0,
        **_dates(ctx, arrival, placed.slots, placed.finish_s, placed.arrives_s, load),
        "requested_at_s": arrival.requested_at_s,
        "ready_s": dict(arrival.ready_s),
        "under_tolerance": 0,
        "over_tolerance": 0,
        "production_orders": {production: arrival.started},
        "jobs": [encoded(one) for one in made],
    }
    said = event(f"order:{order_id}", "OrderAccepted", data, arrival.at_s, "manufold")
    ctx.store.append(Batch((said,), {said.stream: 0}, claims, now_s=arrival.at_s))
    ctx.loaded = None


def _dates(
    ctx: Context,
    arrival: Arrival,
    slots: Iterable[Slot],
    finish_s: int,
    arrives_s: int,
    load: Load,
) -> Mapping[str, int]:
    """Return what is promised on slots, by what this world has learned so far."""
    listed, scores = tuple(slots), recorded_scores(ctx)
    start_s = min(slot.start_s for slot in listed)
    last = max(listed, key=lambda slot: slot.end_s)
    worktime = load.worktime_over(last.resource_id, start_s, finish_s)
    longest = max(listed, key=lambda slot: (slot.end_s - slot.start_s, slot.operation_id))
    capability = arrival.plan.operation[longest.operation_id].capability
    alike = work_class(capability, start_s - arrival.at_s)
    p50_s, p90_s = (late_finish(worktime, start_s, finish_s, scores, q, alike) for q in (0.5, 0.9))
    zone = ctx.network.delivery_zone[arrival.zone_id]
    door = door_dates(ctx, zone, p50_s.finish_s, p90_s.finish_s, arrives_s - finish_s)
    return {
        "promised_at_s": door.promised_at_s,
        "p50_at_s": door.p50_at_s,
        "due_s": door.ships_at_s,
    }


def _run_on(arm: Arm, until_s: int) -> int:
    """Let the twin say all it has to say up to an instant; return how many commands."""
    said = 0
    while (command := arm.twin.next_command(until_s)) is not None:
        _hear(arm, command)
        said += 1
    clock = arm.ctx.clock
    assert isinstance(clock, ManualClock)
    clock.advance_to(max(until_s, clock.now_s()))
    return said


def _hear(arm: Arm, command: Command) -> None:
    """Decide one command, append what it answers, and fold it."""
    ctx = arm.ctx
    order = arm.orders.get(command.order_id)
    resource = command.resource_id
    if not resource and order is not None and command.job_order_id in order.jobs:
        resource = order.jobs[command.job_order_id].resource_id
    unit = (arm.units.get(resource) or unit_of(ctx, resource)) if resource else None
    plan = None if order is None else plan_of(ctx, order.plan_digest)
    events = decide(order, unit, plan, command)
    expected = {} if order is None else {f"order:{order.order_id}": order.stream_version}
    releases = () if order is None else freed(order, events)
    ctx.store.append(Batch(events, expected, releases=releases, now_s=command.at_s))
    for said in events:
        order = None if order is None else fold_order(order, said)
        unit = None if unit is None else fold_unit(unit, said)
    if order is not None:
        arm.orders[order.order_id] = order
    if unit is not None:
        arm.units[resource] = unit


def _seen_anew(arm: Arm, order_ids: Iterable[str]) -> None:
    """Take orders as a planner has left them, and show them to the twin."""
    for order_id in dict.fromkeys(order_ids):
        fresh = order_of(arm.ctx, order_id)
        if fresh is None:
            raise OurFault("run.order_lost", order=order_id)
        arm.orders[order_id] = fresh
        arm.twin.moved(fresh)


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
