"""A forecast keeps the order of work and pushes what is late no further than it must."""

import random

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake, InputFault
from manufold.model.network import Operator
from manufold.model.schedule import Job, Slot, dispatch_lists
from manufold.scheduling.dispatch import RULES, best_dispatch, dispatch
from manufold.scheduling.forecast import OVERRUN_S, Progress, forecast
from manufold.scheduling.load import Load
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.promise import promise
from manufold.scheduling.repair import repair
from scheduling.made import middle_jobs, middle_shop, wrong
from scheduling.shops import MONDAY_S, by_operation, chain, network, operation, plan, unit

H = 3600
NET = network([unit("saw", "cut"), unit("press", "bend"), unit("other", "cut")])


def job(name: str, *steps: tuple[str, int], due_s: int | None = None) -> Job:
    """Return a job that is a chain."""
    return Job(name, chain(*steps, name=name), 1, 0, {}, due_s)


def slot(unit_id: str, start_s: int, end_s: int, holder: str, name: str = "op1") -> Slot:
    """Return a slot without set-up."""
    return Slot(unit_id, 0, start_s, 0, end_s, holder, name, 1, f"rev/{holder}")


@pytest.mark.parametrize("seed", range(5))
def test_without_deviation_the_forecast_is_the_plan(seed: int) -> None:
    """Calendars, forks, lags, families: the same slots come back, and nothing is at risk."""
    net, jobs = middle_shop(seed), middle_jobs(seed, 50, tight=50.0)
    slots = list(best_dispatch(net, jobs, Load.of(net, (), MONDAY_S)))
    known = {one.holder: one for one in jobs}
    found = forecast(net, dispatch_lists(slots), known, {}, MONDAY_S)
    assert set(found.slots) == set(slots)
    assert found.at_risk == found.reasons == ()
    assert found.delays == {}


@pytest.mark.parametrize("seed", range(5))
def test_a_late_floor_gives_a_clean_forecast(seed: int) -> None:
    """Random delays and an outage: nothing left of the plan's start, and the judge is content."""
    rng = random.Random(seed)
    net, jobs = middle_shop(seed), middle_jobs(seed, 50)
    jobs = [one for one in jobs if all(o.max_lag_s is None for o in one.plan.operations)]
    slots = list(dispatch(net, jobs, Load.of(net, (), MONDAY_S), RULES[1]))
    now_s = sorted(s.start_s for s in slots)[len(slots) // 3]
    progress = {
        (s.holder, s.operation_id): Progress(s.start_s, s.end_s) for s in slots if s.end_s <= now_s
    }
    progress |= {
        (s.holder, s.operation_id): Progress(s.start_s, None, rng.randint(1, 20 * H))
        for s in slots
        if s.start_s < now_s < s.end_s
    }
    outage = Outage(rng.choice(net.work_units).work_unit_id, now_s + 600, now_s + 30 * H)
    known = {one.holder: one for one in jobs}
    found = forecast(net, dispatch_lists(slots), known, progress, now_s, [outage])
    planned = {(s.holder, s.operation_id): s for s in slots}
    assert all(s.start_s >= planned[s.holder, s.operation_id].start_s for s in found.slots)
    down = with_outages(net, [outage])
    assert violations(found.slots, down, known, now_s=now_s) == ()
    late = [risk for risk in found.at_risk if known[risk[0]].due_s is not None]
    assert late == sorted(late, key=lambda risk: (-risk[1], risk[0]))


def test_late_work_pushes_its_seat_and_its_routing() -> None:
    """An hour more on the saw moves what waits for the saw and what waits for the piece."""
    jobs = {"one": job("one", ("cut", H), ("bend", H)), "two": job("two", ("cut", H))}
    slots = [
        slot("saw", 0, H, "one"),
        slot("press", H, 2 * H, "one", "op2"),
        slot("saw", H, 2 * H, "two"),
    ]
    late = {("one", "op1"): Progress(0, None, H)}
    found = forecast(NET, dispatch_lists(slots), jobs, late, H)
    by_holder = {(s.holder, s.operation_id): (s.start_s, s.end_s) for s in found.slots}
    assert by_holder == {
        ("one", "op1"): (0, 2 * H),
        ("one", "op2"): (2 * H, 3 * H),
        ("two", "op1"): (2 * H, 3 * H),
    }
    assert found.finish_s == {"one": 3 * H, "two": 3 * H}
    assert found.delays["one"] == (("op1", "saw", H), ("op2", "press", H))


def test_slack_swallows_a_small_delay() -> None:
    """What has time to spare stays where it is."""
    jobs = {"one": job("one", ("cut", H)), "two": job("two", ("cut", H))}
    slots = [slot("saw", 0, H, "one"), slot("saw", 3 * H, 4 * H, "two")]
    found = forecast(NET, dispatch_lists(slots), jobs, {("one", "op1"): Progress(0, None, H)}, H)
    assert {s.holder: s.start_s for s in found.slots} == {"one": 0, "two": 3 * H}


def test_early_work_does_not_pull_forward() -> None:
    """Nothing starts before its slot, however early the one before it ends."""
    jobs = {"one": job("one", ("cut", H)), "two": job("two", ("cut", H))}
    slots = [slot("saw", 0, H, "one"), slot("saw", H, 2 * H, "two")]
    found = forecast(NET, dispatch_lists(slots), jobs, {("one", "op1"): Progress(0, 60)}, 60)
    assert {s.holder: s.start_s for s in found.slots} == {"one": 0, "two": H}


@pytest.mark.parametrize("fewest", [True, False])
def test_a_repair_takes_the_way_that_there_is(fewest: bool) -> None:
    """The saw never comes back: the order of work ends beyond the horizon, the other saw is free.
    Where there is no way at all, it is refused."""
    jobs = {"one": job("one", ("cut", H), due_s=H), "two": job("two", ("cut", H), due_s=H)}
    slots = [slot("saw", 0, H, "one"), slot("other", 0, H, "two")]
    for days in (30, 800, 3000):
        down = [Outage("saw", 0, days * 24 * H)]
        found = repair(NET, slots, jobs, {}, 0, down, fewest=fewest).slots
        assert {s.holder: (s.resource_id, s.start_s) for s in found} == {
            "one": ("other", H),
            "two": ("other", 0),
        }
    both = [Outage(name, 0, 3000 * 24 * H) for name in ("saw", "other")]
    with pytest.raises(CannotMake, match="schedule.past_horizon"):
        repair(NET, slots, jobs, {}, 0, both, fewest=fewest)


def test_work_begun_out_of_turn_goes_first() -> None:
    """Who has begun keeps the seat; the one that was to go first waits for it."""
    jobs = {"one": job("one", ("cut", H)), "two": job("two", ("cut", H))}
    slots = [slot("saw", 0, H, "one"), slot("saw", H, 2 * H, "two")]
    found = forecast(NET, dispatch_lists(slots), jobs, {("two", "op1"): Progress(0)}, 600)
    assert {s.holder: (s.start_s, s.end_s) for s in found.slots} == {
        "two": (0, H),
        "one": (H, 2 * H),
    }


def test_remaining_work_is_the_plans_less_what_was_done() -> None:
    """Half an hour of an hour done leaves half an hour; overdue work is given a little more."""
    jobs = {"one": job("one", ("cut", H))}
    lists = dispatch_lists([slot("saw", 0, H, "one")])
    half = forecast(NET, lists, jobs, {("one", "op1"): Progress(600)}, 600 + H // 2)
    over = forecast(NET, lists, jobs, {("one", "op1"): Progress(0)}, 9 * H)
    assert half.slots[0].end_s == 600 + H
    assert over.slots[0].end_s == 9 * H + OVERRUN_S


def test_an_outage_is_waited_out() -> None:
    """Pausable work stops and goes on, unpausable work waits until it fits."""
    routing = plan(operation("op1", "cut", H, pausable=False), name="two")
    jobs = {"one": job("one", ("cut", H)), "two": Job("two", routing, 1)}
    slots = [slot("saw", 0, H, "one"), slot("other", 0, H, "two")]
    outages = [Outage("saw", 1800, 5400), Outage("other", 1800, 5400)]
    found = forecast(NET, dispatch_lists(slots), jobs, {}, 0, outages)
    assert {s.holder: (s.start_s, s.end_s) for s in found.slots} == {
        "one": (0, 7200),
        "two": (5400, 9000),
    }


def test_missed_promises_and_lags_are_told() -> None:
    """The promise that is missed is named with its seconds, the lag that breaks with its job."""
    routing = plan(
        operation("op1", "cut", H), operation("op2", "bend", H, after=["op1"], max_lag_s=H)
    )
    jobs = {"one": Job("one", routing, 1, 0, {}, 2 * H)}
    slots = [slot("saw", 0, H, "one"), slot("press", H, 2 * H, "one", "op2")]
    down = [Outage("press", H, 5 * H)]
    found = forecast(NET, dispatch_lists(slots), jobs, {("one", "op1"): Progress(0, H)}, H, down)
    assert found.at_risk == (("one", 4 * H),)
    assert [reason.code for reason in found.reasons] == ["schedule.lag_at_risk"]


def test_lists_that_wait_for_each_other_are_refused() -> None:
    """Two seats in an order no routing allows: the fault names a job and its operation."""
    jobs = {n: job(n, ("cut", H), ("bend", H)) for n in ("one", "two")}
    knot = [
        slot("saw", 0, H, "two", "op1"),
        slot("saw", H, 2 * H, "one", "op1"),
        slot("press", 0, H, "one", "op2"),
        slot("press", H, 2 * H, "two", "op2"),
    ]
    assert forecast(NET, dispatch_lists(knot), jobs, {}, 0).finish_s == {"one": 3 * H, "two": 4 * H}
    knot[0], knot[2] = slot("saw", 0, H, "one", "op2"), slot("press", 0, H, "two", "op1")
    with pytest.raises(InputFault) as refused:
        forecast(NET, dispatch_lists(knot), jobs, {}, 0)
    assert refused.value.code == "schedule.sequence_cyclic"


@pytest.mark.parametrize("away_d", [20, 58, 62, 100, 300])
@pytest.mark.parametrize("attendance", ["setup", "all"])
def test_a_long_leave_is_waited_out(away_d: int, attendance: str) -> None:
    """However long the only operator is away, two orders begin after it and one after another."""
    crew = (Operator("olga", "a", ("cutting",), "always", 0),)
    net = network([unit("saw", "cut")], operators=crew)
    steps = operation("op1", "cut", H, H, skill="cutting", attendance=attendance)
    jobs = {name: Job(name, plan(steps), 1, 0, {}, None) for name in ("one", "two")}
    load, slots = Load.of(net, (), 0), list[Slot]()
    for one in jobs.values():
        slots += promise(load, net, one).slots
        load = load.with_slots(slots[-1:])
    leave = with_outages(net, [Outage("olga", 0, away_d * 86400)])
    found = forecast(leave, dispatch_lists(slots, claims=True), jobs, {}, 0).slots
    assert [one.start_s for one in found] == [away_d * 86400, away_d * 86400 + 2 * H]
    assert violations(found, leave, jobs) == ()


def test_an_outage_needs_sense() -> None:
    """An outage backwards in time, or of a work unit nobody has, is refused by name."""
    with pytest.raises(InputFault) as backwards:
        Outage("saw", 5, 5)
    with pytest.raises(InputFault) as unknown:
        with_outages(NET, [Outage("ghost", 0, 1)])
    assert backwards.value.code == "schedule.outage_backwards"
    assert unknown.value.code == "schedule.resource_unknown"


def test_repair_moves_one_slot_to_keep_a_promise() -> None:
    """The job that would be late goes to the other saw; the patient one stays and waits."""
    jobs = {"one": job("one", ("cut", H), due_s=2 * H), "two": job("two", ("cut", H), due_s=99 * H)}
    slots = [slot("saw", 0, H, "one"), slot("saw", H, 2 * H, "two")]
    found = repair(NET, slots, jobs, {}, 0, [Outage("saw", 0, 9 * H)])
    at = {s.holder: (s.resource_id, s.start_s) for s in found.slots}
    assert at == {"one": ("other", H), "two": ("saw", 9 * H)}
    assert [reason.code for reason in found.moved] == [
        "schedule.moved_to",
        "schedule.kept_sequence",
    ]
    assert found.at_risk == ()


def test_repair_leaves_alone_what_is_in_time() -> None:
    """When waiting keeps every promise, nothing changes its seat."""
    jobs = {"one": job("one", ("cut", H), due_s=20 * H)}
    found = repair(NET, [slot("saw", 0, H, "one")], jobs, {}, 0, [Outage("saw", 0, 9 * H)])
    assert [s.resource_id for s in found.slots] == ["saw"]
    assert by_operation(found.slots)["op1"].start_s == 9 * H


def test_repair_brings_nothing_past_what_is_pinned() -> None:
    """The late job goes before the patient one, unless that one is pinned; nor does it move then
    when it is pinned itself."""
    net = network([unit("saw", "cut")])
    jobs = {"one": job("one", ("cut", H), due_s=4 * H), "two": job("two", ("cut", H), due_s=99 * H)}
    slots = [slot("saw", H, 2 * H, "two"), slot("saw", 2 * H, 3 * H, "one")]
    outage = Outage("saw", H, 3 * H)
    free = {"one": 3 * H, "two": 4 * H}
    kept = {"one": 4 * H, "two": 3 * H}
    for pinned, wanted in (((), free), (("two",), kept), (("one",), kept)):
        keys = [(name, "op1") for name in pinned]
        found = repair(net, slots, jobs, {}, H, [outage], pinned=keys)
        assert {s.holder: s.start_s for s in found.slots} == wanted, pinned


@pytest.mark.parametrize("seed", range(3))
def test_repair_is_clean_and_no_worse_than_waiting(seed: int) -> None:
    """In a full shop the repair misses no more than waiting would, and the judge is content."""
    net, jobs = middle_shop(seed), middle_jobs(seed, 40, tight=1.0)
    jobs = [one for one in jobs if all(o.max_lag_s is None for o in one.plan.operations)]
    known = {one.holder: one for one in jobs}
    slots = list(dispatch(net, jobs, Load.of(net, (), MONDAY_S), RULES[1]))
    assert wrong(slots, net, jobs) == ()
    busiest = max(net.work_units, key=lambda u: sum(s.resource_id == u.work_unit_id for s in slots))
    outage = Outage(busiest.work_unit_id, MONDAY_S, MONDAY_S + 5 * 86400)
    waiting = forecast(net, dispatch_lists(slots), known, {}, MONDAY_S, [outage])
    found = repair(net, slots, known, {}, MONDAY_S, [outage])
    assert violations(found.slots, with_outages(net, [outage]), known) == ()
    assert sum(late for _, late in found.at_risk) <= sum(late for _, late in waiting.at_risk)
