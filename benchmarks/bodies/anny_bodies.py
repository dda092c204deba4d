"""Bodies from the CC0 body model of `anny`: a development tool; the product never imports it.

It needs `anny` (Apache-2.0 code, CC0 body data) and torch, which stand in no lock of ours: make an
environment of your own for it, `pip install torch==2.13.0 anny==0.6.2 scipy`, and expect the first
start to take some minutes. What it makes goes to an .npz that every other tool here reads.

    python benchmarks/bodies/anny_bodies.py --count 900 --seed 1 --wide --out train.npz
    python benchmarks/bodies/anny_bodies.py --count 240 --seed 77 --out people.npz
"""

import argparse

import numpy as np
import torch
from anny import Anny
from anny.anthropometry import BASE_MESH_WAIST_VERTICES

#: parts of a face, ears and hands: nothing that a garment is cut by
FACE = ("cheek", "chin", "ear-", "eye", "forehead", "mouth", "nose", "finger", "foot-trans")
#: joints that a scanned person moves; every other bone follows the nearest of them above it
JOINTS = [
    "root",
    *["spine05", "spine04", "spine03", "spine02", "spine01", "neck01", "neck02", "neck03", "head"],
    *[
        f"{bone}.{side}"
        for side in "LR"
        for bone in ["clavicle", "shoulder01", "upperarm01", "lowerarm01", "wrist"]
    ],
    *[f"{bone}.{side}" for side in "LR" for bone in ["upperleg01", "lowerleg01", "foot"]],
]
BATCH = 30


def drawn(rng, labels, changes, *, wide):
    """Return one person's phenotype and local changes."""
    spread = 1.0 if wide else 0.75
    phenotype = dict.fromkeys(labels, 0.5)
    if wide:
        phenotype["gender"] = rng.uniform()
    else:
        phenotype["gender"] = float(np.clip(rng.choice([0.05, 0.95]) + rng.normal(0, 0.05), 0, 1))
    phenotype["age"] = rng.uniform(0.55, 0.9)
    for name in ("muscle", "weight", "height", "proportions", "cupsize", "firmness"):
        phenotype[name] = float(np.clip(rng.normal(0.5, 0.27 * spread), 0.02, 0.98))
    weights = rng.dirichlet([1, 1, 1])
    phenotype |= dict(zip(["african", "asian", "caucasian"], weights, strict=True))
    pairs = {}
    for label in changes:
        if any(part in label for part in FACE) or "pregnant" in label:
            continue
        scale = 0.45 if label.startswith("measure-") else 0.22
        if label[:2] in ("l-", "r-"):
            if label[2:] not in pairs:
                pairs[label[2:]] = rng.normal(0, scale * spread)
            value = pairs[label[2:]] + rng.normal(0, 0.06 if wide else 0.02)
        elif "trans-out" in label or label.endswith("angle-out"):
            value = rng.normal(0, 0.03 * spread)  # sideways: people are nearly even
        else:
            value = rng.normal(0, scale * spread)
        pairs[label] = float(np.clip(value, -0.95, 0.95))
    return phenotype, {name: pairs[name] for name in changes if name in pairs}


def bodies(model, seed, count, *, wide):
    """Return vertices (count, n, 3) and joint heads (count, j, 3), mm, in the reference pose."""
    rng = np.random.default_rng(seed)
    keep = [model.bone_labels.index(name) for name in JOINTS]
    vertices, heads = [], []
    while len(vertices) < count:
        people = [
            drawn(rng, model.phenotype_labels, model.local_change_labels, wide=wide)
            for _ in range(BATCH)
        ]
        phenotypes = {
            k: torch.tensor([p[0][k] for p in people], dtype=model.dtype)
            for k in model.phenotype_labels
        }
        local = {
            k: torch.tensor([p[1].get(k, 0.0) for p in people], dtype=model.dtype)
            for k in model.local_change_labels
        }
        with torch.no_grad():
            out = model(phenotype_kwargs=phenotypes, local_changes_kwargs=local)
        found = out["vertices"].numpy() * 1000
        tall = np.ptp(found[:, :, 2], axis=1)
        for body, tall_mm, poses in zip(found, tall, out["bone_poses"].numpy(), strict=True):
            if 1350 < tall_mm < 2150 and len(vertices) < count:
                vertices.append(body.astype(np.float32))
                heads.append((poses[keep, :3, 3] * 1000).astype(np.float32))
    return np.stack(vertices), np.stack(heads)


def merged_weights(model):
    """Return the skinning weights (n, joints) when every bone follows its kept ancestor."""
    place = {model.bone_labels.index(name): j for j, name in enumerate(JOINTS)}
    followed = []
    for bone in range(len(model.bone_labels)):
        at = bone
        while at not in place:
            at = int(model.bone_parents[at])
        followed.append(place[at])
    weights = np.zeros((len(model.template_vertices), len(JOINTS)))
    rows = np.arange(len(weights))
    for share, bone in zip(
        model.vertex_bone_weights.numpy().T, model.vertex_bone_indices.numpy().T, strict=True
    ):
        np.add.at(weights, (rows, np.array(followed)[bone]), share)
    parents = []
    for name in JOINTS:
        at = int(model.bone_parents[model.bone_labels.index(name)])
        while at >= 0 and at not in place:
            at = int(model.bone_parents[at])
        parents.append(place.get(at, -1))
    return weights, np.array(parents)


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, required=True)
    asked.add_argument("--seed", type=int, required=True)
    asked.add_argument("--wide", action="store_true", help="beyond what people are, to learn from")
    asked.add_argument("--out", required=True)
    told = asked.parse_args()
    model = Anny(local_changes="default", phenotypes="all")
    vertices, heads = bodies(model, told.seed, told.count, wide=told.wide)
    weights, parents = merged_weights(model)
    base = model.base_mesh_vertex_indices.numpy()
    np.savez(
        told.out,
        vertices=vertices,
        heads=heads,
        weights=weights.astype(np.float32),
        parents=parents,
        joints=np.array(JOINTS),
        faces=model.faces.numpy(),
        base=base,
        waist=np.array([int(np.flatnonzero(base == i)[0]) for i in BASE_MESH_WAIST_VERTICES]),
    )


if __name__ == "__main__":
    main()
