"""Fit the statistical body to a scan: where everything is, and how the person stands.

Gauss-Newton on point-to-plane distances from about 1,300 points of the body to the nearest points
of the scan, with weights that fall as a distance grows beyond what noise explains (so strays,
holes and hair pull little), and with priors on shape and on how far joints bend. Four starts:
facing to and fro, upright and upside down; the best after a few coarse steps goes on.

Cost    about 0.01 s a step; 26 steps.
Source  iterated closest points with a linear shape prior, as by Allen, Curless, Popovic (2003) and
        many since; robust weights after Geman and McClure (1987).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from manufold.design.garment.measure.arms import Pull, around, grips, proportions, pulls
from manufold.design.garment.measure.parts import Part, jacobian, part
from manufold.design.garment.measure.shape import Floats, Ints, Pose, Shape, normals, posed, turn
from manufold.model.errors import InputFault

__all__ = ["Fit", "fitted"]

#: how far the arms of the reference pose stand from the vertical, radians
_REFERENCE_OPEN = 0.72
#: how far a joint bends about x, y and z of the body: one standard deviation, degrees
_BENDS_DEG = {
    "root": (3.5, 3.0, 20.0),
    "spine05": (0.7, 0.7, 0.7),
    "spine04": (1.0, 1.0, 1.0),
    "spine03": (2.5, 2.0, 2.0),
    "spine02": (3.0, 2.0, 2.0),
    "spine01": (4.0, 2.0, 2.0),
    "neck01": (4.0, 3.0, 3.0),
    "neck02": (3.0, 2.0, 2.0),
    "neck03": (3.0, 2.0, 2.0),
    "head": (5.0, 4.0, 5.0),
    "clavicle": (4.0, 5.0, 5.0),
    "shoulder01": (2.5, 3.0, 2.5),
    "upperarm01": (8.0, 22.0, 8.0),
    "lowerarm01": (9.0, 6.0, 6.0),
    "wrist": (6.0, 6.0, 6.0),
    "upperleg01": (2.0, 6.0, 4.0),
    "lowerleg01": (3.0, 1.5, 3.0),
    "foot": (5.0, 4.0, 6.0),
}
#: people who are scanned hold their arms straighter than the reference pose does
_USUAL_DEG = {"lowerarm01": (26.0, 0.0, 0.0)}
#: per stage: steps, shape components, robust scale mm, what a residual counts as against priors mm
_COARSE = ((4, 3, 120.0, 8.0), (4, 8, 70.0, 8.0))
_FINE = ((5, 20, 45.0, 6.0), (5, 45, 22.0, 5.0), (5, 90, 9.0, 3.0), (12, 150, 5.0, 1.5))
#: residuals of a good scan at the last stage
_ROUGH_MM = 0.7
#: scan points whose mean a residual is taken to, once the body lies as near as this, mm
_AVERAGED, _LOOK_NEAR_MM = 4, 30.0
#: points of a scan lie so much farther aside than half of them do before that counts as a hole
_SPACING, _ASIDE_SHARE = 1.2, 0.7
#: fingertips are looked for once the body lies as near as this
_HANDS_MM = 50.0
_UPSIDE_DOWN = np.diag([1.0, -1.0, -1.0])
#: an upright start that ends nearer than this needs no look at the body upside down
_NEAR_MM = 9.0
_ALIKE = 1.6


@dataclass(frozen=True, slots=True)
class Fit:
    """A body fitted to a scan; everything stands in the body's own facing: it looks at -y.

    Args:
        b: shape, in standard deviations.
        pose: how it stands.
        points: (n, 3) of the body as it stands in the scan.
        normals: (n, 3).
        own: (n, 3, 3) how each point is turned from rest.
        rest: (n, 3) unbent.
        joints: (j, 3) unbent.
        yaw: (3, 3) turns the scan to the body's facing.
        residual_mm: median distance of the picked points from the scan.
        scan: (m, 3) its points, turned to the body's facing.
        tree: of those.
        front_margin: how much worse the other facing was, as a ratio.
        upside_down: whether the scan fits better standing on its head.
    """

    b: Floats
    pose: Pose
    points: Floats
    normals: Floats
    own: Floats
    rest: Floats
    joints: Floats
    yaw: Floats
    residual_mm: float
    scan: Floats
    tree: cKDTree
    front_margin: float
    upside_down: bool


@dataclass(frozen=True, slots=True)
class _State:
    b: Floats
    pose: Pose
    yaw: Floats
    misfit: float
    rough_mm: float = 0.0  # median distance from the planes, when last looked at


def fitted(body: Shape, scan: Floats) -> Fit:
    """Return the body fitted to an upright scan.

    Args:
        scan: (n, 3) mm, +z up.
    """
    coarse = scan[np.random.default_rng(7).permutation(len(scan))[:6000]]
    ends = [_coarse(body, coarse, start) for start in _starts(body, coarse)]
    best = min(ends, key=lambda end: end.misfit)
    other = max(end.misfit for end in ends)
    upside_down = False
    if best.misfit > _NEAR_MM:
        looked = coarse @ _UPSIDE_DOWN.T
        turned = min(
            (_coarse(body, looked, start) for start in _starts(body, looked)),
            key=lambda end: end.misfit,
        )
        alike = turned.misfit < _ALIKE * _NEAR_MM  # else it is nobody, either way up
        upside_down = alike and best.misfit > 1.25 * turned.misfit
    faced = scan @ best.yaw.T
    tree = cKDTree(faced)
    state = _steps(body, faced, tree, best, _FINE, body.picked)
    rest, joints = body.at_rest(state.b)
    points, own, _, _ = posed(body, rest, joints, state.pose)
    far, _ = tree.query(points[body.picked])
    return Fit(
        state.b,
        state.pose,
        points,
        normals(body, points),
        own,
        rest,
        joints,
        best.yaw,
        float(np.median(far)),
        faced,
        tree,
        float(other / max(best.misfit, 1e-9)),
        upside_down,
    )


def _coarse(body: Shape, scan: Floats, start: _State) -> _State:
    faced = scan @ start.yaw.T
    return _steps(body, faced, cKDTree(faced), start, _COARSE, body.few)


def _starts(body: Shape, scan: Floats) -> list[_State]:
    """Return the first guesses: as tall as the scan, arms where its hands are, facing both ways."""
    low, high = np.percentile(scan[:, 2], [0.3, 99.7])
    tall = high - low
    upper = scan[(scan[:, 2] > low + 0.4 * tall) & (scan[:, 2] < low + 0.8 * tall)]
    if len(upper) < 100:
        raise InputFault("garment.scan_not_body")
    spread = np.cov((upper[:, :2] - np.median(upper[:, :2], axis=0)).T)
    wide = np.linalg.eigh(spread)[1][:, -1]
    toward = float(np.arctan2(wide[1], wide[0]))
    b = _as_tall(body, tall)
    rest, joints = body.at_rest(b)
    found = []
    for angle in (toward, toward + np.pi):
        yaw = turn(np.array([0.0, 0.0, -angle]))
        faced = scan @ yaw.T
        middle = np.median(upper @ yaw.T, axis=0)
        bends = _usual(body)
        for name, sign in (("upperarm01.L", 1.0), ("upperarm01.R", -1.0)):
            joint = joints[body.joint(name)]
            side = sign * (faced[:, 0] - middle[0])
            hand = int(side.argmax())
            out = float(side[hand]) - abs(float(joint[0]))
            down = low + 0.81 * tall - float(faced[hand, 2])
            opened = float(np.clip(np.arctan2(out, max(down, 50.0)), 0.1, 1.2))
            bends[body.joint(name), 1] = -sign * (opened - _REFERENCE_OPEN)
        at = np.array([middle[0], middle[1], low - rest[:, 2].min()])
        found.append(_State(b, Pose(bends, at), yaw, np.inf))
    return found


def _as_tall(body: Shape, tall: float) -> Floats:
    """Return the likeliest shape of a stature."""
    top, sole = int(body.mean[:, 2].argmax()), int(body.mean[:, 2].argmin())
    grows = body.basis.reshape(len(body.basis), -1, 3)[:, [top, sole], 2].astype(np.float64)
    slope = grows[:, 0] - grows[:, 1]
    missing = tall - (body.mean[top, 2] - body.mean[sole, 2])
    return np.asarray(slope * missing / (slope @ slope))


def _steps(
    body: Shape,
    scan: Floats,
    tree: cKDTree,
    state: _State,
    plan: tuple[tuple[int, int, float, float], ...],
    picked: Ints,
) -> _State:
    """Return the state after the planned steps, with its robust misfit."""
    prior = np.concatenate([[1.0], _bend_priors(body)])  # of each shape component, of each bend
    mine = part(body, picked)
    palms = grips()
    for count, components, scale_mm, noise_mm in plan:
        facing = normals(body, body.at_rest(state.b)[0])[picked]
        hand_points = around(palms, state.b, state.pose, scan) if scale_mm < _HANDS_MM else ()
        for _ in range(count):
            rough = max(1.0, state.rough_mm / _ROUGH_MM) if scale_mm < 10.0 else 1.0
            weighed = prior * (noise_mm * rough) ** 2
            held = pulls(palms, state.b, state.pose, hand_points, components, scale_mm)
            held += proportions(body, state.b, components)
            state = _step(mine, facing, scan, tree, state, components, scale_mm, weighed, held)
    return state


def _nearest(tree: cKDTree, scan: Floats, points: Floats, count: int) -> tuple[Floats, Floats]:
    """Return how far the nearest scan point is (p,), and the way to the mean of some (p, 3).

    One point of a noisy scan pulls at random; the mean of a few says where its surface is.
    """
    far, nearest = tree.query(points, k=count)
    if count == 1:
        return far, scan[nearest] - points
    return far[:, 0], scan[nearest].mean(axis=1) - points


def _trust(residual: Floats, far: Floats, scale_mm: float) -> Floats:
    """Return the weights of residuals: small where the scan is far off, across or aside.

    Aside, a sparse scan has no point near although its surface is: half its points' distance is
    usual, and counts nothing.
    """
    if scale_mm > _LOOK_NEAR_MM:
        return np.asarray(1.0 / np.square(1.0 + np.square(far / scale_mm)))
    aside = np.sqrt(np.maximum(np.square(far) - np.square(residual), 0.0))
    hole = np.maximum(aside - _SPACING * float(np.median(aside)), 0.0)
    off = np.square(residual) + np.square(hole / _ASIDE_SHARE)
    return np.asarray(1.0 / np.square(1.0 + off / scale_mm**2))


def _bend_priors(body: Shape) -> Floats:
    """Return the inverse variances of all bends, per square radian."""
    spread = np.array([_BENDS_DEG[name.partition(".")[0]] for name in body.names])
    return np.asarray(1.0 / np.square(np.radians(spread)).ravel())


def _usual(body: Shape) -> Floats:
    """Return the bends that are likeliest before anything was seen, (j, 3)."""
    found = [_USUAL_DEG.get(name.partition(".")[0], (0.0, 0.0, 0.0)) for name in body.names]
    return np.asarray(np.radians(np.array(found)))


def _step(
    mine: Part,
    rest_facing: Floats,
    scan: Floats,
    tree: cKDTree,
    state: _State,
    components: int,
    scale_mm: float,
    prior: Floats,
    held: Sequence[Pull],
) -> _State:
    """Return the state after one step, with the robust misfit before it.

    Args:
        mine: the body, cut to the p picked points.
        rest_facing: (p, 3) normals of the unbent body.
        prior: what a residual counts as, mm2, times the inverse variances of shape and bends.
        held: where fingertips pull.
    """
    part = mine.shape
    rest, joints = part.at_rest(state.b)
    points, own, placed, turned = posed(part, rest, joints, state.pose)
    facing = np.einsum("pab,pb->pa", own, rest_facing)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    far, way = _nearest(tree, scan, points, 1 if scale_mm > _LOOK_NEAR_MM else _AVERAGED)
    residual = np.einsum("pa,pa->p", way, facing)
    weight = _trust(residual, far, scale_mm)
    misfit = float((np.square(far) / (np.square(far) + scale_mm**2)).mean()) * scale_mm
    moves = jacobian(mine, points, facing, own, placed, turned, components)
    scaled = moves * np.sqrt(weight).astype(np.float32)[:, None]
    left = (scaled.T @ scaled).astype(np.float64)
    right = (scaled.T @ (residual * np.sqrt(weight)).astype(np.float32)).astype(np.float64)
    bends = state.pose.bends.ravel()
    k, j3 = components, len(bends)
    right[:k] -= prior[0] * state.b[:k]
    right[k : k + j3] -= prior[1:] * (bends - _usual(part).ravel())
    kept = np.concatenate([np.full(k, prior[0]), prior[1:], np.full(3, 1e-9)])
    left[np.diag_indices(len(left))] += kept
    for pull in held:
        left += prior[0] / pull.variance_mm2 * np.outer(pull.row, pull.row)
        right += prior[0] / pull.variance_mm2 * pull.off_mm * pull.row
    try:
        moved = np.linalg.solve(left, right)
    except np.linalg.LinAlgError:
        raise InputFault("garment.scan_not_body") from None
    b = state.b.copy()
    b[:k] = np.clip(b[:k] + moved[:k], -6.0, 6.0)
    bends = bends + np.clip(moved[k : k + j3], -0.35, 0.35)
    pose = Pose(bends.reshape(-1, 3), state.pose.at + moved[k + j3 :])
    return _State(b, pose, state.yaw, misfit, float(np.median(np.abs(residual))))
