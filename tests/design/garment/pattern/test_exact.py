"""Predicates that floating point gets wrong, got right; polygons that cross themselves, found."""

import numpy as np

from manufold.design.garment.pattern.exact import area_mm2, crossings, sides


def test_nearly_straight_triples_are_told_apart():
    """Points one rounding step beside a line are on their side of it, and on it when exactly so."""
    a, b = np.array([0.5 + 0.5j]), np.array([12 + 12j])
    step = 2.0**-53
    for n in range(-3, 4):
        c = np.array([complex(0.5 + n * step * 2, 0.5 + n * step * 2)])
        assert sides(a, b, c)[0] == 0
    above = np.array([complex(24.0, np.nextafter(24.0, 25))])
    below = np.array([complex(24.0, np.nextafter(24.0, 23))])
    assert sides(a, b, above)[0] == 1
    assert sides(a, b, below)[0] == -1


def test_simple_polygons_have_no_crossings():
    """Stars around a point never cross themselves, and have an area above nought."""
    chance = np.random.default_rng(2)
    for _ in range(40):
        angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        star = chance.uniform(40, 100, 60) * np.exp(1j * angles)
        assert crossings(star) == []
        assert area_mm2(star) > 0 > area_mm2(star[::-1])


def test_every_kind_of_fault_is_found():
    """A bow tie, a touching corner, an edge laid on an edge and a spike are faults."""
    bow = np.array([0j, 10 + 10j, 10 + 0j, 0 + 10j])
    touch = np.array([0j, 10 + 0j, 10 + 10j, 5 + 0j, 0 + 10j])
    laid = np.array([0j, 10 + 0j, 10 + 5j, 8 + 5j, 8 + 0j, 2 + 0j, 2 + 5j, 0 + 5j])
    spike = np.array([0j, 10 + 0j, 10 + 10j, 10 + 4j, 0 + 4j])
    for polygon in (bow, touch, laid, spike):
        assert crossings(polygon)
    square = np.array([0j, 10 + 0j, 10 + 10j, 0 + 10j])
    assert crossings(square) == []
