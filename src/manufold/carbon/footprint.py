"""The footprint of an option, and of what was really made: material, energy, transport.

Boundary: cradle to the buyer's door, without the machines themselves, packaging and use. Material
factors come with the network's materials, electricity with the site's grid, transport with the
lane; each line carries its factor's source.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from manufold.model.energy_hours import energy_shares
from manufold.model.errors import CannotMake, Param, Reason
from manufold.model.evidence import EnergyReading, LotUse
from manufold.model.network import Network
from manufold.model.offer import CarbonLine
from manufold.model.place import EnergyHours
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Slot
from manufold.model.units import shown, whole_g
from manufold.model.work_content import drawn_s, drawn_wh

__all__ = ["made_lines", "planned_lines"]


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
                before = energy_wh.get(site.site_id, Fraction(0))
                energy_wh[site.site_id] = before + drawn * share
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
    return (
        *_material(network, used),
        *_material(network, planned_material, "carbon.material_planned"),
        *_energy(network, energy_wh),
        *_energy(network, planned_wh, "carbon.energy_planned"),
        *travelled,
    )


def _material(
    network: Network, used: Mapping[str, Fraction], code: str = "carbon.material"
) -> list[CarbonLine]:
    lines = []
    for material_id, quantity in used.items():
        material = network.material[material_id]
        basis = Reason(
            code,
            {
                "material": material.name,
                "quantity": shown(quantity),
                "unit": material.unit,
                "factor": shown(Fraction(material.carbon_g) / 1000),
            },
        )
        grams = whole_g(quantity * Fraction(material.carbon_g))
        lines.append(CarbonLine("material", grams, basis, material.carbon_source))
    return lines


def _energy(
    network: Network, energy_wh: Mapping[str, Fraction], code: str = "carbon.energy"
) -> list[CarbonLine]:
    lines = []
    for site_id, site_wh in energy_wh.items():
        site = network.site[site_id]
        basis = Reason(
            code,
            {
                "site": site.name,
                "kwh": shown(site_wh / 1000),
                "factor": shown(Fraction(site.grid_g_per_kwh)),
            },
        )
        grams = whole_g(site_wh / 1000 * Fraction(site.grid_g_per_kwh))
        lines.append(CarbonLine("energy", grams, basis, site.grid_source))
    return lines


def _energy_by_hours(
    network: Network, energy_wh: Mapping[tuple[str, EnergyHours], Fraction]
) -> list[CarbonLine]:
    lines = []
    for (site_id, hours), site_wh in energy_wh.items():
        site = network.site[site_id]
        basis = Reason(
            "carbon.energy_hours",
            {
                "site": site.name,
                "kwh": shown(site_wh / 1000),
                "start": hours.from_hour,
                "end": hours.to_hour,
                "factor": shown(Fraction(hours.grid_g_per_kwh)),
            },
        )
        grams = whole_g(site_wh / 1000 * Fraction(hours.grid_g_per_kwh))
        lines.append(CarbonLine("energy", grams, basis, site.grid_source))
    return lines


def _transport(
    network: Network, travelled: Sequence[tuple[str, str]], mass_kg: Fraction
) -> list[CarbonLine]:
    lines = []
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
        basis = Reason(
            "carbon.transport",
            {
                **way,
                "kg": shown(mass_kg),
                "factor": shown(Fraction(lane.carbon_g_per_kg)),
            },
        )
        grams = whole_g(mass_kg * Fraction(lane.carbon_g_per_kg))
        lines.append(CarbonLine("transport", grams, basis, lane.source))
    return lines
