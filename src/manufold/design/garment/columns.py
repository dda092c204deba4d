"""What the names of a table's columns mean: our measures, in any unit that the name ends in.

"waist_girth_mm" is ours. "waist_cm", "Chest (in)" and "hip girth cm" are ours too: a plain word for
the site and a unit at the end. A name without a unit is not read, since nobody can know in what
it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from typing import Literal

from manufold.design.garment.tables import measures
from manufold.model.errors import InputFault

__all__ = ["Column", "Sex", "column", "nearest", "number", "sane", "sex_of", "short"]

Sex = Literal["female", "male"]

_SEXES: Mapping[str, Sex] = {
    **dict.fromkeys(("female", "f", "woman", "w", "女"), "female"),
    **dict.fromkeys(("male", "m", "man", "男"), "male"),
}
_LENGTHS = {"mm": "1", "cm": "10", "m": "1000", "in": "25.4", "inch": "25.4", "inches": "25.4"}
_MASSES = {"kg": "1", "lb": "0.45359237", "lbs": "0.45359237"}
#: other words for a site
_WORDS = {
    "height": "stature",
    "body_height": "stature",
    "neck": "neck_girth",
    "collar": "neck_girth",
    "bust": "bust_girth",
    "chest": "bust_girth",
    "chest_girth": "bust_girth",
    "waist": "waist_girth",
    "hip": "hip_girth",
    "hips": "hip_girth",
    "seat": "hip_girth",
    "shoulder": "shoulder_width",
    "shoulders": "shoulder_width",
    "back_length": "back_waist_length",
    "upper_arm": "upper_arm_girth",
    "biceps": "upper_arm_girth",
    "wrist": "wrist_girth",
    "thigh": "thigh_girth",
    "knee": "knee_girth",
    "calf": "calf_girth",
    "inseam": "inside_leg_height",
    "inside_leg": "inside_leg_height",
    "across_back": "across_back_width",
    "body_weight": "weight",
}


@dataclass(frozen=True, slots=True)
class Column:
    """What stands under a header.

    Args:
        name: a measure, "weight_kg" or "sex".
        unit: "" of a sex.
        factor: mm, kg or degrees in one of the unit.
        header: as it stands, in small letters.
    """

    name: str
    unit: str
    factor: Decimal
    header: str

    @property
    def as_ours(self) -> bool:
        """Whether it stands under our own name, in our own unit."""
        return self.name == self.header


def column(header: str) -> Column | None:
    """Return what a header means, None where it is no measure that we know.

    Args:
        header: in small letters, without blanks at its ends.
    """
    if header in ("sex", "gender"):
        return Column("sex", "", Decimal(1), header)
    words = re.sub(r"[\s_\-()\[\].,/:]+", "_", header).strip("_")
    stem, _, unit = words.rpartition("_")
    if not stem:
        return None
    name, factor = _sites().get(stem), _LENGTHS.get(unit)
    if stem in ("weight", "body_weight") and unit in _MASSES:
        return Column("weight_kg", unit.removesuffix("s"), Decimal(_MASSES[unit]), header)
    if name is None:
        return None
    if name.endswith("_deg"):
        return Column(name, "deg", Decimal(1), header) if unit == "deg" else None
    if factor is None:
        return None
    return Column(name, {"inch": "in", "inches": "in"}.get(unit, unit), Decimal(factor), header)


@cache
def _sites() -> Mapping[str, str]:
    """Return the measure of each word for its site."""
    ours = {name.rsplit("_", maxsplit=1)[0]: name for name in measures()}
    return ours | {word: ours[stem] for word, stem in _WORDS.items() if stem in ours}


def sex_of(field: str, value: object) -> Sex:
    """Return a sex.

    Raises:
        InputFault: `garment.sex_unknown`.
    """
    found = _SEXES.get(str(value).strip().lower())
    if found is None:
        raise InputFault("garment.sex_unknown", field=field, value=short(value))
    return found


def number(field: str, cell: str) -> Decimal:
    """Return a number as a person wrote it.

    Raises:
        InputFault: `garment.field_not_number`, `garment.field_no_length`.
    """
    text = cell.strip()
    try:
        value = Decimal(text.replace(",", ".") if text.count(",") == 1 else text)
    except InvalidOperation:
        raise InputFault("garment.field_not_number", field=field, value=short(cell)) from None
    return sane(field, value)


def sane(field: str, value: Decimal) -> Decimal:
    """Return a number that can be reckoned with: finite, and not of a thousand digits.

    Raises:
        InputFault: `garment.field_no_length`.
    """
    if not value.is_finite() or value.adjusted() > 6:
        raise InputFault("garment.field_no_length", field=field, value=short(value))
    return value


def nearest(field: str) -> InputFault:
    """Return the refusal of a name that is not known: the nearest one, or all."""
    near = get_close_matches(field.lower()[:80], list(measures()), n=1, cutoff=0.5)
    if near:
        return InputFault("garment.field_unknown", field=field[:80], nearest=near[0])
    known = ", ".join((*measures(), "weight_kg", "sex"))
    return InputFault("garment.field_unheard_of", field=field[:80], known=known)


def short(value: object) -> str:
    """Return a value as text, a long one cut short."""
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
