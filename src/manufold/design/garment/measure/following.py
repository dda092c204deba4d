"""Let the fitted body follow the scan's own surface.

The shape space knows people only roughly, so what is measured is not the fitted body but the same
mesh moved onto the scan: each scan point says how far the triangle beneath it must move along its
normal, and the smoothest displacement that agrees is taken. Noise is averaged, holes are bridged
from their rims, and the mesh keeps its numbering, so the definitions need no detector.

Cost    0.1 s a pass; two passes.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.linalg import LinearOperator, cg
from scipy.spatial import cKDTree

from manufold.design.garment.measure.shape import Floats, Ints, Shape, normals, shape

__all__ = ["Surface", "followed", "laplacian"]

#: a scan point farther from the body than this belongs to something else, mm
_REACH_MM = (40.0, 12.0)
#: how much smoothness weighs against what the points say
_SMOOTH = (6.0, 1.0)
_STEPS = 40
#: hands and face end in the mesh; points farther from it than this are somebody else's, mm
_AWAY_MM = 110.0


@dataclass(frozen=True, slots=True)
class Surface:
    """A body's mesh moved onto the scan.

    Args:
        points: (n, 3).
        gap_mm: (n,) how far the nearest scan point is.
        offset_mm: (n,) how far it moved outward from the fitted body.
        noise_mm: median distance of the scan's points from it.
        explained: share of the scan's points that lie on it, or near where hands and face are.
        away: (m,) which points lie far from it.
        rough_mm: how far from the statistical body the surface of trunk and legs stands, in the
            root mean square of what is left when its smooth part is taken off.
    """

    points: Floats
    gap_mm: Floats
    offset_mm: Floats
    noise_mm: float
    explained: float
    away: NDArray[np.bool_]
    rough_mm: float


def followed(body: Shape, points: Floats, scan: Floats, tree: cKDTree) -> Surface:
    """Return the mesh that was fitted, moved onto the scan."""
    start = points
    facing = normals(body, points)
    roughness = _roughness()
    residual = np.zeros(len(scan))
    mine = np.zeros(len(scan), dtype=bool)
    for reach_mm, smooth, every in zip(_REACH_MM, _SMOOTH, (2, 1), strict=True):
        facing = normals(body, points)
        mine, corners, shares, residual = _beneath(body, points, facing, scan[::every], reach_mm)
        scale_mm = max(1.5, 2.5 * float(np.median(np.abs(residual[mine]))))
        trust = 1.0 / np.square(1.0 + np.square(residual[mine] / (3.0 * scale_mm)))
        rows = np.repeat(np.arange(int(mine.sum())), 3)
        told = csr_matrix(
            (shares[mine].ravel(), (rows, corners[mine].ravel())), (int(mine.sum()), len(points))
        )
        weighed = diags(trust) @ told
        left = (told.T @ weighed + smooth * roughness + diags(np.full(len(points), 1e-3))).tocsr()
        step = _solved(left, weighed.T @ residual[mine])
        points = points + step[:, None] * facing
    offset = np.einsum("na,na->n", points - start, normals(body, start))
    far, _ = cKDTree(points).query(scan)
    away = far > _AWAY_MM
    return Surface(
        points,
        tree.query(points)[0],
        offset,
        float(np.median(np.abs(residual[mine]))),
        1.0 - float(away.mean()),
        away,
        float(np.percentile(np.abs(offset), 90)),
    )


def _solved(left: csr_matrix, right: Floats) -> Floats:
    """Return the solution of a positive definite system, near enough."""
    inverse = 1.0 / left.diagonal()
    ready = LinearOperator(left.shape, matvec=lambda v: inverse * v, dtype=np.float64)
    found, _ = cg(left, right, rtol=1e-4, maxiter=_STEPS, M=ready)
    return np.asarray(found)


def _beneath(
    body: Shape, points: Floats, facing: Floats, scan: Floats, reach_mm: float
) -> tuple[NDArray[np.bool_], Ints, Floats, Floats]:
    """Return which scan points lie over the body, over which corners, and how far outward.

    Returns:
        mine (m,), corners (m, 3), their shares (m, 3), outward distance (m,) mm.
    """
    three = points[body.faces]
    centres = three.mean(axis=1)
    far, near = cKDTree(centres).query(scan, k=2, distance_upper_bound=reach_mm + 25.0)
    found = np.isfinite(far[:, 0])
    near = np.where(np.isfinite(far), near, near[:, :1])
    near[~found] = 0
    a, b, c = (three[near][:, :, k] for k in range(3))  # (m, 3, 3)
    shares = _shares(scan[:, None, :], a, b, c)
    best = shares.min(axis=2).argmax(axis=1)
    rows = np.arange(len(scan))
    share = np.clip(shares[rows, best], 0.0, None)
    share /= share.sum(axis=1, keepdims=True)
    corners = body.faces[near[rows, best]]
    beneath = np.einsum("mk,mka->ma", share, points[corners])
    outward = np.einsum("mk,mka->ma", share, facing[corners])
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    way = scan - beneath
    distance = np.einsum("ma,ma->m", way, outward)
    aside = np.linalg.norm(way - distance[:, None] * outward, axis=1)
    mine = found & (np.abs(distance) < reach_mm) & (aside < 6.0 + 0.5 * np.abs(distance))
    return mine, corners, share, distance


def _shares(p: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    """Return barycentric coordinates of the feet of p on triangles; negative ones lie outside."""
    u, v, w = b - a, c - a, p - a
    uu, uv, vv = (u * u).sum(-1), (u * v).sum(-1), (v * v).sum(-1)
    wu, wv = (w * u).sum(-1), (w * v).sum(-1)
    bottom = np.maximum(uu * vv - uv * uv, 1e-9)
    second = (vv * wu - uv * wv) / bottom
    third = (uu * wv - uv * wu) / bottom
    return np.stack([1.0 - second - third, second, third], axis=-1)


@cache
def laplacian() -> csr_matrix:
    """Return how far a value at each point of the mesh differs from the mean of its neighbours."""
    body = shape()
    n = len(body.mean)
    i, j = body.edges.T
    ones = np.ones(len(i))
    touching = coo_matrix((ones, (i, j)), (n, n)).tocsr()
    touching = touching + touching.T
    degree = np.asarray(touching.sum(axis=1)).ravel()
    return (diags(np.ones(n)) - diags(1.0 / np.maximum(degree, 1.0)) @ touching).tocsr()


@cache
def _roughness() -> csr_matrix:
    """Return the square of the graph's Laplacian: what a displacement costs for being rough."""
    return (laplacian().T @ laplacian()).tocsr()
