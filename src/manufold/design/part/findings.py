"""What a person should know about a part before it is priced: doubts, faults, hints."""

from collections.abc import Iterator

from manufold.design.part.geometry.facts import PartFacts
from manufold.design.part.geometry.units import IMPLAUSIBLE_ABOVE_MM, IMPLAUSIBLE_BELOW_MM
from manufold.design.part.tables import PartMaterial
from manufold.model.design import Finding
from manufold.model.errors import Reason

__all__ = ["MOST_HIDDEN_FRACTION", "findings", "millable"]

#: a surface hidden from every set-up beyond this share cannot be milled on three axes
MOST_HIDDEN_FRACTION = 0.05
#: deeper holes than this many diameters need special drills (Hubs: 4 recommended, 10 feasible)
DEEP_HOLE_RATIO = 10.0
#: an internal radius below this needs a cutter that breaks (Hubs: 0.25 mm feasible)
SMALL_RADIUS_MM = 0.5
#: larger pieces than this leave a three-axis mill's table and ask for a question of units
LARGE_MM = 2000.0


def millable(facts: PartFacts) -> bool:
    """Whether three axes reach the whole surface."""
    return bool(facts.set_ups) and facts.hidden_fraction <= MOST_HIDDEN_FRACTION


def findings(facts: PartFacts, material: PartMaterial, *, unit_stated: bool) -> tuple[Finding, ...]:
    """Return the findings, those that ask or block first.

    Args:
        unit_stated: the buyer said which unit the file means; then its size is taken as meant.
    """
    found = [
        *_doubts(facts, unit_stated=unit_stated),
        *_ways(facts, material),
        *_hints(facts, material),
    ]
    order = {"asks": 0, "blocks": 1, "warns": 2, "informs": 3}
    return tuple(sorted(found, key=lambda finding: order[finding.severity]))


def _doubts(facts: PartFacts, *, unit_stated: bool) -> Iterator[Finding]:
    """Yield what makes the measured numbers doubtful."""
    largest_mm = max(facts.bbox_mm)
    odd = largest_mm > IMPLAUSIBLE_ABOVE_MM or largest_mm < IMPLAUSIBLE_BELOW_MM
    if odd and not unit_stated:
        params = {
            "largest_mm": f"{largest_mm:.6f}".rstrip("0").rstrip("."),
            "unit": facts.unit or "mm",
        }
        yield Finding("asks", Reason("part.unit_doubtful", params))
    elif largest_mm > LARGE_MM:
        yield Finding("informs", Reason("part.large", {"largest_mm": f"{largest_mm:.0f}"}))
    if facts.solids > 1:
        yield Finding("asks", Reason("part.several_solids", {"solids": facts.solids}))
    if not facts.watertight:
        code = "part.solid_inconsistent" if facts.format == "step" else "part.mesh_open"
        yield Finding("asks", Reason(code, {"format": facts.format.upper()}))
    elif facts.repaired:
        yield Finding("warns", Reason("part.mesh_repaired", {"triangles": facts.triangles}))
    if facts.loose_shells:
        yield Finding("informs", Reason("part.loose_shells", {"shells": facts.loose_shells}))


def _ways(facts: PartFacts, material: PartMaterial) -> Iterator[Finding]:
    """Yield what stands against every way of making it in its material."""
    if "mill" not in material.processes or facts.solids > 1:
        return
    if not millable(facts) and facts.turned is None:
        params = {
            "percent": f"{100 * facts.hidden_fraction:.0f}",
            "material": material.material_id,
        }
        yield Finding("blocks", Reason("part.undercut", params))


def _hints(facts: PartFacts, material: PartMaterial) -> Iterator[Finding]:
    """Yield what makes it dear or risky."""
    if "mill" in material.processes:
        for hole in facts.holes:
            ratio = hole.depth_mm / hole.diameter_mm
            if ratio > DEEP_HOLE_RATIO:
                params = {
                    "diameter_mm": f"{hole.diameter_mm:.2f}",
                    "depth_mm": f"{hole.depth_mm:.1f}",
                    "ratio": f"{ratio:.1f}",
                    "limit": f"{DEEP_HOLE_RATIO:g}",
                }
                yield Finding("warns", Reason("part.hole_deep", params), hole.faces)
        if 0 < facts.min_internal_radius_mm < SMALL_RADIUS_MM:
            params = {
                "radius_mm": f"{facts.min_internal_radius_mm:.2f}",
                "limit_mm": f"{SMALL_RADIUS_MM:g}",
            }
            yield Finding("warns", Reason("part.internal_radius_small", params), _sharp(facts))
        if facts.format != "step":
            yield Finding("warns", Reason("part.mesh_to_mill", {"format": facts.format.upper()}))
    if facts.sheet_thickness_mm > 0:
        params = {"thickness_mm": f"{facts.sheet_thickness_mm:.2f}"}
        yield Finding("informs", Reason("part.looks_like_sheet", params))


def _sharp(facts: PartFacts) -> tuple[str, ...]:
    """Return the hollow cylindrical faces of the smallest radius."""
    least_mm = facts.min_internal_radius_mm
    return tuple(
        c.face for c in facts.cylinders if c.internal and abs(c.radius_mm - least_mm) < 1e-6
    )
