"""Nesting: sound before its deadline, whatever becomes of its searches."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.design.garment.marker.pieces import strip

from manufold.design.garment.marker.nest import nested
from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.search import ENTRY, READY
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, Placement
from manufold.model.errors import ExecutorFault
from manufold.workers.pool import KillablePool


def _left(seconds):
    until_s = time.monotonic() + seconds
    return lambda: until_s - time.monotonic()


@pytest.fixture(scope="module")
def pool():
    """Give two processes."""
    there = KillablePool(2)
    with ThreadPoolExecutor(2) as both:  # loading must not eat the searches' time
        list(both.map(lambda _: there.run(READY, "", limit_s=60, memory_mb=2000), range(2)))
    yield there
    there.close()


@pytest.mark.parametrize("gap", [0.0, 0.8])
def test_searches_beat_shelves_and_are_sound(pool, gap):
    """Real searches in processes lay random pieces much closer than shelves do."""
    asked = strip(8, kinds=8, gap=gap)
    found = nested(asked, _left(3.0), 1, pool, searches=2)
    assert (found.searches, found.lost) == (2, ())
    assert faults(asked, found.layout) == []
    assert found.layout.width_mm < 0.9 * shelved(asked).width_mm


def test_the_time_may_be_up_already(pool):
    """There is an answer all the same, no wider than the shelves."""
    asked = strip(9)
    found = nested(asked, _left(0.0), 1, pool, searches=1)
    assert faults(asked, found.layout) == []
    assert found.layout.width_mm <= shelved(asked).width_mm


class Scripted:
    """An executor whose searches end as they are told to."""

    def __init__(self, *ends):
        self.ends = list(ends)

    def run(self, entry, request, *, limit_s, memory_mb):
        """Load at once; then end as told."""
        if entry == READY:
            return request
        assert entry == ENTRY
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end


def test_a_lost_search_is_told_and_the_other_taken():
    """One crashes, one lays all on a heap: the third is taken, both losses have reasons."""
    asked = strip(4)
    good = shelved(asked)
    heap = Layout(
        30.0, tuple(Placement(one.item, one.rotation_deg, 20.0, 30.0) for one in good.placements)
    )
    crash = ExecutorFault("executor.crashed", entry=ENTRY, detail="SIGSEGV")
    found = nested(asked, _left(1.0), 1, Scripted(crash, heap, good), searches=3)
    assert found.layout == good
    assert sorted(reason.code for reason in found.lost) == [
        "executor.crashed",
        "garment.nest_unsound",
    ]
    alone = nested(asked, _left(1.0), 1, Scripted(crash), searches=1)
    assert alone.layout == replace(shelved(asked), columns=True)
    assert [one.code for one in alone.lost] == ["executor.crashed", "garment.nest_columns"]
