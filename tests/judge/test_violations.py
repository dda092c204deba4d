"""The judge finds every planted violation, and nothing in a schedule that is right."""

import time
from dataclasses import replace
from decimal import Decimal

import pytest

from manufold.judge.violations import violations
from manufold.model.network import Capability, Operator, SetupMatrix, Tool
from manufold.model.schedule import Claim, Job, Slot
from manufold.scheduling.batch_names import share_name
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
        unit("golden", "cut", calendar="early", matrix="gold"),
    ],
    calendars=(EARLY,),
    lanes={("a", "b"): 2 * H},
    matrices=(
        SetupMatrix("m", (("red", "blue", 600, 0, 0),), default_s=0),
        SetupMatrix("gold", families=("gold",)),
    ),
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
SAWYER = Claim("op_a", 0, START_S, START_S + 600)
CUT = Slot("saw", 0, START_S, 600, START_S + H, "new", "op1", 10, "blue", 0, (SAWYER,))
BEND = Slot("press", 0, START_S + 2 * H, 0, START_S + 3 * H, "new", "op2", 10, "rev/plan")


def codes(*slots: Slot, job: Job = JOB, now_s: int | None = None) -> set[str]:
    """Return the kinds of violations of a schedule of one job."""
    return {v.code for v in violations(slots, NET, {"new": job}, now_s=now_s)}


def moved(slot: Slot, by_s: int) -> Slot:
    """Return a slot moved in time, with all it holds."""
    also = tuple(
        replace(claim, start_s=claim.start_s + by_s, end_s=claim.end_s + by_s)
        for claim in slot.also
    )
    return replace(slot, start_s=slot.start_s + by_s, end_s=slot.end_s + by_s, also=also)


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
    ("judge.family_unknown", (replace(CUT, resource_id="golden"), BEND)),
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
    stays = replace(SAWYER, end_s=START_S + 1200)
    longer = replace(CUT, setup_s=1200, end_s=CUT.end_s + 600, also=(stays,))
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


def test_what_begins_this_very_second_is_history_when_it_has_begun() -> None:
    """A shop that began at this second with another set-up than planned broke no rule."""
    other = Job("old", plan(operation("op1", "cut", 600, setup_family="red"), name="old"), 1)
    before = Slot("saw", 0, START_S, 0, START_S + 600, "old", "op1", 1, "red")
    cut, bend = moved(CUT, 600), moved(BEND, 600)
    jobs = {"old": other, "new": JOB}
    now_s = cut.start_s
    planned = violations((before, cut, bend), NET, jobs, now_s=now_s)
    assert [(v.code, v.holder) for v in planned] == [("judge.setup_too_short", "new")]
    assert violations((before, cut, bend), NET, jobs, now_s=now_s, begun={("new", "op1")}) == ()
    assert violations((before, cut, bend), NET, jobs, now_s=now_s, begun={("new", "op2")}) != ()


def test_work_may_pause_when_its_plan_says_so() -> None:
    """Pausable work over the break counts working seconds only; the break itself is no work."""
    late_s = START_S + 7 * H // 2
    there = replace(SAWYER, start_s=late_s, end_s=late_s + 600)
    over = replace(CUT, start_s=late_s, end_s=START_S + 5 * H, also=(there,))
    routing = plan(replace(PLAN.operations[0], after=()), name="short")
    job = Job("new", routing, 10)
    assert codes(over, job=job) == set()
    assert codes(replace(over, end_s=START_S + 9 * H // 2), job=job) == {"judge.wrong_length"} | {
        "judge.outside_calendar"
    }


OVEN_NET = network(
    [
        replace(unit("oven", "bake", seats=2), batches=True),
        unit("lathe", "turn"),
        unit("mill", "turn"),
    ],
    operators=(
        Operator("ann", "a", ("turner",), "early", 0),
        Operator("bob", "a", ("baker",), "early", 0),
    ),
    tools=(Tool("jaws", "jaws", "a", 1),),
)
#: four hours of turning with the jaws, which ann attends until her break; then an hour of baking
TURN_PLAN = plan(
    operation("op1", "turn", 4 * H, skill="turner", attendance="all", tools={"jaws": 1}),
    operation("op2", "bake", H, after=["op1"], batch_family="bread"),
)
TURN_JOBS = {name: Job(name, TURN_PLAN, 1) for name in ("one", "two")}


def turned(holder: str, from_s: int) -> Slot:
    """Return four hours of turning before the break."""
    ann, jaws = (Claim(name, 0, from_s, from_s + 4 * H) for name in ("ann", "jaws"))
    return Slot("lathe", 0, from_s, 0, from_s + 4 * H, holder, "op1", 1, "rev/plan", 0, (ann, jaws))


def baked(holder: str, seat: int, from_s: int) -> Slot:
    """Return an hour in the oven."""
    door = Claim("oven", 2, from_s, from_s + H, share_name("oven", "bread", from_s, from_s + H))
    return Slot("oven", seat, from_s, 0, from_s + H, holder, "op2", 1, "rev/plan", 0, (door,))


DAY = 24 * H
ONE, TWO = turned("one", START_S), turned("two", START_S + DAY)
BREAD = (baked("one", 0, START_S + 2 * DAY), baked("two", 1, START_S + 2 * DAY))


def without(slot: Slot, resource: str) -> Slot:
    """Return a slot that does not hold something."""
    return replace(slot, also=tuple(c for c in slot.also if c.resource_id != resource))


def test_what_is_held_rightly_is_right() -> None:
    """Two turned pieces, a day apart, share one batch of the oven; nothing is wrong."""
    assert violations((ONE, TWO, *BREAD), OVEN_NET, TURN_JOBS) == ()


HELD: list[tuple[str, str, tuple[Slot, ...]]] = [
    ("judge.no_operator", "nobody attends", (without(ONE, "ann"), TWO, *BREAD)),
    (
        "judge.no_operator",
        "somebody who cannot",
        (replace(ONE, also=(replace(ONE.also[0], resource_id="bob"), ONE.also[1])), TWO, *BREAD),
    ),
    (
        "judge.no_operator",
        "she leaves too soon",
        (replace(ONE, also=(replace(ONE.also[0], end_s=ONE.end_s - 1), ONE.also[1])), TWO, *BREAD),
    ),
    ("judge.too_few_tools", "no jaws", (without(ONE, "jaws"), TWO, *BREAD)),
    (
        "judge.wrong_claim",
        "jaws that are not there",
        (replace(ONE, also=(*ONE.also, replace(ONE.also[1], seat=1))), TWO, *BREAD),
    ),
    ("judge.wrong_claim", "no door", (ONE, TWO, replace(BREAD[0], also=()), BREAD[1])),
    (
        "judge.overlap",
        "ann at two machines at once",
        (ONE, replace(without(turned("two", START_S), "jaws"), resource_id="mill"), *BREAD),
    ),
    ("judge.batch_mixed", "opened meanwhile", (ONE, TWO, BREAD[0], moved(BREAD[1], 60))),
    ("judge.outside_calendar", "before her shift", (moved(ONE, -H), TWO, *BREAD)),
]


@pytest.mark.parametrize(("code", "what", "slots"), HELD)
def test_what_is_held_wrongly_is_found(code: str, what: str, slots: tuple[Slot, ...]) -> None:
    """Operators, tools and batches have rules, and each is found broken."""
    assert code in {v.code for v in violations(slots, OVEN_NET, TURN_JOBS)}, what


def test_a_lot_must_have_come() -> None:
    """Ten pieces in lots of five: the second machine may start on the first lot, not before, and
    not so early that it wants the second lot before it has come."""
    routing = plan(
        operation("op1", "turn", 60, transfer_quantity=5),
        operation("op2", "bake", 30, after=["op1"]),
    )
    net = network([unit("lathe", "turn"), unit("oven", "bake")])
    jobs = {"new": Job("new", routing, 10)}
    first = Slot("lathe", 0, 0, 0, 600, "new", "op1", 10)
    right = Slot("oven", 0, 450, 0, 750, "new", "op2", 10)
    assert violations((first, right), net, jobs) == ()
    for early_s in (1, 150, 200):
        found = violations((first, moved(right, -early_s)), net, jobs)
        assert {v.code for v in found} == {"judge.lot_too_early"}


def test_nothing_ends_before_the_last_lot_has_come() -> None:
    """An operation that is all set-up still has to be there when its last pieces come."""
    routing = plan(
        operation("op1", "turn", 60, transfer_quantity=5),
        operation("op2", "bake", 0, setup_s=200, after=["op1"]),
    )
    net = network([unit("lathe", "turn"), unit("oven", "bake", calendar="early")])
    jobs = {"new": Job("new", routing, 10)}
    shut_s = START_S + 8 * H
    lathe = Slot("lathe", 0, shut_s - 500, 0, shut_s + 100, "new", "op1", 10)
    oven = Slot("oven", 0, shut_s - 200, 200, shut_s, "new", "op2", 10)
    found = violations((lathe, oven), net, jobs)
    assert {v.code for v in found} == {"judge.lot_too_early"}
    before = moved(lathe, -101)
    assert violations((before, oven), net, jobs) == ()


def test_every_kind_is_planted_here() -> None:
    """No rule of the judge is without a planted violation in this file."""
    planted = {code for code, _ in PLANTS}
    planted |= {"judge.before_release", "judge.before_material", "judge.setup_too_short"}
    planted |= {"judge.overlap"} | {code for code, _, _ in HELD} | {"judge.lot_too_early"}
    worded = {code for code in _english() if code.startswith("judge.")}
    worded = {code for code in worded if not code.startswith("judge.shop_")}  # another judge's
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
