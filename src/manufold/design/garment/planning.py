"""From a garment to its process plan: cut, sew, press, inspect, pack.

All sewing is one operation with every elementary operation as a term of its own: a sewing cell
takes a garment through preparation and assembly in one go, and booking collar, cuffs and body apart
would ask a changeover of the cell for each. What is measured are deviations from the size sheet,
cloth is booked in whole steps and minutes are those of a reference body times a rounded factor, so
that the plan, which the log keeps, tells no one's measures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from manufold.design.garment.goods import Goods, making, source, stepped
from manufold.design.garment.laying import Booked
from manufold.design.garment.minutes import terms
from manufold.model.errors import Param, Reason
from manufold.model.material import BillOfMaterialsLine
from manufold.model.process_plan import Characteristic, Operation, ProcessPlan, StandardTime

__all__ = ["Making", "garment_plan"]

_MINUTE = Decimal(60)
#: of cloths inside, in m: what is booked is in whole steps
_INNER_STEP_M = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Making:
    """What a plan is made of.

    Args:
        inner_mm2: of each cloth inside the garment.
        factor: on the reference body's sewing minutes.
    """

    goods: Goods
    options: Mapping[str, str]
    material_id: str
    booked: Booked
    inner_mm2: Mapping[str, Decimal]
    factor: Decimal


def garment_plan(made: Making, revision: str) -> ProcessPlan:
    """Return the plan of one garment, cut as booked."""
    sewn = _sewing(made)
    goods, booked = made.goods, made.booked
    operations = (
        _cutting(made),
        sewn,
        _hand("op30", "Press", "press", "pressing", "op20", goods),
        _inspection(goods),
        _hand("op50", "Fold and pack", "pack", "packing", "op40", goods),
    )
    minutes = sewn.run_s / _MINUTE
    because: dict[str, Param] = {
        "garment": goods.name,
        "minutes": f"{minutes:.1f}",
        "steps": len(sewn.run_terms),
    }
    reasons = [Reason("garment.sewn_because", because)]
    if booked.together > 1:
        percent = f"{booked.saved_fraction * 100:.1f}"
        shared: dict[str, Param] = {"pieces": booked.together, "percent": percent}
        reasons.append(Reason("garment.marker_shared", shared))
    return ProcessPlan(
        process_plan_id="sewn",
        design_revision=revision,
        process="sew",
        operations=operations,
        bill_of_materials=_materials(made),
        piece_mass_g=_mass_g(made),
        reasons=tuple(reasons),
        assumptions=(_tolerances(goods),),
    )


def _sewing(made: Making) -> Operation:
    row = making()["sew"]
    return Operation(
        operation_id="op20",
        name="Sew",
        capability="sew",
        setup_terms=(_term("setup", row["setup_s"], "standard", row),),
        run_terms=terms(made.goods, made.options, made.factor),
        material_id=made.material_id,
        after=("op10",),
        skill="sewing",
        attendance="all",
        setup_family=made.goods.name,
    )


def _cutting(made: Making) -> Operation:
    row, cloth = making()["cut"], making()["cloth"]
    each_m = made.booked.each_mm / 1000
    edge = made.goods.table["marker"]["edge_m_per_m"]
    return Operation(
        operation_id="op10",
        name="Cut",
        capability="cut.fabric",
        setup_terms=(_term("setup", row["setup_s"], "standard", row),),
        run_terms=(
            _term("lay", each_m / row["lay_m_s"], f"{each_m} m / {row['lay_m_s']} m/s", row),
            _term(
                "cutting",
                each_m * edge / row["knife_m_s"],
                f"{each_m} m x {edge} m/m / {row['knife_m_s']} m/s",
                row,
            ),
            _term("bundle", row["bundle_s"], "standard", row),
        ),
        needs={"x_mm": made.booked.whole_mm, "y_mm": Decimal(cloth["width_mm"])},
        material_id=made.material_id,
        skill="cutting",
        attendance="all",
        setup_family=made.material_id,
    )


def _hand(
    operation_id: str, name: str, capability: str, skill: str, after: str, goods: Goods
) -> Operation:
    """Return an operation by hand; the garment's own table says what the shared one does not."""
    row, own = making()[capability], goods.table.get(capability, {})
    minutes = own.get("minutes", row.get("minutes"))
    said = goods.table if "source" in own else making()
    from_ = source(said, own.get("source", row["source"]))
    span_s = Decimal(minutes * _MINUTE).quantize(Decimal("0.1"))
    return Operation(
        operation_id=operation_id,
        name=name,
        capability=capability,
        setup_terms=(_term("setup", row["setup_s"], "standard", row),),
        run_terms=(StandardTime(skill, span_s, f"{minutes} min x 60 s/min", from_),),
        after=(after,),
        skill=skill,
        attendance="all",
        setup_family=capability,
    )


def _inspection(goods: Goods) -> Operation:
    row, measured = making()["inspect"], goods.table["measured"]
    formula = f"look + n x each = {row['look_s']} s + {len(measured)} x {row['each_s']} s"
    return Operation(
        operation_id="op40",
        name="Inspect",
        capability="inspect.garment",
        setup_terms=(_term("setup", row["setup_s"], "standard", row),),
        run_terms=(
            _term("measuring", row["look_s"] + len(measured) * row["each_s"], formula, row),
        ),
        after=("op30",),
        skill="inspection",
        attendance="all",
        setup_family="inspect",
        characteristics=tuple(_characteristic(one) for one in measured),
    )


def _characteristic(row: Mapping[str, Any]) -> Characteristic:
    limit = Decimal(row["tolerance_mm"])
    key = str(row["key"])
    return Characteristic(f"{key}_deviation", str(row["name"]), "mm", Decimal(0), -limit, limit)


def _tolerances(goods: Goods) -> Reason:
    found = [int(row["tolerance_mm"]) for row in goods.table["measured"]]
    same = min(found) == max(found)
    code = "garment.tolerance_assumed_same" if same else "garment.tolerance_assumed"
    params: dict[str, Param] = {"measured": len(found), "most_mm": max(found)}
    return Reason(code, params if same else {**params, "least_mm": min(found)})


def _materials(made: Making) -> tuple[BillOfMaterialsLine, ...]:
    goods, each_m = made.goods, made.booked.each_mm / 1000
    cones = each_m * goods.table["marker"]["thread_m_per_m"] / making()["thread"]["cone_m"]
    lines = [BillOfMaterialsLine(made.material_id, each_m, "m", "op10")]
    for material, inner_m in _inner_m(made).items():
        lines.append(BillOfMaterialsLine(material, inner_m, "m", "op10"))
    lines.append(BillOfMaterialsLine("thread", cones.quantize(Decimal("0.0001")), "piece", "op20"))
    counts: dict[str, int] = {}
    for material, count, _mass in goods.trims(made.options):
        counts[material] = counts.get(material, 0) + count
    for material, count in counts.items():
        lines.append(BillOfMaterialsLine(material, Decimal(count), "piece", "op20"))
    lines.append(BillOfMaterialsLine("garment-bag", Decimal(1), "piece", "op50"))
    return tuple(lines)


def _inner_m(made: Making) -> dict[str, Decimal]:
    """Return the metres of each material inside, in whole steps."""
    found: dict[str, Decimal] = {}
    for row in made.goods.table["inner"]:
        area_mm2 = made.inner_mm2.get(row["cloth"], Decimal(0))
        if area_mm2:
            cloth = making()["inner"][row["cloth"]]
            exact_m = area_mm2 / (cloth["width_mm"] * cloth["efficiency"]) / 1000
            found[row["material"]] = stepped(exact_m, _INNER_STEP_M)
    return found


def _mass_g(made: Making) -> Decimal:
    """Return the mass of a garment in its bag, from the cloths as booked."""
    goods, table = made.goods, making()
    width_mm = table["cloth"]["width_mm"]
    shell_m2 = made.booked.each_mm * width_mm / 1_000_000 * goods.table["marker"]["efficiency"]
    mass_g = shell_m2 * goods.mass_g_m2(made.material_id) + table["bag"]["mass_g"]
    metres = _inner_m(made)
    for row in goods.table["inner"]:
        cloth = table["inner"][row["cloth"]]
        inner_m2 = metres.get(row["material"], Decimal(0)) * cloth["width_mm"] / 1000
        mass_g += inner_m2 * cloth["efficiency"] * cloth["mass_g_m2"]
    mass_g += sum(
        (count * each_g for _name, count, each_g in goods.trims(made.options)), Decimal(0)
    )
    return Decimal(mass_g).quantize(Decimal("0.1"))


def _term(name: str, span_s: Decimal | int, formula: str, row: Mapping[str, Any]) -> StandardTime:
    exact_s = Decimal(span_s).quantize(Decimal("0.1"))
    return StandardTime(name, exact_s, formula, source(making(), row["source"]))
