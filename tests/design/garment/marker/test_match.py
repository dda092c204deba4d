"""Stripes and checks: points that are sewn together show one line of the cloth, or it is said."""

import json
import random
import time
import tomllib
from dataclasses import replace
from importlib.resources import files
from itertools import product

import numpy as np
import pytest
from tests.design.garment.marker.pieces import strip as random_strip

from design.garment.pattern.bodies import ANNA, BEN, body
from manufold.design.garment.marker.compaction import convex
from manufold.design.garment.marker.from_patterns import strip_of
from manufold.design.garment.marker.match import Matching, Meeting, Repeat, ahead, phase_mm
from manufold.design.garment.marker.match_faults import WITHIN_MM, unmatched
from manufold.design.garment.marker.match_phases import missed, phases
from manufold.design.garment.marker.match_points import matching_of, meetings
from manufold.design.garment.marker.match_search import best_matched, off_repeat
from manufold.design.garment.marker.match_shelves import shelved_on_repeat
from manufold.design.garment.marker.matched import matched
from manufold.design.garment.marker.nest import nested
from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.shelves import shelved
from manufold.design.garment.marker.strip import Layout, Placement, Strip, StripItem
from manufold.design.garment.marker.strip_file import read_strip, written
from manufold.design.garment.pattern.publishing import asked, drafted, published
from manufold.model.errors import InputFault
from manufold.workers.inline import InlineExecutor

GARMENTS = ("dress", "jacket", "shirt", "trousers")
REPEATS = (Repeat(10, 0), Repeat(25, 25), Repeat(0, 60), Repeat(60, 60))
SQUARE = np.array([(0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (0.0, 50.0)])


def never() -> bool:
    """Time does not run out."""
    return False


def table(garment: str) -> dict:
    """Return what a garment's folder says must match."""
    place = files("manufold.design.garment.pattern.garments") / garment / "match.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))


def cloth(garment: str, repeat: Repeat, width_mm: float = 1450.0) -> Strip:
    """Return the strip of one garment of Anna's on a cloth with a repeat."""
    pattern = drafted(garment, body(ANNA))
    made, names = strip_of((pattern,), "shell", width_mm, 2.0, one_way=False)
    return replace(made, matching=matching_of((pattern,), names, repeat))


def of_squares(repeat: Repeat, at: tuple[float, float], to: tuple[float, float]) -> Matching:
    """Return one meeting of two squares, in both directions."""
    return Matching(repeat, (Meeting("seam", 0, 1, at, to, (True, True)),))


@pytest.mark.parametrize(("off", "turned"), [*product((0.0, 0.3, 0.7, 12.0, 24.8), (0.0, 180.0))])
def test_the_judge_reads_points_on_the_cloth(off, turned):
    """A line missed by more than half a millimetre is found, with how much, turned round or not."""
    matching = of_squares(Repeat(25, 0), (50, 10), (0, 10))
    looks = 1000.0 if turned == 0 else -1000.0  # where the second's point is, as it sees the cloth
    second = Placement(1, turned, 1000.0, 200.0)
    first = Placement(0, 0.0, looks - 50 + 25 * 7 + off, 0.0)
    found = unmatched(Layout(2000.0, (first, second)), matching)
    miss = min(off % 25, 25 - off % 25)
    assert [round(one.off_mm, 6) for one in found] == ([round(miss, 6)] if miss > WITHIN_MM else [])


def test_what_shifts_and_what_judges_agree():
    """Phases as the programs reckon them are those that the judge reads, for random placements."""
    chance = random.Random(5)
    for _ in range(300):
        a, b = (
            Placement(
                k, chance.choice((0.0, 180.0)), chance.uniform(0, 900), chance.uniform(0, 900)
            )
            for k in range(2)
        )
        at, to = ((chance.uniform(-99, 99), chance.uniform(-99, 99)) for _ in range(2))
        rest = [(phase_mm(a, at, k) - phase_mm(b, to, k)) % 30 for k in (0, 1)]
        off = {
            one.axis: one.off_mm
            for one in unmatched(Layout(1, (a, b)), of_squares(Repeat(30, 30), at, to))
        }
        for axis, miss in enumerate(min(r, 30 - r) for r in rest):
            assert off.get(axis, miss) == pytest.approx(miss, abs=1e-6)
            assert (axis in off) == (miss > WITHIN_MM)
        assert {ahead(a), ahead(b)} <= {1, -1}


@pytest.mark.parametrize("garment", GARMENTS)
def test_what_must_match_is_there(garment):
    """Each row of each garment's table finds its seam, its notch and its pieces in some option."""
    rows = table(garment)["match"]
    shown: set[str] = set()
    for choices in ({}, *({k: v} for k, vs in published()[garment].options.items() for v in vs)):
        pattern = published()[garment].draft(asked(published()[garment], body(ANNA), choices))
        shown |= {name for name, _, _ in meetings(pattern, table(garment))}
    wanted = {row.get("name") or f"{row['seam']} {row['at']}" for row in rows}
    assert shown == wanted
    assert len(wanted) == len(rows) >= 5


@pytest.mark.parametrize("garment", GARMENTS)
def test_points_lie_on_their_pieces(garment):
    """What meets lies on the sewn outline of its own piece, or inside it."""
    pattern = drafted(garment, body(BEN))
    for name, ends, _axes in meetings(pattern, table(garment)):
        for piece, where in ends:
            outline = np.array(pattern.piece(piece).outline())
            assert outline.real.min() - 1e-6 <= where.real <= outline.real.max() + 1e-6, name
            assert outline.imag.min() - 1e-6 <= where.imag <= outline.imag.max() + 1e-6, name


@pytest.mark.parametrize(("garment", "repeat"), [*product(GARMENTS, REPEATS)], ids=str)
def test_garments_lie_on_the_repeat(garment, repeat):
    """From columns, every garment is brought onto the repeat: judged sound, every line runs on."""
    wanted = cloth(garment, repeat)
    before = shelved(wanted)
    assert unmatched(before, wanted.matching)
    found = best_matched(wanted, wanted.matching, [before], never, convex(wanted), 5.0)
    assert found is not None
    assert faults(wanted, found) == []
    lost = {name for name, _ in missed(phases(found, wanted.matching))}
    assert all(one.meeting in lost for one in unmatched(found, wanted.matching))
    assert off_repeat(found, wanted.matching) == 0
    assert found.width_mm < 1.1 * before.width_mm + 2 * max(repeat.sizes_mm)


def test_no_repeat_is_compaction():
    """Where nothing must match, pieces only close up: never wider, and sound."""
    for seed in range(3):
        wanted = random_strip(seed, gap=0.4)
        before = shelved(wanted)
        found = matched(wanted, before, Matching(Repeat(20, 0), ()), never)
        assert faults(wanted, found) == []
        assert found.width_mm <= before.width_mm + 1e-6


@pytest.mark.parametrize(("garment", "repeat"), [*product(GARMENTS, REPEATS)], ids=str)
def test_there_is_always_a_layout_on_the_repeat(garment, repeat):
    """Columns that begin where their lines run on: sound, found at once, and never endless."""
    wanted = cloth(garment, repeat)
    found = shelved_on_repeat(wanted, wanted.matching)
    assert found is not None
    assert faults(wanted, found) == []
    assert off_repeat(found, wanted.matching) == 0
    assert found.width_mm < 2.2 * shelved(wanted).width_mm


def test_columns_alone_when_time_is_up():
    """Without any time there is an answer on the repeat all the same."""
    wanted = cloth("trousers", Repeat(60, 60))
    found = nested(wanted, lambda: 0.0, 1, InlineExecutor(), searches=1)
    assert faults(wanted, found.layout) == []
    assert off_repeat(found.layout, wanted.matching) == 0


def test_what_cannot_match_is_told():
    """Three seams around a body whose sides differ by 4 mm: two are met, the third is told."""
    squares = tuple(StripItem(k, SQUARE, 1, (0.0,)) for k in range(3))
    ring = (
        Meeting("left", 0, 1, (0, 0), (0, 0), (True, False)),
        Meeting("back", 1, 2, (0, 0), (0, 0), (True, False)),
        Meeting("right", 2, 0, (4, 0), (0, 0), (True, False)),
    )
    wanted = Strip("ring", 60.0, squares, 1.0, Matching(Repeat(25, 0), ring))
    before = shelved(wanted)
    assert missed(phases(before, wanted.matching)) == (("right", 4.0),)
    found = nested(wanted, lambda: 1.5, 1, InlineExecutor(), searches=1)
    assert off_repeat(found.layout, wanted.matching) == 0
    assert [one.meeting for one in unmatched(found.layout, wanted.matching)] == ["right"]
    assert [reason.code for reason in found.lost] == ["garment.match_impossible"]
    even = replace(wanted.matching, meetings=(*ring[:2], replace(ring[2], at=(50, 0))))
    assert missed(phases(before, even)) == ()  # two whole repeats are none


def test_a_search_lays_a_shirt_on_its_checks():
    """Sound, every line runs on, and no longer than columns on the repeat, however busy it is."""
    wanted = cloth("shirt", Repeat(25, 25))
    until_s = time.monotonic() + 3.0
    found = nested(wanted, lambda: until_s - time.monotonic(), 1, InlineExecutor(), searches=1)
    assert found.lost == ()
    assert faults(wanted, found.layout) == []
    assert unmatched(found.layout, wanted.matching) == []
    columns = shelved_on_repeat(wanted, wanted.matching)
    assert columns is not None
    assert found.layout.width_mm <= columns.width_mm


def test_a_strip_carries_its_repeat():
    """What is written is read back; a strip without a repeat has none."""
    wanted = cloth("shirt", Repeat(25, 40))
    again = read_strip(json.dumps(written(wanted)).encode())
    assert again.matching == wanted.matching
    assert read_strip(json.dumps(written(replace(wanted, matching=None))).encode()).matching is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"repeat": 25}, "garment.nest_not_object"),
        ({"repeat": {"along": 0.5}}, "garment.match_repeat"),
        ({"repeat": {"along": -5}}, "garment.nest_not_positive"),
        ({"meetings": 3}, "garment.nest_not_list"),
        ({"meetings": [3]}, "garment.nest_not_object"),
        ({"meetings": [{"one": 1}]}, "garment.nest_not_object"),
        ({"meetings": [{"one": {"item": 99, "x": 0, "y": 0}}]}, "garment.match_item"),
        (
            {
                "meetings": [
                    {
                        "one": {"item": 0, "x": 0, "y": 0},
                        "other": {"item": 1, "x": 0, "y": 0},
                        "along": "yes",
                    }
                ]
            },
            "garment.match_axis",
        ),
    ],
)
def test_a_damaged_repeat_is_refused(change, code):
    """Each fault by its place."""
    told = written(cloth("shirt", Repeat(25, 0))) | change
    with pytest.raises(InputFault, match=code):
        read_strip(json.dumps(told).encode())
