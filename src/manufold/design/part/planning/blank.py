"""Blanks: what is sawn from bar or plate, how large, how heavy, and with how much saw dust."""

import math
from dataclasses import dataclass

from manufold.design.part.geometry.facts import Turned, Vector
from manufold.design.part.planning.terms import envelope, term
from manufold.design.part.tables import PartMaterial, machining
from manufold.model.process_plan import Operation

__all__ = ["Blank", "block", "round_bar", "sawing"]


@dataclass(frozen=True, slots=True)
class Blank:
    """What one piece is cut from.

    Args:
        extents_mm: longest first.
        section_mm2: what the saw goes through.
        consumed_mm3: with the kerf, and for a bar with what parting leaves.
        sawn: False where it is bought cut to size, or parted off on the lathe.
    """

    extents_mm: Vector
    section_mm2: float
    volume_mm3: float
    consumed_mm3: float
    sawn: bool


def block(stock_mm: Vector) -> Blank:
    """Return a block from bar or plate: allowance all round, section in the trade's steps."""
    table = machining().rows
    grow_mm, step_mm = 2 * table["blank"]["allowance_mm"], table["blank"]["section_step_mm"]
    length_mm = stock_mm[0] + grow_mm
    wide_mm, high_mm = (
        math.ceil((extent + grow_mm) / step_mm) * step_mm for extent in stock_mm[1:]
    )
    section_mm2 = wide_mm * high_mm
    sawn = max(wide_mm, high_mm) <= table["sawing"]["largest_section_mm"]
    kerf_mm = table["sawing"]["kerf_mm"]
    longest = sorted((length_mm, wide_mm, high_mm), reverse=True)
    return Blank(
        extents_mm=(longest[0], longest[1], longest[2]),
        section_mm2=section_mm2,
        volume_mm3=length_mm * section_mm2,
        consumed_mm3=(length_mm + kerf_mm) * section_mm2,
        sawn=sawn,
    )


def round_bar(turned: Turned) -> Blank | None:
    """Return a length of round bar, None where no bar in trade is thick enough."""
    table = machining().rows
    lathe = table["lathe"]
    wanted_mm = turned.diameter_mm + lathe["gripping_mm"]
    bar_mm = next((bar for bar in table["blank"]["bars_mm"] if bar >= wanted_mm), None)
    if bar_mm is None:
        return None
    section_mm2 = math.pi * bar_mm**2 / 4
    length_mm = turned.length_mm + lathe["facing_mm"]
    used_mm = length_mm + lathe["parting_mm"] + table["sawing"]["kerf_mm"]
    return Blank(
        extents_mm=(length_mm + lathe["parting_mm"], float(bar_mm), float(bar_mm)),
        section_mm2=section_mm2,
        volume_mm3=length_mm * section_mm2,
        consumed_mm3=used_mm * section_mm2,
        sawn=True,
    )


def sawing(blank: Blank, material: PartMaterial) -> Operation:
    """Return the operation that cuts the blank to length."""
    table = machining()
    saw = table.rows["sawing"]
    source = table.source(saw["source"])
    rate = table.row("saw", material.group)["section_cm2_min"]
    section_cm2 = blank.section_mm2 / 100
    formula = f"section / rate = {section_cm2:.1f} cm2 / {rate:g} cm2/min"
    return Operation(
        operation_id="op10",
        name="Saw the blank",
        capability="saw",
        setup_terms=(term("setup", saw["setup_s"], "standard", source),),
        run_terms=(
            term("load", saw["load_s"], "standard", source),
            term("sawing", 60 * section_cm2 / rate, formula, source),
        ),
        needs=envelope(blank.extents_mm),
        material_id=material.material_id,
        skill="sawing",
        attendance="setup",
        setup_family=material.material_id,
    )
