"""How a part lies best on a printer's bed: least to hold up, then lowest.

Six poses are tried, along the part's main faces. A triangle that looks down more steeply than 45
degrees hangs over (published rule for filament, 45 degrees); what stands on the bed does not. The
support below is counted as straight columns down to the bed: an upper bound where the part itself
stands in between.
"""

from collections.abc import Sequence

import numpy as np

from manufold.design.part.geometry.facts import Pose, Vector
from manufold.design.part.geometry.triangles import Triangles

__all__ = ["best_pose"]

OVERHANG_COSINE = 0.7072
#: triangles this close to the bed rest on it
BED_MM = 0.3


def best_pose(triangles: Triangles, directions: Sequence[Vector]) -> Pose:
    """Return the pose with the least support volume; equal ones: the lowest, then the first."""
    corners = triangles.corners_mm
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas_mm2 = np.linalg.norm(doubled, axis=1) / 2
    keep = areas_mm2 > 1e-12
    normals = doubled[keep] / (2 * areas_mm2[keep])[:, None]
    found: list[tuple[float, float, int, Pose]] = []
    for i, up in enumerate(directions):
        heights = corners[keep] @ np.asarray(up)
        low_mm, high_mm = float(heights.min()), float(heights.max())
        looks = normals @ np.asarray(up)
        middle = heights.mean(axis=1) - low_mm
        hanging = (looks < -OVERHANG_COSINE) & (middle > BED_MM)
        shadow = areas_mm2[keep] * np.abs(looks) * hanging
        pose = Pose(
            up=up,
            height_mm=high_mm - low_mm,
            overhang_mm2=float((areas_mm2[keep] * hanging).sum()),
            support_mm3=float((shadow * middle).sum()),
        )
        found.append((round(pose.support_mm3, 3), round(pose.height_mm, 6), i, pose))
    return min(found, key=lambda entry: entry[:3])[3]
