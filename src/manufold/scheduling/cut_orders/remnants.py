"""What is left of each roll, and where it lies."""

from collections.abc import Iterable
from dataclasses import dataclass

from manufold.model.cut_plan import CutDay, CutMarker

__all__ = ["Remnant", "remnants"]


@dataclass(frozen=True, slots=True)
class Remnant:
    """Cloth that is left, from and to, mm on the roll.

    Args:
        usable: long enough to be kept.
    """

    roll_id: str
    from_mm: float
    to_mm: float
    usable: bool


def remnants(day: CutDay, markers: Iterable[CutMarker]) -> tuple[Remnant, ...]:
    """Return what is left of every roll, by roll; flaws are not among it."""
    cut = sorted((one.roll_id, one.from_mm, one.to_mm) for one in markers)
    found = []
    for roll in day.rolls:
        own = [(low, to) for name, low, to in cut if name == roll.roll_id]
        for low, high in roll.sound:
            at_mm = low
            for begin, end in [*((b, e) for b, e in own if low <= b < high), (high, high)]:
                if begin - at_mm > 1.0:
                    usable = begin - at_mm >= day.rules.usable_mm
                    found.append(Remnant(roll.roll_id, at_mm, begin, usable))
                at_mm = end
    return tuple(found)
