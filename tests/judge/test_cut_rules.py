"""The judge of cutting plans finds every fault that is planted, and none in a sound plan."""

from dataclasses import replace

import pytest

from manufold.judge.cut_rules import cut_violations
from manufold.model.cut_plan import CutDay, CutMarker, CutOrder, CutRules, CutTable, Roll

DAY = CutDay(
    orders=(
        CutOrder("a", "white", 0, 4_000, 20_000.0),
        CutOrder("b", "white", 600, 8_000, 20_000.0, "w1"),
        CutOrder("c", "blue", 0, 8_000, 20_000.0),
    ),
    rolls=(
        Roll("r1", "white", 1500.0, 8_000.0, "w1", ((3_000.0, 3_100.0),)),
        Roll("r2", "blue", 1500.0, 3_000.0, "b1"),
        Roll("r3", "white", 1500.0, 3_000.0, "w2"),
    ),
    tables=(CutTable("t1", 3_000.0, ((0, 3_600), (4_000, 9_000))),),
    rules=CutRules(20.0, 300, 60.0, 15.0, 1000.0),
)
#: each takes 300 s, 60 s for its metre and 300 s for the knife, rounded up
PLAN = (
    CutMarker(("a",), "r1", 1_000.0, 0.0, 1_020.0, "t1", 0, 662),
    CutMarker(("c",), "r2", 1_000.0, 0.0, 1_020.0, "t1", 700, 1_362),
    CutMarker(("b",), "r1", 1_000.0, 3_100.0, 4_120.0, "t1", 4_000, 4_662),
)


def test_a_sound_plan_has_no_fault():
    """Nothing is found where nothing is wrong."""
    assert cut_violations(DAY, PLAN) == ()


PLANTED = {
    "twice": (2, {"orders": ("b", "a")}, {"cut.judged_count"}),
    "nobody": (1, {"orders": ()}, {"cut.judged_count", "cut.judged_empty"}),
    "no such order": (1, {"orders": ("c", "x")}, {"cut.judged_count"}),
    "no such roll": (1, {"roll_id": "r9"}, {"cut.judged_unknown"}),
    "no such table": (1, {"table_id": "t9"}, {"cut.judged_unknown"}),
    "other cloth": (1, {"roll_id": "r3"}, {"cut.judged_cloth"}),
    "other shade": (2, {"roll_id": "r3", "from_mm": 0.0, "to_mm": 1_020.0}, {"cut.judged_shade"}),
    "no ends": (0, {"laid_mm": 1_010.0}, {"cut.judged_ends"}),
    "off the roll": (1, {"from_mm": 2_000.0, "to_mm": 3_020.0}, {"cut.judged_roll"}),
    "before the roll": (1, {"from_mm": -5.0, "to_mm": 1_015.0}, {"cut.judged_roll"}),
    "over a flaw": (2, {"from_mm": 3_050.0, "to_mm": 4_070.0}, {"cut.judged_flaw"}),
    "over another": (2, {"from_mm": 1_000.0, "to_mm": 2_020.0}, {"cut.judged_roll_twice"}),
    "longer than the table": (
        1,
        {"to_mm": 3_010.0, "end_s": 1_482},
        {"cut.judged_table", "cut.judged_short", "cut.judged_roll"},
    ),
    "too fast": (1, {"end_s": 1_361}, {"cut.judged_short"}),
    "over the break": (
        1,
        {"start_s": 3_000, "end_s": 3_662},
        {"cut.judged_hours"},
    ),
    "both at once": (1, {"start_s": 661, "end_s": 1_323}, {"cut.judged_table_twice"}),
    "not ready": (2, {"start_s": 30, "end_s": 692}, {"cut.judged_early"}),
    "late": (2, {"start_s": 8_000, "end_s": 8_662}, {"cut.judged_late"}),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name):
    """Each rule finds what breaks it; what another rule must see beside it is told, too."""
    at, change, codes = PLANTED[name]
    plan = [*PLAN[:at], replace(PLAN[at], **change), *PLAN[at + 1 :]]
    found = {one.code for one in cut_violations(DAY, plan)}
    assert found & codes
    assert found - codes <= {"cut.judged_table_twice"}, found


def test_lateness_must_be_named_and_only_where_it_is():
    """A plan that names a late order is sound; one that names a timely order is not."""
    late = [*PLAN[:2], replace(PLAN[2], start_s=8_000, end_s=8_662)]
    assert cut_violations(DAY, late, {"b"}) == ()
    assert {one.code for one in cut_violations(DAY, PLAN, {"a"})} == {"cut.judged_not_late"}


def test_an_order_left_out_is_found():
    """Each order is cut exactly once."""
    found = cut_violations(DAY, PLAN[:2])
    assert [(one.code, one.params["order"]) for one in found] == [("cut.judged_count", "b")]
