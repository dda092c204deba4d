"""Set-ups: fewest directions from which straight tools reach the surface, and what stays hidden."""

import math
from pathlib import Path

import pytest

from design.part.conftest import Measure
from design.part.shapes import box, cut, cylinder, drilled_block, step_bytes, turned_by
from manufold.design.part.geometry.facts import Vector


def axis_of(direction: Vector) -> str:
    """Return "+x", "-z", ... for a direction along an axis."""
    k = max(range(3), key=lambda i: abs(direction[i]))
    assert abs(direction[k]) > 0.999, direction
    return ("+" if direction[k] > 0 else "-") + "xyz"[k]


def test_plain_block_needs_two_sides(measure: Measure, tmp_path: Path) -> None:
    """A thin block is milled from two opposite sides, which reach all of it."""
    facts = measure("a.step", step_bytes(box((0, 0, 0), (60, 40, 20)), tmp_path))
    assert len(facts.set_ups) == 2
    first, second = (axis_of(s.towards) for s in facts.set_ups)
    assert {first[0], second[0]} == {"+", "-"}
    assert first[1] == second[1]
    assert facts.hidden_fraction == 0
    reached = sum(s.area_mm2 for s in facts.set_ups)
    assert reached == pytest.approx(facts.area_mm2, rel=0.03)


def test_blind_holes_demand_their_side(measure: Measure, tmp_path: Path) -> None:
    """Blind holes on four sides ask for four set-ups, each with the faces of its hole."""
    body = cut(
        box((0, 0, 0), (60, 60, 20)),
        cylinder((30, 30, 10), (0, 0, 1), 4, 10),
        cylinder((0, 30, 10), (1, 0, 0), 3, 10),
        cylinder((60, 20, 10), (-1, 0, 0), 3, 10),
        cylinder((30, 0, 10), (0, 1, 0), 3, 10),
    )
    facts = measure("a.step", step_bytes(body, tmp_path))
    made = {axis_of(s.towards): set(s.faces) for s in facts.set_ups}
    assert {"+z", "-x", "+x", "-y"} <= set(made)
    for hole in facts.holes:
        assert not hole.through
        assert set(hole.faces) <= made[axis_of(hole.opens[0])]


def test_counterbore_is_made_from_its_wide_end(measure: Measure, tmp_path: Path) -> None:
    """A through hole may be drilled from either end, a counterbored one from the wide end."""
    body = cut(
        box((0, 0, 0), (40, 40, 20)),
        cylinder((20, 20, 0), (0, 0, 1), 3, 20),
        cylinder((20, 20, 0), (0, 0, 1), 6, 5),
    )
    facts = measure("a.step", step_bytes(body, tmp_path))
    (hole,) = facts.holes
    assert hole.through
    owner = next(s for s in facts.set_ups if set(hole.faces) <= set(s.faces))
    assert axis_of(owner.towards) == "-z"


def test_inner_cavity_is_hidden(measure: Measure, tmp_path: Path) -> None:
    """A closed cavity is reached from nowhere: its share of the surface is hidden."""
    body = cut(box((0, 0, 0), (40, 40, 40)), box((10, 10, 10), (20, 20, 20)))
    facts = measure("a.step", step_bytes(body, tmp_path))
    assert facts.hidden_fraction == pytest.approx(2400 / (2400 + 9600), abs=0.03)


def test_undercut_groove_is_hidden(measure: Measure, tmp_path: Path) -> None:
    """A T-slot closed at both ends cannot be milled by a straight tool."""
    body = cut(
        box((0, 0, 0), (80, 60, 40)),
        box((20, 24, 20), (40, 12, 20)),
        box((20, 14, 20), (40, 32, 8)),
    )
    facts = measure("a.step", step_bytes(body, tmp_path))
    assert facts.hidden_fraction > 0.05


def test_turning_the_part_changes_nothing(measure: Measure, tmp_path: Path) -> None:
    """A part lying askew has the same stock box, holes and number of set-ups."""
    straight = measure("a.step", step_bytes(drilled_block(), tmp_path))
    askew = turned_by(drilled_block(), (1, 2, 3), math.radians(37))
    found = measure("b.step", step_bytes(askew, tmp_path))
    assert found.stock_mm == pytest.approx((60, 40, 20), abs=0.01)
    assert max(found.bbox_mm) > 62
    assert len(found.set_ups) == len(straight.set_ups)
    assert sorted(h.diameter_mm for h in found.holes) == pytest.approx(
        sorted(h.diameter_mm for h in straight.holes)
    )
    assert [h.through for h in found.holes] == [h.through for h in straight.holes]


def test_pose_of_a_table(measure: Measure, tmp_path: Path) -> None:
    """A table is printed upside down, on its top, without support."""
    body = cut(box((0, 0, 0), (60, 60, 30)), box((6, 0, 0), (48, 60, 25)))
    legs = cut(body, box((0, 6, 0), (60, 48, 25)))
    facts = measure("a.step", step_bytes(legs, tmp_path))
    assert axis_of(facts.pose.up) == "-z"
    assert facts.pose.support_mm3 == 0
    assert facts.pose.height_mm == pytest.approx(30)


def test_pose_counts_overhang(measure: Measure, tmp_path: Path) -> None:
    """A ball needs support below its lower cap whichever way it lies."""
    from OCP.BRepPrimAPI import BRepPrimAPI_MakeSphere

    ball = BRepPrimAPI_MakeSphere(10.0).Shape()
    facts = measure("a.step", step_bytes(ball, tmp_path))
    # the cap below 45 degrees: 2 pi r^2 (1 - cos 45), less the part that rests on the bed
    cap_mm2 = 2 * math.pi * 100 * (1 - math.sqrt(0.5))
    assert facts.pose.overhang_mm2 == pytest.approx(cap_mm2, rel=0.25)
    assert facts.pose.support_mm3 > 0
