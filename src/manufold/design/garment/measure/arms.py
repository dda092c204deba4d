"""What keeps a fitted arm from sliding along the arm of the scan: its fingertip, its proportions.

The statistical body has no fingers, and a sleeve of points says little about how far along it a
wrist or an elbow lies. A fingertip says the one: on generated bodies it stands off the wrist
`REACH` times as far as the knuckles do, within a percent. What arms are like says the other: of
the 6,068 people of ANSUR II the upper arm is as long as the forearm asks, within 15 mm (one
standard deviation), while the statistical body would let it be anything. Twice that is taken, so
that who differs is still believed.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from manufold.design.garment.measure.parts import Part, jacobian, part
from manufold.design.garment.measure.shape import Floats, Pose, Shape, posed, shape

__all__ = ["REACH", "Pull", "around", "grips", "proportions", "pulls"]

#: how far the fingertip stands off the wrist, in distances from wrist to knuckles
REACH = 2.46
#: points at either end of the palm
_ENDS = 12
#: scan points farther from a wrist than this are no part of its hand, mm
_ABOUT_MM = 360.0
#: what fingers differ in length and in how they are held, one standard deviation; beyond the
#: second, this is no fingertip (a fist, a lost hand, a hand on the hip)
_SPREAD_MM, _TRUSTED_MM = 4.0, 15.0
#: how far aside of the hand's axis its fingers may be, and how far beyond where they should end, mm
_ASIDE_MM, _BEYOND_MM = 60.0, 140.0
#: the tip is the nth farthest point: the farthest is noise
_FARTHEST = 4
_POINTS_LEAST = 40
#: how long an upper arm is, in forearms, joint to joint, and what it differs from that
_UPPER_ARM, _UPPER_ARM_SPREAD_MM = 1.14, 30.0


@dataclass(frozen=True, slots=True)
class Pull:
    """One equation of the fit beside those of the points.

    Args:
        row: (k + 3 j + 3,) how a length of the body grows with shape, bends and place.
        off_mm: how much longer it should be.
        variance_mm2: how far that can be trusted.
    """

    row: Floats
    off_mm: float
    variance_mm2: float


@cache
def grips() -> tuple[Part, Part]:
    """Return the ends of the left and the right palm: `_ENDS` points of wrist, then knuckles."""
    return _grip(shape(), "L"), _grip(shape(), "R")


def _grip(body: Shape, side: str) -> Part:
    joint = body.joint(f"wrist.{side}")
    palm = np.flatnonzero(body.weights[:, joint] > 0.9)
    way = body.mean[palm] - body.joints_mean[joint]
    along = way.mean(axis=0) / np.linalg.norm(way.mean(axis=0))
    order = np.argsort(way @ along)
    return part(body, np.concatenate([palm[order[:_ENDS]], palm[order[-_ENDS:]]]))


def around(palms: tuple[Part, Part], b: Floats, pose: Pose, scan: Floats) -> tuple[Floats, ...]:
    """Return the points of the scan about either hand."""
    found = []
    for palm in palms:
        wrist = _bent(palm, b, pose)[0][:_ENDS].mean(axis=0)
        near = ((scan > wrist - _ABOUT_MM) & (scan < wrist + _ABOUT_MM)).all(axis=1)
        found.append(np.asarray(scan[near]))
    return tuple(found)


def pulls(
    palms: tuple[Part, Part],
    b: Floats,
    pose: Pose,
    about: tuple[Floats, ...],
    components: int,
    scale_mm: float,
) -> list[Pull]:
    """Return where the fingertips of the scan pull, if it has any.

    Args:
        about: points of the scan about either hand; none: nothing pulls yet.
        scale_mm: how near the body lies to the scan by now.
    """
    found = []
    for palm, points in zip(palms, about, strict=False):
        bent, own, placed, turned = _bent(palm, b, pose)
        wrist, knuckles = bent[:_ENDS].mean(axis=0), bent[_ENDS:].mean(axis=0)
        palm_mm = float(np.linalg.norm(knuckles - wrist))
        along = (knuckles - wrist) / palm_mm
        tip_mm = _tip(points - wrist, along, REACH * palm_mm)
        if tip_mm is None:
            continue
        off_mm = tip_mm - REACH * palm_mm
        facing = np.repeat(along[None], 2 * _ENDS, axis=0)
        moved = jacobian(palm, bent, facing, own, placed, turned, components).astype(np.float64)
        row = REACH * moved[_ENDS:].mean(axis=0) - (REACH - 1.0) * moved[:_ENDS].mean(axis=0)
        trusted_mm = max(_TRUSTED_MM, 2.0 * scale_mm)
        doubt = 1.0 + (off_mm / trusted_mm) ** 2
        found.append(Pull(row, off_mm, (_SPREAD_MM * doubt) ** 2))
    return found


def proportions(body: Shape, b: Floats, components: int) -> list[Pull]:
    """Return what asks for an upper arm as long as its forearm lets expect."""
    joints = body.joints_mean + np.tensordot(b, body.joints_basis[: len(b)], 1)
    grows = body.joints_basis[:components]
    found = []
    for side in "LR":
        shoulder, elbow, wrist = (
            body.joint(f"{name}.{side}") for name in ("upperarm01", "lowerarm01", "wrist")
        )
        off_mm, row = 0.0, np.zeros(components + 3 * len(joints) + 3)
        for begin, end, sign in ((shoulder, elbow, 1.0), (elbow, wrist, -_UPPER_ARM)):
            way = joints[end] - joints[begin]
            length_mm = float(np.linalg.norm(way))
            off_mm -= sign * length_mm
            row[:components] += sign * (grows[:, end] - grows[:, begin]) @ (way / length_mm)
        found.append(Pull(row, off_mm, _UPPER_ARM_SPREAD_MM**2))
    return found


def _bent(palm: Part, b: Floats, pose: Pose) -> tuple[Floats, Floats, Floats, Floats]:
    rest, joints = palm.shape.at_rest(b)
    return posed(palm.shape, rest, joints, pose)


def _tip(way: Floats, along: Floats, reach_mm: float) -> float | None:
    """Return how far from the wrist the fingers end; None where there are too few points."""
    out = way @ along
    near = (out > 0.0) & (out < reach_mm + _BEYOND_MM)
    aside = np.linalg.norm(way[near] - out[near, None] * along, axis=1)
    fingers = out[near][aside < _ASIDE_MM]
    if len(fingers) < _POINTS_LEAST:
        return None
    return float(np.partition(fingers, -_FARTHEST)[-_FARTHEST])
