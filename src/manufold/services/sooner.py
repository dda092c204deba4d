"""Sooner: what an earlier date would cost, in money and carbon, for whoever holds an offer.

Asked for, not part of every offer: it takes a load and a promise for each work unit that the option
uses. Two kinds of answers: another option of the same offer that comes sooner, and an extra shift
at one of the machines. A shift is paid whole, at the unit's hourly rate, whoever else fills the
rest of it; the network knows no supplement for weekends, so none is added. The carbon is that of
the work where it would then be done: an open shop as such emits nothing here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from manufold.carbon.footprint import planned_lines
from manufold.model.errors import CannotMake, Conflict, Reason
from manufold.model.network import Network
from manufold.model.offer import Offer, Option
from manufold.model.party import Actor
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job
from manufold.model.units import DAY_S, HOUR_S, shown_money, whole_minor
from manufold.offer.price import price_lines
from manufold.scheduling.earlier import Earlier, earlier
from manufold.scheduling.load import Load
from manufold.scheduling.outages import with_outages
from manufold.services.access import visible_offer
from manufold.services.context import Context
from manufold.services.documents import offer_of, plan_of, units_of
from manufold.services.naming import named
from manufold.services.outages import outages_of

__all__ = ["Sooner", "sooner"]


@dataclass(frozen=True, slots=True)
class Sooner:
    """An option of an offer, why it comes when it comes, and what would bring it forward.

    Args:
        ways: each with its gain, its money and its carbon; the greatest gain first.
    """

    offer: Offer
    option: Option
    ways: tuple[Reason, ...]


def sooner(ctx: Context, actor: Actor, offer_id: str, wanted: str) -> Sooner:
    """Return what an earlier date than an option's would cost.

    Raises:
        Conflict: `access.no_such_offer`; `offer.sooner_over` for one that holds nothing any more.
        InputFault: `offer.option_unknown`.
    """
    offer = visible_offer(ctx.network, actor, offer_of(ctx, offer_id), offer_id)
    option = offer.option(wanted)
    now_s = ctx.clock.now_s()
    bookings = ctx.store.bookings(now_s=now_s)
    own = {one.option_id for one in offer.options}
    if not any(booking.group in own for booking in bookings):
        raise Conflict("offer.sooner_over", offer=offer_id)
    others = [booking for booking in bookings if booking.group not in own]
    plan = plan_of(ctx, offer.pins[f"plan:{option.process_plan_id}"])
    network = with_outages(ctx.network, outages_of(ctx.network, units_of(ctx), now_s))

    def load_of(changed: Network) -> Load:
        return Load.of(changed, others, now_s, ctx.settings.horizon_days * DAY_S)

    job = Job(
        plan.process_plan_id,
        plan,
        option.quantity_started,
        release_s=now_s,
        ready_s=option.ready_s,
    )
    try:
        shifts = earlier(
            network, load_of, job, sites=frozenset(option.sites), to_site_or_zone=offer.zone_id
        )
    except CannotMake:  # a machine has gone down since; what is held still holds
        shifts = ()
    ways = [
        *_other_options(offer, option),
        *(_shift(ctx, offer, option, plan, found) for found in shifts),
    ]
    ways.sort(key=lambda one: -int(one.params["gain_s"]))
    return Sooner(offer, option, named(ctx.network, plan, ways))


def _other_options(offer: Offer, option: Option) -> Iterable[Reason]:
    """Yield the options of the same offer that come sooner."""
    seen = set()
    for other in offer.options:
        gain_s = option.promised_at_s - other.promised_at_s
        numbers = (gain_s, other.price_minor, other.carbon_g)
        if gain_s <= 0 or numbers in seen:
            continue
        seen.add(numbers)
        more = other.price_minor - option.price_minor
        yield Reason(
            "offer.sooner_option",
            {
                "option": other.name,
                "gain_s": gain_s,
                "money": shown_money(more, offer.currency),
                "money_minor": more,
                "carbon_g": other.carbon_g - option.carbon_g,
            },
        )


def _shift(ctx: Context, offer: Offer, option: Option, plan: ProcessPlan, found: Earlier) -> Reason:
    """Return what an extra shift would bring and cost."""
    unit = ctx.network.work_unit[found.resource_id]
    currency = ctx.network.site_of(found.resource_id).currency
    shift = Fraction(unit.rate_minor_per_h * found.open_s * unit.seats, HOUR_S)
    zone = ctx.network.delivery_zone[offer.zone_id]
    told = {"quantity": offer.quantity, "started": option.quantity_started}
    slots = found.promised.slots
    price = price_lines(ctx.network, plan, **told, slots=slots, zone=zone)
    carbon = planned_lines(ctx.network, plan, **told, slots=slots, zone_id=zone.zone_id)
    elsewhere = sum(line.amount_minor for line in price) - option.price_minor
    more = whole_minor(ctx.network.in_own_currency(shift, currency)) + elsewhere
    return Reason(
        "offer.sooner_shift",
        {
            "unit": found.resource_id,
            "day": found.day,
            "count": found.shifts,
            "open_s": found.open_s,
            "gain_s": found.gain_s,
            "money": shown_money(more, offer.currency),
            "money_minor": more,
            "carbon_g": sum(line.carbon_g for line in carbon) - option.carbon_g,
        },
    )
