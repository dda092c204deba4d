"""The judge finds every planted violation, and nothing in a schedule that is right."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest

from manufold.judge.violations import violations
from manufold.model.network import Capability, Operator, SetupMatrix
from manufold.model.schedule import Job, Slot
from scheduling.shops import EARLY, MONDAY_S, network, operation, plan, unit

H = 3600
START_S = MONDAY_S + 6 * H
NET = network(
    [
        unit(
            "saw",
            Capability("cut", limits={"x_mm": Decimal(500)}, materials=("steel",)),
            calendar="early",
            matrix="m",
        ),
        unit("small", Capability("cut", limits={"x_mm": Decimal(50)}), calendar="early"),
        unit("picky", Capability("cut", materials=("brass",)), calendar="early"),
        unit("press", "bend", calendar="early"),
        unit("far", "bend", site="b", calendar="early"),
        unit("nowhere", "bend", site="c", calendar="early"),
        unit("unskilled", "cut", site="b", calendar="early"),
    ],
    calendars=(EARLY,),
    lanes={("a", "b"): 2 * H},
    matrices=(SetupMatrix("m", (("red", "blue", 600, 0, 0),), default_s=0),),
    operators=(Operator("op_a", "a", ("sawyer",), "early", 0),),
)
PLAN = plan(
    operation(
        "op1",
        "cut",
        300,
        setup_s=600,
        needs={"x_mm": Decimal(100)},
        material_id="steel",
        setup_family="blue",
        skill="sawyer",
        attendance="setup",
    ),
    operation("op2", "bend", 360, after=["op1"], pausable=False, min_lag_s=600, max_lag_s=5 * H),
)
JOB = Job("new", PLAN, 10, release_s=START_S, ready_s={"op2": START_S + H})
#: 600 s of set-up, 10 x 300 s; then 10 x 360 s unbroken
CUT = Slot("saw", 0, START_S, 600, START_S + H, "new", "op1", 10, "blue")
BEND = Slot("press", 0, START_S + 2 * H, 0, START_S + 3 * H, "new", "op2", 10, "rev/plan")


def codes(*slots: Slot, job: Job = JOB, now_s: int | None = None) -> set[str]:
    """Return the kinds of violations of a schedule of one job."""
    return {v.code for v in violations(slots, NET, {"new": job}, now_s=now_s)}


def moved(slot: Slot, by_s: int) -> Slot:
    """Return a slot moved in time."""
    return replace(slot, start_s=slot.start_s + by_s, end_s=slot.end_s + by_s)


def test_a_right_schedule_has_no_violation() -> None:
    """The schedule that all plants start from is clean, and so is an empty one."""
    assert codes(CUT, BEND) == set()
    assert violations((), NET, {}) == ()


PLANTS: list[tuple[str, tuple[Slot, ...]]] = [
    ("judge.unknown_resource", (replace(CUT, resource_id="ghost"), BEND)),
    ("judge.no_such_seat", (replace(CUT, seat=1), BEND)),
    ("judge.wrong_family", (replace(CUT, setup_family="red"), BEND)),
    ("judge.no_capability", (replace(CUT, resource_id="press"), BEND)),
    ("judge.limit_exceeded", (replace(CUT, resource_id="small"), BEND)),
    ("judge.material_not_taken", (replace(CUT, resource_id="picky"), BEND)),
    ("judge.skill_missing", (replace(CUT, resource_id="unskilled"), BEND)),
    ("judge.outside_calendar", (moved(CUT, -H), BEND)),
    ("judge.wrong_length", (replace(CUT, end_s=CUT.end_s - 1), BEND)),
    ("judge.wrong_length", (replace(CUT, end_s=CUT.end_s + 1), BEND)),
    ("judge.broken_off", (CUT, replace(moved(BEND, 3 * H // 2), end_s=START_S + 5 * H))),
    ("judge.unknown_job", (CUT, BEND, replace(CUT, resource_id="press", holder="who"))),
    ("judge.unknown_operation", (CUT, BEND, replace(moved(CUT, 5 * H), operation_id="op9"))),
    ("judge.operation_twice", (CUT, BEND, moved(CUT, 5 * H))),
    ("judge.operation_missing", (CUT,)),
    ("judge.wrong_quantity", (CUT, replace(BEND, quantity=9))),
    ("judge.before_predecessor", (moved(CUT, 2 * H), BEND)),
    ("judge.lane_too_short", (CUT, replace(moved(BEND, -1800), resource_id="far"))),
    ("judge.lag_too_short", (CUT, moved(BEND, -H))),
    ("judge.lag_too_long", (CUT, moved(BEND, 24 * H))),
    ("judge.no_lane", (CUT, replace(BEND, resource_id="nowhere"))),
]


@pytest.mark.parametrize(("code", "slots"), PLANTS)
def test_a_planted_violation_is_found(code: str, slots: tuple[Slot, ...]) -> None:
    """Each rule finds the one schedule that breaks it."""
    assert code in codes(*slots)


def test_release_and_material_bound_the_start() -> None:
    """A start before the release or before the material is a violation, at it is none."""
    late = replace(JOB, release_s=START_S + 1)
    dry = replace(JOB, ready_s={"op1": START_S + 60, "op2": START_S + H})
    assert codes(CUT, BEND, job=late) == {"judge.before_release"}
    assert codes(CUT, BEND, job=dry) == {"judge.before_material"}


def other(family: str | None, end_s: int = START_S) -> Slot:
    """Return a slot of another job on the saw that ends by then."""
    return Slot("saw", 0, end_s - 66 * H, 0, end_s, "before", "op", 1, family)


def test_set_up_must_cover_the_real_changeover() -> None:
    """600 s of own set-up suffice after blue or on an idle saw, not after red."""
    monday = replace(other("red"), start_s=START_S - 64 * H, end_s=START_S - 64 * H + 60)
    jobs = {"new": JOB}
    for family, broken in (("red", True), ("blue", False)):
        found = violations([replace(monday, setup_family=family), CUT, BEND], NET, jobs)
        assert ("judge.setup_too_short" in {v.code for v in found}) == broken
    longer = replace(CUT, setup_s=1200, end_s=CUT.end_s + 600)
    found = violations([monday, longer, BEND], NET, jobs)
    assert {v.code for v in found} == {"judge.unknown_job", "judge.outside_calendar"}


def test_overlap_is_found_behind_a_long_slot() -> None:
    """A slot inside a much longer one overlaps, even with a short one in between."""
    jobs = {"new": JOB}
    long = Slot("press", 0, START_S, 0, START_S + 4 * H, "x", "op", 1)
    short = Slot("press", 0, START_S + 60, 0, START_S + 120, "y", "op", 1)
    found = [
        v for v in violations([CUT, BEND, long, short], NET, jobs) if v.code == "judge.overlap"
    ]
    assert {v.holder for v in found} == {"new", "y"}
    elsewhere = [replace(long, resource_id="far"), replace(short, seat=3), CUT, BEND]
    assert "judge.overlap" not in {v.code for v in violations(elsewhere, NET, jobs)}


def test_history_is_not_measured_again() -> None:
    """A slot that began before now keeps its real length; its seat and order still count."""
    long = replace(CUT, end_s=CUT.end_s + 60)
    assert codes(long, BEND, now_s=START_S + 1) == set()
    assert codes(long, BEND, now_s=START_S) == {"judge.wrong_length"}
    assert codes(replace(long, seat=1), BEND, now_s=START_S + 1) == {"judge.no_such_seat"}


def test_work_may_pause_when_its_plan_says_so() -> None:
    """Pausable work over the break counts working seconds only; the break itself is no work."""
    over = replace(CUT, start_s=START_S + 7 * H // 2, end_s=START_S + 5 * H)
    routing = plan(replace(PLAN.operations[0], after=()), name="short")
    job = Job("new", routing, 10)
    assert codes(over, job=job) == set()
    assert codes(replace(over, end_s=START_S + 9 * H // 2), job=job) == {"judge.wrong_length"} | {
        "judge.outside_calendar"
    }


def test_every_kind_is_planted_here() -> None:
    """No rule of the judge is without a planted violation in this file."""
    planted = {code for code, _ in PLANTS}
    planted |= {"judge.before_release", "judge.before_material", "judge.setup_too_short"}
    planted |= {"judge.overlap"}
    worded = {code for code in _english() if code.startswith("judge.")}
    assert worded == planted


def _english() -> set[str]:
    from manufold.words.catalogue import sentences

    return set(sentences("en"))


def test_a_hundred_thousand_slots_are_judged_in_seconds() -> None:
    """A long clean schedule is judged in time for every swap of a plan."""
    routing = plan(operation("op1", "bend", 60), name="p")
    net = network([unit(f"u{n}", "bend") for n in range(100)])
    jobs, slots = {}, []
    for number in range(100_000):
        holder, start_s = f"j{number}", number // 100 * 60
        jobs[holder] = Job(holder, routing, 1)
        slots.append(Slot(f"u{number % 100}", 0, start_s, 0, start_s + 60, holder, "op1", 1))
    begun = time.process_time()
    assert violations(slots, net, jobs) == ()
    assert time.process_time() - begun < 10
    slots[777] = moved(slots[777], -1)
    assert "judge.overlap" in {v.code for v in violations(slots, net, jobs)}
