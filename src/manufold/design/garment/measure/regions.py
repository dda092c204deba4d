"""Which part of the body is cut: masks of edges by what carries their points."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from manufold.design.garment.measure.shape import Floats, Ints, Shape, shape

__all__ = ["Regions", "regions"]

_ARM = ("upperarm01", "lowerarm01", "wrist")
_LEG = ("upperleg01", "lowerleg01", "foot")


@dataclass(frozen=True, slots=True)
class Regions:
    """Edges by part, each (e, 2).

    Args:
        trunk: all but arms: head, neck, trunk and legs.
        arms: left, right.
        legs: left, right.
        arm_share: (n,) how far a point belongs to an arm.
        leg_share: (n,) to a leg.
    """

    trunk: Ints
    arms: tuple[Ints, Ints]
    legs: tuple[Ints, Ints]
    arm_share: Floats
    leg_share: Floats


@cache
def regions() -> Regions:
    """Return the parts of the shipped body."""
    body = shape()
    arms = [_share(body, _ARM, side) for side in "LR"]
    legs = [_share(body, _LEG, side) for side in "LR"]
    arm, leg = arms[0] + arms[1], legs[0] + legs[1]
    sides = body.mean[:, 0]
    return Regions(
        _within(body, arm < 0.5),
        (_within(body, arms[0] > 0.4), _within(body, arms[1] > 0.4)),
        (
            _within(body, (legs[0] > 0.02) & (sides > 0.0)),
            _within(body, (legs[1] > 0.02) & (sides < 0.0)),
        ),
        arm,
        leg,
    )


def _share(body: Shape, bones: tuple[str, ...], side: str) -> Floats:
    places = [body.joint(f"{bone}.{side}") for bone in bones]
    return np.asarray(body.weights[:, places].sum(axis=1).astype(np.float64))


def _within(body: Shape, mine: np.ndarray) -> Ints:
    return np.asarray(body.edges[mine[body.edges].all(axis=1)])
