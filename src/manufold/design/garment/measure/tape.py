"""One datum as it was taken: its value, where the tape lay, and what it leans on."""

from dataclasses import dataclass

import numpy as np

from manufold.design.garment.measure.sections import Cut
from manufold.design.garment.measure.shape import Floats, Ints

__all__ = ["Taken", "around", "beside", "near"]


@dataclass(frozen=True, slots=True)
class Taken:
    """One datum: its value, mm or degrees, the lines where it was taken, and points it stands on.

    Args:
        value: None where it could not be taken at all.
        lines: each (m, 3).
        leans_on: points of the mesh whose faults are faults of the datum.
    """

    value: float | None
    lines: tuple[Floats, ...]
    leans_on: Ints


def around(cuts: list[Cut | None]) -> Taken:
    """Return the mean of girths, of one side or of two; none when one could not be taken."""
    found = [cut for cut in cuts if cut is not None]
    if len(found) < len(cuts):
        return Taken(None, (), np.zeros(0, dtype=np.int64))
    return Taken(
        sum(cut.length_mm for cut in found) / len(found),
        tuple(cut.line for cut in found),
        np.unique(np.concatenate([cut.ends.ravel() for cut in found])),
    )


def near(points: Floats, at: Floats, radius_mm: float) -> Ints:
    """Return the points of the mesh around a place, at least the nearest one."""
    far = np.linalg.norm(points - at, axis=1)
    return np.flatnonzero(far <= max(radius_mm, float(far.min())))


def beside(points: Floats, line: Floats, radius_mm: float = 18.0) -> Ints:
    """Return the points of the mesh along a line."""
    steps = np.linspace(0, len(line) - 1, 14)
    corners = np.arange(len(line))
    places = np.stack([np.interp(steps, corners, line[:, axis]) for axis in range(3)], axis=1)
    low, high = places.min(axis=0) - radius_mm, places.max(axis=0) + radius_mm
    about = np.flatnonzero(((points > low) & (points < high)).all(axis=1))
    far = np.linalg.norm(points[about, None, :] - places[None], axis=2)
    return np.asarray(about[far.min(axis=1, initial=np.inf) <= radius_mm])
