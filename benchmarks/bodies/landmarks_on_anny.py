"""Which points of the body model are landmarks, and which parts of it no garment needs.

Numbers are of the skin of anny's mesh (its largest piece). The left side was chosen by anatomy and
by the three scans of known measures, whose truth stands on fixed points of the same mesh.
"""

import numpy as np
from scipy.spatial import cKDTree

LEFT = {
    "shoulder": 8219,
    "side_neck": 8173,
    "bust": 8438,
    "axilla": 8309,
    "elbow": 9980,
    "wrist": 10199,
}
MIDDLE = {"back_neck": [857], "crotch": [6374, 6415, 12955, 12900, 6319]}


def wanted(points, weights, joints, names):
    """Return which points are kept: no fingers, no face, no ears; the crown stays."""
    wrists = joints[[names.index(f"wrist.{s}") for s in "LR"]]
    hand = weights[:, [names.index(f"wrist.{s}") for s in "LR"]].sum(1) > 0.5
    far = np.min(np.linalg.norm(points[:, None] - wrists[None], axis=2), axis=1) > 100
    head = weights[:, names.index("head")] > 0.9
    x, y, z = (points - joints[0]).T
    face = head & (y < -55) & (z < 795) & (z > 705)
    ears = head & (np.abs(x) > 66) & (z < 775) & (z > 670)
    return ~((hand & far) | face | ears)


def marks(points, waist):
    """Return named points, or loops of points, of the whole skin; points are its mean."""
    mirrored = cKDTree(points).query(points * [-1, 1, 1])[1]
    found = {"waist": waist}
    for name, left in LEFT.items():
        found[f"{name}_L"] = np.array([left])
        found[f"{name}_R"] = np.array([mirrored[left]])
    found |= {name: np.array(many) for name, many in MIDDLE.items()}
    return found
