"""The close search of many pieces: sound layouts, from nothing or from markers side by side."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import numpy as np
import pytest

from manufold.design.garment.marker.close import closed, joined, plain
from manufold.design.garment.marker.outline import convex_parts
from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Strip, StripItem, area_of, placed

TRIANGLE = np.array([(0.0, 0.0), (300.0, 0.0), (0.0, 200.0)])
HOOK = np.array([(0, 0), (260, 0), (260, 90), (90, 90), (90, 220), (0, 220)], dtype=float)


def strip_of_two(gap_mm: float = 2.0, one_way: bool = False) -> Strip:
    """Return triangles and hooks of two owners."""
    angles = (0.0,) if one_way else (0.0, 180.0)
    items = tuple(
        StripItem(n, outline, 3, angles) for n, outline in enumerate([TRIANGLE, HOOK] * 2)
    )
    return Strip("two", 500.0, items, gap_mm)


@contextmanager
def rounds(limit_s: float) -> Iterator:
    """Give a bell that rings after so many questions: no clock, the same answer each time."""
    asked = count()
    yield lambda: next(asked) > 10 * limit_s


def least_gap_mm(strip, layout):
    """Return the least distance of two corners-to-edges, by sampling both outlines finely."""
    lying = []
    for points in placed(strip, layout.placements):
        ends = np.roll(points, -1, axis=0)
        t = np.linspace(0, 1, 60)[:, None, None]
        lying.append((points + (ends - points) * t).reshape(-1, 2))
    return min(
        float(np.hypot(*(one[:, None] - other[None, :]).transpose(2, 0, 1)).min())
        for n, one in enumerate(lying)
        for other in lying[:n]
    )


@pytest.mark.parametrize("gap_mm", [0.0, 2.0, 8.0])
def test_a_layout_is_sound_closer_than_columns_and_keeps_the_gap(gap_mm):
    """The judge finds nothing; the cloth is shorter than in columns; no two pieces come nearer."""
    strip = strip_of_two(gap_mm)
    with rounds(2.0) as ended:
        found = closed(strip, 1, ended)
    assert found is not None and faults(strip, found) == []
    assert found.width_mm < 0.97 * shelved(strip).width_mm
    assert least_gap_mm(strip, found) >= gap_mm


def test_cloth_with_a_top_turns_nothing():
    """Every piece lies as it was drawn."""
    strip = strip_of_two(one_way=True)
    with rounds(8.0) as ended:
        found = closed(strip, 1, ended)
    assert found is not None and faults(strip, found) == []
    assert {one.rotation_deg for one in found.placements} == {0.0}


def test_markers_of_one_are_joined_and_never_made_longer():
    """Joined is sound, holds everybody's pieces, and is no longer than both side by side."""
    strip = strip_of_two()
    whose = (0, 0, 1, 1)
    found = joined(strip, whose, 5, 8.0, rounds)
    assert found is not None and faults(strip, found) == []
    alone_mm = 0.0
    for number in range(2):
        items = tuple(i for i, owner in zip(strip.items, whose, strict=True) if owner == number)
        own = Strip("one", strip.height_mm, items, strip.gap_mm)
        with rounds(1.6) as ended:
            layout = closed(own, 5 + 101 * number + 1, ended)
        assert layout is not None and faults(own, layout) == []
        alone_mm += layout.width_mm
    assert found.width_mm <= alone_mm + strip.gap_mm + 1.0


def test_the_same_seed_lays_the_same():
    """All chance is in the seed."""
    found = []
    for _ in range(2):
        with rounds(1.0) as ended:
            found.append(closed(strip_of_two(), 3, ended))
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", range(20))
def test_fewer_edges_cut_nothing_off(seed):
    """An outline with its round sides drawn plainer holds the whole piece, and little more."""
    dice = np.random.default_rng(seed)
    turn = np.sort(dice.random(60)) * 2 * np.pi
    radius = 200 + 40 * np.sin(3 * turn + dice.random())
    outline = np.column_stack((radius * np.cos(turn), radius * np.sin(turn)))
    found = plain(outline, 1.0)
    assert len(found) < len(outline) and area_of(found) < 1.05 * area_of(outline)
    parts = convex_parts(found)
    for point in outline:
        assert any(_inside(part, point) for part in parts)


def _inside(part, point):
    along = np.roll(part, -1, axis=0) - part
    off = point - part
    return bool(np.all(along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0] >= -1e-6))
