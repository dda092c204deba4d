"""The judge of layouts finds each planted fault, and nothing in a sound layout."""

from dataclasses import replace

import numpy as np
import pytest
from tests.design.garment.marker.pieces import strip

from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, placed


def _moved(layout, at, **to):
    placements = list(layout.placements)
    placements[at] = replace(placements[at], **to)
    return Layout(layout.width_mm, tuple(placements))


@pytest.mark.parametrize("seed", range(6))
def test_each_planted_fault_is_found(seed):
    """Missing, twisted, over the edge, over another: one fault each, of that kind."""
    asked = strip(seed)
    sound = shelved(asked)
    assert faults(asked, sound) == []
    missing = Layout(sound.width_mm, sound.placements[1:])
    assert {fault.kind for fault in faults(asked, missing)} == {"count"}
    turned = _moved(sound, 0, rotation_deg=sound.placements[0].rotation_deg + 45.0)
    assert "rotation" in {fault.kind for fault in faults(asked, turned)}
    below = _moved(sound, 0, y=sound.placements[0].y - 1.0)
    assert ("outside", 0) in {(fault.kind, fault.first) for fault in faults(asked, below)}
    narrow = Layout(sound.width_mm - 0.5, sound.placements)
    assert {fault.kind for fault in faults(asked, narrow)} == {"outside"}
    outlines = placed(asked, sound.placements)
    towards = outlines[1].mean(axis=0) - outlines[0].mean(axis=0)
    onto = {"x": sound.placements[0].x + towards[0], "y": sound.placements[0].y + towards[1]}
    over = faults(asked, _moved(sound, 0, **onto))
    assert ("overlap", 0, 1) in {(fault.kind, fault.first, fault.second) for fault in over}


def test_a_touch_is_no_overlap_and_a_hair_is():
    """Pieces may touch along a whole edge; a thousandth of their length further is a fault."""
    asked = strip(2, kinds=1)
    square = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], dtype=float)
    item = replace(asked.items[0], outline=square, demand=2, rotations_deg=(0.0,))
    asked = replace(asked, items=(item,))
    touching = shelved(asked)
    assert faults(asked, touching) == []
    hair = _moved(touching, 1, y=touching.placements[1].y - 0.01)
    assert [fault.kind for fault in faults(asked, hair)] == ["overlap"]
    assert faults(asked, hair)[0].much == pytest.approx(0.1)
