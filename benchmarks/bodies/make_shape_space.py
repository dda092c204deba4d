"""Learn the shape space that the package ships from bodies made by anny_bodies.py.

    python benchmarks/bodies/make_shape_space.py train.npz

writes src/manufold/design/garment/measure/data/shape_space.npz (float16). Only numpy and scipy.
"""

import argparse
from pathlib import Path

import numpy as np
from landmarks_on_anny import marks, wanted
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

HOME = Path(__file__).parents[2] / "src/manufold/design/garment/measure/data/shape_space.npz"
COMPONENTS = 150
#: components of large effect keep 16 bits, the small ones 8
FINE = 40
PICKED = 2400
#: points by which the first guesses are judged
FEW = 320


def skin(faces, count):
    """Return the points of the largest connected piece: the skin, without eyes and tongue."""
    i, j = faces[:, [0, 1, 2]].ravel(), faces[:, [1, 2, 0]].ravel()
    graph = coo_matrix((np.ones(len(i)), (i, j)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    return np.flatnonzero(label == np.bincount(label[faces[:, 0]]).argmax())


def spread(points, eligible, count, seed=1):
    """Return `count` of the eligible points, each as far from the others as can be."""
    rng = np.random.default_rng(seed)
    chosen = [int(rng.choice(eligible))]
    far = np.full(len(eligible), np.inf)
    for _ in range(count - 1):
        far = np.minimum(far, ((points[eligible] - points[chosen[-1]]) ** 2).sum(1))
        chosen.append(int(eligible[far.argmax()]))
    return np.array(sorted(chosen))


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("train")
    asked.add_argument("--out", default=str(HOME))
    asked.add_argument("--components", type=int, default=COMPONENTS)
    told = asked.parse_args()
    with np.load(told.train) as held:
        vertices, heads = held["vertices"], held["heads"]
        faces, weights = held["faces"], held["weights"]
        names, parents, waist = held["joints"], held["parents"], held["waist"]
    kept = skin(faces, vertices.shape[1])
    place = np.full(vertices.shape[1], -1)
    place[kept] = np.arange(len(kept))
    faces = place[faces]
    faces = faces[(faces >= 0).all(axis=1)]
    points = vertices[:, kept] - heads[:, :1]
    joints = heads - heads[:, :1]
    weights = weights[kept]
    everything = np.concatenate(
        [points.reshape(len(points), -1), joints.reshape(len(joints), -1)], axis=1
    ).astype(np.float64)
    mean = everything.mean(axis=0)
    centred = everything - mean
    values, vectors = np.linalg.eigh(centred @ centred.T / (len(centred) - 1))
    order = np.argsort(-values)[: told.components]
    rows = (vectors[:, order].T @ centred) / np.sqrt(len(centred) - 1)
    held_share = values[order].sum() / values.sum()
    left = np.sqrt((values.sum() - values[order].sum()) / len(kept))
    print(f"{told.components} components hold {held_share:.5%}; rms left {left:.2f} mm a point")
    n = 3 * len(kept)
    names = [str(name) for name in names]
    mean_points, joints_mean = mean[:n].reshape(-1, 3), mean[n:].reshape(-1, 3)
    named = marks(mean_points, place[waist])
    use = np.flatnonzero(wanted(mean_points, weights, joints_mean, names))
    use = np.unique(np.concatenate([use, *named.values()]))
    seat = np.full(len(kept), -1)
    seat[use] = np.arange(len(use))
    faces = seat[faces]
    faces = faces[(faces >= 0).all(axis=1)]
    rows_points = rows[:, :n].reshape(len(order), -1, 3)[:, use]
    small = rows_points[FINE:]
    scale = np.abs(small).max(axis=(1, 2)) / 127
    hand = weights[use][:, [names.index(f"wrist.{s}") for s in "LR"]].sum(1) > 0.5
    wrists = joints_mean[[names.index(f"wrist.{s}") for s in "LR"]]
    away = np.min(np.linalg.norm(mean_points[use][:, None] - wrists[None], axis=2), axis=1)
    eligible = np.flatnonzero(
        (~hand | (away < 90)) & (np.bincount(faces.ravel(), minlength=len(use)) > 0)
    )
    picked = spread(mean_points[use], eligible, PICKED)
    np.savez_compressed(
        told.out,
        mean=mean_points[use].astype(np.float32),
        basis=rows_points[:FINE].astype(np.float16),
        basis_small=np.round(small / scale[:, None, None]).astype(np.int8),
        basis_scale=scale.astype(np.float32),
        joints_mean=joints_mean.astype(np.float32),
        joints_basis=rows[:, n:].reshape(len(order), -1, 3).astype(np.float32),
        weights=weights[use].astype(np.float16),
        names=np.array(names),
        parents=parents.astype(np.int8),
        faces=faces.astype(np.uint16),
        picked=picked.astype(np.uint16),
        few=picked[spread(mean_points[use][picked], np.arange(len(picked)), FEW)].astype(np.uint16),
        kept=kept[use].astype(np.uint16),
        **{f"mark_{name}": seat[many].astype(np.uint16) for name, many in named.items()},
    )
    print(told.out, Path(told.out).stat().st_size // 1000, "kB", len(use), "points")


if __name__ == "__main__":
    main()
