"""The footprint of an option, and of what was really made: material, energy, transport.

Boundary: cradle to the buyer's door, without the machines themselves, packaging and use. Material
factors come with the network's materials, electricity with the site's grid, transport with the
lane; each line carries its factor's source.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial
from types import MappingProxyType

from manufold.model.energy_hours import energy_shares
from manufold.model.errors import CannotMake, Param, Reason
from manufold.model.evidence import EnergyReading, LotUse
from manufold.model.material import Material, Source
from manufold.model.network import Lane, Network
from manufold.model.offer import CarbonKind, CarbonLine
from manufold.model.place import EnergyHours, Site
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Slot
from manufold.model.units import shown, whole_g
from manufold.model.work_content import drawn_s, drawn_wh

__all__ = ["made_lines", "planned_g", "planned_lines"]

#: what it stands on is worded for those who read it only
Line = tuple[CarbonKind, int, Callable[[], Reason], Source]


def planned_lines(
    network: Network,
    plan: ProcessPlan,
    *,
    quantity: int,
    started: int,
    slots: Sequence[Slot],
    zone_id: str,
) -> tuple[CarbonLine, ...]:
    """Return the footprint of an option: all started pieces, every leg of the way."""
    found = _planned(network, plan, quantity, started, slots, zone_id)
    return tuple(CarbonLine(kind, grams, basis(), source) for kind, grams, basis, source in found)


def planned_g(
    network: Network,
    plan: ProcessPlan,
    *,
    quantity: int,
    started: int,
    slots: Sequence[Slot],
    zone_id: str,
) -> int:
    """Return the sum of `planned_lines`; no basis is worded for it."""
    found = _planned(network, plan, quantity, started, slots, zone_id)
    return sum(grams for _kind, grams, _basis, _source in found)


def _planned(
    network: Network,
    plan: ProcessPlan,
    quantity: int,
    started: int,
    slots: Sequence[Slot],
    zone_id: str,
) -> tuple[Line, ...]:
    used: dict[str, Fraction] = {}
    for line in plan.bill_of_materials:
        used[line.material_id] = used.get(line.material_id, Fraction(0)) + started * Fraction(
            line.quantity
        )
    site_of = {slot.operation_id: network.site_of(slot.resource_id).site_id for slot in slots}
    energy_wh: dict[str, Fraction] = {}
    by_hours: dict[tuple[str, EnergyHours], Fraction] = {}
    for slot in slots:
        operation, site = plan.operation[slot.operation_id], network.site_of(slot.resource_id)
        unit = network.work_unit[slot.resource_id]
        drawn = drawn_wh(operation, unit, drawn_s(operation, unit, started, slot.setup_s), started)
        calendar = network.calendar[unit.calendar_id]
        worked = calendar.intervals(slot.start_s, slot.end_s) if site.energy_hours else ()
        for hours, share in energy_shares(site, worked, slot.start_s, slot.end_s):
            if hours is None:
                part = drawn if share == 1 else drawn * share
                before = energy_wh.get(site.site_id)
                energy_wh[site.site_id] = part if before is None else before + part
            else:
                key = (site.site_id, hours)
                by_hours[key] = by_hours.get(key, Fraction(0)) + drawn * share
    mass_kg = Fraction(plan.piece_mass_g) * quantity / 1000
    return (
        *_material(network, used),
        *_energy(network, energy_wh),
        *_energy_by_hours(network, by_hours),
        *_transport(network, plan.legs(site_of, zone_id), mass_kg),
    )


def made_lines(
    network: Network,
    plan: ProcessPlan,
    *,
    ways: Mapping[tuple[str, str], int],
    lots: Iterable[LotUse],
    energy: Iterable[tuple[str, EnergyReading]],
    planned_material: Mapping[str, Fraction] = MappingProxyType({}),
    planned_wh: Mapping[str, Fraction] = MappingProxyType({}),
) -> tuple[CarbonLine, ...]:
    """Return the footprint of what was really consumed.

    Args:
        ways: (from, to) -> pieces that really travelled that way.
        lots: material really issued.
        energy: (site, reading) pairs really read.
        planned_material: material -> quantity of the plan, where none was recorded.
        planned_wh: site -> energy of the plan, where none was read; both say so in their lines.
    """
    used: dict[str, Fraction] = {}
    for lot in lots:
        used[lot.material_id] = used.get(lot.material_id, Fraction(0)) + Fraction(lot.quantity)
    energy_wh: dict[str, Fraction] = {}
    for site_id, reading in energy:
        energy_wh[site_id] = energy_wh.get(site_id, Fraction(0)) + reading.energy_wh
    piece_kg = Fraction(plan.piece_mass_g) / 1000
    travelled = [
        line
        for way, pieces in ways.items()
        for line in _transport(network, [way], piece_kg * pieces)
    ]
    found = (
        *_material(network, used),
        *_material(network, planned_material, "carbon.material_planned"),
        *_energy(network, energy_wh),
        *_energy(network, planned_wh, "carbon.energy_planned"),
        *travelled,
    )
    return tuple(CarbonLine(kind, grams, basis(), source) for kind, grams, basis, source in found)


def _material(
    network: Network, used: Mapping[str, Fraction], code: str = "carbon.material"
) -> list[Line]:
    lines: list[Line] = []
    for material_id, quantity in used.items():
        material = network.material[material_id]
        basis = partial(_material_basis, code, material, quantity)
        grams = whole_g(quantity * Fraction(material.carbon_g))
        lines.append(("material", grams, basis, material.carbon_source))
    return lines


def _material_basis(code: str, material: Material, quantity: Fraction) -> Reason:
    return Reason(
        code,
        {
            "material": material.name,
            "quantity": shown(quantity),
            "unit": material.unit,
            "factor": shown(Fraction(material.carbon_g) / 1000),
        },
    )


def _energy(
    network: Network, energy_wh: Mapping[str, Fraction], code: str = "carbon.energy"
) -> list[Line]:
    lines: list[Line] = []
    for site_id, site_wh in energy_wh.items():
        site = network.site[site_id]
        basis = partial(_energy_basis, code, site, site_wh / 1000, site.grid_g_per_kwh)
        grams = whole_g(site_wh / 1000 * Fraction(site.grid_g_per_kwh))
        lines.append(("energy", grams, basis, site.grid_source))
    return lines


def _energy_basis(code: str, site: Site, kwh: Fraction, factor: Decimal, **hours: Param) -> Reason:
    told: dict[str, Param] = {"site": site.name, "kwh": shown(kwh), "factor": shown(factor)}
    return Reason(code, told | hours)


def _energy_by_hours(
    network: Network, energy_wh: Mapping[tuple[str, EnergyHours], Fraction]
) -> list[Line]:
    lines: list[Line] = []
    for (site_id, hours), site_wh in energy_wh.items():
        site = network.site[site_id]
        basis = partial(
            _energy_basis,
            "carbon.energy_hours",
            site,
            site_wh / 1000,
            hours.grid_g_per_kwh,
            start=hours.from_hour,
            end=hours.to_hour,
        )
        grams = whole_g(site_wh / 1000 * Fraction(hours.grid_g_per_kwh))
        lines.append(("energy", grams, basis, site.grid_source))
    return lines


def _transport(
    network: Network, travelled: Sequence[tuple[str, str]], mass_kg: Fraction
) -> list[Line]:
    lines: list[Line] = []
    for start, end in travelled:
        lane = network.lane.get((start, end))
        way: dict[str, Param] = {
            "start": network.place_name(start),
            "start_id": start,
            "end": network.place_name(end),
            "end_id": end,
        }
        if lane is None:
            raise CannotMake.of(Reason("offer.no_lane", way))
        grams = whole_g(mass_kg * Fraction(lane.carbon_g_per_kg))
        basis = partial(_transport_basis, way, lane, mass_kg)
        lines.append(("transport", grams, basis, lane.source))
    return lines


def _transport_basis(way: Mapping[str, Param], lane: Lane, mass_kg: Fraction) -> Reason:
    told: dict[str, Param] = {"kg": shown(mass_kg), "factor": shown(lane.carbon_g_per_kg)}
    return Reason("carbon.transport", {**way, **told})
