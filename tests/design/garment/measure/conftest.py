"""People of the shipped shape space, and their scans, made by the generator of the benchmarks."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[4] / "benchmarks" / "bodies"))

from generated_scans import Fault, Person, scan, standard_truth

from manufold.design.garment.measure.shape import shape


def someone(seed: int) -> Person:
    """Return a person of the shape space with the true data."""
    body = shape()
    b = np.random.default_rng(seed).normal(0.0, 0.45, len(body.basis))
    rest, joints = body.at_rest(b)
    return Person(rest, joints, standard_truth(rest, joints))


@pytest.fixture(scope="session")
def anna() -> Person:
    """Return one person."""
    return someone(5)


@pytest.fixture(scope="session")
def bare_points(anna: Person) -> np.ndarray:
    """Return the points of a good scan of that person, mm, z up."""
    return scan(anna, Fault(noise_mm=0.7, count=30_000), 11)[0]


def ply(points: np.ndarray, scale: float = 0.001) -> bytes:
    """Return points as a binary PLY, metres unless told otherwise."""
    head = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(points)}\n"
        "property float x\nproperty float y\nproperty float z\nend_header\n"
    )
    return head.encode() + (points * scale).astype("<f4").tobytes()
