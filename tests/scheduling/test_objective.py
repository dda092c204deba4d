"""What the kernels of improvement count is what the plain objective says, and no less than a bound
that is one."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake
from manufold.model.network import Network, SetupMatrix
from manufold.model.place import EnergyHours, ExchangeRate
from manufold.model.schedule import Job, Slot
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.load import Load
from manufold.scheduling.objective import Costing, Objective, finishes_s, objective
from manufold.scheduling.promise import promise
from manufold.scheduling.rebuild import Rebuild
from manufold.scheduling.weights import Weights
from scheduling.rich import FAMILIES, rich_jobs, rich_shop
from scheduling.shops import MONDAY_S

NIGHT = EnergyHours(0, 6, Decimal("7.25"), Decimal("120"))
PEAK = EnergyHours(16, 20, Decimal("41.5"), Decimal("410.5"), ("mon", "tue", "wed", "thu"))


def priced_shop(rng: random.Random) -> Network:
    """Return a rich shop that draws power at two tariffs in two moneys, and pays to change over."""
    net = rich_shop(rng)
    sites = tuple(
        replace(
            site,
            zone=rng.choice(["UTC", "Europe/Berlin", "Asia/Kolkata"]),
            energy_hours=rng.choice([(), (NIGHT,), (NIGHT, PEAK)]),
            energy_minor_per_kwh=Decimal("19.99"),
            currency=rng.choice(["EUR", "CNY"]),
        )
        for site in net.sites
    )
    entries = tuple(
        (a, b, rng.choice([0, 300, 900]), rng.randint(0, 5000), rng.randint(0, 900))
        for a in FAMILIES
        for b in FAMILIES
        if rng.random() < 0.8
    )
    return replace(
        net,
        sites=sites,
        work_units=tuple(
            replace(unit, power_w=rng.choice([0, 700, 45_000])) for unit in net.work_units
        ),
        setup_matrices=(SetupMatrix("m", entries, 600),),
        exchange_rates=(ExchangeRate("CNY", Decimal("0.1277"), "2026-03-01"),),
    )


def drawing(rng: random.Random, job: Job) -> Job:
    """Return a job whose process draws energy as well."""
    operations = tuple(
        replace(one, energy_wh=Decimal(rng.randint(0, 9000)) / 1000) for one in job.plan.operations
    )
    return replace(job, plan=replace(job.plan, operations=operations))


def promised(net: Network, jobs: Sequence[Job]) -> tuple[tuple[Slot, ...], list[Job]]:
    """Return the slots of what could be promised one after the other, and its jobs."""
    load, slots, kept = Load.of(net, from_s=MONDAY_S), list[Slot](), list[Job]()
    for job in jobs:
        try:
            found = promise(load, net, job, to_site_or_zone="home")
        except CannotMake:
            continue
        load = load.with_slots(found.slots)
        slots += found.slots
        kept.append(job)
    return tuple(slots), kept


def searching(
    net: Network, slots: Sequence[Slot], jobs: Sequence[Job], weights: Weights
) -> Rebuild:
    """Return a search that stands on slots, none of them fixed."""
    own = [{s.operation_id: s for s in slots if s.holder == job.holder} for job in jobs]
    search = Rebuild(
        Load.of(net, from_s=MONDAY_S),
        jobs,
        [{name: net.site_of(s.resource_id).site_id for name, s in one.items()} for one in own],
        [{}] * len(jobs),
        [None] * len(jobs),
        seed=5,
        weights=weights,
    )
    search.stand(own)
    return search


def case(seed: int) -> tuple[Network, list[Job], tuple[Slot, ...], Weights]:
    """Return a shop, jobs promised in it, and weights."""
    rng = random.Random(seed)
    net = priced_shop(rng)
    slots, jobs = promised(net, [drawing(rng, job) for job in rich_jobs(rng, 22)])
    weights = Weights(rng.randint(0, 300), rng.randint(0, 3000), 1.5, 0.75, rng.randint(0, 40))
    return net, jobs, slots, weights


@pytest.mark.parametrize("seed", range(12))
def test_the_kernels_count_what_the_plain_objective_says(seed: int) -> None:
    """Before the search and after each stretch of it every part is equal, to the last unit."""
    net, jobs, slots, weights = case(seed)
    known, costing = {job.holder: job for job in jobs}, Costing(net, weights)
    search = searching(net, slots, jobs, weights)
    before = objective(slots, known, costing)
    assert search.objective() == before
    last = before
    for rounds in (1, 20, 100, 300):
        search.play(rounds)
        made = [slot for own in search.slots() for slot in own]
        found = search.objective()
        assert found == objective(made, known, costing)
        assert found <= last
        last = found
    assert last < before
    assert violations(made, net, known) == ()


def test_the_shops_price_what_they_are_meant_to() -> None:
    """Changeovers that cost, electricity by hour and its carbon all occur in what is tested."""
    values = []
    for seed in range(12):
        net, jobs, slots, weights = case(seed)
        known = {job.holder: job for job in jobs}
        values.append(objective(slots, known, Costing(net, weights)))
    assert all(one.energy_milli_minor and one.carbon_mg for one in values)
    assert sum(one.changeover_milli_minor > 0 for one in values) > 5


@pytest.mark.parametrize("seed", range(12))
def test_nothing_that_is_found_is_below_the_bound(seed: int) -> None:
    """No part of any schedule that is found is less than the bound says; nor with slots pinned."""
    net, jobs, slots, weights = case(seed)
    known = {job.holder: job for job in jobs}
    rng = random.Random(seed)
    keys = [(slot.holder, slot.operation_id) for slot in slots]
    for pinned in (frozenset(), frozenset(rng.sample(keys, len(keys) // 5))):
        found = improve(
            Snapshot(net, slots, known, MONDAY_S, pinned),
            lambda made: not violations(made, net, known),
            seed=seed,
            rounds=200,
            weights=weights,
        )
        bound = parts(found.bound)
        for value in (found.before, found.after):
            assert all(low <= high for low, high in zip(bound, parts(value), strict=True))
        assert found.gap_s >= 0
        after = finishes_s([*(set(slots) - set(found.release)), *found.claim])
        late = {h for h, job in known.items() if job.due_s is not None and after[h] > job.due_s}
        assert {one.holder for one in found.missed} == late
        assert all(one.end_s == after[one.holder] >= one.soonest_s for one in found.missed)


def test_a_job_alone_ends_where_its_bound_says() -> None:
    """Where nothing stands in the way, nobody changes over and no lot goes ahead, it is sharp."""
    met = alone = 0
    for seed in range(40):
        rng = random.Random(seed)
        net = rich_shop(rng)
        units = tuple(replace(unit, setup_matrix_id=None) for unit in net.work_units)
        net = replace(net, work_units=units)
        slots, jobs = promised(net, [whole_lots(job) for job in rich_jobs(rng, 1)])
        if not jobs:
            continue
        alone += 1
        one = replace(jobs[0], due_s=max(slot.end_s for slot in slots) - 1)
        found = improve(
            Snapshot(net, slots, {one.holder: one}, MONDAY_S), lambda made: True, seed=1, rounds=50
        )
        assert found.bound.flow_s <= found.after.flow_s
        if found.bound.flow_s == found.after.flow_s:
            met += 1
            assert found.missed == () or found.missed[0].cannot_hold
    assert met > 0.9 * alone > 30


def whole_lots(job: Job) -> Job:
    """Return a job that hands nothing on before all of it is done."""
    operations = tuple(replace(one, transfer_quantity=None) for one in job.plan.operations)
    return replace(job, plan=replace(job.plan, operations=operations))


def parts(value: Objective) -> tuple[int, ...]:
    """Return the parts of an objective."""
    return (
        value.tardiness_s,
        value.weighed_micro_minor,
        value.flow_s,
        value.setup_s,
        value.changeover_milli_minor,
        value.energy_milli_minor,
        value.carbon_mg,
    )
