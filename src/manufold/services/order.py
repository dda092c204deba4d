"""Order: accept an offer, then amend, cancel, claim and return what was ordered.

Accepting is one transaction: the option's held slots become firm job orders, the other options'
slots and those of the buyer's other open offers for the design go free, the order exists. It is
idempotent: the same party, option and key get the same order again; anything else that names the
same offer or key is a conflict.
"""

from collections.abc import Mapping
from typing import Any

from manufold.model.codec import encoded, stamped
from manufold.model.errors import Conflict
from manufold.model.execution import JobOrder, OrderState
from manufold.model.network import Network
from manufold.model.offer import Offer, Option
from manufold.model.party import Actor
from manufold.model.ports import Batch, Booking
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Slot
from manufold.model.units import to_rfc3339
from manufold.scheduling.bookings import booking_ids, bookings_of
from manufold.services.access import actor_of, may_act, visible_offer, visible_order
from manufold.services.context import Context
from manufold.services.documents import (
    digest_of,
    event,
    offer_of,
    order_of,
    orders_of,
    plan_of,
)
from manufold.services.free_stock import stock_turns
from manufold.services.holds import ended, lost_hold, open_offers, refuse_lost
from manufold.services.stock_need import need_of

__all__ = ["accept", "accepted_as", "job_order", "show_order", "show_orders"]

#: turns at a stock are lost more often than slots, and cost a read each
_TRIES_PER_PROMISE = 10


def accept(ctx: Context, actor: Actor, offer_id: str, option: str, key: str = "") -> OrderState:
    """Return the order that accepting an option of an offer makes, or made before.

    Args:
        option: an option's id or name.
        key: idempotency key of the caller; without one the offer and option are the key.

    Raises:
        Conflict: `access.no_such_offer`, `order.offer_expired`, `order.offer_accepted`,
            `order.key_reused`, `order.slot_lost`, `order.other_offer_accepted`,
            `order.material_lost`, `order.contested`.
        InputFault: `offer.option_unknown`.
    """
    may_act(ctx.network, actor, "buyer", "network_operator")
    with ctx.standing():
        return _accepted(ctx, actor, offer_id, option, key)


def _accepted(ctx: Context, actor: Actor, offer_id: str, option: str, key: str) -> OrderState:
    found = offer_of(ctx, offer_id)
    if found is None:
        refuse_lost(ctx, actor, offer_id)
    offer = visible_offer(ctx.network, actor, found, offer_id)
    wanted = offer.option(option)
    key = key or f"{offer_id}/{wanted.option_id}"
    answer = {"party": actor.party_id, "option": wanted.option_id, "key": key}
    before = _accepted_before(ctx, offer, answer)
    if before is not None:
        return before
    now_s = ctx.clock.now_s()
    if now_s >= offer.reservation.expires_s:
        expired_at = to_rfc3339(offer.reservation.expires_s)
        raise Conflict("order.offer_expired", offer=offer_id, expired_at=expired_at)
    for _try in range(_TRIES_PER_PROMISE * ctx.settings.promise_tries_max):
        order_id = ctx.ids.mint("ord")
        try:
            others = open_offers(ctx, offer.party_id, offer.design_revision, now_s)
            batch = _acceptance(ctx, actor, offer, wanted, order_id, answer, now_s)
            ctx.store.append(ended(batch, offer, others, offer.party_id))
            break
        except Conflict as fault:
            if fault.code == "store.key_taken":
                winner = _accepted_before(ctx, offer, answer)
                if winner is not None:
                    return winner
                continue  # somebody took from the same stock meanwhile: look again
            if fault.code in ("store.booking_gone", "store.slot_taken"):
                _accepted_before(ctx, offer, answer)  # knows why, where there is more to know
                raise Conflict("order.slot_lost", offer=offer_id) from None
            if fault.code not in ("store.stream_moved", "store.booking_exists"):
                raise
    else:
        raise Conflict("order.contested", offer=offer_id)
    made = order_of(ctx, order_id)
    assert made is not None, order_id
    return made


def accepted_as(ctx: Context, actor: Actor, offer_id: str) -> str | None:
    """Return the order that accepting an offer made, None where nobody has accepted it.

    Raises:
        Conflict: `access.no_such_offer`.
    """
    visible_offer(ctx.network, actor, offer_of(ctx, offer_id), offer_id)
    answer = ctx.store.claimed(f"accept/{offer_id}")
    return None if answer is None or "order" not in answer else str(answer["order"])


def show_order(ctx: Context, actor: Actor, order_id: str) -> OrderState:
    """Return what the actor may see of an order.

    Raises:
        Conflict: `access.no_such_order`.
    """
    actor_of(ctx.network, actor)
    seen = visible_order(ctx.network, actor, order_of(ctx, order_id))
    if seen is None:
        raise Conflict("access.no_such_order", order=order_id[:80], party=actor.party_id)
    return seen


def show_orders(ctx: Context, actor: Actor) -> tuple[OrderState, ...]:
    """Return all orders the actor may see, oldest first, each cut to what is the actor's."""
    actor_of(ctx.network, actor)
    seen = (visible_order(ctx.network, actor, order) for order in orders_of(ctx))
    return tuple(order for order in seen if order is not None)


def _accepted_before(ctx: Context, offer: Offer, answer: Mapping[str, str]) -> OrderState | None:
    """Return the order of an earlier, equal acceptance; refuse an unequal one."""
    by_key = ctx.store.claimed(f"key/{answer['party']}/{answer['key']}")
    by_offer = ctx.store.claimed(f"accept/{offer.offer_id}")
    if by_offer is None and by_key is None:
        return None
    if by_offer is not None and "lost" in by_offer:
        raise lost_hold(by_offer, offer.offer_id)
    if by_key is None:  # both are claimed together, perhaps just after the first look
        by_key = ctx.store.claimed(f"key/{answer['party']}/{answer['key']}")
    if by_offer is not None and by_offer == by_key and answer.items() <= by_offer.items():
        return order_of(ctx, str(by_offer["order"]))
    if by_offer is not None:
        raise Conflict("order.offer_accepted", offer=offer.offer_id)
    raise Conflict("order.key_reused", key=answer["key"][:80])


def _acceptance(
    ctx: Context,
    actor: Actor,
    offer: Offer,
    option: Option,
    order_id: str,
    answer: Mapping[str, str],
    now_s: int,
) -> Batch:
    plan = plan_of(ctx, offer.pins[f"plan:{option.process_plan_id}"])
    jobs, production_orders = _job_orders(ctx, plan, option)
    claims = _firm(option, order_id, jobs)
    turns = _turns(ctx, offer, option, plan, jobs, order_id)
    remembered = {**answer, "order": order_id}
    data = _accepted_data(offer, option, plan, order_id, jobs, production_orders)
    return Batch(
        (event(f"order:{order_id}", "OrderAccepted", data, now_s, actor),),
        {f"order:{order_id}": 0},
        claims,
        tuple(
            name
            for slot in option.slots
            for name in booking_ids(f"{option.option_id}/{slot.operation_id}", slot.also)
        ),
        tuple(other.option_id for other in offer.options if other is not option),
        {
            f"accept/{offer.offer_id}": remembered,
            f"key/{answer['party']}/{answer['key']}": remembered,
            **turns,
        },
        now_s,
    )


def _turns(
    ctx: Context,
    offer: Offer,
    option: Option,
    plan: ProcessPlan,
    jobs: tuple[JobOrder, ...],
    order_id: str,
) -> Mapping[str, Mapping[str, str]]:
    """Return the turns at the stock that an option was promised; refuse what is there no more."""
    taking = [job for job in jobs if job.operation_id not in option.ready_s]
    need = need_of(encoded(plan)["bill_of_materials"], taking)
    turns, short = stock_turns(ctx, need, order_id)
    for site_id, material_id in short:
        material = ctx.network.material.get(material_id)
        if material is None or material.lead_time_s > 0:
            raise Conflict(
                "order.material_lost", offer=offer.offer_id, material=material_id, site=site_id
            )
    return turns


def _job_orders(
    ctx: Context, plan: ProcessPlan, option: Option
) -> tuple[tuple[JobOrder, ...], dict[str, int]]:
    """Return the job orders of an option, all of one production order."""
    production = ctx.ids.mint("pro")
    named = {slot.operation_id: ctx.ids.mint("job") for slot in option.slots}
    return tuple(job_order(ctx.network, plan, slot, named, production) for slot in option.slots), {
        production: option.quantity_started
    }


def job_order(
    network: Network,
    plan: ProcessPlan,
    slot: Slot,
    named: Mapping[str, str],
    production_order_id: str,
) -> JobOrder:
    """Return the job order of a slot.

    Args:
        named: operation -> job order id, of the same production.
    """
    operation = plan.operation[slot.operation_id]
    site_id = network.site_of(slot.resource_id).site_id
    return JobOrder(
        named[slot.operation_id],
        production_order_id,
        slot.operation_id,
        tuple(named[before] for before in operation.after),
        slot.resource_id,
        slot.seat,
        site_id,
        slot.start_s,
        slot.setup_s,
        slot.end_s,
        slot.quantity,
        operation.setup_s > 0,
        also=slot.also,
    )


def _firm(option: Option, order_id: str, jobs: tuple[JobOrder, ...]) -> tuple[Booking, ...]:
    return tuple(
        booking
        for slot, job in zip(option.slots, jobs, strict=True)
        for booking in bookings_of(
            slot, job.job_order_id, order_id, "firm", holder=job.job_order_id
        )
    )


def _accepted_data(
    offer: Offer,
    option: Option,
    plan: ProcessPlan,
    order_id: str,
    jobs: tuple[JobOrder, ...],
    production_orders: Mapping[str, int],
) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "offer_id": offer.offer_id,
        "option_id": option.option_id,
        "party_id": offer.party_id,
        "design_revision": offer.design_revision,
        "design_blob": offer.design_blob,
        "vertical": offer.vertical,
        "plan_digest": digest_of(plan),
        "plan": stamped("process_plan", 1, plan),
        "quantity": offer.quantity,
        "zone_id": offer.zone_id,
        "price_minor": option.price_minor,
        "currency": offer.currency,
        "carbon_g": option.carbon_g,
        "promised_at_s": option.promised_at_s,
        "p50_at_s": option.p50_at_s,
        "requested_at_s": offer.requested_at_s,
        "due_s": option.ships_at_s,
        "under_tolerance": 0,
        "over_tolerance": 0,
        "ready_s": dict(option.ready_s),
        "production_orders": dict(production_orders),
        "jobs": [encoded(job) for job in jobs],
    }
