"""Where everything takes its standard time, what happens is what was scheduled, to the second."""

import random
from itertools import pairwise

import pytest
from tests.twin.planned import Planned

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.model.work_content import changeover_s, setup_family
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.twin.settings import TwinSettings
from scheduling.rich import rich_jobs, rich_shop
from scheduling.shops import MONDAY_S


def promised(net: Network, jobs: list[Job]) -> tuple[list[Slot], list[Job]]:
    """Promise one after the other; return slots and jobs of what could be promised."""
    load, slots, kept = Load.of(net, from_s=MONDAY_S), list[Slot](), list[Job]()
    for job in jobs:
        try:
            found = promise(load, net, job, to_site_or_zone="home")
        except CannotMake:
            continue
        load = load.with_slots(found.slots)
        slots += found.slots
        kept.append(job)
    return slots, kept


def promised_world(seed: int, **more: object) -> tuple[Planned, list[Slot]]:
    """Return a rich shop's world with orders promised one after the other, and their slots."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    slots, kept = promised(net, rich_jobs(rng, 20))
    known = {job.holder: job for job in kept}
    world = Planned(net, known, MONDAY_S, **more)  # type: ignore[arg-type]
    world.accept(slots)
    return world, slots


def needs_less(world: Planned, slots: list[Slot]) -> set[tuple[str, str]]:
    """Return slots for which more changeover is booked than what runs before them asks for.

    Something came in between after they were booked; they end sooner than their slots do.
    """
    less, before = set(), dict[tuple[str, int], str]()
    for slot in sorted(slots, key=lambda one: one.start_s):
        plan, unit = world.jobs[slot.holder].plan, world.network.work_unit[slot.resource_id]
        family = setup_family(plan, plan.operation[slot.operation_id])
        seat = slot.resource_id, slot.seat
        if (slot.changeover_s or 0) > changeover_s(world.network, unit, before.get(seat), family):
            less.add((slot.holder, slot.operation_id))
        before[seat] = family
    return less


def differences(world: Planned, slots: list[Slot]) -> list[str]:
    """Return where what happened is not what was scheduled."""
    told, less = [], needs_less(world, slots)
    for slot in slots:
        job = world.job(slot)
        assert job.actual_start_s is not None and job.actual_end_s is not None, slot
        began_s, ended_s = job.actual_start_s - slot.start_s, job.actual_end_s - slot.end_s
        sooner = (slot.holder, slot.operation_id) in less and ended_s < 0
        if began_s or (ended_s and not sooner):
            told.append(f"{slot} began {began_s:+} s and ended {ended_s:+} s against its slot")
    return told


@pytest.mark.parametrize("seed", range(60))
def test_standard_times_end_as_scheduled(seed: int) -> None:
    """Crews, tools, ovens, lots, families and lanes together: starts and ends are all kept."""
    world, slots = promised_world(seed)
    world.run()
    assert {order.state for order in world.orders.values()} == {"delivered"}
    assert differences(world, slots) == []


@pytest.mark.parametrize("seed", range(60, 75))
def test_a_twin_made_anew_goes_on_as_scheduled(seed: int) -> None:
    """However often the world is entered again, nothing of the plan is lost or done twice."""
    world, slots = promised_world(seed)
    rng, at_s = random.Random(seed), MONDAY_S
    for _ in range(12):
        at_s += rng.randint(600, 40 * 3600)
        world.run(at_s)
        world.begin(at_s)
    world.run()
    assert {order.state for order in world.orders.values()} == {"delivered"}
    assert [d for d in differences(world, slots) if "ended -" not in d] == []


@pytest.mark.parametrize("seed", range(30))
def test_whatever_luck_does_nothing_is_held_twice(seed: int) -> None:
    """True times differ from the plan: no tool is in two places, and what is in an oven together
    begins and ends together."""
    world, slots = promised_world(seed, settings=TwinSettings(stay_s=0))
    world.run()
    assert {order.state for order in world.orders.values()} == {"delivered"}
    held: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for slot in slots:
        job = world.job(slot)
        assert job.actual_start_s is not None and job.actual_end_s is not None
        for claim in slot.also:
            if claim.resource_id not in world.network.operator:
                stretch = job.actual_start_s, job.actual_end_s
                held.setdefault((claim.resource_id, claim.seat), []).append(stretch)
    for (resource, seat), stretches in held.items():
        once = sorted(set(stretches) if resource in world.network.work_unit else stretches)
        for (_, until_s), (from_s, _) in pairwise(once):
            assert until_s <= from_s, (resource, seat)
