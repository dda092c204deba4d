"""Standard times as terms with their formula, and the operations every plan shares."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from manufold.design.part.geometry.facts import PartFacts, Vector
from manufold.design.part.tables import machining
from manufold.design.part.tolerances import ToleranceClass, characteristics
from manufold.model.material import Source
from manufold.model.process_plan import Operation, StandardTime

__all__ = ["decimal", "deburring", "envelope", "inspection", "packing", "sampled", "term"]

#: so many pieces are all measured; of more only a share
MEASURED_ALL = 5
SAMPLE_FRACTION = Decimal("0.2")


def decimal(value: float, digits: int = 1) -> Decimal:
    """Return a float as a decimal rounded to so many digits after the point."""
    return Decimal(str(round(value, digits)))


def term(name: str, span_s: float, formula: str, source: Source) -> StandardTime:
    """Return a standard time, rounded to a tenth of a second."""
    return StandardTime(name, decimal(span_s), formula, source)


def envelope(extents_mm: Vector) -> Mapping[str, Decimal]:
    """Return what the machine must take: sorted lengths, x the longest, in whole tenths up."""
    longest_first = sorted(extents_mm, reverse=True)
    return {
        name: -((-decimal(extent, 3)) // Decimal("0.1")) * Decimal("0.1")
        for name, extent in zip(("x_mm", "y_mm", "z_mm"), longest_first, strict=True)
    }


def sampled(quantity: int) -> Decimal:
    """Return the share of pieces that is measured."""
    return Decimal(1) if quantity <= MEASURED_ALL else SAMPLE_FRACTION


def deburring(facts: PartFacts, operation_id: str, after: str, material_id: str) -> Operation:
    """Return the operation that breaks edges by hand."""
    bench, source = _bench()
    edges_mm = 4 * sum(facts.stock_mm)
    mouths_mm = sum(3.1416 * hole.diameter_mm * len(hole.opens) for hole in facts.holes)
    length_mm, speed = edges_mm + mouths_mm, bench["deburr_mm_s"]
    formula = f"edges / v = ({edges_mm:.0f} + {mouths_mm:.0f}) mm / {speed:g} mm/s"
    return Operation(
        operation_id=operation_id,
        name="Deburr",
        capability="deburr",
        setup_terms=(term("setup", bench["deburr_setup_s"], "standard", source),),
        run_terms=(
            term("handling", bench["deburr_base_s"], "standard", source),
            term("deburring", length_mm / speed, formula, source),
        ),
        material_id=material_id,
        after=(after,),
        skill="deburring",
        attendance="all",
        setup_family="bench",
    )


def inspection(
    facts: PartFacts,
    quantity: int,
    operation_id: str,
    after: str,
    grade: ToleranceClass,
    *,
    holes: bool,
) -> Operation:
    """Return the operation that measures the piece against general tolerances."""
    bench, source = _bench()
    share = sampled(quantity)
    measured = characteristics(facts, grade, share, holes=holes)
    load_s, each_s = bench["inspect_load_s"], bench["inspect_each_s"]
    span_s = float(share) * (load_s + each_s * len(measured))
    formula = f"share x (load + n x each) = {share} x ({load_s} + {len(measured)} x {each_s}) s"
    return Operation(
        operation_id=operation_id,
        name="Inspect",
        capability="inspect.cmm",
        setup_terms=(term("setup", bench["inspect_setup_s"], "standard", source),),
        run_terms=(term("measuring", span_s, formula, source),),
        needs=envelope(facts.bbox_mm),
        after=(after,),
        skill="inspection",
        attendance="all",
        setup_family="inspection",
        characteristics=measured,
    )


def packing(mass_g: float, operation_id: str, after: str) -> Operation:
    """Return the operation that makes the piece ready to travel."""
    bench, source = _bench()
    base_s, per_kg_s = bench["pack_s"], bench["pack_s_per_kg"]
    mass_kg = mass_g / 1000
    formula = f"{base_s} s + {per_kg_s} s/kg x {mass_kg:.3f} kg"
    return Operation(
        operation_id=operation_id,
        name="Pack",
        capability="pack",
        setup_terms=(term("setup", bench["pack_setup_s"], "standard", source),),
        run_terms=(term("packing", base_s + per_kg_s * mass_kg, formula, source),),
        after=(after,),
        skill="packing",
        attendance="all",
        setup_family="packing",
    )


def _bench() -> tuple[Mapping[str, Any], Source]:
    table = machining()
    bench = table.rows["bench"]
    return bench, table.source(bench["source"])
