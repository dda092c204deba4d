"""Outlines: cleaned, judged simple, and cut into convex parts that are the whole again."""

import random

import manifold3d
import numpy as np
import pytest
from tests.design.garment.marker.pieces import star

from manufold.design.garment.marker.outline import bays_filled, cleaned, convex_parts, crossing
from manufold.design.garment.marker.strip import area_of, turned


@pytest.mark.parametrize("seed", range(40))
def test_convex_parts_are_the_whole_again(seed):
    """Parts are convex, counter-clockwise, and together exactly as large; few are needed."""
    rng = random.Random(seed)
    outline = star(rng, rng.randrange(3, 40), 100.0)
    parts = convex_parts(outline)
    assert sum(area_of(part) for part in parts) == pytest.approx(area_of(outline), rel=1e-9)
    for part in parts:
        ahead = np.roll(part, -1, axis=0) - part
        after = np.roll(ahead, -1, axis=0)
        assert np.all(ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0] >= -1e-4)
    bays = _bays(outline)
    # Hertel and Mehlhorn: at most four times the least number, which is at most bays + 1
    assert len(parts) <= 4 * (bays + 1)
    if not bays:
        assert len(parts) == 1


def _bays(outline):
    ahead = np.roll(outline, -1, axis=0) - outline
    after = np.roll(ahead, -1, axis=0)
    return int(np.sum(ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0] < 0))


@pytest.mark.parametrize("seed", range(20))
def test_filled_bays_cut_nothing_off(seed):
    """Round hollows lose no area, gain slivers, and need fewer points and fewer parts."""
    rng = random.Random(seed)
    angles = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    waves = rng.randrange(3, 7)
    radii = 100 + 25 * np.cos(waves * angles + rng.random())
    outline = cleaned(np.column_stack((radii * np.cos(angles), radii * np.sin(angles))))
    filled = bays_filled(outline, 1.0)
    assert len(filled) < 0.8 * len(outline)
    assert crossing(filled) is None
    before, after = (manifold3d.CrossSection([points.tolist()]) for points in (outline, filled))
    assert (before - after).area() < 1e-6
    slivers = (after - before).area()
    assert 0 < slivers < 1.0 * 2 * np.pi * 125
    assert np.array_equal(bays_filled(outline, 0.0), np.roll(outline, -_first(outline), axis=0))
    assert len(convex_parts(filled)) < len(convex_parts(outline))


def _first(outline):
    before = outline - np.roll(outline, 1, axis=0)
    after = np.roll(outline, -1, axis=0) - outline
    return int(np.argmin(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] < 0))


def test_cleaned_turns_and_drops_repeated_points():
    """A clockwise square with its first point again becomes four points, counter-clockwise."""
    square = cleaned(np.array([(0, 0), (0, 2), (0, 2), (2, 2), (2, 0), (0, 0)], dtype=float))
    assert len(square) == 4
    assert area_of(square) == 4


@pytest.mark.parametrize("points", [[(0, 0), (1, 1)], [(0, 0), (1, 1), (2, 2)], [(1, 1)] * 5])
def test_nothing_is_left_of_what_encloses_nothing(points):
    """A line and a point are no outlines."""
    assert len(cleaned(np.array(points, dtype=float))) == 0


def test_a_crossing_is_found_and_a_touch_is_not():
    """A bow tie crosses itself; a keyhole, whose slit is drawn both ways, does not."""
    bow = np.array([(0, 0), (2, 2), (2, 0), (0, 1)], dtype=float)
    assert crossing(bow) == (0, 2)
    keyhole = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 2), (1, 2), (1, 3), (3, 3), (3, 1), (1, 1)]
    keyhole += [(1, 2), (0, 2)]
    assert crossing(np.array(keyhole, dtype=float)) is None


def test_quarter_turns_are_exact():
    """Four quarter turns bring every point back without any rounding."""
    outline = star(random.Random(1), 9, 7.0)
    back = outline
    for _ in range(4):
        back = turned(back, 90.0)
    assert np.array_equal(back, outline)
    assert np.array_equal(turned(outline, -90.0), turned(outline, 270.0))
