"""Sooner: what an earlier date would cost, in money and carbon, for whoever holds an offer or an
order.

Asked for, not part of every offer: it takes a promise for each change that is tried. Three kinds of
answers: another option of the same offer that comes sooner, another way to make it that is free
now, and an extra shift at one of the machines. A shift is credited only with what it brings beyond
planning the same work anew without it, since others may have gone meanwhile. It is paid whole, at
the hourly rates of the work unit and of whoever comes along, whoever else fills the rest of it; the
network knows no supplement for weekends and evenings, so none is added. The carbon is that of the
work where it would then be done: an open shop as such emits nothing here.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from manufold.model.errors import Param, Reason
from manufold.model.network import Network
from manufold.model.offer import Offer, Option
from manufold.model.units import DAY_S, HOUR_S, shown_money, whole_minor
from manufold.scheduling.earlier import Earlier
from manufold.services.candidates import Candidate

__all__ = [
    "a_day_earlier",
    "other_option_ways",
    "other_way",
    "replanned_way",
    "saves",
    "shift_minor",
    "shift_way",
]


def other_option_ways(offer: Offer, option: Option) -> Iterable[Reason]:
    """Yield the options of the same offer that come sooner."""
    seen = set()
    for other in offer.options:
        gain_s = option.promised_at_s - other.promised_at_s
        numbers = (gain_s, other.price_minor, other.carbon_g)
        if gain_s <= 0 or numbers in seen:
            continue
        seen.add(numbers)
        more = other.price_minor - option.price_minor
        numbered = _numbers(gain_s, more, other.carbon_g - option.carbon_g, offer.currency)
        yield Reason("offer.sooner_option", {"option": other.name, **numbered})


def other_way(network: Network, offer: Offer, option: Option, other: Candidate) -> Reason | None:
    """Return what another way to make it would gain and cost, None where it comes no sooner."""
    gain_s = option.promised_at_s - other.promised_at_s
    if gain_s <= 0:
        return None
    more, carbon_g = other.price_minor - option.price_minor, other.carbon_g - option.carbon_g
    where = ", ".join(network.place_name(site) for site in other.sites)
    made = {"sites": where, "plan": other.plan.process_plan_id, "process": other.plan.process}
    return Reason("offer.sooner_way", {**made, **_numbers(gain_s, more, carbon_g, offer.currency)})


def shift_minor(network: Network, found: Earlier) -> int:
    """Return what the extra shifts cost in the network's currency, whole."""
    exact = Fraction(0)
    for name in found.extra.who:
        unit = network.work_unit.get(name)
        if unit is not None:
            rate_minor, currency = (
                unit.rate_minor_per_h * unit.seats,
                network.site_of(name).currency,
            )
        else:
            operator = network.operator[name]
            rate_minor = operator.rate_minor_per_h
            currency = network.site[operator.site_id].currency
        exact += network.in_own_currency(Fraction(rate_minor * found.open_s, HOUR_S), currency)
    return whole_minor(exact)


def shift_way(
    network: Network, found: Earlier, gain_s: int, anew_s: int, more_minor: int, carbon_g: int
) -> Reason:
    """Return what an extra shift would bring and cost.

    Args:
        gain_s: how much sooner it would be than as it stands.
        anew_s: how much of that planning anew brings without any shift; the shift's own is the
            rest.
        more_minor: what the work itself would cost more there, beside the shift.
    """
    people = sum(name in network.operator for name in found.extra.who)
    money_minor = shift_minor(network, found) + more_minor
    if anew_s:
        code = "offer.sooner_shift_anew_attended" if people else "offer.sooner_shift_anew"
    else:
        code = "offer.sooner_shift_attended" if people else "offer.sooner_shift"
    return Reason(
        code,
        {
            "unit": found.extra.resource_id,
            "day": found.extra.day,
            "count": found.shifts,
            "people": people,
            "open_s": found.open_s,
            "shift_s": gain_s - anew_s,
            **_numbers(gain_s, money_minor, carbon_g, network.currency),
        },
    )


def replanned_way(gain_s: int, more_minor: int, carbon_g: int, currency: str) -> Reason:
    """Return what planning the rest anew would bring, since others have gone meanwhile."""
    return Reason("offer.sooner_replanned", _numbers(gain_s, more_minor, carbon_g, currency))


def saves(binding: Reason, ways: Sequence[Reason]) -> tuple[Reason, ...]:
    """Return what the best extra shift would save where the date hangs on what it would free."""
    shifts = [way for way in ways if way.code.startswith("offer.sooner_shift")]
    at = binding.params.get("at")
    if binding.code == "schedule.binding_operator":
        fitting = [way for way in shifts if way.params["people"]]
    else:
        fitting = [way for way in shifts if way.params["unit"] == at]
    if not fitting:
        return ()
    best = max(fitting, key=lambda way: (way.params["shift_s"], -int(way.params["money_minor"])))
    told = {name: best.params[name] for name in ("unit", "day", "count")}
    return (Reason("schedule.extra_shift_saves", told | {"gain_s": best.params["shift_s"]}),)


def a_day_earlier(binding: Reason, ways: Sequence[Reason]) -> Reason:
    """Return the cheapest way that gains a day or more, or that there is none and why."""
    enough = [way for way in ways if int(way.params["gain_s"]) >= DAY_S]
    if enough:
        return min(enough, key=lambda way: (way.params["money_minor"], way.params["carbon_g"]))
    cause = binding.code.removeprefix("schedule.binding_")
    because: dict[str, Param] = {"cause": cause, "at": binding.params.get("at", "")}
    if ways:
        most_s = max(int(way.params["gain_s"]) for way in ways)
        return Reason("offer.sooner_no_day", {**because, "gain_s": most_s})
    return Reason("offer.sooner_nothing", because)


def _numbers(gain_s: int, more_minor: int, carbon_g: int, currency: str) -> dict[str, Param]:
    return {
        "gain_s": gain_s,
        "money": shown_money(more_minor, currency),
        "money_minor": more_minor,
        "carbon_g": carbon_g,
    }
