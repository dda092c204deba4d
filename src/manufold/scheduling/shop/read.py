"""The formats of the literature by name, and which of them a text could be.

`read(text, form)` parses a text that somebody else has opened; a format that is not told is guessed
only where the text fits exactly one.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from manufold.model.errors import InputFault
from manufold.scheduling.shop.problem import Goal, Shop
from manufold.scheduling.shop.read_fajsp import read_fajsp
from manufold.scheduling.shop.read_flexible import (
    read_fjsp,
    read_fjsp_sdst,
    read_fjsp_tardiness,
    read_fjsp_w,
)
from manufold.scheduling.shop.read_jsp import read_jsp

__all__ = ["FORMATS", "GOALS", "fits", "read"]

FORMATS: Mapping[str, Callable[[str | bytes], Shop]] = MappingProxyType(
    {
        "fjsp": read_fjsp,
        "jsp": read_jsp,
        "fjsp-tardiness": read_fjsp_tardiness,
        "fjsp-w": read_fjsp_w,
        "fjsp-sdst": read_fjsp_sdst,
        "fajsp": read_fajsp,
    }
)
#: what the literature makes small in each
GOALS: Mapping[str, Goal] = MappingProxyType(
    {form: "tardiness" if form == "fjsp-tardiness" else "makespan" for form in FORMATS}
)


def read(text: str | bytes, form: str) -> Shop:
    """Return the shop that a text of a format describes.

    Raises:
        InputFault: `shop.format_unknown`, or `shop.*` with line, fault and remedy.
    """
    if form not in FORMATS:
        raise InputFault("shop.format_unknown", form=form, known=", ".join(FORMATS))
    return FORMATS[form](text)


def fits(text: str | bytes) -> tuple[str, ...]:
    """Return every format that the whole text fits."""
    found = []
    for form, reader in FORMATS.items():
        try:
            reader(text)
        except InputFault:
            continue
        found.append(form)
    return tuple(found)
