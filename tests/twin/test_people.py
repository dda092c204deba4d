"""People hold, pause, cancel, add orders and restart the twin; nothing it says is refused."""

from random import Random
from typing import Any

import pytest
from tests.twin.world import NOW_S, World, made_network

from manufold.model.codec import canonical, decoded, encoded, from_json
from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import Command, OrderState
from manufold.twin.shop import ShopTwin

GOING = ("setting_up", "setup_paused", "set_up", "running", "paused")
KINDS = ("hold", "release", "pause", "resume", "cancel")


def restart(world: World, at_s: int) -> None:
    """Make the twin anew from what a store would give back."""
    world.twin = ShopTwin(
        world.network, world.seed, now_s=NOW_S, units=world.units.values(), resumed_s=at_s
    )
    for name, order in world.orders.items():
        document = from_json(canonical(encoded(order)))
        world.twin.add(decoded(OrderState, document), world.plans[name])


def say(world: World, kind: str, at_s: int, order_id: str, job: str) -> bool:
    """Say a command of a planner; tell the twin unless it was refused."""
    resource = world.orders[order_id].jobs[job].resource_id
    data = {"reason": "wait"} if kind in ("hold", "cancel") else {}
    count = len(world.commands)
    said: Any = (f"{kind}-{job}-{count}", kind, at_s, "b/planner", order_id, job, resource, data)
    command = Command(*said)
    try:
        world.hear(command)
    except (Conflict, InputFault):
        del world.commands[count:]
        return False
    world.twin.moved(world.orders[order_id])
    return True


def interfere(world: World, random: Random, at_s: int) -> None:
    """Do one thing of many to an order that is going on, if one is."""
    every = [(o.order_id, job) for o in world.orders.values() for job in o.jobs.values()]
    going = [(name, job) for name, job in every if job.state in GOING]
    name, job = random.choice(going or every)
    if random.random() < 0.7:
        say(world, random.choice(KINDS), at_s, name, job.job_order_id)
    elif random.random() < 0.5:
        world.accept(100 + len(world.orders), at_s=at_s)


def settle(world: World, at_s: int) -> None:
    """Release and resume whatever people stopped, until nothing of it is left."""
    for _ in range(20):
        stopped = [
            (o.order_id, job)
            for o in world.orders.values()
            for job in o.jobs.values()
            if job.held or job.state in ("paused", "setup_paused")
        ]
        for name, job in stopped:
            say(world, "release", at_s, name, job.job_order_id)
            say(world, "resume", at_s, name, job.job_order_id)
        world.run()
        at_s = max([at_s, *(order.last_at_s for order in world.orders.values())])
        if not stopped:
            return


@pytest.mark.parametrize("seed", range(40))
def test_whatever_people_do_the_rest_arrives(seed: int) -> None:
    """Every order that was not cancelled is delivered in the end, and nothing was refused."""
    random = Random(seed)
    world = World(made_network(mtbf_h=random.choice([5, 20, 60])), seed)
    for number in range(random.randint(1, 6)):
        world.accept(number)
    at_s = NOW_S
    for _ in range(8):
        at_s += random.choice([random.randint(60, 3600), random.randint(600, 60 * 3600)])
        world.run(at_s)
        if random.random() < 0.5:
            restart(world, at_s)
        interfere(world, random, at_s)
    settle(world, at_s)
    for order in world.orders.values():
        cut = any(
            job.state == "cancelled" and order.state != "delivered" for job in order.jobs.values()
        )
        assert order.state == "delivered" or cut, order
        for job in order.jobs.values():
            assert job.state in ("finished", "cancelled"), job
