"""The price of an option: lines that each say what was multiplied, and who receives it.

Own cost of a site (material, set-up, run, labour, energy) carries the site's margin; the platform
fee, transport, duty and tax are lines of their own. Everything stays exact until its line; a line
is rounded once, half up, in the offer's currency, so the sum of the lines is the price.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import lcm

from manufold.model.energy_hours import energy_shares
from manufold.model.errors import CannotMake, Param, Reason
from manufold.model.material import Material
from manufold.model.network import DeliveryZone, Lane, Network, Operator, Site, WorkUnit
from manufold.model.offer import PriceKind, PriceLine
from manufold.model.place import EnergyHours
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.schedule import Slot
from manufold.model.units import CURRENCIES, HOUR_S, shown, shown_money, whole_minor
from manufold.model.work_content import booked_content, drawn_wh, place_share

__all__ = ["price_lines", "price_minor", "work_costs"]

#: parameters of a basis
Told = Callable[[], Mapping[str, Param]]
#: what it stands on is worded for those who read it only
Line = tuple[PriceKind, Fraction, str, Callable[[], Reason]]


def price_lines(
    network: Network,
    plan: ProcessPlan,
    *,
    quantity: int,
    started: int,
    slots: Sequence[Slot],
    zone: DeliveryZone,
) -> tuple[PriceLine, ...]:
    """Return the lines of the price of `quantity` good pieces at the buyer's door.

    Args:
        started: pieces started, >= quantity; material and time are paid for all of them.
        slots: one per operation of the plan; they say where it is done.

    Raises:
        CannotMake: `offer.no_lane` when the goods cannot travel between two of the sites.
    """
    return tuple(
        PriceLine(kind, minor, to, basis())
        for kind, amount, to, basis in _lines(network, plan, quantity, started, slots, zone)
        if (minor := whole_minor(amount)) != 0
    )


def price_minor(
    network: Network,
    plan: ProcessPlan,
    *,
    quantity: int,
    started: int,
    slots: Sequence[Slot],
    zone: DeliveryZone,
) -> int:
    """Return the sum of `price_lines`; no basis is worded for it."""
    found = _lines(network, plan, quantity, started, slots, zone)
    return sum(whole_minor(amount) for _kind, amount, _to, _basis in found)


def _lines(
    network: Network,
    plan: ProcessPlan,
    quantity: int,
    started: int,
    slots: Sequence[Slot],
    zone: DeliveryZone,
) -> list[Line]:
    site_of = {slot.operation_id: network.site_of(slot.resource_id) for slot in slots}
    slot_of = {slot.operation_id: slot for slot in slots}
    lines: list[Line] = []
    own_cost: dict[str, Fraction] = {}
    for operation in plan.operations:
        site = site_of[operation.operation_id]
        found = [
            *_material_lines(network, plan, operation, started, site),
            *_work_lines(network, operation, started, slot_of[operation.operation_id], site),
        ]
        lines += found
        own_cost[site.site_id] = _total(found, own_cost.get(site.site_id))
    lines += _margin_lines(network, own_cost)
    goods = _total(lines)
    lines += _fee_lines(network, goods)
    lines += _transport_lines(network, plan, quantity, site_of, zone)
    lines += _state_lines(network, plan, site_of, zone, goods, lines)
    return lines


def _total(lines: Sequence[Line], more: Fraction | None = None) -> Fraction:
    """Return what lines come to: over one denominator, since adding fractions costs far more."""
    ratios = [amount.as_integer_ratio() for _kind, amount, _to, _basis in lines]
    if more is not None:
        ratios.append(more.as_integer_ratio())
    below = lcm(*(under for _over, under in ratios))
    return Fraction(sum(over * (below // under) for over, under in ratios), below)


def work_costs(
    network: Network, operation: Operation, started: int, slot: Slot
) -> dict[PriceKind, Fraction]:
    """Return what the work of a slot costs by kind, exact, in the network's currency: before any
    margin, without material."""
    costs: dict[PriceKind, Fraction] = {}
    site = network.site_of(slot.resource_id)
    for kind, exact, _to, _basis in _work_lines(network, operation, started, slot, site):
        costs[kind] = costs.get(kind, Fraction(0)) + exact
    return costs


def _material_lines(
    network: Network, plan: ProcessPlan, operation: Operation, started: int, site: Site
) -> list[Line]:
    lines: list[Line] = []
    for bom in plan.bill_of_materials:
        if bom.at_operation != operation.operation_id:
            continue
        material = network.material[bom.material_id]
        total = Fraction(bom.quantity) * started
        exact = network.in_own_currency(total * material.price_minor, material.currency)
        basis = partial(_material_basis, material, total, started)
        lines.append(("material", exact, site.party_id, basis))
    return lines


def _material_basis(material: Material, total: Fraction, started: int) -> Reason:
    return Reason(
        "offer.material",
        {
            "material": material.name,
            "quantity": shown(total),
            "unit": material.unit,
            "pieces": started,
            "rate": shown_money(material.price_minor, material.currency),
        },
    )


def _work_lines(
    network: Network, operation: Operation, started: int, slot: Slot, site: Site
) -> list[Line]:
    """Return what the work itself costs: what the slot has booked, or what others ask for it."""
    unit = network.work_unit[slot.resource_id]
    content = booked_content(operation, unit, started, slot.setup_s)
    capability = unit.capability(operation.capability)

    def priced(kind: PriceKind, minor: Fraction, code: str, told: Told) -> Line:
        exact = network.in_own_currency(minor, site.currency)
        return kind, exact, site.party_id, lambda: _work_basis(operation, unit, site, code, told())

    if capability is not None and capability.lead_time_s is not None:
        minor = Fraction(capability.order_price_minor + started * capability.piece_price_minor)
        return [
            priced(
                "subcontract",
                minor,
                "offer.subcontract",
                lambda: {
                    "pieces": started,
                    "order": shown_money(capability.order_price_minor, site.currency),
                    "rate": shown_money(capability.piece_price_minor, site.currency),
                },
            )
        ]
    places = place_share(unit).denominator

    def hourly(kind: PriceKind, rate_minor: int, span_s: int, told: Told) -> Line:
        minor = Fraction(rate_minor * span_s, places * HOUR_S)

        def seconds() -> dict[str, Param]:
            return {"seconds": round(Fraction(span_s, places)), **told()}

        return priced(kind, minor, _HOURLY[kind], seconds)

    run_s = content.total_s - content.setup_s
    lines = [
        hourly("setup", unit.rate_minor_per_h, content.setup_s, dict),
        hourly("run", unit.rate_minor_per_h, run_s, lambda: {"pieces": started}),
    ]
    for minor, code, told in _energy(network, operation, started, slot, site, content.total_s):
        lines.append(priced("energy", minor, code, told))
    if operation.attendance == "none":
        return lines
    operator = _attending(network, site, operation, slot)
    if operator is not None:
        attended_s = content.setup_s if operation.attendance == "setup" else content.total_s
        who = partial(_attended, operation, operator, site)
        lines.append(hourly("labour", operator.rate_minor_per_h, attended_s, who))
    return lines


#: what is charged by the hour, and the sentence of each
_HOURLY: Mapping[PriceKind, str] = {
    "setup": "offer.setup",
    "run": "offer.run",
    "labour": "offer.labour",
}


def _work_basis(
    operation: Operation, unit: WorkUnit, site: Site, code: str, told: Mapping[str, Param]
) -> Reason:
    where: dict[str, Param] = {
        "operation": operation.name,
        "work_unit": unit.name,
        "site": site.name,
        "rate": shown_money(unit.rate_minor_per_h, site.currency),
    }
    return Reason(code, where | dict(told))


def _attended(operation: Operation, operator: Operator, site: Site) -> dict[str, Param]:
    rate = shown_money(operator.rate_minor_per_h, site.currency)
    return {"skill": str(operation.skill), "rate": rate}


def _energy(
    network: Network, operation: Operation, started: int, slot: Slot, site: Site, total_s: int
) -> Iterator[tuple[Fraction, str, Told]]:
    """Yield what the electricity of a slot costs, by the hours it is drawn in."""
    unit = network.work_unit[slot.resource_id]
    calendar = network.calendar[unit.calendar_id]
    energy_wh = drawn_wh(operation, unit, total_s, started)
    worked = calendar.intervals(slot.start_s, slot.end_s) if site.energy_hours else ()
    for hours, share in energy_shares(site, worked, slot.start_s, slot.end_s):
        kwh = (energy_wh if share == 1 else energy_wh * share) / 1000
        if hours is None:
            usual = kwh * Fraction(site.energy_minor_per_kwh)
            yield usual, "offer.energy", partial(_kwh, kwh)
        else:
            minor = kwh * Fraction(hours.minor_per_kwh)
            yield minor, "offer.energy_hours", partial(_kwh_of_hours, kwh, hours, site.currency)


def _kwh(kwh: Fraction) -> dict[str, Param]:
    return {"kwh": shown(kwh)}


def _kwh_of_hours(kwh: Fraction, hours: EnergyHours, currency: str) -> dict[str, Param]:
    major = Fraction(hours.minor_per_kwh) / 10 ** CURRENCIES[currency]
    return {
        "kwh": shown(kwh),
        "start": hours.from_hour,
        "end": hours.to_hour,
        "kwh_rate": f"{shown(major)} {currency}",
    }


def _attending(network: Network, site: Site, operation: Operation, slot: Slot) -> Operator | None:
    """Return the operator whom a slot claims, the cheapest who could where it names none."""
    named = (network.operator.get(claim.resource_id) for claim in slot.also)
    return next(filter(None, named), None) or _cheapest(network, site, operation.skill)


def _cheapest(network: Network, site: Site, skill: str | None) -> Operator | None:
    able = [
        operator
        for operator in network.operators
        if operator.site_id == site.site_id and skill in operator.skills
    ]
    return min(able, key=lambda o: (o.rate_minor_per_h, o.operator_id), default=None)


def _margin_lines(network: Network, own_cost: dict[str, Fraction]) -> list[Line]:
    lines: list[Line] = []
    for site_id, exact in own_cost.items():
        site = network.site[site_id]
        share = Fraction(site.margin_fraction)
        basis = partial(_share_basis, "offer.margin", share, site=site.name)
        lines.append(("margin", exact * share, site.party_id, basis))
    return lines


def _share_basis(code: str, share: Fraction, **more: Param) -> Reason:
    return Reason(code, {"percent": shown(share * 100), **more})


def _fee_lines(network: Network, goods: Fraction) -> list[Line]:
    share = Fraction(network.platform_fee_fraction)
    basis = partial(_share_basis, "offer.platform_fee", share)
    return [("platform_fee", goods * share, "platform", basis)]


def _transport_lines(
    network: Network,
    plan: ProcessPlan,
    quantity: int,
    site_of: dict[str, Site],
    zone: DeliveryZone,
) -> list[Line]:
    mass_kg = Fraction(plan.piece_mass_g) * quantity / 1000
    lines: list[Line] = []
    sites = {operation: site.site_id for operation, site in site_of.items()}
    for start, end in plan.legs(sites, zone.zone_id):
        lane = network.lane.get((start, end))
        way: dict[str, Param] = {
            "start": network.place_name(start),
            "start_id": start,
            "end": network.place_name(end),
            "end_id": end,
        }
        if lane is None:
            raise CannotMake.of(Reason("offer.no_lane", way))
        minor = lane.cost_minor + lane.cost_minor_per_kg * mass_kg
        basis = partial(_transport_basis, way, lane, mass_kg)
        exact = network.in_own_currency(minor, lane.currency)
        lines.append(("transport", exact, f"carrier:{start}-{end}", basis))
    return lines


def _transport_basis(way: Mapping[str, Param], lane: Lane, mass_kg: Fraction) -> Reason:
    return Reason(
        "offer.transport",
        {
            **way,
            "kg": shown(mass_kg),
            "shipment": shown_money(lane.cost_minor, lane.currency),
            "rate": shown_money(lane.cost_minor_per_kg, lane.currency),
        },
    )


def _state_lines(
    network: Network,
    plan: ProcessPlan,
    site_of: dict[str, Site],
    zone: DeliveryZone,
    goods: Fraction,
    before_tax: list[Line],
) -> list[Line]:
    lines: list[Line] = []
    country = site_of[plan.last_operations[-1]].country
    duty_share = Fraction(zone.duty_fractions.get(country, Decimal(0)))
    state = f"state:{zone.country}"
    duty = goods * duty_share
    basis = partial(_share_basis, "offer.duty", duty_share, origin=country, zone=zone.name)
    lines.append(("duty", duty, state, basis))
    taxed = _total(before_tax, duty)
    tax_share = Fraction(zone.tax_fraction)
    basis = partial(_share_basis, "offer.tax", tax_share, zone=zone.name)
    lines.append(("tax", taxed * tax_share, state, basis))
    return lines
