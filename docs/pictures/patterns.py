"""Draws the pictures of docs/patterns.md: one garment each, for an invented person, as SVG.

Run `python docs/pictures/patterns.py`; the same code writes the same bytes.
"""

from pathlib import Path

from manufold.design.garment.pattern.fit import fit, picture
from manufold.design.garment.pattern.person import person
from manufold.design.garment.pattern.publishing import drafted, published
from manufold.design.garment.pattern.svg import drawn

HERE = Path(__file__).parent / "patterns"
#: an invented person with a shoulder lower on the left, and one longer leg
PERSON = {
    "stature_mm": 1724,
    "neck_girth_mm": 368,
    "shoulder_width_mm": 424,
    "shoulder_slope_left_deg": 24.0,
    "shoulder_slope_right_deg": 20.5,
    "bust_girth_mm": 962,
    "waist_girth_mm": 812,
    "hip_girth_mm": 998,
    "back_waist_length_mm": 436,
    "front_waist_length_mm": 441,
    "across_back_width_mm": 388,
    "arm_length_left_mm": 581,
    "arm_length_right_mm": 588,
    "upper_arm_girth_mm": 302,
    "wrist_girth_mm": 164,
    "thigh_girth_mm": 590,
    "knee_girth_mm": 376,
    "calf_girth_mm": 368,
    "inside_leg_height_mm": 796,
    "outside_leg_length_left_mm": 1052,
    "outside_leg_length_right_mm": 1044,
    "total_crotch_length_mm": 664,
}


def pictures() -> dict[str, bytes]:
    """Return every picture by its file's name."""
    found = {}
    for name, garment in published().items():
        pattern = drafted(garment, person(PERSON))
        labels = {piece.name: garment.label(piece, "en") for piece in pattern.pieces}
        found[f"{name}.svg"] = drawn(pattern, labels)
        levels = dict(garment.words["en"]["level"])
        found[f"{name}-fit.svg"] = picture(fit(pattern), levels)
    return found


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for name, content in pictures().items():
        (HERE / name).write_bytes(content)
