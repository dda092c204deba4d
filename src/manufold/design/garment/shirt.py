"""The style of a shirt and its bulletin as published, apart from any body: minutes by choice.

Plans take the operations of `sewing` instead, which hang on a pattern's seams.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from manufold.design.garment.tables import sewing, shirt, source
from manufold.model.process_plan import StandardTime

__all__ = ["Style", "fastened", "sewing_terms"]

_MINUTE = Decimal(60)


@dataclass(frozen=True, slots=True)
class Style:
    """What the buyer chose of a shirt; each changes what it takes or how it is made."""

    fit: str
    collar: str
    cuff: str
    sleeve: str
    pocket: str

    @property
    def long(self) -> bool:
        """Whether it has cuffs."""
        return self.sleeve == "long"

    @property
    def choices(self) -> Mapping[str, str]:
        """The choices that decide which operations are sewn."""
        return {
            "collar": self.collar,
            "cuff": self.cuff,
            "sleeve": self.sleeve,
            "pocket": self.pocket,
        }


def fastened(style: Style) -> int:
    """Return how many buttons are sewn on, each with its hole."""
    row = shirt()["buttons"]
    cuffs = row[f"{style.cuff}_cuffs"] if style.long else 0
    return int(row["front"] + row[f"{style.sleeve}_sleeves"] + cuffs)


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
