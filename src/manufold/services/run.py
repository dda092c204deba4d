"""Run: let a simulated world say its commands, until an instant or until orders arrive.

The twin is one more voice at the door of `make`: each of its commands is decided like a shop's.
Answers are appended in groups, since a simulated hour needs no disk flush of its own; at every
group the world's clock moves on. Every few simulated hours a planner's round brings the slots in
line with what happened, plans anew what came out short, and proves what has arrived.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from manufold.execution.decide import decide
from manufold.execution.fold import fold_order, fold_unit
from manufold.model.errors import InputFault, OurFault
from manufold.model.execution import Command, OrderState, UnitState
from manufold.model.ports import Batch
from manufold.model.units import to_rfc3339
from manufold.services.catch_up import catch_up
from manufold.services.context import Context
from manufold.services.documents import order_of, orders_of, plan_of, unit_of, units_of
from manufold.services.loads import forget_load
from manufold.services.make import freed
from manufold.services.remake import remake
from manufold.twin.shop import ShopTwin

__all__ = ["Told", "run"]

#: (events so far, share of the way 0..1, what is going on)
Told = Callable[[int, float, str], None]

_GROUP = 200  # commands made durable together
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
    waiting: list[Batch] = field(default_factory=list)
    events: int = 0
    commands: int = 0


def run(
    ctx: Context,
    *,
    until_s: int | None = None,
    orders: tuple[str, ...] = (),
    told: Told | None = None,
) -> dict[str, Any]:
    """Run a simulated world on and return what happened.

    Args:
        until_s: stop there; None = until the named orders are over, or else all of them, or
            until what is left waits for people.
        orders: stop when these are delivered or cancelled.

    Raises:
        InputFault: `run.live_world`, `run.time_past`, `run.order_unknown`.
    """
    clock = ctx.clock
    if ctx.store.world != "sim" or not isinstance(clock, _Movable):
        raise InputFault("run.live_world")
    began_s = clock.now_s()
    if until_s is not None and until_s < began_s:
        raise InputFault("run.time_past", asked=to_rfc3339(until_s), now=to_rfc3339(began_s))
    everything = {order.order_id: order for order in orders_of(ctx)}
    for wanted in orders:
        if wanted not in everything:
            raise InputFault("run.order_unknown", order=wanted[:80])
    units = {unit.resource_id: unit for unit in units_of(ctx)}
    state = _Run(
        ctx,
        ShopTwin(
            ctx.network,
            ctx.settings.twin_seed,
            now_s=_born_s(ctx),
            units=units.values(),
            resumed_s=max(began_s, _last_s(ctx)),
        ),
        {name: order for name, order in everything.items() if order.state not in _OVER},
        units,
    )
    for order in state.orders.values():
        state.twin.add(order, plan_of(ctx, order.plan_digest))
    _rounds(state, began_s, until_s, orders, told)
    if until_s is not None:
        clock.advance_to(until_s)
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


def _born_s(ctx: Context) -> int:
    """Return when the world began: the same failures come, however often a run is resumed."""
    first = next(iter(ctx.store.read(limit=1)), None)
    return ctx.clock.now_s() if first is None else first.at_s


def _last_s(ctx: Context) -> int:
    """Return when the newest event happened; a clock that died behind it has been overtaken."""
    newest = next(iter(ctx.store.read(ctx.store.head().seq - 1, limit=1)), None)
    return 0 if newest is None else newest.at_s


def _rounds(
    state: _Run, began_s: int, until_s: int | None, orders: tuple[str, ...], told: Told | None
) -> None:
    """Run from one planner's round to the next until there is nothing left to do."""
    every_s = state.ctx.settings.catch_up_s
    round_s = began_s - began_s % every_s + every_s
    quiet = 0
    while True:
        heard = state.commands
        edge_s = round_s if until_s is None else min(round_s, until_s)
        while (command := state.twin.next_command(edge_s)) is not None:
            _hear(state, command)
            if len(state.waiting) >= _GROUP:
                _flush(state)
        _flush(state)
        _move_clock(state, edge_s)
        open_orders = [o for o in state.orders.values() if o.state not in _OVER]
        wanted = [o for o in open_orders if not orders or o.order_id in orders]
        if told is not None:
            share = 1 - len(wanted) / max(1, len(orders) or len(state.orders))
            told(state.events, share, f"{to_rfc3339(edge_s)[:16]} · {len(wanted)} to go")
        quiet = quiet + 1 if state.twin.idle and heard == state.commands else 0
        if until_s is None and (not wanted or quiet > _QUIET):
            return
        if edge_s == round_s:  # also where this run ends: the next one begins after it
            _planners_round(state, edge_s)
            round_s += every_s
        if until_s is not None and edge_s >= until_s:
            return


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
    """Bring slots in line with the floor, and plan what came out short once more."""
    moved = catch_up(state.ctx, now_s, state.orders, state.units.values())
    for order_id in dict.fromkeys((*moved, *remake(state.ctx, now_s, state.orders))):
        fresh = order_of(state.ctx, order_id)
        if fresh is None:
            raise OurFault("run.order_lost", order=order_id)
        state.orders[order_id] = fresh
        state.twin.moved(fresh)
