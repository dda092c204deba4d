"""Operators in the twin: one set-up at a time, and nothing gets stuck."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from tests.twin.world import NOW_S, World, made_network

from manufold.model.execution import JobOrder
from manufold.model.network import Network, Operator
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Claim

ORDERS = 24


def staffed(mtbf_h: int = 0) -> Network:
    """Return the two sites with one operator in Shanghai, who is asked for at oven and bench."""
    network = made_network(mtbf_h=mtbf_h)
    calendar_id = network.work_unit["bench"].calendar_id
    return replace(network, operators=(Operator("wei", "shanghai", ("all",), calendar_id, 0),))


class Crewed(World):
    """A world in which everything in Shanghai claims the same operator for its set-up."""

    def place(self, lot: str, plan: ProcessPlan, quantity: int, from_s: int) -> list[JobOrder]:
        """Return job orders as planned for the seats alone, each with its operator."""
        return [
            replace(job, also=(Claim("wei", 0, job.start_s, job.end_s),))
            if job.site_id == "shanghai"
            else job
            for job in super().place(lot, plan, quantity, from_s)
        ]


def lived(kind: type[World], mtbf_h: int = 0) -> World:
    """Return a world in which all orders were delivered."""
    world = kind(staffed(mtbf_h))
    for number in range(ORDERS):
        world.accept(number)
    world.run()
    return world


def set_ups(world: World) -> Iterator[tuple[int, int, JobOrder]]:
    """Yield the stretches in which something was set up in Shanghai."""
    for order in world.orders.values():
        for job in order.jobs.values():
            if job.site_id == "shanghai":
                for from_s, to_s in job.setup_spells:
                    yield from_s, to_s, job


def at_once(world: World) -> int:
    """Return how many pairs of set-ups in Shanghai share a second."""
    spells = sorted(set_ups(world), key=lambda one: one[:2])
    return sum(
        first[0] < second[1] and second[0] < first[1] for first, second in combinations(spells, 2)
    )


def test_an_operator_sets_up_one_thing_at_a_time() -> None:
    """Without claims set-ups overlap; with them never, and every order still comes."""
    assert at_once(lived(World)) > 0
    world = lived(Crewed)
    assert at_once(world) == 0
    assert {order.state for order in world.orders.values()} == {"delivered"}


@pytest.mark.parametrize("mtbf_h", [20])
def test_breakdowns_leave_the_operator_to_others(mtbf_h: int) -> None:
    """A set-up that is interrupted binds nobody, and nothing waits for it for good."""
    world = lived(Crewed, mtbf_h)
    assert any(command.kind == "breakdown" for command in world.commands)
    assert {order.state for order in world.orders.values()} == {"delivered"}


def test_the_same_seed_says_the_same() -> None:
    """Waiting for an operator leaves nothing to chance."""
    assert lived(Crewed).commands == lived(Crewed).commands
    assert lived(Crewed).commands[0].at_s >= NOW_S
