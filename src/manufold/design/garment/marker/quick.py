"""What is asked of the quick search; cheap to import, for who asks."""

from dataclasses import dataclass

from manufold.design.garment.marker.strip import Strip

__all__ = ["ENTRY", "QuickRequest"]

ENTRY = "manufold.design.garment.marker.quick_search:quickly_laid"


@dataclass(frozen=True, slots=True)
class QuickRequest:
    """A strip, and how much of the cloth a layout must use for the search to stop."""

    strip: Strip
    enough_fraction: float
