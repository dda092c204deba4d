"""Cloth for one garment: its marker, laid in a worker, and what is booked of it.

What is booked is in whole steps, so that a plan does not tell a person's size. Several garments of
one person share a marker and save by a table, up to what the shortest table takes; the cutter's own
search only saves cloth.

Source  `making.toml` and the garment's `goods.toml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from manufold.design.garment.goods import Goods, making, stepped
from manufold.design.garment.marker.quick import ENTRY, QuickRequest
from manufold.design.garment.marker.strip import Layout, Strip
from manufold.design.garment.pattern.piece import Pattern
from manufold.model.errors import ExecutorFault
from manufold.model.ports import Executor

__all__ = ["Booked", "Marker", "booked", "inner_mm2", "laid", "strip"]

#: a quick marker takes half a second; this is for a machine with very much to do
LIMIT_S = 30.0
MEMORY_MB = 2000


@dataclass(frozen=True, slots=True)
class Marker:
    """The cloth of one garment.

    Args:
        length_mm: without the ends that are cut off.
        efficiency_fraction: of the usable cloth that becomes garment.
        layout: where each piece lies; None where no worker could lay them, and a table was taken.
    """

    strip: Strip
    length_mm: float
    efficiency_fraction: float
    layout: Layout | None


@dataclass(frozen=True, slots=True)
class Booked:
    """What is booked for one garment.

    Args:
        together: garments in one marker.
        saved_fraction: of the cloth, by lying together.
        each_mm: in whole steps.
    """

    together: int
    saved_fraction: Decimal
    each_mm: Decimal

    @property
    def whole_mm(self) -> Decimal:
        """Length of the whole marker."""
        return self.each_mm * self.together


def strip(pattern: Pattern) -> Strip:
    """Return the strip of a pattern's shell pieces.

    Raises:
        CannotMake: `garment.cloth_narrow`.
    """
    from manufold.design.garment.marker.from_patterns import strip_of

    cloth = making()["cloth"]
    usable_mm = cloth["width_mm"] - 2 * cloth["selvedge_mm"]
    found, _names = strip_of(
        (pattern,), "shell", float(usable_mm), float(cloth["gap_mm"]), one_way=False
    )
    return found


def laid(wanted: Strip, goods: Goods, executor: Executor) -> Marker:
    """Return the marker of a strip; where its worker is lost, what a table says, on the safe side.

    Raises:
        ExecutorFault: `executor.busy`.
    """
    row = goods.table["marker"]
    request = QuickRequest(wanted, float(row["enough"]))
    try:
        layout = executor.run(ENTRY, request, limit_s=LIMIT_S, memory_mb=MEMORY_MB)
    except ExecutorFault as fault:
        if fault.code == "executor.busy":
            raise
        share = float(row["efficiency"] - making()["cloth"]["estimate_less"])
        length_mm = wanted.area_mm2 / (wanted.height_mm * share)
        return Marker(wanted, length_mm, share, None)
    assert isinstance(layout, Layout)
    return Marker(wanted, layout.width_mm, wanted.density(layout.width_mm), layout)


def booked(length_mm: Decimal, goods: Goods, quantity: int) -> Booked:
    """Return what is booked for each of so many garments of one length."""
    cloth, row = making()["cloth"], goods.table["marker"]
    single = _of(length_mm, goods, 1)
    fit = int(cloth["marker_most_mm"] // single.each_mm)
    return _of(length_mm, goods, max(1, min(quantity, int(row["together_most"]), fit)))


def inner_mm2(pattern: Pattern) -> Mapping[str, Decimal]:
    """Return the area of all pieces of each cloth inside the garment."""
    from manufold.design.garment.pattern.cutline import cut_line

    found: dict[str, float] = {}
    for piece in pattern.pieces:
        area_mm2 = 0.0
        line = cut_line(piece, 0.5)
        for a, b in zip(line, (*line[1:], line[0]), strict=True):
            area_mm2 += (a.conjugate() * b).imag / 2
        for cloth, count in piece.cut.items():
            if cloth != "shell":
                found[cloth] = found.get(cloth, 0.0) + count * abs(area_mm2)
    return {cloth: Decimal(round(area_mm2)) for cloth, area_mm2 in sorted(found.items())}


def _of(length_mm: Decimal, goods: Goods, together: int) -> Booked:
    cloth, row = making()["cloth"], goods.table["marker"]
    most = Decimal(row["together_most"])
    rise = Decimal(together - 1) / (most - 1) if most > 1 else Decimal(0)
    saved = Decimal(rise * row["saved_together"])
    exact_mm = length_mm * (1 - saved) + Decimal(cloth["ends_mm"]) / together
    return Booked(together, saved, stepped(exact_mm, cloth["step_mm"]))
