"""Put the measured surface into the standard pose: upright, arms 28 degrees out, legs straight.

Shoulders, arms and legs move the flesh around them, so data are taken in one pose. What belongs to
the person stays: a dropped shoulder, a rounded back, the set of the head.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manufold.design.garment.measure.fitting import Fit
from manufold.design.garment.measure.following import Surface
from manufold.design.garment.measure.shape import (
    Floats,
    Pose,
    Shape,
    frames,
    normals,
    posed,
)

__all__ = ["ARMS_DEG", "Stood", "arm_angles_deg", "leg_angles_deg", "stood"]

#: of the upper arms from the vertical, seen from the front
ARMS_DEG = 27.7


@dataclass(frozen=True, slots=True)
class Stood:
    """The surface in the standard pose, the floor at z = 0.

    Args:
        points: (n, 3) mm.
        normals: (n, 3).
        joints: (j, 3).
    """

    points: Floats
    normals: Floats
    joints: Floats


def stood(
    body: Shape, fit: Fit, surface: Surface, floor_mm: float | None, *, arms_set: bool = True
) -> Stood:
    """Return the surface in the standard pose.

    Args:
        floor_mm: of the scan; None: the floor is where the soles end.
        arms_set: put the arms into the standard pose, too; else they stay as they were held.
    """
    way = surface.points - fit.points
    rest = fit.rest + np.linalg.solve(fit.own, way[:, :, None])[:, :, 0]
    bends = fit.pose.bends.copy()
    bends[0] = 0.0
    for name, wider in (("upperleg01.L", -1.0), ("upperleg01.R", 1.0)):
        leg = body.joint(name)
        if wider * bends[leg, 1] > 0.0:  # nearer legs stay: so people stand to be measured
            bends[leg, 1] = 0.0
    for side, sign in (("L", 1.0), ("R", -1.0)):
        for _ in range(4 if arms_set else 0):
            _, placed = _frames(body, fit, bends)
            off = ARMS_DEG - _angle_deg(body, placed, side)
            bends[body.joint(f"upperarm01.{side}"), 1] -= sign * np.radians(off)
    points, _, joints, _ = posed(body, rest, fit.joints, Pose(bends, np.zeros(3)))
    ground = float(points[:, 2].min())
    if floor_mm is not None:
        ground -= float(surface.points[:, 2].min()) - floor_mm
    up = np.array([0.0, 0.0, ground])
    return Stood(points - up, normals(body, points), joints - up)


def arm_angles_deg(body: Shape, fit: Fit) -> tuple[float, float]:
    """Return how far the upper arms, left and right, stand from the vertical in the scan."""
    _, placed = _frames(body, fit, fit.pose.bends)
    return _angle_deg(body, placed, "L"), _angle_deg(body, placed, "R")


def leg_angles_deg(body: Shape, fit: Fit) -> tuple[float, float]:
    """Return how far the legs stand from the vertical of the hips in the scan."""
    left, right = (
        float(np.degrees(fit.pose.bends[body.joint(f"upperleg01.{s}"), 1])) for s in "LR"
    )
    return -left, right


def _frames(body: Shape, fit: Fit, bends: Floats) -> tuple[NDArray[np.float64], Floats]:
    return frames(body, fit.joints, Pose(bends, np.zeros(3)))


def _angle_deg(body: Shape, placed: Floats, side: str) -> float:
    sign = 1.0 if side == "L" else -1.0
    way = placed[body.joint(f"lowerarm01.{side}")] - placed[body.joint(f"upperarm01.{side}")]
    return float(np.degrees(np.arctan2(sign * way[0], -way[2])))
