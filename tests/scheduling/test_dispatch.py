"""Dispatch makes schedules the judge finds nothing wrong with, by every rule, on any load."""

import random
import time
from dataclasses import replace

import pytest

from manufold.model.errors import CannotMake
from manufold.model.schedule import Job, dispatch_lists
from manufold.scheduling.dispatch import RULES, Rule, best_dispatch, dispatch
from manufold.scheduling.dispatch_kernel import EDD, SPT
from manufold.scheduling.load import Load
from manufold.scheduling.objective import objective
from manufold.scheduling.warm import warm
from scheduling.made import middle_jobs, middle_shop, wrong
from scheduling.shops import MONDAY_S, by_operation, chain, frozen, network, unit

BY_SPT = Rule("SPT", SPT)
BY_EDD = Rule("EDD", EDD)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_rule_makes_a_clean_schedule(rule: Rule, seed: int) -> None:
    """Calendars, seats, families, forks, lags and two sites: the judge finds nothing."""
    net, jobs = middle_shop(seed), middle_jobs(seed, 80)
    schedule = dispatch(net, jobs, Load.of(net, (), MONDAY_S), rule)
    assert len(schedule) == sum(len(job.plan.operations) for job in jobs)
    assert wrong(list(schedule), net, jobs) == ()


@pytest.mark.parametrize("seed", range(5))
def test_booked_work_does_not_move(seed: int) -> None:
    """On loaded seats nothing overlaps what was booked, and the schedule itself is clean."""
    rng = random.Random(seed)
    net, jobs = middle_shop(seed), middle_jobs(seed, 40)
    booked = [
        row
        for made in net.work_units
        for row in frozen(rng, made.work_unit_id, made.seats, 60 * 3600, 3600)
    ]
    shifted = [replace(b, from_s=b.from_s + MONDAY_S, to_s=b.to_s + MONDAY_S) for b in booked]
    slots = list(best_dispatch(net, jobs, Load.of(net, shifted, MONDAY_S)))
    assert wrong(slots, net, jobs) == ()
    taken = {(b.resource_id, b.seat): [] for b in shifted}
    for b in shifted:
        taken[b.resource_id, b.seat].append((b.from_s, b.to_s))
    for slot in slots:
        for from_s, to_s in taken.get((slot.resource_id, slot.seat), []):
            assert slot.end_s <= from_s or to_s <= slot.start_s


def test_a_rule_orders_the_queue() -> None:
    """Jobs that wait for one saw run shortest first by SPT and most urgent first by EDD."""
    net = network([unit("saw", "cut")])
    spans = {"long": 900, "short": 60, "middle": 300}
    due = {"long": 1000, "short": 3000, "middle": 2000}
    jobs = [Job(n, chain(("cut", s), name=n), 1, 0, {}, due[n]) for n, s in spans.items()]
    load = Load.of(net)
    first = [slot.holder for slot in dispatch_lists(dispatch(net, jobs, load, BY_SPT))[0].slots]
    second = [slot.holder for slot in dispatch_lists(dispatch(net, jobs, load, BY_EDD))[0].slots]
    assert first == ["short", "middle", "long"]
    assert second == ["long", "middle", "short"]


def test_the_best_of_all_rules_is_kept() -> None:
    """No rule alone beats the portfolio, and at least two rules differ."""
    net, jobs = middle_shop(4), middle_jobs(4, 80, tight=1.5)
    known, load = {job.holder: job for job in jobs}, Load.of(net, (), MONDAY_S)
    values = {objective(dispatch(net, jobs, load, rule), known) for rule in RULES}
    assert len(values) > 1
    assert objective(best_dispatch(net, jobs, load), known) == min(values)


def test_the_same_input_gives_the_same_schedule() -> None:
    """Two runs give equal slots, and the order of jobs of equal urgency is the caller's."""
    net, jobs = middle_shop(5), middle_jobs(5, 50)
    load = Load.of(net, (), MONDAY_S)
    assert list(best_dispatch(net, jobs, load)) == list(best_dispatch(net, jobs, load))


def test_fixed_slots_stay_and_bound_their_successors() -> None:
    """Only what is not fixed is placed, after the fixed slots, and all together is clean."""
    net, jobs = middle_shop(6), middle_jobs(6, 30)
    load = Load.of(net, (), MONDAY_S)
    whole = list(best_dispatch(net, jobs, load))
    kept = [s for s in whole if s.operation_id in ("op1", "op2")]
    fixed = {(s.holder, s.operation_id): s for s in kept}
    rest = list(dispatch(net, jobs, load.with_slots(kept), BY_EDD, fixed=fixed))
    assert {(s.holder, s.operation_id) for s in rest}.isdisjoint(fixed)
    assert wrong([*kept, *rest], net, jobs) == ()


def test_a_job_goes_where_it_is_told() -> None:
    """With a site given, all of the job is made there even if the other is free sooner."""
    net = network([unit("a1", "cut", site="a"), unit("b1", "cut", site="b")])
    job = Job("j", chain(("cut", 60), ("cut", 60)), 1)
    slots = by_operation(dispatch(net, [job], Load.of(net), BY_EDD, sites={"j": frozenset({"b"})}))
    assert {slot.resource_id for slot in slots.values()} == {"b1"}


def test_jobs_are_spread_over_sites() -> None:
    """Equal jobs fill both sites evenly."""
    net = network([unit("a1", "cut", site="a"), unit("b1", "cut", site="b")])
    jobs = [Job(f"j{n}", chain(("cut", 60), name=f"p{n}"), 1) for n in range(10)]
    units = [slot.resource_id for slot in dispatch(net, jobs, Load.of(net), BY_EDD)]
    assert units.count("a1") == units.count("b1") == 5


def test_one_impossible_job_is_named() -> None:
    """A job nobody can make refuses the dispatch by its capability."""
    net = network([unit("saw", "cut")])
    with pytest.raises(CannotMake) as refused:
        dispatch(net, [Job("j", chain(("melt", 60)), 1)], Load.of(net), BY_EDD)
    assert refused.value.code == "schedule.capability_unknown"
    assert refused.value.params["capability"] == "melt"


def test_two_thousand_operations_take_a_few_seconds_at_most() -> None:
    """A plant's backlog is dispatched while one waits."""
    warm()
    net, jobs = middle_shop(1, units=40), middle_jobs(1, 500)
    load = Load.of(net, (), MONDAY_S)
    begun_s = time.process_time()
    schedule = dispatch(net, jobs, load, BY_EDD)
    taken_s = time.process_time() - begun_s
    assert len(schedule) > 1900
    assert taken_s < 4.0  # a second on two quiet cores; benchmarks/ keeps the figure
