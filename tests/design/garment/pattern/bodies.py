"""Bodies for the tests of patterns: one written out, many from a seed around the public survey."""

from collections.abc import Iterator

import numpy as np

from manufold.design.garment.pattern.person import Person, person

__all__ = ["ANNA", "BEN", "body", "some"]

#: a woman and a man, invented; every one of the 22 data, both sides of their own
ANNA = {
    "stature_mm": 1668,
    "neck_girth_mm": 342,
    "shoulder_width_mm": 392,
    "shoulder_slope_left_deg": 22.5,
    "shoulder_slope_right_deg": 20.0,
    "bust_girth_mm": 938,
    "waist_girth_mm": 762,
    "hip_girth_mm": 1004,
    "back_waist_length_mm": 408,
    "front_waist_length_mm": 436,
    "across_back_width_mm": 352,
    "arm_length_left_mm": 556,
    "arm_length_right_mm": 561,
    "upper_arm_girth_mm": 288,
    "wrist_girth_mm": 158,
    "thigh_girth_mm": 588,
    "knee_girth_mm": 372,
    "calf_girth_mm": 361,
    "inside_leg_height_mm": 762,
    "outside_leg_length_left_mm": 1046,
    "outside_leg_length_right_mm": 1041,
    "total_crotch_length_mm": 690,
}
BEN = {
    "stature_mm": 1792,
    "neck_girth_mm": 392,
    "shoulder_width_mm": 451,
    "shoulder_slope_left_deg": 21.0,
    "shoulder_slope_right_deg": 23.5,
    "bust_girth_mm": 1024,
    "waist_girth_mm": 902,
    "hip_girth_mm": 1018,
    "back_waist_length_mm": 462,
    "front_waist_length_mm": 452,
    "across_back_width_mm": 421,
    "arm_length_left_mm": 602,
    "arm_length_right_mm": 596,
    "upper_arm_girth_mm": 326,
    "wrist_girth_mm": 174,
    "thigh_girth_mm": 604,
    "knee_girth_mm": 388,
    "calf_girth_mm": 381,
    "inside_leg_height_mm": 831,
    "outside_leg_length_left_mm": 1062,
    "outside_leg_length_right_mm": 1069,
    "total_crotch_length_mm": 668,
}


def body(base: dict[str, float] = BEN, **changes: float) -> Person:
    """Return one of the two, changed."""
    return person({**base, **changes})


def some(count: int, seed: int) -> Iterator[Person]:
    """Yield bodies between and around the two, each measure a little off on its own."""
    chance = np.random.default_rng(seed)
    for _ in range(count):
        share = chance.uniform(-0.25, 1.25)
        values = {name: ANNA[name] + share * (BEN[name] - ANNA[name]) for name in ANNA}
        for name in values:
            off = chance.normal(0, 1.5 if name.endswith("_deg") else 0.022 * values[name])
            values[name] += off
        yield person(values)
