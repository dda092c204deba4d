"""General tolerances of lengths that no drawing states.

Source  ISO 2768-1:1989, linear dimensions, classes m (medium) and c (coarse); limits are facts,
        compared with two published copies of the table.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from manufold.design.part.geometry.facts import PartFacts
from manufold.model.process_plan import Characteristic

__all__ = ["CLASSES", "characteristics", "tolerance_mm"]

ToleranceClass = Literal["m", "c"]

#: upper end of the range of nominal sizes in mm -> plus and minus, by class
_UP_TO_MM = (3, 6, 30, 120, 400, 1000, 2000, 4000)
CLASSES: dict[ToleranceClass, tuple[str, ...]] = {
    "m": ("0.1", "0.1", "0.2", "0.3", "0.5", "0.8", "1.2", "2.0"),
    "c": ("0.2", "0.3", "0.5", "0.8", "1.2", "2.0", "3.0", "4.0"),
}
#: hole diameters measured beside length, width and height
MOST_HOLES = 6


def tolerance_mm(nominal_mm: Decimal, grade: ToleranceClass) -> Decimal:
    """Return the permissible deviation; beyond 4 m that of the last range."""
    for limit_mm, tolerance in zip(_UP_TO_MM, CLASSES[grade], strict=True):
        if nominal_mm <= limit_mm:
            return Decimal(tolerance)
    return Decimal(CLASSES[grade][-1])


def characteristics(
    facts: PartFacts, grade: ToleranceClass, sample_fraction: Decimal, *, holes: bool
) -> tuple[Characteristic, ...]:
    """Return what is measured: the three extents, and each kind of hole where `holes`."""
    found = [
        _length(f"{axis.lower()}", f"Extent {axis}", extent, grade, sample_fraction)
        for axis, extent in zip("XYZ", facts.bbox_mm, strict=True)
    ]
    if holes:
        for i, diameter_mm in enumerate(_diameters(facts), start=1):
            name = f"Hole diameter {diameter_mm:g}"
            found.append(_length(f"d{i}", name, diameter_mm, grade, sample_fraction))
    return tuple(found)


def _diameters(facts: PartFacts) -> Sequence[float]:
    """Return the distinct hole diameters, smallest first."""
    distinct = sorted({round(hole.diameter_mm, 3) for hole in facts.holes})
    return distinct[:MOST_HOLES]


def _length(
    key: str, name: str, nominal_mm: float, grade: ToleranceClass, sample_fraction: Decimal
) -> Characteristic:
    nominal = Decimal(str(round(nominal_mm, 3)))
    deviation = tolerance_mm(nominal, grade)
    return Characteristic(
        characteristic_id=key,
        name=name,
        unit="mm",
        nominal=nominal,
        lower=max(Decimal(0), nominal - deviation),
        upper=nominal + deviation,
        sample_fraction=sample_fraction,
    )
