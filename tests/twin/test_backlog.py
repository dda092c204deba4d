"""The seeded backlog is real work: makeable, as heavy as promised, and the same every time."""

import json
from dataclasses import replace
from decimal import Decimal
from functools import cache
from statistics import mean

import pytest

from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.model.codec import canonical, encoded
from manufold.model.errors import InputFault
from manufold.model.network import Network
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job, Schedule
from manufold.model.units import DAY_S, from_rfc3339
from manufold.scheduling.dispatch import best_dispatch
from manufold.scheduling.load import Load
from manufold.twin.backlog import backlog
from shop import shop_network

STARTS = ("2026-11-23T08:00:00+01:00", "2026-06-01T00:00:00Z")
MAIN = ("mill.3axis", "turn", "print.fdm", "print.sls", "laser", "sew")


@cache
def demo() -> Network:
    """Return the demo network."""
    return read_network(demo_network_path())


@cache
def demo_jobs(seed: int, start: str) -> tuple[Job, ...]:
    """Return a backlog of the usual size."""
    return backlog(demo(), seed, 450, from_rfc3339(start))


@cache
def demo_schedule(seed: int, start: str) -> Schedule:
    """Return the backlog, dispatched on empty plants."""
    return best_dispatch(demo(), demo_jobs(seed, start), Load.of(demo(), (), from_rfc3339(start)))


def load_share(capability: str, schedule: Schedule, from_s: int, to_s: int) -> float:
    """Return booked over working seconds of all work units with a capability."""
    booked_s = working_s = 0
    for unit in demo().work_units:
        if unit.capability(capability) is None:
            continue
        working = demo().calendar[unit.calendar_id].intervals(from_s, to_s)
        working_s += unit.seats * sum(end - start for start, end in working)
        booked_s += sum(
            max(0, min(end, slot.end_s) - max(start, slot.start_s))
            for slot in schedule
            if slot.resource_id == unit.work_unit_id and slot.start_s < to_s and slot.end_s > from_s
            for start, end in working
        )
    return booked_s / working_s


def makers(network: Network, operation: Operation) -> set[str]:
    """Return the sites that can do an operation, judged apart from the scheduling room."""
    sites = set()
    for unit in network.work_units:
        able = unit.capability(operation.capability)
        if able is None:
            continue
        site = network.site_of(unit.work_unit_id).site_id
        skilled = operation.skill is None or any(
            operation.skill in person.skills
            for person in network.operators
            if person.site_id == site
        )
        fits = all(able.limits.get(k, Decimal("inf")) >= v for k, v in operation.needs.items())
        takes = not able.materials or operation.material_id in (None, *able.materials)
        if skilled and fits and takes:
            sites.add(site)
    return sites


def test_same_seed_same_bytes():
    """Network, seed and start decide every byte; another seed gives other work."""
    start_s = from_rfc3339(STARTS[0])
    first = canonical(encoded(demo_jobs(7, STARTS[0])))
    assert canonical(encoded(backlog(demo(), 7, 450, start_s))) == first
    assert canonical(encoded(backlog(demo(), 8, 450, start_s))) != first
    assert json.loads(first)[0]["plan"]["operations"]


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_it_is_as_much_as_a_network_carries(seed):
    """450 orders are 2,000 operations and more, and every trade of the demo network has some."""
    jobs = demo_jobs(seed, STARTS[0])
    assert len(jobs) == len({job.holder for job in jobs}) == 450
    assert len({job.plan.design_revision for job in jobs}) == 450
    assert sum(len(job.plan.operations) for job in jobs) >= 2_000
    counts = {p: sum(job.plan.process == p for job in jobs) for p in {j.plan.process for j in jobs}}
    assert set(counts) == {"mill", "turn", "print.fdm", "print.sls", "laser", "sew"}
    assert min(counts.values()) >= 30


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_one_site_can_make_each_job_from_materials_of_the_network(seed):
    """No job needs a lane, a machine nobody has, or a material nobody sells."""
    for job in demo_jobs(seed, STARTS[0]):
        sites = set.intersection(*(makers(demo(), o) for o in job.plan.operations))
        assert sites, job.holder
        assert job.plan.bill_of_materials
        for line in job.plan.bill_of_materials:
            assert demo().material[line.material_id].unit == line.unit


@pytest.mark.parametrize("start", STARTS)
def test_dates_run_forwards_and_are_spread(start):
    """Nothing is released before the start; work lies ready at once and keeps arriving."""
    start_s = from_rfc3339(start)
    jobs = demo_jobs(7, start)
    weeks = [
        sum(start_s + 7 * k * DAY_S <= j.release_s < start_s + 7 * (k + 1) * DAY_S for j in jobs)
        for k in range(4)
    ]
    assert sum(weeks) == len(jobs)
    assert weeks[0] > weeks[2] > weeks[3] > 0
    assert 0.1 < mean(job.release_s == start_s for job in jobs) < 0.4
    for job in jobs:
        assert job.due_s is not None and job.due_s > job.release_s
        assert all(at in job.plan.operation for at in job.ready_s)
        assert all(instant_s > start_s for instant_s in job.ready_s.values())
    assert mean(bool(job.ready_s) for job in jobs) < 0.2


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("seed", [1, 7])
def test_bottlenecks_are_full_for_two_weeks_and_then_free(seed, start):
    """Dispatched, the main work units are loaded to 60-90 % for two weeks, far less later."""
    start_s = from_rfc3339(start)
    schedule = demo_schedule(seed, start)
    fortnight = {c: load_share(c, schedule, start_s, start_s + 14 * DAY_S) for c in MAIN}
    assert all(0.60 <= share <= 0.90 for share in fortnight.values()), fortnight
    assert 0.65 <= mean(fortnight.values()) <= 0.85
    later = {c: load_share(c, schedule, start_s + 21 * DAY_S, start_s + 35 * DAY_S) for c in MAIN}
    assert all(later[c] < 0.5 * fortnight[c] for c in MAIN), later
    beside = load_share("inspect.cmm", schedule, start_s, start_s + 14 * DAY_S)
    assert 0.1 < beside < min(fortnight.values())


def test_promised_work_is_mostly_kept():
    """Due dates leave room as real ones do: the best dispatch keeps nearly all of them."""
    ends: dict[str, int] = {}
    for slot in demo_schedule(7, STARTS[0]):
        ends[slot.holder] = max(ends.get(slot.holder, 0), slot.end_s)
    jobs = demo_jobs(7, STARTS[0])
    assert len(ends) == len(jobs)
    assert mean(ends[job.holder] <= job.due_s for job in jobs if job.due_s) >= 0.97


def test_more_orders_are_smaller_orders():
    """The load follows the network, not the count."""
    start_s = from_rfc3339(STARTS[0])

    def hours(jobs: tuple[Job, ...]) -> float:
        return sum(
            float(o.setup_s + job.quantity * o.run_s) / 3600
            for job in jobs
            for o in job.plan.operations
            if o.capability in MAIN
        )

    few, many = backlog(demo(), 3, 200, start_s), backlog(demo(), 3, 900, start_s)
    assert (len(few), len(many)) == (200, 900)
    assert 0.75 < hours(many) / hours(few) < 1.1


def test_orders_of_nothing_are_none_and_nothing_to_make_is_refused():
    """A network without a whole trade is told so, instead of given work it cannot do."""
    assert backlog(demo(), 1, 0, 0) == ()
    with pytest.raises(InputFault) as refused:
        backlog(shop_network(), 1, 10, 0)
    assert refused.value.code == "backlog.nothing_to_make"
    lonely = replace(demo(), operators=())
    with pytest.raises(InputFault):
        backlog(lonely, 1, 10, 0)
