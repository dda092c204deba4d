"""Lengths and angles: a tape pulled over the surface between landmarks."""

from collections.abc import Mapping

import numpy as np

from manufold.design.garment.measure.regions import regions
from manufold.design.garment.measure.sections import crossing, outline, taut, upper_hull
from manufold.design.garment.measure.shape import Floats, Ints, Shape
from manufold.design.garment.measure.standard import Stood
from manufold.design.garment.measure.tape import Taken, beside, near

__all__ = ["lower_lengths", "upper_lengths"]

_BACK = np.array([0.0, 1.0, 0.0])
_FRONT = np.array([0.0, -1.0, 0.0])
_UP = np.array([0.0, 0.0, 1.0])
#: half of the tape's width where it bridges the gluteal cleft
_TAPE_HALF_MM = 25.0
#: the armpit's vertical runs a little inside of the fold's deepest point
_ARMPIT_INSET_MM = 4.7


def upper_lengths(
    body: Shape, stood: Stood, marks: Mapping[str, Floats], levels: Mapping[str, float]
) -> dict[str, Taken]:
    """Return back and front waist length, shoulders, across back and arms."""
    points, trunk = stood.points, regions().trunk
    nape = marks["back_neck"]
    waist = _at_level(points, trunk, 0.0, levels["waist"], back=True)
    found = {"back_waist_length": _tape(points, [_contour(points, trunk, nape, waist, _BACK)])}
    shoulders, fronts = [], []
    for side in "LR":
        shoulder, neck, bust, elbow, wrist = (
            marks[f"{name}_{side}"] for name in ("shoulder", "side_neck", "bust", "elbow", "wrist")
        )
        shoulders.append(taut(points, body.edges, shoulder, nape, _UP + _BACK, depth_mm=40.0))
        below = _at_level(points, trunk, float(bust[0]), levels["waist"], back=False)
        fronts.append(np.array([neck, bust, below]))
        down, across = neck[2] - shoulder[2], abs(neck[0] - shoulder[0])
        ends = np.array([neck, shoulder])
        found[f"shoulder_slope_{side}"] = Taken(
            float(np.degrees(np.arctan2(down, across))), (ends,), beside(points, ends)
        )
        found[f"arm_length_{side}"] = _tape(points, [np.array([shoulder, elbow, wrist])], ends=True)
    found["shoulder_width"] = _tape(points, shoulders)
    front = _tape(points, fronts)
    assert front.value is not None
    found["front_waist_length"] = Taken(front.value / 2, front.lines, front.leans_on)
    left = float(marks["axilla_L"][0]) - _ARMPIT_INSET_MM
    right = float(marks["axilla_R"][0]) + _ARMPIT_INSET_MM
    begin, end = (
        _at_level(points, body.edges, x, levels["across_back"], back=True) for x in (right, left)
    )
    found["across_back_width"] = _tape(
        points, [taut(points, body.edges, begin, end, _BACK, depth_mm=60.0)]
    )
    return found


def lower_lengths(body: Shape, stood: Stood, levels: Mapping[str, float]) -> dict[str, Taken]:
    """Return the outside leg lengths and the total crotch length."""
    found = {}
    for side, sign in (("L", 1.0), ("R", -1.0)):
        found[f"outside_leg_length_{side}"] = _outside_leg(stood, levels["waist"], sign)
    found["total_crotch_length"] = _through_crotch(body, stood, levels)
    return found


def _outside_leg(stood: Stood, waist_mm: float, sign: float) -> Taken:
    """Return the way from the waist at the side, taut over the hip seen from the front, down."""
    trunk = regions().trunk
    flank = stood.points[np.unique(trunk)]
    at_waist, _ = crossing(stood.points, trunk, waist_mm * _UP, _UP)
    first = at_waist[(sign * at_waist[:, 0]).argmax()]
    lower = flank[(flank[:, 2] < waist_mm) & (flank[:, 2] > 0.3 * waist_mm)]
    points = np.concatenate([first[None], lower])
    flat = np.stack([waist_mm - points[:, 2], sign * points[:, 0]], axis=1)
    widest = int(flat[:, 1].argmax())
    upto = np.flatnonzero(flat[:, 0] <= flat[widest, 0])
    chain = upto[upper_hull(flat[upto])]
    length = float(np.linalg.norm(np.diff(flat[chain], axis=0), axis=1).sum() + points[widest, 2])
    line = np.concatenate([points[chain], points[widest : widest + 1] * [1.0, 1.0, 0.0]])
    return Taken(length, (line,), beside(stood.points, points[chain], 25.0))


def _through_crotch(body: Shape, stood: Stood, levels: Mapping[str, float]) -> Taken:
    """Return the taut way from the front waist through the crotch to the back waist."""
    points, trunk = stood.points, regions().trunk
    front = _at_level(points, trunk, 0.0, levels["waist"], back=False)
    back = _at_level(points, trunk, 0.0, levels["waist"], back=True)
    crotch = points[body.marks["crotch"]].mean(axis=0)
    side = np.array([1.0, 0.0, 0.0])
    middle, _ = crossing(points, trunk, np.zeros(3), side)
    fore = middle[(middle[:, 1] < crotch[1]) & _within(middle, levels)]
    rows = []
    for x in (-_TAPE_HALF_MM, _TAPE_HALF_MM):
        cut, _ = crossing(points, trunk, x * side, side)
        rows.append(cut[(cut[:, 1] > crotch[1]) & _within(cut, levels)])
    aft = np.concatenate(rows)
    low = crotch - [0.0, 0.0, 1.0]
    down = taut_flat(front, low, fore, _FRONT)
    up = taut_flat(low, back, aft, _BACK)
    return _tape(points, [down, up])


def _within(cut: Floats, levels: Mapping[str, float]) -> np.ndarray:
    return np.asarray((cut[:, 2] > levels["crotch"]) & (cut[:, 2] < levels["waist"]))


def taut_flat(begin: Floats, end: Floats, over: Floats, outward: Floats) -> tuple[float, Floats]:
    """Return length and line of a tape from one point over others, all seen from the side."""
    along = (end - begin) * [0.0, 1.0, 1.0]
    along /= np.linalg.norm(along)
    out = outward - (outward @ along) * along
    out /= np.linalg.norm(out)
    space = np.concatenate([begin[None], over, end[None]])
    flat = np.stack([(space - begin) @ along, (space - begin) @ out], axis=1)
    inside = (flat[:, 0] >= 0) & (flat[:, 0] <= flat[-1, 0])
    kept = np.flatnonzero(inside)
    chain = kept[upper_hull(flat[kept])]
    line = space[chain] * [0.0, 1.0, 1.0]
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()), line


def _contour(points: Floats, edges: Ints, begin: Floats, end: Floats, outward: Floats) -> Floats:
    """Return the outermost line of a cut between two points, in order; it follows hollows."""
    flat, space = outline(points, edges, begin, end, outward)
    outer = flat[:, 1] > -50.0
    flat, space = flat[outer], space[outer]
    order = np.argsort(flat[:, 0])
    return np.concatenate([begin[None], space[order], end[None]])


def _at_level(points: Floats, edges: Ints, x_mm: float, z_mm: float, *, back: bool) -> Floats:
    """Return the point of the front or the back at a height and a distance from the middle."""
    cut, _ = crossing(points, edges, z_mm * _UP, _UP)
    depths = cut[np.abs(cut[:, 0] - x_mm) < 60.0, 1]
    middle = float(depths.min() + depths.max()) / 2
    half = cut[(cut[:, 1] > middle) if back else (cut[:, 1] < middle)]
    half = half[np.argsort(half[:, 0])]
    return np.array([x_mm, float(np.interp(x_mm, half[:, 0], half[:, 1])), z_mm])


def _tape(
    points: Floats, parts: list[Floats] | list[tuple[float, Floats]], *, ends: bool = False
) -> Taken:
    """Return the sum of lines; it leans on what lies along them, or only at their corners."""
    lines = [part[1] if isinstance(part, tuple) else part for part in parts]
    length = sum(float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) for line in lines)
    leaning = [
        np.concatenate([near(points, corner, 20.0) for corner in line])
        if ends
        else beside(points, line)
        for line in lines
    ]
    return Taken(length, tuple(lines), np.unique(np.concatenate(leaning)))
