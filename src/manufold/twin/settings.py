"""The twin's numbers: each with its unit, its default and why it is so."""

from dataclasses import dataclass, field, fields
from typing import Any

from manufold.model.errors import InputFault

__all__ = ["TwinSettings"]


def _number(default: float, unit: str, why: str) -> Any:
    return field(default=default, metadata={"unit": unit, "why": why})


@dataclass(frozen=True, slots=True)
class TwinSettings:
    """How much the simulated world differs from the plan.

    The unit of each number and why it has its default stand in the field's metadata.

    Raises:
        InputFault: `execution.count_wrong` for a negative number.
    """

    setup_cv_fraction: float = _number(
        0.25, "fraction", "set-ups are hand work; the spread of a practised setter's times"
    )
    run_cv_fraction: float = _number(
        0.10, "fraction", "a machine's cycle is steady; loading, chips and tools are not"
    )
    lane_cv_fraction: float = _number(
        0.15, "fraction", "road freight is late by hours on a day, seldom by days"
    )
    repair_cv_fraction: float = _number(
        0.5, "fraction", "most repairs are short, a few wait for a spare part"
    )
    energy_cv_fraction: float = _number(
        0.03, "fraction", "a meter's class and the changing load of a cut"
    )
    limits_per_sigma_factor: float = _number(
        8, "factor", "upper less lower limit over the process's sigma: capable, Cp = 8/6 = 1.33"
    )
    aim_sigma_factor: float = _number(
        3, "factor", "a setter aims at least so many sigma inside a limit, also of a one-sided one"
    )
    lot_period_s: int = _number(
        604_800, "s", "a material is delivered to a site weekly; what a week takes is one lot"
    )
    stay_s: int = _number(
        604_800,
        "s",
        "who is missing at the end of a shift is called or covered for: promises count on it, since"
        " recorded ratios know no missed shifts; 0 = all keep their hours to the second",
    )
    compiled_s: int = _number(
        5_184_000, "s", "calendars are compiled sixty days at a time: few calls, little memory"
    )
    idle_limit_s: int = _number(
        34_560_000, "s", "a calendar without work for 400 days is taken as one that never works"
    )
    fit_limit_s: int = _number(
        2_419_200, "s", "what may not pause waits at most four weeks for a stretch that holds it"
    )

    def __post_init__(self) -> None:
        for number in fields(self):
            if getattr(self, number.name) < 0:
                found = str(getattr(self, number.name))
                raise InputFault("execution.count_wrong", field=number.name, found=found, least=0)
