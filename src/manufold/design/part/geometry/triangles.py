"""Triangles of a surface, each with the face it lies on: the common ground of STEP and meshes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "Integers", "Triangles"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Triangles:
    """A triangulated surface.

    Args:
        corners_mm: shape (n, 3, 3), float64; the right-hand rule points outward.
        faces: shape (n,), int64: 1 for "F1"; 0 where the source knows no faces.
    """

    corners_mm: Floats
    faces: Integers
