"""Explain an order: why it stands where it stands, why it is late, what would bring it forward.

A buyer and the network operator see all of it; a supplier why the operations at its own sites wait
and why they are late. Buyers learn neither names of people, nor whose work comes first, nor what a
shop wrote about a hold.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from manufold.carbon.footprint import planned_lines
from manufold.model.errors import CannotMake, Reason
from manufold.model.execution import OrderState
from manufold.model.offer import Offer, Option
from manufold.model.party import Actor
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job, Slot
from manufold.offer.price import price_lines
from manufold.scheduling.earlier import GAIN_LEAST_S, Earlier, earlier
from manufold.scheduling.explain import WAIT_SHOWN_S, chain_of_waits
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.scheduling.stands import Stands, stands
from manufold.services.access import own_sites
from manufold.services.context import Context
from manufold.services.documents import offer_of, plan_of, units_of
from manufold.services.explain import load_without
from manufold.services.explain_dates import outweighs, to_the_door
from manufold.services.explain_done import history
from manufold.services.explain_sites import lost_to
from manufold.services.explained import Explained, OtherWay
from manufold.services.floor import floor_of
from manufold.services.naming import named
from manufold.services.order import show_order
from manufold.services.order_book import order_book
from manufold.services.sooner import a_day_earlier, replanned_way, saves, shift_way
from manufold.services.standing import expected, outlook_of
from manufold.services.why_late import for_buyers, why

__all__ = ["explain_order"]


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left to do of an order, of the group that ends last.

    Args:
        fixed: slots of what is done or begun, by operation.
        slots: of the rest.
    """

    job: Job
    fixed: dict[str, Slot]
    slots: tuple[Slot, ...]

    @property
    def finish_s(self) -> int:
        return max(slot.end_s for slot in (*self.slots, *self.fixed.values()))


def explain_order(ctx: Context, actor: Actor, order_id: str) -> Explained:
    """Return why an order stands where it stands, why it is late, and what would bring it forward.

    Raises:
        Conflict: `access.no_such_order`.
    """
    seen = show_order(ctx, actor, order_id)
    book = order_book(ctx)
    outlook = outlook_of(ctx, {unit.resource_id: unit for unit in units_of(ctx)}, book.orders)
    found = expected(outlook, seen)
    late = why(outlook, seen, found)
    plan = plan_of(ctx, seen.plan_digest)
    whole = bool(seen.zone_id)
    order = book.orders.get(order_id, seen) if whole else seen
    zone = _zone(ctx, seen)
    base = Explained(
        seen.offer_id,
        order_id,
        "",
        zone,
        seen.currency,
        found.promised_s,
        found.forecast_s,
        found.standing,
        (),
        (),
        tuple(dict.fromkeys(job.site_id for job in seen.jobs.values())),
        (),
        for_buyers(late) if actor.role == "buyer" else late,
        (),
        None,
        history(ctx, plan, seen, found, zone),
        whole,
    )
    left = _left(ctx, book.orders[order_id], outlook.now_s) if order_id in book.orders else None
    load = None if left is None else _load_around(ctx, left, outlook.now_s)
    stood = None if left is None or load is None else _stands(load, left)
    if not whole:
        return replace(base, date=_own(ctx, actor, plan, stood))
    offered = _offered(ctx, seen)
    if offered is not None:
        _offer, option = offered
        base = replace(base, option=option.name, promise=option.reasons, others=_others(*offered))
    if left is None or load is None or stood is None:
        return base
    better = sorted(
        _better(ctx, order, plan, left, load),
        key=lambda one: (-int(one.params["gain_s"]), int(one.params["money_minor"])),
    )
    steps = _to_the_door(ctx, order, left, outlook.now_s)
    carried = outweighs(stood.binding, steps)
    waits = chain_of_waits(stood.steps)
    told = [stood.binding, *saves(stood.binding, better), *carried, *waits]
    most = (*carried, stood.binding)[0]
    return replace(
        base,
        date=(*named(ctx.network, plan, told), *steps),
        sooner=named(ctx.network, plan, better),
        day_earlier=named(ctx.network, plan, [a_day_earlier(most, better)])[0],
    )


def _to_the_door(ctx: Context, order: OrderState, left: _Left, now_s: int) -> tuple[Reason, ...]:
    last = max((*left.slots, *left.fixed.values()), key=lambda slot: slot.end_s)
    site_id = ctx.network.site_of(last.resource_id).site_id
    return to_the_door(ctx, order, site_id, left.finish_s, now_s)


def _zone(ctx: Context, seen: OrderState) -> str:
    if seen.zone_id:
        return ctx.network.delivery_zone[seen.zone_id].zone
    return ctx.network.site[next(iter(seen.jobs.values())).site_id].zone


def _left(ctx: Context, order: OrderState, now_s: int) -> _Left | None:
    """Return what is left of an order, None when nothing is that could still move."""
    floor = floor_of(ctx, [order], units_of(ctx), now_s)
    open_slots = [
        slot for slot in floor.slots if (slot.holder, slot.operation_id) not in floor.progress
    ]
    if not open_slots:
        return None
    group = max(open_slots, key=lambda slot: slot.end_s).holder
    job = floor.jobs[group]
    fixed = {
        slot.operation_id: slot
        for slot in floor.slots
        if slot.holder == group and (group, slot.operation_id) in floor.progress
    }
    rest = tuple(slot for slot in open_slots if slot.holder == group)
    return _Left(replace(job, release_s=max(job.release_s, now_s)), fixed, rest)


def _load_around(ctx: Context, left: _Left, now_s: int) -> Load:
    """Return the load of now without what is asked about; what has begun keeps what it holds."""
    return load_without(ctx, (left.job.holder,), now_s).with_slots(left.fixed.values())


def _stands(load: Load, left: _Left) -> Stands | None:
    with suppress(CannotMake):  # a work unit has gone since
        return stands(load, left.job, left.slots, left.fixed)
    return None


def _own(ctx: Context, actor: Actor, plan: ProcessPlan, stood: Stands | None) -> tuple[Reason, ...]:
    """Return the waits at the actor's own sites; none of them names what others do."""
    if stood is None:
        return ()
    sites = own_sites(ctx.network, actor)
    own = [
        wait.reason
        for step in stood.steps
        if ctx.network.site_of(step.resource_id).site_id in sites
        for wait in step.waits
        if wait.span_s >= WAIT_SHOWN_S and wait.cause not in ("lane", "lag")
    ]
    return named(ctx.network, plan, own)


def _offered(ctx: Context, order: OrderState) -> tuple[Offer, Option] | None:
    offer = offer_of(ctx, order.offer_id)
    if offer is None:
        return None
    return next(((offer, one) for one in offer.options if one.option_id == order.option_id), None)


def _others(offer: Offer, option: Option) -> tuple[OtherWay, ...]:
    """Return the offer's other options as they were offered, each way once."""
    found: dict[tuple[str, tuple[str, ...]], OtherWay] = {}
    for other in offer.options:
        way = (other.process_plan_id, other.sites)
        if way == (option.process_plan_id, option.sites):
            continue
        numbers = (other.promised_at_s, other.price_minor, other.carbon_g)
        lost = lost_to(option, offer.currency, numbers)
        found.setdefault(way, OtherWay(way[0], way[0], way[1], *numbers, lost))
    return tuple(found.values())


def _better(
    ctx: Context, order: OrderState, plan: ProcessPlan, left: _Left, load: Load
) -> Iterable[Reason]:
    """Yield what would end the rest of an order sooner: planned anew, and by extra shifts."""
    zone_id = order.zone_id or None
    anew_s = 0
    with suppress(CannotMake):
        new = promise(load, load.network, left.job, to_site_or_zone=zone_id, fixed=left.fixed)
        gain_s = left.finish_s - new.finish_s
        anew_s = max(0, gain_s)
        if gain_s >= GAIN_LEAST_S:
            money_minor, carbon_g = _differs(ctx, order, plan, left, new.slots)
            yield replanned_way(gain_s, money_minor, carbon_g, ctx.network.currency)
    sites = frozenset(ctx.network.site_of(slot.resource_id).site_id for slot in left.slots)
    for found in earlier(
        load,
        left.job,
        left.slots,
        left.finish_s - anew_s,
        sites=sites,
        to_site_or_zone=zone_id,
        fixed=left.fixed,
    ):
        yield _shift(ctx, order, plan, left, found, anew_s)


def _shift(
    ctx: Context, order: OrderState, plan: ProcessPlan, left: _Left, found: Earlier, anew_s: int
) -> Reason:
    money_minor, carbon_g = _differs(ctx, order, plan, left, found.promised.slots)
    return shift_way(ctx.network, found, found.gain_s + anew_s, anew_s, money_minor, carbon_g)


def _differs(
    ctx: Context, order: OrderState, plan: ProcessPlan, left: _Left, slots: Iterable[Slot]
) -> tuple[int, int]:
    """Return what the work costs and emits more on other slots; nothing where a part of it was
    cancelled, since then nobody knows what it would have cost."""
    if left.job.plan is not plan or left.job.holder != order.order_id:
        return 0, 0
    zone = ctx.network.delivery_zone[order.zone_id]
    counted = {"quantity": order.quantity, "started": left.job.quantity}

    def of(chosen: Iterable[Slot]) -> tuple[int, int]:
        all_slots = (*left.fixed.values(), *chosen)
        price = price_lines(ctx.network, plan, slots=all_slots, zone=zone, **counted)
        carbon = planned_lines(ctx.network, plan, slots=all_slots, zone_id=zone.zone_id, **counted)
        return sum(one.amount_minor for one in price), sum(one.carbon_g for one in carbon)

    now, then = of(left.slots), of(slots)
    return then[0] - now[0], then[1] - now[1]
