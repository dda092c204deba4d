"""The statistical body: a mean, its ways of varying, and a skeleton that bends it.

A body is `mean + basis . b`, b independent and of unit spread, bent at its joints by linear blend
skinning. It was learned from generated bodies of a CC0 model (see data/CARD.md), and serves as a
guide: it says which point of a scan belongs to what, and what a hole most likely hides. Girths are
taken from the scan's own surface (see `following`).

Units   mm; +z up, the body faces -y, its left is +x; the root joint is the origin of a shape.
"""

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Floats",
    "Ints",
    "Pose",
    "Shape",
    "frames",
    "normals",
    "posed",
    "shape",
    "turn",
    "turns",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of bodies.

    Args:
        mean: (n, 3).
        basis: (k, n * 3); float32, a row is one standard deviation.
        joints_mean: (j, 3) heads of the joints.
        joints_basis: (k, j, 3).
        weights: (n, j) float32; how far each joint carries a point.
        names: of the joints.
        parents: (j,), -1 for the root.
        faces: (f, 3).
        edges: (e, 2), each once.
        picked: points by which a scan is fitted, spread evenly over the body.
        few: some of them, for first guesses.
        marks: named points or loops of points.
    """

    mean: Floats
    basis: NDArray[np.float32]
    joints_mean: Floats
    joints_basis: Floats
    weights: NDArray[np.float32]
    names: tuple[str, ...]
    parents: tuple[int, ...]
    faces: Ints
    edges: Ints
    picked: Ints
    few: Ints
    marks: dict[str, Ints]

    def at_rest(self, b: Floats) -> tuple[Floats, Floats]:
        """Return the points and joints of the shape b, unbent."""
        moved = b.astype(np.float32) @ self.basis[: len(b)]
        points = self.mean + moved.reshape(-1, 3)
        joints = self.joints_mean + np.tensordot(b, self.joints_basis[: len(b)], 1)
        return points, joints

    def joint(self, name: str) -> int:
        """Return the number of a joint."""
        return self.names.index(name)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a body stands.

    Args:
        bends: (j, 3) rotation vectors, each in the frame of its parent; the first turns the body.
        at: (3,) where the root joint stands, mm.
    """

    bends: Floats
    at: Floats


@cache
def shape() -> Shape:
    """Return the body that is shipped with the package."""
    stored = files("manufold.design.garment.measure").joinpath("data", "shape_space.npz")
    with np.load(io.BytesIO(stored.read_bytes()), allow_pickle=False) as held:
        faces = held["faces"].astype(np.int64)
        small = held["basis_small"] * held["basis_scale"][:, None, None]
        n = len(held["mean"])
        pairs = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
        return Shape(
            held["mean"].astype(np.float64),
            np.concatenate([held["basis"].astype(np.float32), small]).reshape(-1, n * 3),
            held["joints_mean"].astype(np.float64),
            held["joints_basis"].astype(np.float64),
            held["weights"].astype(np.float32),
            tuple(str(name) for name in held["names"]),
            tuple(int(parent) for parent in held["parents"]),
            faces,
            np.unique(pairs, axis=0),
            held["picked"].astype(np.int64),
            held["few"].astype(np.int64),
            {key[5:]: held[key].astype(np.int64) for key in held.files if key.startswith("mark_")},
        )


def turn(vector: Floats) -> Floats:
    """Return the rotation matrix of a rotation vector (Rodrigues)."""
    return np.asarray(turns(vector[None])[0])


def turns(vectors: Floats) -> Floats:
    """Return the rotation matrices (m, 3, 3) of rotation vectors (m, 3)."""
    angle = np.linalg.norm(vectors, axis=1)[:, None, None]
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)
    small = np.maximum(angle, 1e-9)
    return np.asarray(
        np.eye(3) + np.sin(angle) / small * cross + (1 - np.cos(angle)) / small**2 * (cross @ cross)
    )


def frames(body: Shape, joints: Floats, pose: Pose) -> tuple[Floats, Floats]:
    """Return where each joint's frame is turned (j, 3, 3) and stands (j, 3) in the world."""
    local = turns(pose.bends)
    turned = np.zeros((len(joints), 3, 3))
    placed = np.zeros((len(joints), 3))
    for j, parent in enumerate(body.parents):  # parents stand before their children
        if parent < 0:
            turned[j] = local[j]
            placed[j] = pose.at
        else:
            turned[j] = turned[parent] @ local[j]
            placed[j] = placed[parent] + turned[parent] @ (joints[j] - joints[parent])
    return turned, placed


def posed(
    body: Shape, points: Floats, joints: Floats, pose: Pose
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return a bent body: points (n, 3), their own turns (n, 3, 3), joints (j, 3), frames."""
    turned, placed = frames(body, joints, pose)
    shifts = placed - np.einsum("jab,jb->ja", turned, joints)
    both = np.concatenate([turned.reshape(-1, 9), shifts], axis=1).astype(np.float32)
    blended = (body.weights @ both).astype(np.float64)
    own = blended[:, :9].reshape(-1, 3, 3)
    bent = np.einsum("nab,nb->na", own, points) + blended[:, 9:]
    return bent, own, placed, turned


def normals(body: Shape, points: Floats) -> Floats:
    """Return the outward normals of a body's points (n, 3), weighted by area."""
    a, b, c = (points[body.faces[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)
    total = np.zeros_like(points)
    for k in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(body.faces[:, k], facing[:, axis], len(points))
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9))
