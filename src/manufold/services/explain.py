"""Explain: why this date, why this site, why late, and what a day earlier would cost.

Asked for by whoever holds an offer or has an order. Nothing is kept and nothing moves: each answer
is worked out on the bookings of now, as if the slots that are asked about were not there.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from manufold.model.errors import CannotMake, Conflict, InputFault, Reason
from manufold.model.offer import Offer, Option
from manufold.model.party import Actor
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job, Slot
from manufold.model.units import DAY_S
from manufold.scheduling.earlier import earlier
from manufold.scheduling.explain import chain_of_waits
from manufold.scheduling.load import Load
from manufold.scheduling.outages import with_outages
from manufold.scheduling.promise import promise
from manufold.scheduling.stands import stands
from manufold.services.access import visible_offer
from manufold.services.candidates import Candidate, Demand, dated, material_at
from manufold.services.context import Context
from manufold.services.documents import design_of, offer_of, plan_of, units_of
from manufold.services.explain_dates import outweighs, to_the_promise
from manufold.services.explain_sites import other_ways, ways_now
from manufold.services.explained import Explained
from manufold.services.free_stock import free_stock
from manufold.services.holds import open_offers
from manufold.services.naming import named
from manufold.services.outages import outages_of
from manufold.services.recorded import recorded_scores
from manufold.services.sooner import (
    a_day_earlier,
    other_option_ways,
    other_way,
    saves,
    shift_way,
)

__all__ = ["explain_offer", "load_without"]


def explain_offer(ctx: Context, actor: Actor, offer_id: str, wanted: str) -> Explained:
    """Return why an option comes when and from where it does, and what would bring it forward.

    Raises:
        Conflict: `access.no_such_offer`; `offer.sooner_over` for one that holds nothing any more.
        InputFault: `offer.option_unknown`, `offer.option_needed` where none is named.
    """
    offer = visible_offer(ctx.network, actor, offer_of(ctx, offer_id), offer_id)
    if not wanted:
        known = ", ".join(one.name for one in offer.options)
        raise InputFault("offer.option_needed", offer=offer_id, known=known)
    option = offer.option(wanted)
    now_s = ctx.clock.now_s()
    beside = open_offers(ctx, offer.party_id, offer.design_revision, now_s)
    own = {one.option_id for one in offer.options}
    own |= {option_id for other in beside for option_id in other.options}
    bookings = ctx.store.bookings(now_s=now_s)
    if not any(booking.group == option.option_id for booking in bookings):
        raise Conflict("offer.sooner_over", offer=offer_id)
    load = load_without(ctx, own, now_s)
    plan = plan_of(ctx, offer.pins[f"plan:{option.process_plan_id}"])
    zone = ctx.network.delivery_zone[offer.zone_id]
    demand = Demand(offer.quantity, zone, now_s, free_stock(ctx), recorded_scores(ctx))
    ways, refused = ways_now(ctx, load, _plans(ctx, offer), demand)
    binding, chain = _why(load, plan, option)
    better = [
        *other_option_ways(offer, option),
        *_ways(ctx, offer, option, ways),
        *_shifts(ctx, load, offer, option, plan, demand),
    ]
    steps = to_the_promise(ctx, option, zone, now_s)
    carried = outweighs(binding, steps)
    better.sort(key=lambda one: (-int(one.params["gain_s"]), int(one.params["money_minor"])))
    return Explained(
        offer_id,
        "",
        option.name,
        zone.zone,
        offer.currency,
        option.promised_at_s,
        None,
        "held",
        (
            *named(ctx.network, plan, [binding, *saves(binding, better), *carried, *chain]),
            *steps,
        ),
        option.reasons,
        option.sites,
        (*other_ways(ctx.network, offer, option, ways), *refused),
        tuple(one for one in option.reasons if one.code == "offer.later_than_requested"),
        named(ctx.network, plan, better),
        named(ctx.network, plan, [a_day_earlier((*carried, binding)[0], better)])[0],
    )


def load_without(ctx: Context, groups: Iterable[str], now_s: int) -> Load:
    """Return the load of now without what is booked by groups; nothing of the floor is moved."""
    gone = frozenset(groups)
    network = with_outages(ctx.network, outages_of(ctx.network, units_of(ctx), now_s))
    bookings = [one for one in ctx.store.bookings(now_s=now_s) if one.group not in gone]
    return Load.of(network, bookings, now_s, ctx.settings.horizon_days * DAY_S)


def _plans(ctx: Context, offer: Offer) -> Sequence[ProcessPlan]:
    """Return all plans of the offer's design; where its files are gone, those it was made of."""
    pinned = {
        name.removeprefix("plan:"): plan_of(ctx, digest)
        for name, digest in offer.pins.items()
        if name.startswith("plan:")
    }
    vertical = ctx.verticals.get(offer.vertical)
    if vertical is not None:
        with suppress(InputFault):  # `blobs.gone`: deleted on demand
            design = design_of(ctx, offer.design_blob)
            for plan in vertical.plans(design, offer.quantity):
                pinned.setdefault(plan.process_plan_id, plan)
    return list(pinned.values())


def _why(load: Load, plan: ProcessPlan, option: Option) -> tuple[Reason, tuple[Reason, ...]]:
    """Return what an option's date hangs on most, and all waits along its critical path."""
    job = Job(
        plan.process_plan_id,
        plan,
        option.quantity_started,
        release_s=load.from_s,
        ready_s=option.ready_s,
    )
    ahead: dict[str, Slot] = {  # its time has come, and nobody has accepted yet
        slot.operation_id: slot for slot in option.slots if slot.start_s < load.from_s
    }
    left = [slot for slot in option.slots if slot.operation_id not in ahead]
    try:
        why = stands(load, job, left, ahead)
    except CannotMake as fault:  # a work unit has gone since; the slots are held all the same
        return fault.reason, ()
    return why.binding, chain_of_waits(why.steps)


def _ways(
    ctx: Context, offer: Offer, option: Option, ways: Iterable[Candidate]
) -> Iterable[Reason]:
    """Yield ways that would come sooner now: the option's own, since others may have gone, and
    those that are no option of the offer."""
    options = {(one.process_plan_id, one.sites) for one in offer.options}
    options -= {(option.process_plan_id, option.sites)}
    for way in ways:
        if (way.plan.process_plan_id, way.sites) not in options:
            reason = other_way(ctx.network, offer, option, way)
            if reason is not None:
                yield reason


def _shifts(
    ctx: Context, load: Load, offer: Offer, option: Option, plan: ProcessPlan, demand: Demand
) -> Iterable[Reason]:
    """Yield what extra shifts would bring at the door, and cost, beyond planning anew."""
    started = option.quantity_started
    job = Job(plan.process_plan_id, plan, started, release_s=demand.now_s, ready_s=option.ready_s)
    sites, zone_id = frozenset(option.sites), offer.zone_id
    with suppress(CannotMake):  # what it is made of is not known any more: nothing to compare
        material = material_at(ctx.network, plan, started, demand.stock, demand.now_s)
        anew = promise(load, load.network, job, sites=sites, to_site_or_zone=zone_id)
        without = dated(ctx, load, plan, started, demand, material, anew)
        anew_s = max(0, option.promised_at_s - without.promised_at_s)
        finish_s = min(option.finish_s, anew.finish_s)
        for found in earlier(
            load, job, option.slots, finish_s, sites=sites, to_site_or_zone=zone_id
        ):
            with_it = dated(ctx, found.load, plan, started, demand, material, found.promised)
            gain_s = option.promised_at_s - with_it.promised_at_s
            if gain_s > anew_s:
                more = with_it.price_minor - option.price_minor
                carbon_g = with_it.carbon_g - option.carbon_g
                yield shift_way(ctx.network, found, gain_s, anew_s, more, carbon_g)
