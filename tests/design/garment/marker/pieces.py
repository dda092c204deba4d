"""Pieces for tests: random outlines with bays, and strips of them."""

import math
import random

import numpy as np

from manufold.design.garment.marker.outline import cleaned
from manufold.design.garment.marker.strip import Points, Strip, StripItem


def star(rng: random.Random, corners: int, size: float) -> Points:
    """Return a simple outline around the origin; most of them are not convex."""
    points = []
    for corner in range(corners):
        angle = 2 * math.pi * (corner + 0.8 * rng.random()) / corners
        radius = size * rng.uniform(0.3, 1.0)
        points.append((radius * math.cos(angle), radius * math.sin(angle)))
    return cleaned(np.array(points))


def strip(seed: int, *, kinds: int = 5, gap: float = 0.0) -> Strip:
    """Return a strip of random pieces, each wanted up to three times."""
    rng = random.Random(seed)
    items = tuple(
        StripItem(
            number,
            star(rng, rng.randrange(3, 12), rng.uniform(5.0, 20.0)),
            rng.randrange(1, 4),
            rng.choice([(0.0,), (0.0, 180.0), (0.0, 90.0, 180.0, 270.0)]),
        )
        for number in range(kinds)
    )
    return Strip(f"random {seed}", 60.0, items, gap)
