"""Milled from a block: saw, one operation per set-up, deburr, inspect, pack."""

import math

from manufold.design.part.geometry.facts import Hole, PartFacts, SetUp
from manufold.design.part.planning.blank import Blank, block, sawing
from manufold.design.part.planning.cutting import (
    air_moves,
    cutting_energy_wh,
    drilled,
    drilling,
    finishing,
    load_and_unload,
    roughing,
    setting_up,
    tool_changes,
)
from manufold.design.part.planning.terms import (
    deburring,
    decimal,
    envelope,
    inspection,
    packing,
)
from manufold.design.part.tables import PartMaterial, machining
from manufold.model.errors import Reason
from manufold.model.material import BillOfMaterialsLine
from manufold.model.process_plan import Operation, ProcessPlan

__all__ = ["milled", "milling_set_up"]


def milled(facts: PartFacts, material: PartMaterial, revision: str, quantity: int) -> ProcessPlan:
    """Return the plan of a part milled from bar or plate on three axes."""
    blank = block(facts.stock_mm)
    operations = [sawing(blank, material)] if blank.sawn else []
    drilled_holes = [hole for hole in facts.holes if drilled(hole)]
    bored_mm3 = sum(_volume_mm3(hole) for hole in drilled_holes)
    removed_mm3 = max(0.0, blank.volume_mm3 - facts.volume_mm3 - bored_mm3)
    reached_mm2 = sum(set_up.area_mm2 for set_up in facts.set_ups)
    set_ups = [s for s in facts.set_ups if s.area_mm2 > 0 or _bored(s, drilled_holes)]
    for i, set_up in enumerate(set_ups):
        share = set_up.area_mm2 / reached_mm2 if reached_mm2 > 0 else 1 / len(set_ups)
        operations.append(
            milling_set_up(
                operation_id=f"op{20 + 10 * i}",
                name=f"Mill, set-up {i + 1} of {len(set_ups)}",
                set_up=set_up,
                holes=_bored(set_up, drilled_holes),
                chips_mm3=removed_mm3 * share,
                blank=blank,
                material=material,
                after=operations[-1].operation_id if operations else None,
                first=i == 0,
            )
        )
    last = 20 + 10 * len(set_ups)
    mass_g = material.mass_g(facts.volume_mm3)
    operations += [
        deburring(facts, f"op{last}", operations[-1].operation_id, material.material_id),
        inspection(facts, quantity, f"op{last + 10}", f"op{last}", "m", holes=True),
        packing(mass_g, f"op{last + 20}", f"op{last + 10}"),
    ]
    return ProcessPlan(
        process_plan_id="milled",
        design_revision=revision,
        process="mill",
        operations=tuple(operations),
        bill_of_materials=(_consumed(blank, material, operations[0].operation_id),),
        piece_mass_g=decimal(mass_g, 3),
        reasons=(
            Reason(
                "part.milled_because",
                {"set_ups": len(set_ups), "holes": len(facts.holes)},
            ),
        ),
        assumptions=_assumptions(blank),
    )


def milling_set_up(
    *,
    operation_id: str,
    name: str,
    set_up: SetUp,
    holes: list[Hole],
    chips_mm3: float,
    blank: Blank,
    material: PartMaterial,
    after: str | None,
    first: bool,
) -> Operation:
    """Return one clamping on a three-axis mill."""
    group = material.group
    cuts = []
    if chips_mm3 > 0:
        cuts.append(roughing(group, chips_mm3))
    if set_up.area_mm2 > 0:
        cuts.append(finishing(group, set_up.area_mm2))
    tools = len(cuts)
    diameters = {round(diameter, 3) for hole in holes for diameter, _ in hole.steps_mm}
    if holes:
        cuts.append(drilling(group, holes))
    run = (
        load_and_unload(material.mass_g(blank.volume_mm3)),
        *cuts,
        air_moves(cuts, "mill"),
        tool_changes(tools + len(diameters)),
    )
    chips_mm3 += sum(_volume_mm3(hole) for hole in holes)
    return Operation(
        operation_id=operation_id,
        name=name,
        capability="mill.3axis",
        setup_terms=setting_up(first=first),
        run_terms=run,
        needs=envelope(blank.extents_mm),
        material_id=material.material_id,
        after=() if after is None else (after,),
        skill="milling",
        attendance="setup",
        setup_family=material.material_id,
        yield_fraction=decimal(machining().rows["yields"]["mill"], 4) if first else decimal(1),
        energy_wh=decimal(cutting_energy_wh(group, chips_mm3), 2),
        faces=set_up.faces,
    )


def _bored(set_up: SetUp, holes: list[Hole]) -> list[Hole]:
    """Return the holes drilled in a set-up: those whose faces it makes."""
    mine = set(set_up.faces)
    return [hole for hole in holes if mine.issuperset(hole.faces)]


def _volume_mm3(hole: Hole) -> float:
    return sum(math.pi * diameter**2 / 4 * depth for diameter, depth in hole.steps_mm)


def _consumed(blank: Blank, material: PartMaterial, at_operation: str) -> BillOfMaterialsLine:
    mass_kg = material.mass_g(blank.consumed_mm3) / 1000
    return BillOfMaterialsLine(material.material_id, decimal(mass_kg, 6), "kg", at_operation)


def _assumptions(blank: Blank) -> tuple[Reason, ...]:
    size = " x ".join(f"{extent:g}" for extent in blank.extents_mm)
    code = "part.blank_assumed" if blank.sawn else "part.blank_bought_to_size"
    return (Reason(code, {"size_mm": size}),)
