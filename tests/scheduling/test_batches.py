"""What is in an oven together stays together: when it is late, when begun, and in its set-up."""

import random
from dataclasses import replace

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake
from manufold.model.network import Network, Operator, SetupMatrix
from manufold.model.schedule import Claim, Job, Slot, dispatch_lists
from manufold.scheduling.batch_names import share_name
from manufold.scheduling.bookings import bookings_of
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.forecast import Progress, forecast
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.rich import LATE, rich_jobs, rich_shop
from scheduling.shops import ALWAYS, EARLY, MONDAY_S, network, operation, plan, unit

H = 3600
DOOR = 3
OVEN = replace(unit("oven", "bake", seats=DOOR), batches=True)


def baking(name: str, quantity: int = 1, **more: object) -> Job:
    """Return a job that saws for an hour and bakes for two."""
    saw = operation("saw", "cut", H)
    fields: dict[str, object] = {"batch_family": "bread", "pausable": False} | more
    bake = operation("bake", "bake", 0, 2 * H, after=["saw"], **fields)
    return Job(name, plan(saw, bake, name=name), quantity)


def baked(holder: str, seat: int, start_s: int, *also: Claim) -> Slot:
    """Return a slot in the oven, with its claim of the door."""
    end_s = start_s + 2 * H
    shared = share_name("oven", "bread", start_s, end_s)
    door = Claim("oven", DOOR, start_s, end_s, shared)
    family = f"rev/{holder}"
    return Slot("oven", seat, start_s, 2 * H, end_s, holder, "bake", 1, family, 0, (door, *also))


def sawn(holder: str, saw: str, start_s: int) -> Slot:
    """Return the slot before the oven."""
    return Slot(saw, 0, start_s, 0, start_s + H, holder, "saw", 1, f"rev/{holder}", 0)


NET = network([unit("saw1", "cut"), unit("saw2", "cut"), OVEN])
JOBS = {name: baking(name) for name in ("a", "b")}
START_S = MONDAY_S + H
SLOTS = [
    sawn("a", "saw1", MONDAY_S),
    sawn("b", "saw2", MONDAY_S),
    baked("a", 0, START_S),
    baked("b", 1, START_S),
]


def oven_slots(slots: tuple[Slot, ...]) -> list[Slot]:
    """Return what is baked, by holder."""
    return sorted((s for s in slots if s.operation_id == "bake"), key=lambda s: s.holder)


def one_batch(slots: list[Slot]) -> bool:
    """Return whether slots share one door, for the store as well."""
    doors = {
        (booking.holder, booking.from_s, booking.to_s)
        for slot in slots
        for booking in bookings_of(slot, slot.holder, slot.holder, "firm")
        if booking.seat == DOOR
    }
    return len(doors) == 1 and len({(slot.start_s, slot.end_s) for slot in slots}) == 1


def test_a_late_member_takes_the_others_along() -> None:
    """One is sawn half an hour late: both are baked half an hour later, behind one door."""
    progress = {("a", "saw"): Progress(MONDAY_S), ("b", "saw"): Progress(MONDAY_S, None, 5400 - 60)}
    found = forecast(NET, dispatch_lists(SLOTS, claims=True), JOBS, progress, MONDAY_S + 60)
    baking_now = oven_slots(found.slots)
    assert one_batch(baking_now)
    assert baking_now[0].start_s == START_S + 1800
    assert violations(found.slots, NET, JOBS, now_s=MONDAY_S + 60) == ()


def test_members_that_began_at_different_seconds_are_one_batch() -> None:
    """Two people press start seven seconds apart: one door, from the first start to one end."""
    progress = {
        ("a", "saw"): Progress(MONDAY_S, START_S),
        ("b", "saw"): Progress(MONDAY_S, START_S),
        ("a", "bake"): Progress(START_S),
        ("b", "bake"): Progress(START_S + 7),
    }
    begun = [
        replace(SLOTS[3], start_s=START_S + 7, also=SLOTS[3].also) if s is SLOTS[3] else s
        for s in SLOTS
    ]
    found = forecast(NET, dispatch_lists(begun, claims=True), JOBS, progress, START_S + H)
    baking_now = oven_slots(found.slots)
    assert one_batch(baking_now)
    assert baking_now[0].start_s == START_S
    assert baking_now[0].end_s == START_S + 2 * H + 7


def test_who_is_left_behind_comes_when_the_door_opens_again() -> None:
    """One began without the other: the other is a batch of its own, after it."""
    progress = {("a", "saw"): Progress(MONDAY_S, START_S), ("a", "bake"): Progress(START_S)}
    progress |= {("b", "saw"): Progress(MONDAY_S, None, H)}
    now_s = START_S + 600
    found = forecast(NET, dispatch_lists(SLOTS, claims=True), JOBS, progress, now_s)
    first, second = oven_slots(found.slots)
    assert (first.start_s, first.end_s) == (START_S, START_S + 2 * H)
    assert second.start_s == first.end_s
    assert first.also[0].shared_as != second.also[0].shared_as
    assert violations(found.slots, NET, JOBS, now_s=now_s) == ()


def test_a_batch_begins_when_all_its_operators_are_there() -> None:
    """The late shift attends one of them: the early one's member waits for it."""
    people = (
        Operator("early", "a", ("baker",), "early", 0),
        Operator("late", "a", ("baker",), "late", 0),
    )
    net = network(
        [unit("saw1", "cut"), unit("saw2", "cut"), OVEN],
        calendars=(ALWAYS, EARLY, LATE),
        operators=people,
    )
    jobs = {name: baking(name, skill="baker", attendance="setup") for name in ("a", "b")}
    jobs = {
        n: replace(
            j,
            plan=replace(
                j.plan,
                operations=tuple(
                    replace(
                        o,
                        setup_terms=(
                            replace(o.setup_terms[0], span_s=o.setup_terms[0].span_s / 8),
                        ),
                        run_terms=(
                            replace(o.run_terms[0], span_s=o.setup_terms[0].span_s * 7 / 8),
                        ),
                    )
                    if o.operation_id == "bake"
                    else o
                    for o in j.plan.operations
                ),
            ),
        )
        for n, j in jobs.items()
    }
    start_s = MONDAY_S + 13 * H  # 13:00 UTC: 14:00 in Berlin
    set_up = 2 * H // 8
    slots = [
        sawn("a", "saw1", MONDAY_S),
        sawn("b", "saw2", MONDAY_S),
        replace(
            baked("a", 0, start_s, Claim("early", 0, start_s, start_s + set_up)), setup_s=set_up
        ),
        replace(
            baked("b", 1, start_s, Claim("late", 0, start_s, start_s + set_up)), setup_s=set_up
        ),
    ]
    assert violations(slots, net, jobs) == ()
    progress = {("a", "saw"): Progress(MONDAY_S + 12 * H + 1800)}
    now_s = MONDAY_S + 12 * H + 1800
    found = forecast(net, dispatch_lists(slots, claims=True), jobs, progress, now_s)
    late = oven_slots(found.slots)
    assert one_batch(late)
    assert late[0].start_s == MONDAY_S + 13 * H + 1800
    progress = {("a", "saw"): Progress(MONDAY_S + 13 * H)}
    found = forecast(net, dispatch_lists(slots, claims=True), jobs, progress, MONDAY_S + 13 * H)
    late = oven_slots(found.slots)
    assert one_batch(late)  # the early one has gone home: both are there on Tuesday from 12:30 on
    assert late[0].start_s == MONDAY_S + 36.5 * H


def with_ovens_set_up(net: Network) -> Network:
    """Return a rich shop whose ovens have a set-up matrix."""
    matrix = SetupMatrix("oven", (("red", "blue", 1800, 0, 0), ("blue", "red", 600, 0, 0)), 1200)
    units = tuple(
        replace(one, setup_matrix_id="oven") if one.batches else one for one in net.work_units
    )
    return replace(net, work_units=units, setup_matrices=(*net.setup_matrices, matrix))


@pytest.mark.parametrize("seed", range(30))
def test_ovens_are_set_up_as_a_whole(seed: int) -> None:
    """With a matrix on every oven, promises and dispatch are clean and a forecast is the plan."""
    rng = random.Random(seed)
    net = with_ovens_set_up(rich_shop(rng))
    load, slots, kept = Load.of(net, from_s=MONDAY_S), list[Slot](), list[Job]()
    for job in rich_jobs(rng, 20):
        try:
            found = promise(load, net, job, to_site_or_zone="home")
        except CannotMake:
            continue
        load = load.with_slots(found.slots)
        slots += found.slots
        kept.append(job)
    jobs = {job.holder: job for job in kept}
    assert violations(slots, net, jobs) == ()
    told = forecast(net, dispatch_lists(slots, claims=True), jobs, {}, MONDAY_S)
    assert sorted(told.slots, key=str) == sorted(slots, key=str)
    made = list(dispatch(net, kept, Load.of(net, from_s=MONDAY_S), RULES[seed % len(RULES)]))
    assert violations(made, net, jobs) == ()


def test_an_oven_set_up_for_another_family_is_not_joined() -> None:
    """Two setup families of one batch family are two batches, with the changeover between them."""
    matrix = SetupMatrix("m", (("red", "blue", 1800, 0, 0),))
    net = network(
        [unit("saw1", "cut"), unit("saw2", "cut"), replace(OVEN, setup_matrix_id="m")],
        matrices=[matrix],
    )
    jobs = [
        baking("a", setup_family="red"),
        baking("b", setup_family="red"),
        baking("c", setup_family="blue"),
    ]
    load, slots = Load.of(net, from_s=MONDAY_S), list[Slot]()
    for job in jobs:
        found = promise(load, net, job)
        load = load.with_slots(found.slots)
        slots += found.slots
    red, same, blue = oven_slots(tuple(slots))
    assert (red.start_s, red.end_s) == (same.start_s, same.end_s)
    assert blue.start_s == red.end_s
    assert blue.changeover_s == 1800
    assert violations(slots, net, {job.holder: job for job in jobs}) == ()
    cold = replace(blue, setup_s=2 * H, changeover_s=0, end_s=blue.end_s - 1800)
    cold = replace(cold, seat=2, also=tuple(replace(c, end_s=cold.end_s) for c in blue.also))
    wrong = violations(
        [*(s for s in slots if s is not blue), cold], net, {j.holder: j for j in jobs}
    )
    assert {v.code for v in wrong} == {"judge.setup_too_short"}
