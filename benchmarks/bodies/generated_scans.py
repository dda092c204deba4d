"""Scans of generated people, whose data are known: posed, sampled, with noise and with faults.

Only numpy and what the product brings. People come from anny_bodies.py, as an .npz of points in
the reference pose; those who are as people are (against the ANSUR II ranges below) are taken.
"""

from dataclasses import dataclass, replace

import numpy as np

from manufold.design.garment.measure.definitions import Taking, taken
from manufold.design.garment.measure.shape import Pose, Shape, frames, normals, posed, shape
from manufold.design.garment.measure.standard import ARMS_DEG, Stood

#: between about the 1st and the 99th percentile of ANSUR II, both sexes, mm
RANGES = {
    "stature": (1500, 1930),
    "bust_girth": (760, 1290),
    "waist_girth": (640, 1250),
    "hip_girth": (840, 1270),
    "inside_leg_height": (640, 960),
    "neck_girth": (280, 470),
    "upper_arm_girth": (215, 440),
    "thigh_girth": (450, 790),
    "calf_girth": (290, 480),
    "wrist_girth": (130, 205),
    "shoulder_width": (320, 520),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One person: points and joints in the reference pose, and the true data.

    `skin` is the whole of it, with face, ears and fingers, which the statistical body lacks.
    """

    rest: np.ndarray
    joints: np.ndarray
    truth: Taking
    skin: "Skin | None" = None


@dataclass(frozen=True, slots=True)
class Skin:
    """A whole body: points (v, 3), faces (f, 3), how far each joint carries a point (v, j)."""

    points: np.ndarray
    faces: np.ndarray
    weights: np.ndarray


def people(path: str, most: int) -> list[Person]:
    """Return generated people who are as people are."""
    body = shape()
    with np.load(path) as held:
        vertices, heads = held["vertices"], held["heads"]
        skin = _skin(held["faces"], vertices.shape[1])
        assert tuple(held["joints"]) == body.names
        number = np.full(vertices.shape[1], -1)
        number[skin] = np.arange(len(skin))
        faces = number[held["faces"]]
        faces, weights = faces[(faces >= 0).all(axis=1)], held["weights"][skin]
    with np.load(_space()) as held:
        kept = held["kept"].astype(np.int64)
    found: list[Person] = []
    for points, joints in zip(vertices[:, skin], heads, strict=True):
        rest = points[kept].astype(np.float64) - joints[0]
        bones = joints.astype(np.float64) - joints[0]
        truth = taken(body, _standard(body, rest, bones))
        plain = {name: datum.value for name, datum in truth.data.items()}
        if all(plain[k] is not None and a <= plain[k] <= b for k, (a, b) in RANGES.items()):
            whole = Skin(points.astype(np.float64) - joints[0], faces, weights)
            found.append(Person(rest, bones, truth, whole))
        if len(found) == most:
            break
    return found


def _space():
    from importlib.resources import files

    return str(files("manufold.design.garment.measure").joinpath("data", "shape_space.npz"))


def _skin(faces, count):
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    i, j = faces.ravel(), faces[:, [1, 2, 0]].ravel()
    graph = coo_matrix((np.ones(len(i)), (i, j)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    return np.flatnonzero(label == np.bincount(label[faces[:, 0]]).argmax())


def usual_bends(body: Shape) -> np.ndarray:
    """Return the bends of the standard pose before its arms are set."""
    bends = np.zeros((len(body.names), 3))
    for side in "LR":
        bends[body.joint(f"lowerarm01.{side}")] = np.radians((25.0, 0.0, 0.0))
    return bends


def arms_set(body: Shape, joints, bends, left_deg, right_deg):
    """Return bends with the upper arms so far from the vertical."""
    bends = bends.copy()
    for side, sign, asked in (("L", 1.0, left_deg), ("R", -1.0, right_deg)):
        for _ in range(4):
            turned, placed = frames(body, joints, Pose(bends, np.zeros(3)))
            way = turned[0].T @ (
                placed[body.joint(f"lowerarm01.{side}")] - placed[body.joint(f"upperarm01.{side}")]
            )
            now = np.degrees(np.arctan2(sign * way[0], -way[2]))
            bends[body.joint(f"upperarm01.{side}"), 1] -= sign * np.radians(asked - now)
    return bends


def standard_truth(rest: np.ndarray, joints: np.ndarray) -> Taking:
    """Return the true data of a body in the reference pose."""
    return taken(shape(), _standard(shape(), rest, joints))


def _standard(body: Shape, rest, joints) -> Stood:
    bends = arms_set(body, joints, usual_bends(body), ARMS_DEG, ARMS_DEG)
    points, _, placed, _ = posed(body, rest, joints, Pose(bends, np.zeros(3)))
    up = np.array([0.0, 0.0, points[:, 2].min()])
    return Stood(points - up, normals(body, points), placed - up)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a scan."""

    name: str = "clean"
    noise_mm: float = 0.5
    count: int = 60_000
    arms: tuple[float, float] = (0.0, 0.0)  # added, degrees
    lean_deg: float = 0.0
    drop_deg: float = 0.0
    back_deg: float = 0.0
    outliers: float = 0.0
    floor: bool = False
    holes: tuple[str, ...] = ()
    hole_mm: float = 60.0
    clothing_mm: float = 0.0
    shirt_mm: float = 0.0  # thin and loose: trunk and upper arms only, with folds


FAULTS = (
    Fault(),
    Fault("noise 2 mm", noise_mm=2.0, count=90_000),
    Fault("outliers", noise_mm=1.0, outliers=0.005),
    Fault("no caps", noise_mm=1.0, holes=("crown", "soles")),
    Fault("holes armpit crotch", noise_mm=1.0, holes=("axilla", "crotch")),
    Fault("holes bust", noise_mm=1.0, holes=("bust",), hole_mm=75.0),
    Fault("arms 45", noise_mm=1.0, arms=(14.0, 14.0)),
    Fault("arms 20, uneven", noise_mm=1.0, arms=(-7.0, 6.0)),
    Fault("shoulder dropped", noise_mm=1.0, drop_deg=6.0),
    Fault("rounded back", noise_mm=1.0, back_deg=10.0),
    Fault("lean 5", noise_mm=1.0, lean_deg=5.0),
    Fault("floor", noise_mm=1.0, floor=True),
    Fault("20k points", noise_mm=1.0, count=21_000),
)


def scan(person: Person, fault: Fault, seed: int) -> tuple[np.ndarray, Taking]:
    """Return the points of a scan, mm, z up, floor at 0, any facing; and the true data."""
    rng = np.random.default_rng(seed)
    body = shape()
    bends = usual_bends(body)
    bends += np.radians(rng.normal(0, 1.2, bends.shape)) * (bends.sum(axis=1, keepdims=True) != 0)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        bends[body.joint(f"upperleg01.{side}"), 1] -= sign * np.radians(abs(rng.normal(0, 1.5)))
    if fault.drop_deg:
        bends[body.joint("clavicle.L"), 1] += np.radians(fault.drop_deg)
    if fault.back_deg:
        for name in ("spine02", "spine01"):
            bends[body.joint(name), 0] += np.radians(fault.back_deg / 2)
        bends[body.joint("neck01"), 0] -= np.radians(fault.back_deg / 2)
    truth = person.truth
    if fault.drop_deg or fault.back_deg:  # these belong to the person
        own = usual_bends(body)
        for name in ("clavicle.L", "spine02", "spine01", "neck01"):
            own[body.joint(name)] = bends[body.joint(name)]
        truth = taken(body, _stood(body, person, own))
    arms = rng.normal(0, 2.0, 2) + ARMS_DEG + np.array(fault.arms)
    bends = arms_set(body, person.joints, bends, *arms)
    bends[0] = np.radians(fault.lean_deg) * np.array([1.0, 0.0, 0.0])
    pose = Pose(bends, np.zeros(3))
    points, _, _, _ = posed(body, person.rest, person.joints, pose)
    ground = [0, 0, points[:, 2].min()]
    points = points - ground
    found = _sampled(points, body.faces, fault, rng)
    if person.skin is not None:
        skin = person.skin
        whole, _, _, _ = posed(
            replace(body, weights=skin.weights), skin.points, person.joints, pose
        )
        found = _sampled(whole - ground, skin.faces, fault, rng)
    return _spoiled(body, points, found, fault, rng), truth


def _stood(body, person, bends):
    bends = arms_set(body, person.joints, bends, ARMS_DEG, ARMS_DEG)
    points, _, placed, _ = posed(body, person.rest, person.joints, Pose(bends, np.zeros(3)))
    up = np.array([0.0, 0.0, points[:, 2].min()])
    return Stood(points - up, normals(body, points), placed - up)


def _sampled(points, faces, fault, rng):
    a, b, c = (points[faces[:, k]] for k in range(3))
    facing = np.cross(b - a, c - a)
    area = np.linalg.norm(facing, axis=1)
    chosen = rng.choice(len(area), fault.count, p=area / area.sum())
    u, v = rng.uniform(size=(2, fault.count))
    flip = u + v > 1
    u[flip], v[flip] = 1 - u[flip], 1 - v[flip]
    found = a[chosen] + u[:, None] * (b - a)[chosen] + v[:, None] * (c - a)[chosen]
    away = facing[chosen] / np.maximum(area[chosen], 1e-9)[:, None]
    if fault.clothing_mm:
        dressed = (found[:, 2] > 250) & (found[:, 2] < 0.82 * points[:, 2].max())
        waves = 0.5 + 0.5 * np.sin(found[:, 2] / 35 + 6 * np.arctan2(found[:, 1], found[:, 0]))
        found = found + (dressed * fault.clothing_mm * (0.4 + waves))[:, None] * away
    if fault.shirt_mm:
        z, tall = found[:, 2], points[:, 2].max()
        worn = (z > 0.47 * tall) & (z < 0.80 * tall) & (np.abs(found[:, 0]) < 0.22 * tall)
        angle = np.arctan2(found[:, 1], found[:, 0])
        folds = 0.6 + 0.2 * (np.sin(9 * angle) + np.sin(z / 23 + 4 * angle))
        found = found + (worn * fault.shirt_mm * folds)[:, None] * away
    return found + away * rng.normal(0, fault.noise_mm, fault.count)[:, None]


def _spoiled(body, points, found, fault, rng):
    marks = {name: points[place].mean(axis=0) for name, place in body.marks.items()}
    top = points[:, 2].max()
    for hole in fault.holes:
        if hole == "crown":
            found = found[found[:, 2] < top - 14]
        elif hole == "soles":
            found = found[found[:, 2] > 6]
        else:
            for name in (f"{hole}_L", f"{hole}_R", hole):
                if name in marks:
                    found = found[np.linalg.norm(found - marks[name], axis=1) > fault.hole_mm]
    if fault.outliers:
        many = int(fault.outliers * len(found))
        low, high = found.min(axis=0) - 100, found.max(axis=0) + 100
        found = np.concatenate([found, rng.uniform(low * [1, 1, 0], high, (many, 3))])
    if fault.floor:
        many = 15_000
        ground = np.column_stack(
            [rng.uniform(-700, 700, (many, 2)), rng.normal(0, fault.noise_mm, many)]
        )
        found = np.concatenate([found, ground])
    yaw = rng.uniform(-np.pi, np.pi)
    turn = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    return (found @ turn.T + [*rng.uniform(-200, 200, 2), 0.0])[rng.permutation(len(found))]


__all__ = ["FAULTS", "Fault", "Person", "people", "scan", "standard_truth"]
