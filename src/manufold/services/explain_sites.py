"""Why this site: every other plan and place, its three numbers, and what made it lose."""

from collections.abc import Iterable, Iterator, Sequence

from manufold.model.errors import CannotMake, Param, Reason
from manufold.model.network import Network
from manufold.model.offer import Offer, Option
from manufold.model.process_plan import ProcessPlan
from manufold.model.units import shown_money
from manufold.offer.started import quantity_to_start
from manufold.scheduling.eligible import eligible, site_sets
from manufold.scheduling.load import Load
from manufold.services.candidates import Candidate, Demand, candidate, material_at
from manufold.services.context import Context
from manufold.services.explained import OtherWay
from manufold.services.naming import named

__all__ = ["lost_to", "other_ways", "unable_sites", "ways_now"]

#: sites that cannot make it alone, of which it is told why; a large network has many
UNABLE_MOST = 12

#: what an option is best at comes first, then the other two numbers
_ORDER = {
    "fast": ("date", "price", "carbon"),
    "cheap": ("price", "date", "carbon"),
    "green": ("carbon", "price", "date"),
}


def ways_now(
    ctx: Context, load: Load, plans: Sequence[ProcessPlan], demand: Demand
) -> tuple[list[Candidate], list[OtherWay]]:
    """Return every way that could be promised now, each once, and those that could not."""
    found: dict[tuple[str, tuple[str, ...]], Candidate] = {}
    refused: list[OtherWay] = []
    for plan in plans:
        name = plan.process_plan_id
        try:
            started = quantity_to_start(
                demand.quantity, plan.yield_fraction, ctx.settings.start_confidence_fraction
            )
            material = material_at(ctx.network, plan, started, demand.stock, demand.now_s)
            ways = site_sets(ctx.network, plan, started)
        except CannotMake as fault:
            refused.append(_refused(ctx.network, plan, (), fault))
            continue
        for sites in ways:
            try:
                way = candidate(ctx, load, plan, started, demand, sites, material)
            except CannotMake as fault:
                refused.append(_refused(ctx.network, plan, tuple(sorted(sites)), fault))
            else:
                found.setdefault((name, way.sites), way)
        refused += unable_sites(
            ctx.network, plan, {s for way in ways if len(way) == 1 for s in way}
        )
    return list(found.values()), refused


def unable_sites(network: Network, plan: ProcessPlan, able: set[str]) -> Iterator[OtherWay]:
    """Yield the sites that can do a part of a plan and not all of it, and what they lack.

    Args:
        able: sites that can do all of it.
    """
    there = {
        network.site_of(unit.work_unit_id).site_id
        for unit in network.work_units
        for operation in plan.operations
        if unit.capability(operation.capability) is not None
    }
    for site_id in sorted(there - able)[:UNABLE_MOST]:
        for operation in plan.operations:
            try:
                eligible(network, operation, sites=frozenset({site_id}))
            except CannotMake:
                lacks: dict[str, Param] = {
                    "site": network.place_name(site_id),
                    "operation": operation.name,
                    "capability": operation.capability,
                }
                reason = Reason("explain.site_lacks", lacks)
                yield OtherWay(
                    plan.process_plan_id, plan.process, (site_id,), None, None, None, reason
                )
                break


def other_ways(
    network: Network, offer: Offer, option: Option, ways: Iterable[Candidate]
) -> list[OtherWay]:
    """Return the ways that are not the option's own, the one that loses least first."""
    own = (option.process_plan_id, option.sites)
    others = [way for way in ways if (way.plan.process_plan_id, way.sites) != own]
    numbers = {"date": "promised_at_s", "price": "price_minor", "carbon": "carbon_g"}
    order = [numbers[one] for one in _ORDER[option.name]]
    others.sort(key=lambda way: [getattr(way, one) for one in order])
    return [
        OtherWay(
            way.plan.process_plan_id,
            way.plan.process,
            way.sites,
            way.promised_at_s,
            way.price_minor,
            way.carbon_g,
            lost_to(option, offer.currency, (way.promised_at_s, way.price_minor, way.carbon_g)),
        )
        for way in others
    ]


def lost_to(option: Option, currency: str, numbers: tuple[int, int, int]) -> Reason:
    """Return what made a way lose to an option.

    Args:
        numbers: its date at the door, its price and its footprint.
    """
    later_s = numbers[0] - option.promised_at_s
    dearer_minor, more_g = numbers[1] - option.price_minor, numbers[2] - option.carbon_g
    params: dict[str, Param] = {
        "option": option.name,
        "later_s": later_s,
        "money": shown_money(dearer_minor, currency),
        "money_minor": dearer_minor,
        "carbon_g": more_g,
    }
    behind = {"date": later_s, "price": dearer_minor, "carbon": more_g}
    for one in _ORDER[option.name]:
        if behind[one] > 0:
            return Reason(f"explain.lost_{one}", params)
        if behind[one] < 0:
            return Reason("explain.better_now", params)
    return Reason("explain.lost_nothing", params)


def _refused(
    network: Network, plan: ProcessPlan, sites: tuple[str, ...], fault: CannotMake
) -> OtherWay:
    (reason,) = named(network, plan, [fault.reason])
    return OtherWay(plan.process_plan_id, plan.process, sites, None, None, None, reason)
