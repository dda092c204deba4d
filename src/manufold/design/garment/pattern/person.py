"""The body that a pattern is drafted for: the 22 data, completed, and a few heights beside them.

What is missing of the 22 follows from all that was given (`body.completed`), with an interval; the
heights that are not among them (armpit, bust points, seat, knee) follow from a few of them, by
least squares on 6,068 people (`completed.toml`). A body that no garment can be drafted for is
refused with the measures that contradict one another.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from math import asin, degrees
from typing import Any

from manufold.design.garment.body import completed, lacking
from manufold.design.garment.columns import Sex
from manufold.design.garment.tables import ansur, measures
from manufold.model.errors import Fault, InputFault, Param, Reason

__all__ = ["SIDES", "Person", "from_ansur", "person"]

SIDES = ("left", "right")
_WEIGHT = "weight_kg"
#: a nape lies that much above the side neck points (ours); with it, the slopes of ANSUR II's
#: people, from the heights of nape and acromion, have their middle at 21 degrees
_NAPE_MM = 21.0


@dataclass(frozen=True, slots=True)
class Person:
    """A body in millimetres and degrees.

    Args:
        values: the 22 data by our names, and the extras of `completed.toml`.
        completed: names of those of the 22 that were not given.
        intervals: of each of these, low and high; 95 of 100 people lie within.
    """

    values: Mapping[str, float]
    completed: tuple[str, ...] = ()
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> float:
        return self.values[name]


def person(given: Mapping[str, float], sex: Sex | None = None) -> Person:
    """Return the body of what was measured.

    Args:
        given: by our names, e.g. "bust_girth_mm"; weight_kg and extras may be among them.
        sex: "female" or "male" where it was said; what is completed is the surer.

    Raises:
        InputFault: `garment.measure_missing`, `garment.girths_missing`, `garment.measure_outside`,
            `garment.pattern_contradiction`; the first, with all the others beside it.
    """
    found = [*lacking(given, sex), *_outside(given)]
    if found:
        raise InputFault.of(found[0].reason, faults=tuple(found[1:]))
    told = {*measures(), _WEIGHT} & given.keys()
    guessed = completed({name: Decimal(given[name]) for name in told}, sex)
    values = {**given, **{name: float(one.middle) for name, one in guessed.items()}}
    legs = [values[f"outside_leg_length_{side}_mm"] for side in SIDES]
    for row in _table()["extra"]:
        if row["name"] not in values:
            values[row["name"]] = _expected(row, {**values, "outside_leg_length_mm": sum(legs) / 2})
    contradictions = tuple(_contradictions(values))
    if contradictions:
        raise InputFault.of(contradictions[0].reason, faults=contradictions[1:])
    intervals = {name: (float(one.low), float(one.high)) for name, one in guessed.items()}
    return Person(values, tuple(guessed), intervals)


def from_ansur(row: Mapping[str, str]) -> dict[str, float]:
    """Return the 22 data of a row of the public ANSUR II tables, as `ansur.toml` maps them.

    Both sides come out alike: the survey measured one. The slopes follow from the heights of nape
    and acromion over the shoulder's length.
    """
    found = {
        one["measure"]: float(one.get("constant_mm", 0))
        + sum(float(factor) * float(row[column]) for column, factor in one["columns"].items())
        for one in ansur()
    }
    drop_mm = float(row["cervicaleheight"]) - _NAPE_MM - float(row["acromialheight"])
    slope = degrees(asin(min(max(drop_mm / float(row["shoulderlength"]), 0.14), 0.6)))
    return found | {f"shoulder_slope_{side}_deg": slope for side in SIDES}


def _outside(given: Mapping[str, float]) -> Iterator[Fault]:
    for name, measure in measures().items():
        if name in given and not measure.least <= given[name] <= measure.most:
            params: dict[str, Param] = {
                "field": name,
                "value": f"{given[name]:.0f}",
                "least": measure.least,
                "most": measure.most,
            }
            yield Fault(name, Reason("garment.measure_outside", params))


def _contradictions(values: Mapping[str, float]) -> Iterator[Fault]:
    """Yield pairs of measures that no body has; a piece drawn to them would twist."""
    rows = [
        ("neck_girth_mm", 1.35 * values["shoulder_width_mm"], "shoulder_width_mm"),
        ("shoulder_width_mm", 0.75 * values["bust_girth_mm"], "bust_girth_mm"),
        ("across_back_width_mm", 0.62 * values["bust_girth_mm"], "bust_girth_mm"),
        ("upper_arm_girth_mm", 0.46 * values["bust_girth_mm"], "bust_girth_mm"),
        ("wrist_girth_mm", 0.95 * values["upper_arm_girth_mm"], "upper_arm_girth_mm"),
        ("thigh_girth_mm", 0.78 * values["hip_girth_mm"], "hip_girth_mm"),
        ("knee_girth_mm", 1.05 * values["thigh_girth_mm"], "thigh_girth_mm"),
        ("waist_girth_mm", 1.45 * values["hip_girth_mm"], "hip_girth_mm"),
        ("hip_girth_mm", 1.65 * values["waist_girth_mm"], "waist_girth_mm"),
        ("bust_girth_mm", 1.6 * values["waist_girth_mm"], "waist_girth_mm"),
        ("back_waist_length_mm", 0.4 * values["stature_mm"], "stature_mm"),
        ("inside_leg_height_mm", 0.62 * values["stature_mm"], "stature_mm"),
        *(
            ("inside_leg_height_mm", values[name] - 100, name)
            for name in (f"outside_leg_length_{side}_mm" for side in SIDES)
        ),
        *((f"outside_leg_length_{s}_mm", 0.75 * values["stature_mm"], "stature_mm") for s in SIDES),
    ]
    for name, most, beside in rows:
        if values[name] > most:
            params: dict[str, Param] = {
                "measure": name,
                "value": f"{values[name]:.0f}",
                "most_mm": f"{most:.0f}",
                "beside": beside,
            }
            yield Fault(name, Reason("garment.pattern_contradiction", params))


def _expected(row: Mapping[str, Any], known: Mapping[str, float]) -> float:
    total = sum(factor * known[name] for name, factor in row["times"].items())
    return float(row["constant_mm"] + total)


@cache
def _table() -> Mapping[str, Any]:
    text = (files("manufold.design.garment.pattern") / "completed.toml").read_text("utf-8")
    return tomllib.loads(text)
