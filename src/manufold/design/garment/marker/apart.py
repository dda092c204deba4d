"""How far convex parts lie apart, and along which line they are parted best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Parts", "Rows", "apart", "stacked"]

#: pairs of parts looked at in one go: bounds the memory of a step to some tens of MB
STEP = 20_000
#: of the reach: among lines that part a pair alike, the one along the strip leaves room to close up
TILT = 1e-6


@dataclass(frozen=True, slots=True)
class Parts:
    """Convex parts of pieces that can move, all with as many corners as the largest of them.

    Args:
        corners: shape (parts, corners, 2), counter-clockwise; the last corner is repeated.
        normals: shape (parts, corners, 2), outward unit normal of the edge that begins at each
            corner; zero where a corner is a repeated one.
        piece: shape (parts,), which piece each is of; ascending.
    """

    corners: NDArray[np.float64]
    normals: NDArray[np.float64]
    piece: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Pairs of parts of different pieces that lie near each other.

    Args:
        first, second: shape (pairs,), pieces.
        normal: shape (pairs, 2), unit, from the first to the second.
        distance: shape (pairs,), by how much the best line parts them; negative = they overlap.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    normal: NDArray[np.float64]
    distance: NDArray[np.float64]


def stacked(pieces: list[tuple[NDArray[np.float64], ...]]) -> Parts:
    """Return the parts of all pieces in one array."""
    most = max(len(part) for piece in pieces for part in piece)
    corners, normals, owner = [], [], []
    for number, piece in enumerate(pieces):
        for part in piece:
            along = np.roll(part, -1, axis=0) - part
            length = np.hypot(along[:, 0], along[:, 1])
            outward = np.column_stack((along[:, 1], -along[:, 0])) / length[:, None]
            spare = most - len(part)
            corners.append(np.vstack((part, np.repeat(part[-1:], spare, axis=0))))
            normals.append(np.vstack((outward, np.zeros((spare, 2)))))
            owner.append(number)
    return Parts(np.array(corners), np.array(normals), np.array(owner))


def apart(parts: Parts, offset: NDArray[np.float64], reach: float) -> Rows:
    """Return how all pairs of parts are parted that could meet within `reach`.

    Of convex polygons a separating line, if any, runs along an edge of one of them.

    Args:
        offset: shape (pieces, 2), how far each piece was moved.
        reach: pairs further apart than this are left out.
    """
    corners = parts.corners + offset[parts.piece][:, None, :]
    low, high = corners.min(axis=1), corners.max(axis=1)
    near = np.all(low[:, None, :] <= high[None, :, :] + reach, axis=2)
    near &= near.T
    near &= parts.piece[:, None] < parts.piece[None, :]
    one, other = np.nonzero(near)
    found = [
        _parted(corners, parts.normals, one[at : at + STEP], other[at : at + STEP], TILT * reach)
        for at in range(0, len(one), STEP)
    ]
    if not found:
        nothing = np.zeros(0, dtype=np.int64)
        return Rows(nothing, nothing, np.zeros((0, 2)), np.zeros(0))
    normal = np.concatenate([each[0] for each in found])
    distance = np.concatenate([each[1] for each in found])
    kept = distance <= reach
    return Rows(parts.piece[one[kept]], parts.piece[other[kept]], normal[kept], distance[kept])


def _parted(
    corners: NDArray[np.float64],
    normals: NDArray[np.float64],
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    tilt: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the best line's normal, from one to other, and how far it parts each pair."""
    normal, distance, worth = _along_edges(corners, normals, one, other, tilt)
    back, backward, other_worth = _along_edges(corners, normals, other, one, tilt)
    better = other_worth > worth
    return np.where(better[:, None], -back, normal), np.where(better, backward, distance)


def _along_edges(
    corners: NDArray[np.float64],
    normals: NDArray[np.float64],
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    tilt: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the normal of the edge of `one` that parts it best, how far it does, and its worth."""
    outward = normals[one]
    reached = np.einsum("pek,pck->pec", outward, corners[other]).min(axis=2)
    own = np.einsum("pek,pek->pe", outward, corners[one])
    far = np.where(np.any(outward != 0, axis=2), reached - own, -np.inf)
    worth = far - np.abs(outward[..., 0]) * tilt
    best = worth.argmax(axis=1)
    rows = np.arange(len(one))
    return outward[rows, best], far[rows, best], worth[rows, best]
