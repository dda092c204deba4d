"""Compaction: never wider, never an overlap, and down to the optimum where it is plain."""

import numpy as np
import pytest
from tests.design.garment.marker.pieces import strip

from manufold.design.garment.marker.compaction import compacted
from manufold.design.garment.marker.outline import cleaned
from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, Placement, Strip, StripItem, placed


@pytest.mark.parametrize("gap", [0.0, 1.5])
@pytest.mark.parametrize("seed", range(12))
def test_a_layout_is_pushed_together_and_stays_sound(seed, gap):
    """Random pieces from shelves: sound before and after, shorter, the gap kept everywhere."""
    asked = strip(seed, gap=gap)
    before = shelved(asked)
    after = compacted(asked, before, lambda: False)
    assert faults(asked, before) == [] == faults(asked, after)
    assert after.width_mm < before.width_mm
    if gap:
        assert _least_distance(asked, after) >= gap * (1 - 1e-6)


def _least_distance(asked, layout):
    outlines = placed(asked, layout.placements)
    least = np.inf
    for one, first in enumerate(outlines):
        for second in outlines[:one]:
            least = min(least, _to_edges(first, second), _to_edges(second, first))
    return least


def _to_edges(points, outline):
    """Return the least distance of any point to any edge."""
    start, along = outline, np.roll(outline, -1, axis=0) - outline
    off = points[:, None, :] - start[None]
    at = np.clip((off * along).sum(axis=2) / (along**2).sum(axis=1), 0, 1)
    return float(np.linalg.norm(off - at[..., None] * along[None], axis=2).min())


def test_two_steps_close_into_each_other():
    """Two L-shaped pieces that interlock, laid apart, close to the square that they are."""
    low = cleaned(np.array([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)], dtype=float))
    high = cleaned(np.array([(10, 10), (4, 10), (4, 4), (10, 4)], dtype=float))
    asked = Strip("steps", 10.0, (StripItem(0, low, 1, (0.0,)), StripItem(1, high, 1, (0.0,))))
    apart = Layout(22.0, (Placement(0, 0.0, 0.0, 0.0), Placement(1, 0.0, 12.0, 0.0)))
    after = compacted(asked, apart, lambda: False)
    assert after.width_mm == pytest.approx(10.0, abs=1e-4)
    assert faults(asked, after) == []


def test_it_stops_when_told():
    """Who is told at once that time is up gets the layout that was there."""
    asked = strip(3)
    before = shelved(asked)
    assert compacted(asked, before, lambda: True) == before
