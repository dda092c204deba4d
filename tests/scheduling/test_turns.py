"""Who attends late work: whoever of the site is free and there, not always whom the slot names."""

import random

import pytest

from manufold.judge.violations import violations
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.errors import CannotMake
from manufold.model.network import Network, Operator
from manufold.model.schedule import Claim, Job, Slot, dispatch_lists
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.forecast import Progress, forecast
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.scheduling.shift_rows import found_rows
from manufold.scheduling.turns import take, taken_until_s
from scheduling.rich import rich_jobs, rich_shop
from scheduling.shops import ALWAYS, MONDAY_S, by_operation, network, operation, plan, unit

H = 3600
DAY = WorkCalendar("day", "UTC", (Shift(DAYS, "06:00", "14:00"),))
NIGHT = WorkCalendar("night", "UTC", (Shift(DAYS, "14:00", "22:00"),))


def crewed(*crew: tuple[str, str]) -> Network:
    """Return a network of two saws and (operator, calendar) who can set both up."""
    operators = [Operator(name, "a", ("saw",), calendar_id, 0) for name, calendar_id in crew]
    units = [unit("saw1", "cut"), unit("saw2", "cut"), unit("oven", "bake")]
    return network(units, operators=operators, calendars=(ALWAYS, DAY, NIGHT))


def sawing(name: str, attendance: str = "setup", before: str = "") -> Job:
    """Return a job of an hour's set-up and an hour's run on a saw, behind baking if it is named."""
    saw = operation(
        "saw", "cut", H, H, after=[before] if before else [], skill="saw", attendance=attendance
    )
    steps = [operation(before, "bake", H)] if before else []
    return Job(name, plan(*steps, saw), 1, 0, {}, None)


def sawn(unit_id: str, start_s: int, holder: str, who: str) -> Slot:
    """Return a slot of an hour's set-up, attended, and an hour's run."""
    also = (Claim(who, 0, start_s, start_s + H),)
    return Slot(unit_id, 0, start_s, H, start_s + 2 * H, holder, "saw", 1, "rev/plan", 0, also)


def test_work_that_slips_past_a_shift_is_attended_by_the_next() -> None:
    """The night's last set-up no longer fits; the day shift begins it, eight hours sooner."""
    net = crewed(("day", "day"), ("night", "night"))
    jobs = {"first": sawing("first"), "second": sawing("second")}
    first = sawn("saw1", MONDAY_S + 18 * H, "first", "night")
    second = sawn("saw1", MONDAY_S + 20 * H, "second", "night")
    late = {("first", "saw"): Progress(first.start_s, remaining_s=4 * H)}
    found = forecast(net, dispatch_lists([first, second], claims=True), jobs, late, first.end_s - H)
    moved = next(one for one in found.slots if one.holder == "second")
    assert [claim.resource_id for claim in moved.also] == ["day"]
    assert moved.start_s == MONDAY_S + 30 * H
    assert violations(found.slots, net, jobs, now_s=first.end_s - H, begun=set(late)) == ()


def test_nobody_stands_in_where_all_is_in_time() -> None:
    """Somebody else could set up sooner; the slot keeps whom it names, and its start."""
    net = crewed(("one", "always"), ("two", "always"))
    jobs = {"only": sawing("only")}
    slots = [sawn("saw1", MONDAY_S, "only", "two")]
    assert list(forecast(net, dispatch_lists(slots, claims=True), jobs, {}, 0).slots) == slots


def test_an_operator_does_not_wait_for_work_that_is_late() -> None:
    """What was first on an operator's list waits for its oven; the second is set up meanwhile."""
    net = crewed(("only", "always"))
    jobs = {"late": sawing("late", before="bake"), "ready": sawing("ready")}
    baked = Slot("oven", 0, MONDAY_S, 0, MONDAY_S + H, "late", "bake", 1, "rev/plan", 0)
    slots = [
        baked,
        sawn("saw1", MONDAY_S + H, "late", "only"),
        sawn("saw2", MONDAY_S + 2 * H, "ready", "only"),
    ]
    begun = {("late", "bake"): Progress(MONDAY_S, remaining_s=4 * H)}
    found = forecast(net, dispatch_lists(slots, claims=True), jobs, begun, MONDAY_S)
    starts_s = {one.holder: one.start_s - MONDAY_S for one in found.slots if one.setup_s}
    assert starts_s == {"ready": 2 * H, "late": 4 * H}
    assert by_operation(found.slots)["bake"].end_s == MONDAY_S + 4 * H


@pytest.mark.parametrize("seed", range(20))
def test_late_floors_are_forecast_cleanly(seed: int) -> None:
    """Operators, tools, ovens, lots: whatever runs longer, the forecast breaks no rule."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    load, slots, jobs = Load.of(net, from_s=MONDAY_S), list[Slot](), dict[str, Job]()
    for job in rich_jobs(rng, 15):
        if any(one.max_lag_s is not None for one in job.plan.operations):
            continue  # a delay may break it, and the forecast says so
        try:
            found = promise(load, net, job, to_site_or_zone="home").slots
        except CannotMake:
            continue
        load, jobs[job.holder] = load.with_slots(found), job
        slots += found
    now_s = sorted(one.start_s for one in slots)[len(slots) // 3]
    progress = {
        (one.holder, one.operation_id): Progress(one.start_s, one.end_s)
        if one.end_s <= now_s
        else Progress(one.start_s, None, rng.randint(1, 8 * H))
        for one in slots
        if one.start_s < now_s
    }
    told = forecast(net, dispatch_lists(slots, claims=True), jobs, progress, now_s)
    wrong = violations(told.slots, net, jobs, now_s=now_s, begun=set(progress))
    assert [one for one in wrong if (one.holder, one.operation_id) not in progress] == []


@pytest.mark.parametrize("seed", range(10))
def test_turns_know_what_is_taken(seed: int) -> None:
    """Overlapping and touching turns of two people in any order agree with lists of seconds."""
    rng, found = random.Random(seed), found_rows(0, 2, 50)
    taken = [[False] * 120, [False] * 120]
    for _ in range(50):
        place, start_s = rng.randrange(2), rng.randrange(100)
        end_s = start_s + rng.randint(1, 15)
        until_s = taken_until_s(found.turns, found.pool, place, start_s, end_s)
        first = next((at for at in range(start_s, end_s) if taken[place][at]), None)
        if first is None:
            assert until_s == NEVER
        else:
            assert until_s == first + taken[place][first:].index(False)
        if rng.random() < 0.5:
            take(found.turns, found.pool, found.used, place, start_s, end_s)
            taken[place][start_s:end_s] = [True] * (end_s - start_s)
