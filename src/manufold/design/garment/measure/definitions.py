"""The 22 data at 19 sites, taken on the surface in the standard pose.

Terms are those of ISO 8559-1 (clauses in measures.toml of the folder above); the definitions are
ours, one line each beside the function. A girth is the taut horizontal or perpendicular cut; a
length is a tape pulled taut over the surface between landmarks, which are fixed points of the mesh.

Units   mm and degrees; z up from the floor, the body looks at -y, its left is +x.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manufold.design.garment.measure.lengths import lower_lengths, upper_lengths
from manufold.design.garment.measure.regions import regions
from manufold.design.garment.measure.sections import Cut, girth, level_girth
from manufold.design.garment.measure.shape import Floats, Ints, Shape
from manufold.design.garment.measure.standard import Stood
from manufold.design.garment.measure.tape import Taken, around, near

__all__ = ["NAMES", "Taking", "taken", "unit_of"]

NAMES = (
    "stature",
    "neck_girth",
    "shoulder_width",
    "shoulder_slope_L",
    "shoulder_slope_R",
    "bust_girth",
    "waist_girth",
    "hip_girth",
    "back_waist_length",
    "front_waist_length",
    "across_back_width",
    "arm_length_L",
    "arm_length_R",
    "upper_arm_girth",
    "wrist_girth",
    "thigh_girth",
    "knee_girth",
    "calf_girth",
    "inside_leg_height",
    "outside_leg_length_L",
    "outside_leg_length_R",
    "total_crotch_length",
)
_THIGH_BELOW_MM = 25.0
#: points that stand out less than the farthest by this count a third of it
_EQUAL_MM = 1.0
#: the natural waist lies this much below the mean height of the model's waist loop
_WAIST_BELOW_MM = 2.4


@dataclass(frozen=True, slots=True)
class Taking:
    """All data of a body, its landmarks (name -> point), levels (name -> mm) and other girths."""

    data: Mapping[str, Taken]
    landmarks: Mapping[str, Floats]
    levels_mm: Mapping[str, float]
    others_mm: Mapping[str, float]


def unit_of(name: str) -> str:
    """Return "mm", or "deg" for an angle."""
    return "deg" if "slope" in name else "mm"


def taken(body: Shape, stood: Stood) -> Taking:
    """Return the data of a body in the standard pose."""
    marks = {
        name: stood.points[place].mean(axis=0)
        for name, place in body.marks.items()
        if name not in ("waist", "crotch")
    }
    levels = _levels(body, stood, marks)
    data: dict[str, Taken] = {}
    data |= _heights(body, stood, levels)
    data |= _girths(body, stood, levels)
    data |= _limb_girths(body, stood, levels)
    data |= upper_lengths(body, stood, marks, levels)
    data |= lower_lengths(body, stood, levels)
    return Taking({name: data[name] for name in NAMES}, marks, levels, _others(body, stood, levels))


def _levels(body: Shape, stood: Stood, marks: Mapping[str, Floats]) -> dict[str, float]:
    points = stood.points
    buttocks = regions().leg_share > 0.05
    buttocks &= np.abs(points[:, 2] - float(stood.joints[0, 2])) < 140.0
    back = np.flatnonzero(buttocks & (points[:, 1] > 0))
    axilla = (marks["axilla_L"][2] + marks["axilla_R"][2]) / 2
    shoulder = (marks["shoulder_L"][2] + marks["shoulder_R"][2]) / 2
    return {
        "bust": float(marks["bust_L"][2] + marks["bust_R"][2]) / 2,
        "waist": float(points[body.marks["waist"], 2].mean()) - _WAIST_BELOW_MM,
        "hip": _foremost(points[back, 1], points[back, 2]),
        "crotch": float(points[body.marks["crotch"], 2].mean()),
        "axilla": float(axilla),
        "across_back": float(axilla + shoulder) / 2,
    }


def _foremost(out_mm: Floats, z_mm: Floats) -> float:
    """Return the height at which a surface stands out most.

    Where it stands out equally at two heights the noise of a scan would choose between them, so
    every point counts by how near it comes to the farthest.
    """
    share = np.exp((out_mm - out_mm.max()) / _EQUAL_MM)
    return float(share @ z_mm / share.sum())


def _heights(body: Shape, stood: Stood, levels: Mapping[str, float]) -> dict[str, Taken]:
    top = int(stood.points[:, 2].argmax())
    crown = stood.points[top]
    crotch = stood.points[body.marks["crotch"]].mean(axis=0)
    return {
        "stature": Taken(
            float(crown[2]),
            (np.array([crown, crown * [1, 1, 0]]),),
            near(stood.points, crown, 35.0),
        ),
        "inside_leg_height": Taken(
            levels["crotch"],
            (np.array([crotch, crotch * [1, 1, 0]]),),
            near(stood.points, crotch, 30.0),
        ),
    }


def _girths(body: Shape, stood: Stood, levels: Mapping[str, float]) -> dict[str, Taken]:
    trunk = regions().trunk
    found = {
        f"{name}_girth": around([level_girth(stood.points, trunk, levels[name])])
        for name in ("bust", "waist", "hip")
    }
    low, high = stood.joints[body.joint("neck01")], stood.joints[body.joint("head")]
    shares = np.linspace(0.2, 0.85, 12)
    cuts = [girth(stood.points, trunk, low + t * (high - low), high - low) for t in shares]
    found["neck_girth"] = around([_least(cuts)])
    return found


def _limb_girths(body: Shape, stood: Stood, levels: Mapping[str, float]) -> dict[str, Taken]:
    upper, wrist, knee, calf, thigh = [], [], [], [], []
    for s, side in enumerate("LR"):
        shoulder, elbow, hand, knees, foot = (
            stood.joints[body.joint(f"{name}.{side}")]
            for name in ("upperarm01", "lowerarm01", "wrist", "lowerleg01", "foot")
        )
        arm, leg = regions().arms[s], regions().legs[s]
        points = stood.points

        upper.append(_most(_along(points, arm, shoulder, elbow, np.linspace(0.40, 0.65, 9))))
        wrist.append(_least(_along(points, arm, elbow, hand, np.linspace(0.88, 1.0, 7))))
        calf.append(_most(_along(points, leg, knees, foot, np.linspace(0.15, 0.6, 16))))
        knee.append(girth(points, leg, knees, foot - knees))
        thigh.append(level_girth(points, leg, levels["crotch"] - _THIGH_BELOW_MM))
    return {
        "upper_arm_girth": around(upper),
        "wrist_girth": around(wrist),
        "thigh_girth": around(thigh),
        "knee_girth": around(knee),
        "calf_girth": around(calf),
    }


def _along(
    points: Floats, edges: Ints, begin: Floats, end: Floats, shares: Floats
) -> list[Cut | None]:
    """Return cuts across a limb at shares of the way from one joint to the next."""
    beside = edges[_between(points, edges, begin, end, 0.35)]
    return [girth(points, beside, begin + t * (end - begin), end - begin) for t in shares]


def _between(points: Floats, edges: Ints, begin: Floats, end: Floats, slack: float) -> np.ndarray:
    """Say which edges lie beside a limb's bone, not beyond its ends by more than a slack."""
    way = end - begin
    share = (points[edges[:, 0]] - begin) @ way / (way @ way)
    return np.asarray((share > -slack) & (share < 1.0 + slack))


def _least(cuts: list[Cut | None]) -> Cut | None:
    return min((cut for cut in cuts if cut), key=lambda cut: cut.length_mm, default=None)


def _most(cuts: list[Cut | None]) -> Cut | None:
    return max((cut for cut in cuts if cut), key=lambda cut: cut.length_mm, default=None)


def _others(body: Shape, stood: Stood, levels: Mapping[str, float]) -> dict[str, float]:
    """Return the smallest girth between hip and bust, and the largest between crotch and waist."""
    trunk = regions().trunk
    waists = np.linspace(
        levels["waist"] - 60.0, min(levels["bust"] - 40.0, levels["waist"] + 130), 12
    )
    hips = np.linspace(levels["crotch"] + 15.0, levels["waist"] - 40.0, 10)
    least = _least([level_girth(stood.points, trunk, z) for z in waists])
    most = _most([level_girth(stood.points, trunk, z) for z in hips])
    return {
        "waist_girth_min": least.length_mm if least else 0.0,
        "hip_girth_max": most.length_mm if most else 0.0,
    }
