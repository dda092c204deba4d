"""Curves: lengths against fine polygons, splitting, crossing, and what a mirror keeps."""

from itertools import pairwise

import numpy as np
import pytest

from manufold.design.garment.pattern.geometry import (
    Stroke,
    along,
    backwards,
    crossing,
    crossing_mm,
    direction,
    flat,
    length_mm,
    line,
    mirrored,
    moved,
    point,
    root,
    split,
)


def strokes(count: int, seed: int) -> list[tuple[Stroke, ...]]:
    """Return curves as they occur in garments: 40 to 600 mm, handles along the way."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        a = complex(*chance.uniform(-300, 300, 2))
        way = complex(*chance.uniform(-1, 1, 2))
        d = a + chance.uniform(40, 600) * way / abs(way)
        reach = abs(d - a)
        turns = np.exp(1j * chance.uniform(-1.4, 1.4, 2))
        b = a + 0.4 * reach * way / abs(way) * turns[0]
        c = d - 0.4 * reach * way / abs(way) * turns[1]
        found.append((Stroke(a, complex(b), complex(c), d),))
    return found


def fine_mm(path: tuple[Stroke, ...], steps: int = 20_000) -> float:
    """Return the length by very many chords."""
    t = np.linspace(0, 1, steps + 1)
    total = 0.0
    for s in path:
        z = (1 - t) ** 3 * s.a + 3 * (1 - t) ** 2 * t * s.b + 3 * (1 - t) * t**2 * s.c + t**3 * s.d
        total += float(np.abs(np.diff(z)).sum())
    return total


def test_lengths_agree_with_fine_polygons():
    """Quadrature is within a thousandth of a millimetre of twenty thousand chords."""
    for path in strokes(60, 3):
        assert length_mm(path) == pytest.approx(fine_mm(path), abs=1e-3)


def test_splitting_keeps_the_curve_and_its_length():
    """Both parts add up, meet at the point asked for, and go on in one direction."""
    for at, path in enumerate(strokes(40, 5)):
        whole = length_mm(path)
        here = whole * (0.1 + 0.8 * at / 40)
        one, two = split(path, here)
        assert length_mm(one) == pytest.approx(here, abs=1e-4)
        assert length_mm(one) + length_mm(two) == pytest.approx(whole, abs=1e-3)
        assert one[-1].d == two[0].a == pytest.approx(point(path, here))
        assert direction(one, length_mm(one)) == pytest.approx(direction(two, 0), abs=1e-6)
        middle = along(path, 0.2 * whole, 0.7 * whole)
        assert length_mm(middle) == pytest.approx(0.5 * whole, abs=1e-3)


def test_mirrors_moves_and_ways_back_keep_lengths():
    """What is turned over, moved or walked back is as long as before, and ends where it should."""
    for path in strokes(20, 7):
        whole = length_mm(path)
        for other in (mirrored(path, 12), moved(path, 0.6 + 0.8j, 5 - 3j), backwards(path)):
            assert length_mm(other) == pytest.approx(whole, abs=1e-9)
        assert backwards(path)[0].a == path[-1].d
        assert mirrored(mirrored(path, 9), 9)[0].b == pytest.approx(path[0].b)


def test_flat_stays_within_its_tolerance():
    """No point of the curve lies farther from its polygon than asked."""
    for path in strokes(30, 11):
        corners = flat(path, 0.05)
        for t in np.linspace(0, 1, 301):
            z = path[0].at(float(t))
            gaps = []
            for a, b in pairwise(corners):
                way = b - a
                along_it = min(max(((z - a) * way.conjugate()).real / abs(way) ** 2, 0), 1)
                gaps.append(abs(z - a - along_it * way))
            assert min(gaps) <= 0.05


def test_crossings_lie_on_both_lines():
    """A crossing is on the curve at its arc length and on the line; a miss is None."""
    path = (*line(0j, 100 + 0j), Stroke(100 + 0j, 150 + 0j, 200 + 50j, 200 + 100j))
    at = crossing_mm(path, 0 + 40j, 1 + 0j)
    assert at is not None
    assert point(path, at).imag == pytest.approx(40, abs=1e-6)
    assert crossing(path, 0 + 40j, 1 + 0j) == pytest.approx(point(path, at), abs=1e-5)
    assert crossing_mm(path, 0 + 140j, 1 + 0j) is None


def test_root_finds_and_says_when_there_is_none():
    """A sign change is found to a ten-thousandth; without one the answer is None."""
    found = root(lambda x: x**3 - 2, 0, 2)
    assert found is not None
    assert abs(found**3 - 2) < 1e-4
    assert root(lambda x: x * x + 1, -1, 1) is None
