"""Run: let a simulated world say its commands, until an instant or until orders arrive.

The twin is one more voice at the door of `make`: each of its commands is decided like a shop's.
Answers are appended in groups, since a simulated hour needs no disk flush of its own; at every
group the world's clock moves on. Every few simulated hours a planner's round brings the slots in
line with what happened, plans anew what came out short, and proves what has arrived.

From one round to the next it holds the floor; in between it gives everybody else a turn, and then
takes up what they did: new orders, cancellations, moved slots, units that went down.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from manufold.execution.decide import decide
from manufold.execution.fold import fold_order, fold_unit
from manufold.model.errors import Conflict, InputFault, OurFault
from manufold.model.execution import Command, OrderState, UnitState
from manufold.model.instants import KNOWN_UNTIL_S
from manufold.model.ports import Batch
from manufold.model.units import to_rfc3339
from manufold.services.better import better
from manufold.services.catch_up import catch_up
from manufold.services.context import Context
from manufold.services.documents import order_of, orders_of, plan_of, unit_of, units_of
from manufold.services.loads import forget_load
from manufold.services.make import freed
from manufold.services.remake import remake, short_by
from manufold.twin.shop import ShopTwin

__all__ = ["Told", "run"]

#: (events so far, share of the way 0..1, what is going on)
Told = Callable[[int, float, str], None]

_GROUP = 200  # commands made durable together
_TRIES = 5  # rounds in a row lost to other processes
_QUIET = 2  # rounds in which nothing can happen: what is left waits for people
_OVER = ("delivered", "cancelled", "returned", "claimed")


@runtime_checkable
class _Movable(Protocol):
    def advance_to(self, instant_s: int) -> int:
        """Move the world's clock."""


@dataclass(slots=True)
class _Run:
    """What a run keeps in memory: states as of the commands decided, not yet all durable."""

    ctx: Context
    twin: ShopTwin
    orders: dict[str, OrderState]
    units: dict[str, UnitState]
    seen_seq: int
    waiting: list[Batch] = field(default_factory=list)
    events: int = 0
    commands: int = 0


@dataclass(slots=True)
class _Way:
    """How far a run goes, and where on its way it is."""

    until_s: int | None
    orders: tuple[str, ...]
    round_s: int
    quiet: int = 0


def run(
    ctx: Context,
    *,
    until_s: int | None = None,
    orders: tuple[str, ...] = (),
    told: Told | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> dict[str, Any]:
    """Run a simulated world on and return what happened.

    Args:
        until_s: stop there; None = until the named orders are over, or else all of them, or
            until what is left waits for people.
        orders: stop when these are delivered or cancelled.
        go_on: asked after every planner's round.

    Raises:
        InputFault: `run.live_world`, `run.time_past`, `run.order_unknown`, `app.instant_outside`.
        Conflict: `run.elsewhere`; other processes moved the same orders at every try.
    """
    if ctx.store.world != "sim" or not isinstance(ctx.clock, _Movable):
        raise InputFault("run.live_world")
    with ctx.running():
        return _ran(ctx, until_s, orders, told, go_on)


def _ran(
    ctx: Context,
    until_s: int | None,
    orders: tuple[str, ...],
    told: Told | None,
    go_on: Callable[[], bool],
) -> dict[str, Any]:
    clock = ctx.clock
    with ctx.floor:
        began_s = clock.now_s()
        if until_s is not None and until_s < began_s:
            asked, now = to_rfc3339(until_s), to_rfc3339(began_s)
            raise InputFault("run.time_past", asked=asked, now=now)
        if until_s is not None and until_s >= KNOWN_UNTIL_S:
            raise InputFault("app.instant_outside", text=to_rfc3339(until_s))
        for wanted in orders:
            if order_of(ctx, wanted) is None:
                raise InputFault("run.order_unknown", order=wanted[:80])
        state = _Run(ctx, _twin_of(ctx, ()), {}, {}, 0)
        _read_anew(state)
        every_s = ctx.settings.catch_up_s
        way = _Way(until_s, orders, began_s - began_s % every_s + every_s)
    _rounds(state, way, told, go_on)
    with ctx.floor:
        if way.until_s is not None:  # not when somebody stopped it
            _move_clock(state, way.until_s)
        forget_load(ctx)
        ctx.sign_head(ctx.store, clock.now_s())
    arrived = [o for o in state.orders.values() if o.state == "delivered"]
    on_time = sum(o.actual_at_s is not None and o.actual_at_s <= o.promised_at_s for o in arrived)
    return {
        "world": ctx.store.world,
        "from": to_rfc3339(began_s),
        "to": to_rfc3339(clock.now_s()),
        "commands": state.commands,
        "events": state.events,
        "delivered": len(arrived),
        "on_time": on_time,
    }


def _twin_of(ctx: Context, units: Iterable[UnitState]) -> ShopTwin:
    return ShopTwin(
        ctx.network,
        ctx.settings.twin_seed,
        now_s=_born_s(ctx),
        units=units,
        resumed_s=max(ctx.clock.now_s(), _last_s(ctx)),
    )


def _read_anew(state: _Run) -> None:
    """Take every open order and every unit as the store has them; what waited is forgotten."""
    ctx = state.ctx
    state.seen_seq = ctx.store.head().seq
    state.waiting.clear()
    state.units = {unit.resource_id: unit for unit in units_of(ctx)}
    state.twin = _twin_of(ctx, state.units.values())
    for order in orders_of(ctx):
        if order.state not in _OVER or order.order_id in state.orders:
            state.orders[order.order_id] = order
        if order.state not in _OVER:
            state.twin.add(order, plan_of(ctx, order.plan_digest))


def _take_up(state: _Run) -> None:
    """Take up what others did since this run last looked."""
    ctx = state.ctx
    touched: set[str] = set()
    for event in ctx.store.read(state.seen_seq):
        state.seen_seq = event.seq
        kind, _, name = event.stream.partition(":")
        if kind == "order":
            touched.add(name)
        elif kind == "unit" and _went_otherwise(state, name):
            _read_anew(state)
            return
    for order_id in sorted(touched):
        known, fresh = state.orders.get(order_id), order_of(ctx, order_id)
        if fresh is None or (known is not None and known.stream_version == fresh.stream_version):
            continue
        if known is None and fresh.state in _OVER:
            continue
        state.orders[order_id] = fresh
        for job in fresh.jobs.values():
            state.units[job.resource_id] = unit_of(ctx, job.resource_id)
        if known is None:
            state.twin.add(fresh, plan_of(ctx, fresh.plan_digest))
        elif known.state not in _OVER:
            state.twin.moved(fresh)


def _went_otherwise(state: _Run, resource_id: str) -> bool:
    """Return whether others reported a unit down, or up again."""
    known = state.units.get(resource_id) or UnitState(resource_id)
    return known.down_since_s != unit_of(state.ctx, resource_id).down_since_s


def _born_s(ctx: Context) -> int:
    """Return when the world began: the same failures come, however often a run is resumed."""
    first = next(iter(ctx.store.read(limit=1)), None)
    return ctx.clock.now_s() if first is None else first.at_s


def _last_s(ctx: Context) -> int:
    """Return when the newest event happened; a clock that died behind it has been overtaken."""
    newest = next(iter(ctx.store.read(ctx.store.head().seq - 1, limit=1)), None)
    return 0 if newest is None else newest.at_s


def _rounds(state: _Run, way: _Way, told: Told | None, go_on: Callable[[], bool]) -> None:
    """Run from one planner's round to the next until there is nothing left to do."""
    lost = 0
    while True:
        with state.ctx.floor:
            try:
                _take_up(state)
                over = _round(state, way, told)
                lost = 0
            except Conflict:  # another process moved what this run had in its hands
                lost += 1
                if lost >= _TRIES:
                    raise
                _read_anew(state)
                over = False
        if over:
            return
        if not go_on():
            way.until_s = None
            return


def _round(state: _Run, way: _Way, told: Told | None) -> bool:
    """Run to the next planner's round, or to the end of the way; return whether that was all."""
    heard, scrapped = state.commands, False
    edge_s = way.round_s if way.until_s is None else min(way.round_s, way.until_s)
    while (command := state.twin.next_command(edge_s)) is not None:
        _hear(state, command)
        if len(state.waiting) >= _GROUP:
            _flush(state)
        scrapped = scrapped or _short(state, command)
        if scrapped and state.twin.caught_up:  # no order waits a shift to be made again
            _flush(state)
            _planners_round(state, command.at_s)
            scrapped = False
    _flush(state)
    _move_clock(state, edge_s)
    open_orders = [o for o in state.orders.values() if o.state not in _OVER]
    wanted = [o for o in open_orders if not way.orders or o.order_id in way.orders]
    if told is not None:
        share = 1 - len(wanted) / max(1, len(way.orders) or len(state.orders))
        told(state.events, share, f"{to_rfc3339(edge_s)[:16]} · {len(wanted)} to go")
    way.quiet = way.quiet + 1 if state.twin.idle and heard == state.commands else 0
    if way.until_s is None and (not wanted or way.quiet > _QUIET):
        return True
    if edge_s == way.round_s:  # also where this run ends: the next one begins after it
        _planners_round(state, edge_s)
        way.round_s += state.ctx.settings.catch_up_s
    return way.until_s is not None and edge_s >= way.until_s


def _hear(state: _Run, command: Command) -> None:
    """Decide one command and keep what it answers for the next durable group."""
    ctx = state.ctx
    resource = command.resource_id
    order = state.orders.get(command.order_id)
    if not resource and order is not None and command.job_order_id in order.jobs:
        resource = order.jobs[command.job_order_id].resource_id
    unit = state.units.get(resource)
    if unit is None and resource:
        unit = unit_of(ctx, resource)
    plan = None if order is None else plan_of(ctx, order.plan_digest)
    events = decide(order, unit, plan, command)
    expected: Mapping[str, int] = {}
    releases: tuple[str, ...] = ()
    if order is not None:
        expected = {f"order:{order.order_id}": order.stream_version}
        releases = freed(order, events)
        for event in events:
            order = fold_order(order, event)
        state.orders[order.order_id] = order
    if unit is not None:
        for event in events:
            unit = fold_unit(unit, event)
        state.units[resource] = unit
    state.waiting.append(Batch(events, expected, releases=releases, now_s=command.at_s))
    state.commands += 1
    state.events += len(events)


def _short(state: _Run, command: Command) -> bool:
    """Return whether a command has said of an order that too little of it will come good."""
    if command.kind != "finish" or not command.data.get("scrap"):
        return False
    return short_by(state.orders[command.order_id]) > 0


def _flush(state: _Run) -> None:
    """Make everything heard durable, then let the world's clock pass it."""
    if not state.waiting:
        return
    for answer in state.ctx.store.append_many(state.waiting):
        if isinstance(answer, Exception):
            raise answer
    _move_clock(state, max(batch.now_s for batch in state.waiting))
    state.waiting.clear()


def _move_clock(state: _Run, instant_s: int) -> None:
    clock = state.ctx.clock
    if not isinstance(clock, _Movable):
        raise OurFault("run.clock_stuck")
    if instant_s > clock.now_s():
        clock.advance_to(instant_s)


def _planners_round(state: _Run, now_s: int) -> None:
    """Bring slots in line with the floor, plan what came out short once more, and bring dates in
    danger forward."""
    moved = catch_up(state.ctx, now_s, state.orders, state.units.values())
    _seen(state, (*moved, *remake(state.ctx, now_s, state.orders)))
    _seen(state, better(state.ctx, now_s, state.orders, state.units.values()))


def _seen(state: _Run, order_ids: Iterable[str]) -> None:
    """Take orders as the planner has left them, and show them to the twin."""
    for order_id in dict.fromkeys(order_ids):
        fresh = order_of(state.ctx, order_id)
        if fresh is None:
            raise OurFault("run.order_lost", order=order_id)
        state.orders[order_id] = fresh
        state.twin.moved(fresh)
