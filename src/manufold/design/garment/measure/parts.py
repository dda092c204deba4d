"""Some points of the statistical body, and how they move with shape, bends and place."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from manufold.design.garment.measure.shape import Floats, Ints, Shape

__all__ = ["Part", "jacobian", "part"]


@dataclass(frozen=True, slots=True)
class Part:
    """The body cut down to p of its points.

    Args:
        shape: of these points alone; its faces and marks are the whole body's.
        picked: (p,) which they are.
        carried: (p, j) how far bending a joint moves a point.
    """

    shape: Shape
    picked: Ints
    carried: NDArray[np.float32]


def part(body: Shape, picked: Ints) -> Part:
    """Return the body cut down to some points."""
    weights = body.weights[picked]
    carried = weights.copy()
    for j in range(len(body.parents) - 1, 0, -1):
        carried[:, body.parents[j]] += carried[:, j]
    basis = body.basis.reshape(len(body.basis), -1, 3)[:, picked]
    cut = replace(
        body, mean=body.mean[picked], basis=basis.reshape(len(basis), -1), weights=weights
    )
    return Part(cut, picked, carried)


def jacobian(
    part: Part,
    points: Floats,
    facing: Floats,
    own: Floats,
    placed: Floats,
    turned: Floats,
    components: int,
) -> NDArray[np.float32]:
    """Return how residuals shrink with shape, bends and place: (p, k + 3 j + 3).

    Args:
        facing: (p, 3) directions in which residuals are taken.
        own, placed, turned: of the bent points, see `shape.posed`.
        components: k.
    """
    inward = np.einsum("pab,pa->pb", own, facing).astype(np.float32).ravel()
    rows = part.shape.basis[:components] * inward
    shapes = (rows[:, 0::3] + rows[:, 1::3] + rows[:, 2::3]).T
    arms = (points[:, None, :] - placed[None]).astype(np.float32)  # (p, j, 3)
    toward = facing.astype(np.float32)[:, None, :]
    torque = np.stack(
        [
            arms[:, :, 1] * toward[:, :, 2] - arms[:, :, 2] * toward[:, :, 1],
            arms[:, :, 2] * toward[:, :, 0] - arms[:, :, 0] * toward[:, :, 2],
            arms[:, :, 0] * toward[:, :, 1] - arms[:, :, 1] * toward[:, :, 0],
        ],
        axis=2,
    )
    torque *= part.carried[:, :, None]
    frames = np.concatenate([np.eye(3)[None], turned[list(part.shape.parents[1:])]]).astype(
        np.float32
    )
    bends = np.matmul(torque.transpose(1, 0, 2), frames).transpose(1, 0, 2)
    flat = bends.reshape(len(points), -1)
    return np.concatenate([shapes, flat, toward[:, 0]], axis=1)
