"""Machine classes and attachments: what a bulletin may name, and how fast a seam runs there."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Machine", "Pace", "attachments", "machines", "pace", "word"]

_METRE_CM = 100


@dataclass(frozen=True, slots=True)
class Machine:
    """A class of machine.

    Args:
        minute_m: minutes of a metre along the work, handling left out.
        burst_mm: sewn between two regraspings; None where nothing is guided along.
        skill_grade: the least of who works there, 1 to 4.
    """

    name: str
    minute_m: Decimal
    burst_mm: int | None
    skill_grade: int


@dataclass(frozen=True, slots=True)
class Pace:
    """What every machine has in common.

    Args:
        burst_min: of a start, a stop and a fresh hold.
        notch_min: of two notches brought to meet.
        hard_per_rad_m: added to a metre's minutes by each radian it turns.
        hard_per_ease: added by ease, as a share of the seam.
        hard_step, step_m: that these two are counted in.
    """

    burst_min: Decimal
    notch_min: Decimal
    hard_per_rad_m: float
    rad_m_most: float
    hard_per_ease: float
    hard_step: Decimal
    step_m: Decimal


@cache
def machines() -> Mapping[str, Machine]:
    """Return the machine classes by name."""
    return {row["name"]: _machine(row) for row in _table()["machine"]}


@cache
def attachments() -> frozenset[str]:
    """Return the attachments that there are."""
    return frozenset(_table()["attachment"]["names"])


@cache
def pace() -> Pace:
    """Return what every machine has in common."""
    burst, hard = _table()["burst"], _table()["hard"]
    tmu = burst["start_stop_tmu"] + burst["stop_tmu"]
    return Pace(
        burst_min=tmu * burst["tmu_min"],
        notch_min=_table()["notch"]["minute"],
        hard_per_rad_m=float(hard["per_rad_m"]),
        rad_m_most=float(hard["rad_m_most"]),
        hard_per_ease=float(hard["per_ease"]),
        hard_step=hard["step"],
        step_m=_table()["step"]["metre"],
    )


def word(group: str, name: str, language: str) -> str:
    """Return what people read for a "machine" or an "attachment"; KeyError without words."""
    return str(_read("words.toml")[language][group][name])


def _machine(row: Mapping[str, Any]) -> Machine:
    if "minute_m" in row:
        return Machine(row["name"], row["minute_m"], None, row["skill"])
    metre = row["stitches_cm"] * _METRE_CM / row["per_min"] * row["guiding"]
    return Machine(row["name"], metre.quantize(Decimal("0.001")), row["burst_mm"], row["skill"])


def _table() -> Mapping[str, Any]:
    return _read("machines.toml")


@cache
def _read(name: str) -> Mapping[str, Any]:
    text = (files("manufold.design.garment.sewing") / name).read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)
