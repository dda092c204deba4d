"""The price of an option: lines that each say what was multiplied, and who receives it.

Own cost of a site (material, set-up, run, labour, energy) carries the site's margin; the platform
fee, transport, duty and tax are lines of their own. Everything stays exact until its line; a line
is rounded once, half up, in the offer's currency, so the sum of the lines is the price.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from manufold.model.energy_hours import energy_shares
from manufold.model.errors import CannotMake, Param, Reason
from manufold.model.network import DeliveryZone, Network, Operator, Site
from manufold.model.offer import PriceKind, PriceLine
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.schedule import Slot
from manufold.model.units import CURRENCIES, HOUR_S, shown, shown_money, whole_minor
from manufold.model.work_content import booked_content, drawn_wh, place_share

__all__ = ["price_lines", "work_costs"]

Line = tuple[PriceKind, Fraction, str, Reason]


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
        exact = sum((amount for _kind, amount, _to, _basis in found), Fraction(0))
        own_cost[site.site_id] = own_cost.get(site.site_id, Fraction(0)) + exact
    lines += _margin_lines(network, own_cost)
    goods = sum((amount for _kind, amount, _to, _basis in lines), Fraction(0))
    lines += _fee_lines(network, goods)
    lines += _transport_lines(network, plan, quantity, site_of, zone)
    lines += _state_lines(network, plan, site_of, zone, goods, lines)
    return tuple(
        PriceLine(kind, minor, to, basis)
        for kind, amount, to, basis in lines
        if (minor := whole_minor(amount)) != 0
    )


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
        basis = Reason(
            "offer.material",
            {
                "material": material.name,
                "quantity": shown(total),
                "unit": material.unit,
                "pieces": started,
                "rate": shown_money(material.price_minor, material.currency),
            },
        )
        lines.append(("material", exact, site.party_id, basis))
    return lines


def _work_lines(
    network: Network, operation: Operation, started: int, slot: Slot, site: Site
) -> list[Line]:
    """Return what the work itself costs: what the slot has booked, or what others ask for it."""
    unit = network.work_unit[slot.resource_id]
    content = booked_content(operation, unit, started, slot.setup_s)
    capability = unit.capability(operation.capability)
    where: dict[str, Param] = {
        "operation": operation.name,
        "work_unit": unit.name,
        "site": site.name,
        "rate": shown_money(unit.rate_minor_per_h, site.currency),
    }

    def priced(kind: PriceKind, minor: Fraction, code: str, extra: dict[str, Param]) -> Line:
        exact = network.in_own_currency(minor, site.currency)
        return kind, exact, site.party_id, Reason(code, where | extra)

    if capability is not None and capability.lead_time_s is not None:
        minor = Fraction(capability.order_price_minor + started * capability.piece_price_minor)
        asked: dict[str, Param] = {
            "pieces": started,
            "order": shown_money(capability.order_price_minor, site.currency),
            "rate": shown_money(capability.piece_price_minor, site.currency),
        }
        return [priced("subcontract", minor, "offer.subcontract", asked)]
    run_s = content.total_s - content.setup_s
    share = place_share(unit)
    hourly = share * Fraction(unit.rate_minor_per_h, HOUR_S)
    lines = [
        priced(
            "setup",
            hourly * content.setup_s,
            "offer.setup",
            {"seconds": round(share * content.setup_s)},
        ),
        priced(
            "run", hourly * run_s, "offer.run", {"seconds": round(share * run_s), "pieces": started}
        ),
    ]
    for minor, code, extra in _energy(network, operation, started, slot, site, content.total_s):
        lines.append(priced("energy", minor, code, extra))
    operator = _attending(network, site, operation, slot)
    if operator is not None and operation.attendance != "none":
        attended_s = content.setup_s if operation.attendance == "setup" else content.total_s
        minor = share * Fraction(operator.rate_minor_per_h * attended_s, HOUR_S)
        rate = shown_money(operator.rate_minor_per_h, site.currency)
        attended: dict[str, Param] = {
            "seconds": round(share * attended_s),
            "skill": str(operation.skill),
            "rate": rate,
        }
        lines.append(priced("labour", minor, "offer.labour", attended))
    return lines


def _energy(
    network: Network, operation: Operation, started: int, slot: Slot, site: Site, total_s: int
) -> Iterator[tuple[Fraction, str, dict[str, Param]]]:
    """Yield what the electricity of a slot costs, by the hours it is drawn in."""
    unit = network.work_unit[slot.resource_id]
    calendar = network.calendar[unit.calendar_id]
    energy_wh = drawn_wh(operation, unit, total_s, started)
    worked = calendar.intervals(slot.start_s, slot.end_s) if site.energy_hours else ()
    for hours, share in energy_shares(site, worked, slot.start_s, slot.end_s):
        kwh = energy_wh * share / 1000
        if hours is None:
            usual = kwh * Fraction(site.energy_minor_per_kwh)
            yield usual, "offer.energy", {"kwh": shown(kwh)}
            continue
        major = Fraction(hours.minor_per_kwh) / 10 ** CURRENCIES[site.currency]
        told: dict[str, Param] = {
            "kwh": shown(kwh),
            "start": hours.from_hour,
            "end": hours.to_hour,
            "kwh_rate": f"{shown(major)} {site.currency}",
        }
        yield kwh * Fraction(hours.minor_per_kwh), "offer.energy_hours", told


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
        basis = Reason("offer.margin", {"site": site.name, "percent": shown(share * 100)})
        lines.append(("margin", exact * share, site.party_id, basis))
    return lines


def _fee_lines(network: Network, goods: Fraction) -> list[Line]:
    share = Fraction(network.platform_fee_fraction)
    basis = Reason("offer.platform_fee", {"percent": shown(share * 100)})
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
        basis = Reason(
            "offer.transport",
            {
                **way,
                "kg": shown(mass_kg),
                "shipment": shown_money(lane.cost_minor, lane.currency),
                "rate": shown_money(lane.cost_minor_per_kg, lane.currency),
            },
        )
        exact = network.in_own_currency(minor, lane.currency)
        lines.append(("transport", exact, f"carrier:{start}-{end}", basis))
    return lines


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
    basis = Reason(
        "offer.duty",
        {"percent": shown(duty_share * 100), "origin": country, "zone": zone.name},
    )
    lines.append(("duty", duty, state, basis))
    taxed = duty + sum((amount for _kind, amount, _to, _basis in before_tax), Fraction(0))
    tax_share = Fraction(zone.tax_fraction)
    basis = Reason("offer.tax", {"percent": shown(tax_share * 100), "zone": zone.name})
    lines.append(("tax", taxed * tax_share, state, basis))
    return lines
