"""Times of cutting: roughing, finishing, drilling, turning; formulas with their inputs.

    t_rough  = V / MRR
    t_finish = A / (vf x ae),  vf = n z fz,  n = min(1000 Vc / (pi D), n_max)
    t_drill  = (L + 0.3 D) / (n f)
    turning  : MRR = ap f Vc;  t_finish = A / (f Vc); Vc no higher than the spindle allows

Source  standard formulas as in UIUC-ESDL-2019-05 (Patterson); figures: `machining.toml`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from manufold.design.part.geometry.facts import Hole
from manufold.design.part.planning.terms import term
from manufold.design.part.tables import machining
from manufold.model.process_plan import StandardTime

__all__ = [
    "air_moves",
    "cutting_energy_wh",
    "drilled",
    "drilling",
    "finishing",
    "load_and_unload",
    "roughing",
    "setting_up",
    "tool_changes",
    "turned_finishing",
    "turned_roughing",
]


def roughing(group: str, volume_mm3: float) -> StandardTime:
    """Return the time to mill a volume away."""
    table = machining()
    row = table.row("mill", group)
    volume_cm3, mrr = volume_mm3 / 1000, row["mrr_cm3_min"]
    formula = f"V / MRR = {volume_cm3:.2f} cm3 / {mrr:g} cm3/min"
    return term("roughing", 60 * volume_cm3 / mrr, formula, table.source(row["mrr_source"]))


def finishing(group: str, area_mm2: float) -> StandardTime:
    """Return the time to finish a surface with an end mill."""
    table = machining()
    row, tool = table.row("mill", group), table.rows["finishing"]
    diameter_mm, step_mm = tool["tool_mm"], tool["stepover_mm"]
    rpm = min(1000 * row["finish_vc_m_min"] / (math.pi * diameter_mm), tool["spindle_max_rpm"])
    feed = rpm * row["teeth"] * tool["feed_per_tooth_mm"]
    formula = (
        f"A / (vf x ae) = {area_mm2:.0f} mm2 / ({feed:.0f} mm/min x {step_mm:g} mm), "
        f"vf = {rpm:.0f}/min x {row['teeth']} x {tool['feed_per_tooth_mm']:g} mm"
    )
    span_s = 60 * area_mm2 / (feed * step_mm)
    return term("finishing", span_s, formula, table.source(row["vc_source"]))


def drilled(hole: Hole) -> bool:
    """Whether a drill makes the hole; a wider one is milled with the rest."""
    largest_mm: float = machining().rows["drill_feed"]["largest_mm"]
    return max(diameter for diameter, _ in hole.steps_mm) <= largest_mm


def drilling(group: str, holes: Sequence[Hole]) -> StandardTime:
    """Return the time to drill holes, step by step."""
    table = machining()
    speed = table.row("drill", group)
    feeds = table.rows["drill_feed"]
    span_s = sum(
        _step_s(speed["vc_m_min"], feeds, diameter_mm, depth_mm)
        for hole in holes
        for diameter_mm, depth_mm in hole.steps_mm
    )
    steps = sum(len(hole.steps_mm) for hole in holes)
    formula = (
        f"sum of (L + 0.3 D) / (n f) over {steps} steps of {len(holes)} holes, "
        f"Vc = {speed['vc_m_min']:g} m/min"
    )
    return term("drilling", span_s, formula, table.source(speed["source"]))


def _step_s(vc_m_min: float, feeds: Mapping[str, Any], diameter_mm: float, deep_mm: float) -> float:
    limit_rpm: float = machining().rows["finishing"]["spindle_max_rpm"]
    rpm = min(1000 * vc_m_min / (math.pi * diameter_mm), limit_rpm)
    feed_mm: float = next(feed for up_to_mm, feed in feeds["steps"] if diameter_mm <= up_to_mm)
    span_s = 60 * (deep_mm + 0.3 * diameter_mm) / (rpm * feed_mm)
    deep = deep_mm > feeds["peck_ratio"] * diameter_mm
    factor: float = feeds["peck_factor"] if deep else 1.0
    return span_s * factor


def turned_roughing(group: str, volume_mm3: float, diameter_mm: float) -> StandardTime:
    """Return the time to turn a volume away from a bar of this diameter."""
    table = machining()
    row = table.row("turn", group)
    vc = _reached_m_min(row["rough_vc_m_min"], diameter_mm)
    mrr = row["rough_depth_mm"] * row["rough_feed_mm"] * vc  # mm x mm x m/min = cm3/min
    volume_cm3 = volume_mm3 / 1000
    formula = (
        f"V / (ap f Vc) = {volume_cm3:.2f} cm3 / "
        f"({row['rough_depth_mm']:g} mm x {row['rough_feed_mm']:g} mm x {vc:.0f} m/min)"
    )
    return term("roughing", 60 * volume_cm3 / mrr, formula, table.source(row["source"]))


def turned_finishing(group: str, area_mm2: float, diameter_mm: float) -> StandardTime:
    """Return the time to turn a surface to size."""
    table = machining()
    row = table.row("turn", group)
    vc = _reached_m_min(row["finish_vc_m_min"], diameter_mm)
    feed_mm = row["finish_feed_mm"]
    formula = f"A / (f Vc) = {area_mm2:.0f} mm2 / ({feed_mm:g} mm x {vc:.0f} m/min)"
    return term(
        "finishing", 60 * area_mm2 / (feed_mm * vc * 1000), formula, table.source(row["source"])
    )


def _reached_m_min(wanted_m_min: float, diameter_mm: float) -> float:
    limit_rpm: float = machining().rows["lathe"]["spindle_max_rpm"]
    return min(wanted_m_min, math.pi * diameter_mm * limit_rpm / 1000)


def air_moves(cuts: Sequence[StandardTime], process: Literal["mill", "turn"]) -> StandardTime:
    """Return the time of approach, retract and rapid moves that go with these cuts."""
    table = machining()
    row = table.rows["air"]
    share: float = row[f"{process}_fraction"]
    cutting_s = float(sum(cut.span_s for cut in cuts))
    formula = f"{share:g} x {cutting_s:.1f} s of cutting"
    return term("air_moves", share * cutting_s, formula, table.source(row["source"]))


def cutting_energy_wh(group: str, volume_mm3: float) -> float:
    """Return the energy at the tool's edge for a volume of chips."""
    wh_cm3: float = machining().row("power", group)["wh_cm3"]
    return wh_cm3 * volume_mm3 / 1000


def load_and_unload(mass_g: float) -> StandardTime:
    """Return the time to put a blank in and take the piece out."""
    table = machining()
    row = table.rows["handling"]
    base_s, per_kg_s, most_s = row["load_base_s"], row["load_s_per_kg"], row["load_most_s"]
    mass_kg = mass_g / 1000
    span_s = min(base_s + per_kg_s * mass_kg, most_s)
    formula = f"min({base_s} s + {per_kg_s} s/kg x {mass_kg:.2f} kg, {most_s} s)"
    return term("load", span_s, formula, table.source(row["load_source"]))


def tool_changes(tools: int) -> StandardTime:
    """Return the time to change so many tools."""
    table = machining()
    row = table.rows["handling"]
    formula = f"{tools} tools x {row['tool_change_s']} s"
    return term("tool_change", tools * row["tool_change_s"], formula, table.source(row["source"]))


def setting_up(*, first: bool) -> tuple[StandardTime, ...]:
    """Return the set-up of a clamping, with the first article where it is the first."""
    table = machining()
    row = table.rows["handling"]
    source = table.source(row["source"])
    clamping = term("setup", row["setup_s"], "standard per clamping", source)
    if not first:
        return (clamping,)
    return clamping, term("first_article", row["first_article_s"], "standard", source)
