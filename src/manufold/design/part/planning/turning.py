"""Turned from round bar: saw, turn, mill what is not round, deburr, inspect, pack."""

import math
from dataclasses import replace

from manufold.design.part.geometry.facts import PartFacts, Turned, Vector
from manufold.design.part.planning.blank import Blank, round_bar, sawing
from manufold.design.part.planning.cutting import (
    air_moves,
    cutting_energy_wh,
    drilled,
    drilling,
    load_and_unload,
    setting_up,
    tool_changes,
    turned_finishing,
    turned_roughing,
)
from manufold.design.part.planning.milling import milling_set_up
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

__all__ = ["turned_plan"]


def turned_plan(
    facts: PartFacts, turned: Turned, material: PartMaterial, revision: str, quantity: int
) -> ProcessPlan | None:
    """Return the plan of a part turned from bar, None where no bar in trade is thick enough."""
    blank = round_bar(turned)
    if blank is None:
        return None
    operations = [sawing(blank, material), _turn(facts, turned, blank, material)]
    others = _milled_after(facts, turned, blank, material)
    operations += others
    last = 30 + 10 * len(others)
    mass_g = material.mass_g(facts.volume_mm3)
    operations += [
        deburring(facts, f"op{last}", operations[-1].operation_id, material.material_id),
        inspection(facts, quantity, f"op{last + 10}", f"op{last}", "m", holes=True),
        packing(mass_g, f"op{last + 20}", f"op{last + 10}"),
    ]
    mass_kg = material.mass_g(blank.consumed_mm3) / 1000
    return ProcessPlan(
        process_plan_id="turned",
        design_revision=revision,
        process="turn",
        operations=tuple(operations),
        bill_of_materials=(
            BillOfMaterialsLine(material.material_id, decimal(mass_kg, 6), "kg", "op10"),
        ),
        piece_mass_g=decimal(mass_g, 3),
        reasons=(
            Reason(
                "part.turned_because",
                {
                    "percent": f"{100 * turned.area_fraction:.0f}",
                    "diameter_mm": f"{turned.diameter_mm:g}",
                },
            ),
        ),
        assumptions=(Reason("part.bar_assumed", {"diameter_mm": f"{blank.extents_mm[1]:g}"}),),
    )


def _turn(facts: PartFacts, turned: Turned, blank: Blank, material: PartMaterial) -> Operation:
    group = material.group
    bores = [hole for hole in facts.holes if _parallel(hole.axis, turned.axis) and drilled(hole)]
    bored_mm3 = sum(math.pi * d**2 / 4 * deep for h in bores for d, deep in h.steps_mm)
    removed_mm3 = max(0.0, blank.volume_mm3 - facts.volume_mm3 - bored_mm3)
    area_mm2 = facts.area_mm2 * turned.area_fraction
    cuts = [
        turned_roughing(group, removed_mm3, turned.diameter_mm),
        turned_finishing(group, area_mm2, turned.diameter_mm),
    ]
    if bores:
        cuts.append(drilling(group, bores))
    steps = {round(d, 3) for hole in bores for d, _ in hole.steps_mm}
    run = (
        load_and_unload(material.mass_g(blank.volume_mm3)),
        *cuts,
        air_moves(cuts, "turn"),
        tool_changes(3 + len(steps)),  # roughing, finishing and parting tool
    )
    others = set(turned.other_faces)
    every = [f"F{n}" for n in range(1, facts.faces + 1)]
    return Operation(
        operation_id="op20",
        name="Turn",
        capability="turn",
        setup_terms=setting_up(first=True),
        run_terms=run,
        needs=envelope(blank.extents_mm),
        material_id=material.material_id,
        after=("op10",),
        skill="turning",
        attendance="setup",
        setup_family=material.material_id,
        yield_fraction=decimal(machining().rows["yields"]["turn"], 4),
        energy_wh=decimal(cutting_energy_wh(group, removed_mm3 + bored_mm3), 2),
        faces=tuple(face for face in every if face not in others),
    )


def _milled_after(
    facts: PartFacts, turned: Turned, blank: Blank, material: PartMaterial
) -> list[Operation]:
    """Return one clamping for each direction from which something not round is cut."""
    others = set(turned.other_faces)
    if not others:
        return []
    across = [hole for hole in facts.holes if not _parallel(hole.axis, turned.axis)]
    share = 1 - turned.area_fraction
    found: list[Operation] = []
    clampings = [s for s in facts.set_ups if others.intersection(s.faces)]
    for i, set_up in enumerate(clampings):
        faces = tuple(face for face in set_up.faces if face in others)
        mine = replace(set_up, faces=faces, area_mm2=facts.area_mm2 * share / len(clampings))
        found.append(
            milling_set_up(
                operation_id=f"op{30 + 10 * i}",
                name=f"Mill flats and cross holes, set-up {i + 1} of {len(clampings)}",
                set_up=mine,
                holes=[h for h in across if drilled(h) and set(faces).issuperset(h.faces)],
                chips_mm3=0.0,
                blank=blank,
                material=material,
                after=f"op{20 + 10 * i}",
                first=False,
            )
        )
    return found


def _parallel(one: Vector, other: Vector) -> bool:
    return abs(sum(a * b for a, b in zip(one, other, strict=True))) > 0.999
