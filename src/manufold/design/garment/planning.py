"""From a shirt to its process plan: cut, sew, press, inspect, pack.

All sewing is one operation with every elementary operation as a term of its own: a sewing cell
takes a shirt through preparation and assembly in one go, and booking collar, cuffs and body apart
would ask a changeover of the cell for each. What is measured are deviations from the size sheet,
and cloth is booked in whole steps, so that the plan, which the log keeps, tells no one's measures.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from manufold.design.garment.shirt import Marker, Style, buttons, fastened, interlining_m
from manufold.design.garment.tables import sewing, shirt, source
from manufold.model.errors import Reason
from manufold.model.material import BillOfMaterialsLine
from manufold.model.process_plan import Characteristic, Operation, ProcessPlan, StandardTime

__all__ = ["sewing_terms", "shirt_plan"]

_MINUTE = Decimal(60)
_MEASURED = (
    ("chest", "Chest against the size sheet"),
    ("collar", "Collar against the size sheet"),
    ("sleeve_left", "Left sleeve against the size sheet"),
    ("sleeve_right", "Right sleeve against the size sheet"),
    ("length", "Back length against the size sheet"),
)


def shirt_plan(style: Style, material_id: str, marker: Marker, revision: str) -> ProcessPlan:
    """Return the plan of one shirt of a style, cut as the marker says."""
    sewn = _sewing(style, material_id)
    operations = (
        _cutting(material_id, marker),
        sewn,
        _hand("op30", "Press", "press", "pressing", "op20"),
        _inspection(),
        _hand("op50", "Fold and pack", "pack", "packing", "op40"),
    )
    minutes = sewn.run_s / _MINUTE
    reasons = [
        Reason(
            "garment.sewn_because",
            {"minutes": f"{minutes:.1f}", "steps": len(sewn.run_terms), "buttons": buttons(style)},
        )
    ]
    if marker.shirts > 1:
        percent = f"{marker.efficiency_fraction * 100:.1f}"
        reasons.append(
            Reason("garment.marker_shared", {"shirts": marker.shirts, "percent": percent})
        )
    return ProcessPlan(
        process_plan_id="sewn",
        design_revision=revision,
        process="sew",
        operations=operations,
        bill_of_materials=_materials(style, material_id, marker),
        piece_mass_g=_mass_g(style, material_id, marker),
        reasons=tuple(reasons),
        assumptions=(Reason("garment.tolerance_assumed", _tolerances()),),
    )


def sewing_terms(style: Style) -> tuple[StandardTime, ...]:
    """Return every elementary operation of sewing that a style asks for."""
    table = sewing()
    found = []
    for row in table["operation"]:
        wanted: Mapping[str, list[str]] = row.get("when", {})
        if any(style.choices[name] not in values for name, values in wanted.items()):
            continue
        if "each_min" in row:
            count = fastened(style)
            minutes = row["each_min"] * count
            how = f"{count} x {row['each_min']} min x 60 s/min, {row['machine']}"
        else:
            minutes = row["minutes"]
            how = f"{minutes} min x 60 s/min, {row['machine']}"
        span_s = (minutes * _MINUTE).quantize(Decimal("0.01"))
        found.append(StandardTime(row["term"], span_s, how, source(table, row["source"])))
    return tuple(found)


def _sewing(style: Style, material_id: str) -> Operation:
    row = shirt()["sew"]
    return Operation(
        operation_id="op20",
        name="Sew",
        capability="sew",
        setup_terms=(_term("setup", row["setup_s"], "standard", row),),
        run_terms=sewing_terms(style),
        material_id=material_id,
        after=("op10",),
        skill="sewing",
        attendance="all",
        setup_family="shirt",
    )


def _cutting(material_id: str, marker: Marker) -> Operation:
    row, cloth = shirt()["cut"], shirt()["cloth"]
    each_m = marker.each_mm / 1000
    edge_m = each_m * row["edge_m_per_m"]
    return Operation(
        operation_id="op10",
        name="Cut",
        capability="cut.fabric",
        setup_terms=(_term("setup", row["setup_s"], "standard", row),),
        run_terms=(
            _term("lay", each_m / row["lay_m_s"], f"{each_m} m / {row['lay_m_s']} m/s", row),
            _term(
                "cutting",
                edge_m / row["knife_m_s"],
                f"{each_m} m x {row['edge_m_per_m']} m/m / {row['knife_m_s']} m/s",
                row,
            ),
            _term("bundle", row["bundle_s"], "standard", row),
        ),
        needs={"x_mm": marker.whole_mm, "y_mm": Decimal(cloth["width_mm"])},
        material_id=material_id,
        skill="cutting",
        attendance="all",
        setup_family=material_id,
    )


def _hand(operation_id: str, name: str, capability: str, skill: str, after: str) -> Operation:
    row = shirt()[capability]
    minutes = row["minutes"]
    return Operation(
        operation_id=operation_id,
        name=name,
        capability=capability,
        setup_terms=(_term("setup", row["setup_s"], "standard", row),),
        run_terms=(_term(skill, minutes * _MINUTE, f"{minutes} min x 60 s/min", row),),
        after=(after,),
        skill=skill,
        attendance="all",
        setup_family=capability,
    )


def _inspection() -> Operation:
    row = shirt()["inspect"]
    count = len(_MEASURED)
    formula = f"look + n x each = {row['look_s']} s + {count} x {row['each_s']} s"
    return Operation(
        operation_id="op40",
        name="Inspect",
        capability="inspect.garment",
        setup_terms=(_term("setup", row["setup_s"], "standard", row),),
        run_terms=(_term("measuring", row["look_s"] + count * row["each_s"], formula, row),),
        after=("op30",),
        skill="inspection",
        attendance="all",
        setup_family="inspect",
        characteristics=tuple(_characteristic(*measured) for measured in _MEASURED),
    )


def _characteristic(key: str, name: str) -> Characteristic:
    limit = Decimal(shirt()["tolerance"][f"{key.split('_', maxsplit=1)[0]}_mm"])
    return Characteristic(f"{key}_deviation", name, "mm", Decimal(0), -limit, limit)


def _tolerances() -> dict[str, str | int | bool]:
    row = shirt()["tolerance"]
    return {"body_mm": int(row["chest_mm"]), "collar_mm": int(row["collar_mm"])}


def _materials(style: Style, material_id: str, marker: Marker) -> tuple[BillOfMaterialsLine, ...]:
    row = shirt()["thread"]
    each_m = marker.each_mm / 1000
    cones = each_m * row["seam_m_per_m"] * row["thread_m_per_m"] / row["cone_m"]
    return (
        BillOfMaterialsLine(material_id, each_m, "m", "op10"),
        BillOfMaterialsLine("interlining", interlining_m(style), "m", "op10"),
        BillOfMaterialsLine("thread", cones.quantize(Decimal("0.0001")), "piece", "op20"),
        BillOfMaterialsLine("buttons", Decimal(buttons(style)), "piece", "op20"),
        BillOfMaterialsLine("garment-bag", Decimal(1), "piece", "op50"),
    )


def _mass_g(style: Style, material_id: str, marker: Marker) -> Decimal:
    """Return the mass of a shirt in its bag, from the cloth as booked."""
    table = shirt()
    cloth = next(row for row in table["material"] if row["id"] == material_id)
    cloth_m2 = marker.each_mm * table["cloth"]["width_mm"] / 1_000_000
    worn_g = cloth_m2 * marker.efficiency_fraction * cloth["mass_g_m2"]
    trims_g = buttons(style) * table["buttons"]["mass_g"] + table["bag"]["mass_g"]
    return Decimal(worn_g + trims_g).quantize(Decimal("0.1"))


def _term(name: str, span_s: Decimal | int, formula: str, row: Mapping[str, Any]) -> StandardTime:
    exact_s = Decimal(span_s).quantize(Decimal("0.1"))
    return StandardTime(name, exact_s, formula, source(shirt(), row["source"]))
