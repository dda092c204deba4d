"""Printed: prepare and print, take off supports or powder, inspect, pack.

Filament, after the way the nozzle goes (shell, infill and support each at its own flow):
    t = [A w / q_shell + (V - A w) i / q_infill + S s / q_support] / pace + layers x change
with the shell volume A w no larger than V: walls thinner than two shells are solid.

Powder: a share of a build that others fill too, by the space the part takes:
    t = (x + g)(y + g)(z + g) x nesting / chamber rate

Source  figures and their sources: `printing.toml`; the form of the filament model as in the
        project's notes (shell, infill, height: 11 % mean error against a slicer when fitted; the
        figures here come from the slicer's own settings, not from a fit).
"""

import math

from manufold.design.part.geometry.facts import PartFacts
from manufold.design.part.planning.terms import decimal, envelope, inspection, packing, term
from manufold.design.part.tables import PartMaterial, printing
from manufold.model.errors import Reason
from manufold.model.material import BillOfMaterialsLine
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime

__all__ = ["printed"]


def printed(facts: PartFacts, material: PartMaterial, revision: str, quantity: int) -> ProcessPlan:
    """Return the plan of a printed part: filament or powder, as its material asks."""
    process = material.processes[0]
    if process == "print.fdm":
        operations, consumed_g, piece_g = _filament(facts, material)
        basis = "part.infill_assumed"
        shown = {"percent": f"{100 * printing().rows['fdm']['infill_fraction']:g}"}
    else:
        operations, consumed_g, piece_g = _powder(facts, material)
        basis, shown = "part.build_shared", {}
    operations += [
        inspection(facts, quantity, "op30", "op20", "c", holes=False),
        packing(piece_g, "op40", "op30"),
    ]
    return ProcessPlan(
        process_plan_id="printed",
        design_revision=revision,
        process=process,
        operations=tuple(operations),
        bill_of_materials=(
            BillOfMaterialsLine(material.material_id, decimal(consumed_g / 1000, 6), "kg", "op10"),
        ),
        piece_mass_g=decimal(piece_g, 3),
        reasons=(
            Reason(
                "part.printed_because",
                {"process": process, "material": material.material_id},
            ),
        ),
        assumptions=(Reason(basis, shown),),
    )


def _filament(facts: PartFacts, material: PartMaterial) -> tuple[list[Operation], float, float]:
    """Return printing and finishing, grams of filament, grams of the piece."""
    table = printing()
    fdm = table.rows["fdm"]
    shell_mm3 = _shell_mm3(facts, fdm["shell_mm"])
    inside_mm3 = (facts.volume_mm3 - shell_mm3) * fdm["infill_fraction"]
    support_mm3 = facts.pose.support_mm3 * fdm["support_fraction"]
    line_mm2 = fdm["line_mm"] * fdm["layer_mm"]
    terms = [
        _deposited("shell", shell_mm3, line_mm2 * fdm["perimeter_mm_s"]),
        _deposited("infill", inside_mm3, line_mm2 * fdm["infill_mm_s"]),
        _deposited("support", support_mm3, line_mm2 * fdm["support_mm_s"]),
    ]
    layers = math.ceil(facts.pose.height_mm / fdm["layer_mm"])
    paced = table.source(fdm["pace_source"])
    change = f"{layers} layers x {fdm['layer_change_s']:g} s + {fdm['warm_up_s']} s"
    service = table.source(fdm["service_source"])
    run = (
        *(entry for entry in terms if entry.span_s > 0),
        term("layers", layers * fdm["layer_change_s"] + fdm["warm_up_s"], change, paced),
        term("load", fdm["load_s"], "standard", service),
    )
    piece_g = material.mass_g(shell_mm3 + inside_mm3)
    used_g = (piece_g + material.mass_g(support_mm3)) * (1 + fdm["waste_fraction"])
    operations = [
        _printing(facts, material, "print.fdm", fdm["setup_s"], run, fdm["yield_fraction"]),
        _finishing(
            "Take off supports",
            fdm["finish_setup_s"],
            fdm["finish_base_s"],
            fdm["finish_s_per_cm2"],
            facts.pose.overhang_mm2,
        ),
    ]
    return operations, used_g, piece_g


def _powder(facts: PartFacts, material: PartMaterial) -> tuple[list[Operation], float, float]:
    """Return printing and finishing, grams of new powder, grams of the piece."""
    table = printing()
    sls = table.rows["sls"]
    gap_mm = sls["gap_mm"]
    x_mm, y_mm, z_mm = (extent + gap_mm for extent in facts.stock_mm)
    space_cm3 = x_mm * y_mm * z_mm / 1000 * sls["nesting_fraction"]
    rate = sls["chamber_cm3_h"]
    formula = (
        f"(x + g)(y + g)(z + g) x {sls['nesting_fraction']:g} / rate = "
        f"{space_cm3:.1f} cm3 / {rate:g} cm3/h"
    )
    run = (term("building", 3600 * space_cm3 / rate, formula, table.source(sls["chamber_source"])),)
    piece_g = material.mass_g(facts.volume_mm3)
    used_g = piece_g * sls["refresh_fraction"] / sls["packing_fraction"]
    build = _printing(facts, material, "print.sls", sls["setup_s"], run, sls["yield_fraction"])
    unpack = _finishing(
        "Unpack and blast",
        sls["finish_setup_s"],
        sls["finish_base_s"],
        sls["finish_s_per_cm2"],
        facts.area_mm2,
        min_lag_s=sls["cooling_s"],
    )
    return [build, unpack], used_g, piece_g


def _shell_mm3(facts: PartFacts, shell_mm: float) -> float:
    """Return the volume that walls, top and bottom take: A w, at most V."""
    return min(facts.volume_mm3, facts.area_mm2 * shell_mm)


def _deposited(name: str, volume_mm3: float, flow_mm3_s: float) -> StandardTime:
    fdm = printing().rows["fdm"]
    formula = f"V / (q x pace) = {volume_mm3:.0f} mm3 / ({flow_mm3_s:.2f} mm3/s x {fdm['pace']:g})"
    source = printing().source(fdm["speed_source"])
    return term(name, volume_mm3 / (flow_mm3_s * fdm["pace"]), formula, source)


def _printing(
    facts: PartFacts,
    material: PartMaterial,
    capability: str,
    setup_s: float,
    run: tuple[StandardTime, ...],
    yield_fraction: float,
) -> Operation:
    table = printing()
    source = table.source(table.rows["sls"]["service_source"])
    return Operation(
        operation_id="op10",
        name="Print",
        capability=capability,
        setup_terms=(term("prepare", setup_s, "standard", source),),
        run_terms=run,
        needs=envelope(facts.bbox_mm),
        material_id=material.material_id,
        skill="printing",
        attendance="setup",
        setup_family=material.material_id,
        yield_fraction=decimal(yield_fraction, 4),
        faces=tuple(f"F{n}" for n in range(1, facts.faces + 1)),
    )


def _finishing(
    name: str,
    setup_s: float,
    base_s: float,
    s_per_cm2: float,
    area_mm2: float,
    min_lag_s: int = 0,
) -> Operation:
    table = printing()
    source = table.source(table.rows["sls"]["service_source"])
    area_cm2 = area_mm2 / 100
    formula = f"{base_s} s + {s_per_cm2:g} s/cm2 x {area_cm2:.1f} cm2"
    return Operation(
        operation_id="op20",
        name=name,
        capability="finish.print",
        setup_terms=(term("setup", setup_s, "standard", source),),
        run_terms=(term("finishing", base_s + s_per_cm2 * area_cm2, formula, source),),
        after=("op10",),
        skill="finishing",
        attendance="all",
        setup_family="bench",
        min_lag_s=min_lag_s,
    )
