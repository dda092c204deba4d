"""The simulated shops keep every rule of the floor from the first set-up to the door."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from time import perf_counter
from typing import Any

import pytest
from tests.twin.world import NOW_S, YEAR_S, World, made_network

from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.codec import canonical, encoded
from manufold.model.execution import Command, JobOrder
from manufold.model.units import from_rfc3339
from manufold.twin.settings import TwinSettings
from manufold.twin.shop import ShopTwin
from manufold.twin.worktime import WorkTime


@pytest.fixture(scope="module")
def world() -> World:
    """Thirty orders, run to the end; every command was decided without a refusal."""
    world = World(made_network())
    for number in range(30):
        world.accept(number)
    return world.run()


def jobs(world: World) -> Iterator[JobOrder]:
    for order in world.orders.values():
        yield from order.jobs.values()


def test_every_order_is_delivered(world: World) -> None:
    """All thirty arrive whole, some after a breakdown or a scrapped piece."""
    assert {order.state for order in world.orders.values()} == {"delivered"}
    assert all(order.delivered == order.quantity for order in world.orders.values())
    assert len(world.of("breakdown")) >= 3
    assert len(world.of("pause")) >= 1
    assert sum(job.scrap for job in jobs(world)) >= 5


def test_commands_come_in_order_of_time_with_ids_of_their_own(world: World) -> None:
    """Time never runs backwards, no id is said twice, and nothing lies before the beginning."""
    times = [command.at_s for command in world.commands]
    assert times == sorted(times)
    assert times[0] >= NOW_S
    assert len({command.command_id for command in world.commands}) == len(world.commands)


def test_nothing_begins_before_its_slot_its_pieces_or_its_turn(world: World) -> None:
    """Slots are the agreement; pieces must be there; seats keep the order of their slots."""
    queue: dict[tuple[str, int], list[JobOrder]] = defaultdict(list)
    for order in world.orders.values():
        for job in order.jobs.values():
            assert job.actual_start_s is not None
            assert job.actual_start_s >= job.start_s
            for before in (order.jobs[name] for name in job.after):
                assert before.actual_end_s is not None
                assert job.actual_start_s >= before.actual_end_s
                lag_s = world.plans[order.order_id].operation[job.operation_id].min_lag_s
                assert job.actual_start_s >= before.actual_end_s + lag_s
                if before.site_id != job.site_id:
                    assert job.actual_start_s >= before.actual_end_s + 2 * 86400
            queue[job.resource_id, job.seat].append(job)
    for planned in queue.values():
        planned.sort(key=lambda job: (job.start_s, job.end_s, job.job_order_id))
        for earlier, later in pairwise(planned):
            assert earlier.actual_end_s is not None
            assert later.actual_start_s is not None
            assert earlier.actual_end_s <= later.actual_start_s, "one job at a time, in slot order"


def test_work_is_done_in_working_time_only(world: World) -> None:
    """Everything a shop says falls into its unit's shifts; spells hold as much work as drawn."""
    said = ("setup_start", "setup_end", "start", "finish", "resume", "breakdown", "repaired")
    for command in world.of(*said):
        calendar = world.network.calendar[world.network.work_unit[command.resource_id].calendar_id]
        around = calendar.intervals(command.at_s - 1, command.at_s + 1)
        assert around, f"{command.kind} of {command.resource_id} outside its shifts"
    time = world.time("oven")
    for job in jobs(world):
        if job.resource_id == "oven" and len(job.run_spells) == 1 and job.setup_spells:
            begun_s, ended_s = job.setup_spells[0][0], job.run_spells[0][1]
            if len(job.setup_spells) == 1:
                assert time.between(begun_s, ended_s) == ended_s - begun_s, "may not pause"


def test_a_unit_that_is_down_does_nothing(world: World) -> None:
    """Between a breakdown and its repair the unit says nothing but pauses."""
    down: dict[str, int] = {}
    for command in world.commands:
        if command.kind == "breakdown":
            down[command.resource_id] = command.at_s
        elif command.kind == "repaired":
            assert command.at_s > down.pop(command.resource_id)
        elif command.resource_id in down:
            assert command.kind in ("pause", "move"), command
    assert down == {}


def test_pieces_balance_and_everything_is_traceable(world: World) -> None:
    """From the steel to the door each piece is accounted for, with lots, energy and values."""
    seen: dict[str, set[str]] = defaultdict(set)
    for event in world.events:
        if "job_order_id" in event.data:
            seen[event.data["job_order_id"]].add(event.kind)
    for order in world.orders.values():
        for job in order.jobs.values():
            assert job.good + job.scrap == job.quantity_in
            assert job.quantity_in == min(
                (order.jobs[name].good for name in job.after), default=job.quantity_in
            )
            assert job.energy_wh > 0
            assert ("MaterialIssued" in seen[job.job_order_id]) == (job.resource_id == "saw")
            assert ("Measured" in seen[job.job_order_id]) == (job.resource_id == "mill")
            abroad = any(
                job.job_order_id in other.after and other.site_id != job.site_id
                for other in order.jobs.values()
            )
            assert ("Moved" in seen[job.job_order_id]) == abroad
    for command in world.of("issue_material"):
        pieces = world.orders[command.order_id].jobs[command.job_order_id].quantity_in
        assert command.data["quantity"] == Decimal("0.75") * pieces


def test_values_are_sampled_as_asked_and_mostly_within(world: World) -> None:
    """Half of the bores and all of the flatnesses; out of limits is rare and never good."""
    per_job: dict[tuple[str, str], set[int]] = defaultdict(set)
    outside = 0
    for event in world.events:
        if event.kind == "Measured":
            data = event.data
            per_job[data["job_order_id"], data["characteristic_id"]].add(data["piece"])
            outside += not data["within"]
    quantities = {job.job_order_id: job.quantity_in for job in jobs(world)}
    for (job, characteristic), pieces in per_job.items():
        share = 2 if characteristic == "bore" else 1
        assert len(pieces) == -(-quantities[job] // share)
    assert outside <= 0.01 * sum(map(len, per_job.values())) + 2


def said(world: World) -> bytes:
    return canonical([encoded(command) for command in world.commands])


def test_the_same_seed_says_the_same_bytes_and_another_does_not() -> None:
    """Runs repeat to the byte, whatever the order in which orders were entered."""

    def run(seed: int, sequence: list[int]) -> bytes:
        world = World(made_network(), seed)
        twin, world.twin = world.twin, _Nobody()  # type: ignore[assignment]
        for number in range(8):
            world.accept(number)
        world.twin = twin
        for number in sequence:
            name = f"ord-{number:04d}"
            world.twin.add(world.orders[name], world.plans[name])
        return said(world.run())

    assert run(1, list(range(8))) == run(1, list(reversed(range(8))))
    assert run(1, list(range(8))) != run(2, list(range(8)))


class _Nobody:
    def add(self, *_: object) -> None:
        """Follow nothing."""


def luck(world: World, names: list[str]) -> dict[str, object]:
    """Return what chance alone decides about these orders: scrap, values, energy, working time."""
    found: dict[str, object] = {}
    for name in names:
        for job in world.orders[name].jobs.values():
            time = world.time(job.resource_id)
            worked_s = sum(time.between(*spell) for spell in job.run_spells)
            found[job.job_order_id] = (job.quantity_in, job.good, worked_s)
    for command in world.of("measure"):
        if command.order_id in names:
            key = f"{command.job_order_id}/{command.data['piece']}"
            found[f"{key}/{command.data['characteristic_id']}"] = command.data["value"]
    return found


def test_another_order_leaves_the_luck_of_the_others() -> None:
    """An order added, even on the same machines in between, changes when, never what befalls."""
    alone, together = World(made_network()), World(made_network())
    names = []
    for number in range(6):
        names.append(alone.accept(number).order_id)
    for number in (3, 20, 0, 1, 21, 2, 4, 22, 5):
        together.accept(number)
    assert luck(alone.run(), names) == luck(together.run(), names)
    starts = [world.orders[names[0]].jobs[f"{names[0]}-saw"].start_s for world in (alone, together)]
    assert starts[0] != starts[1], "the others did come in between"


def test_without_spread_and_trouble_the_plan_comes_true() -> None:
    """With no chance left, slots booked with the worst changeover are kept to the second."""
    calm = TwinSettings(
        setup_cv_fraction=0,
        run_cv_fraction=0,
        lane_cv_fraction=0,
        energy_cv_fraction=0,
        limits_per_sigma_factor=1000,
    )
    world = World(made_network(mtbf_h=0), settings=calm)
    order = world.accept(0)
    world.run(remake=False)
    saw = world.orders[order.order_id].jobs["ord-0000-saw"]
    assert (saw.actual_start_s, saw.actual_end_s) == (saw.start_s, saw.end_s)
    mill = world.orders[order.order_id].jobs["ord-0000-mill"]
    assert mill.actual_end_s is not None
    booked_s = world.time("mill").between(mill.start_s, mill.end_s)
    assert world.time("mill").between(mill.start_s, mill.actual_end_s) == booked_s - 300, (
        "the first changeover takes 600 s, the worst 900 s"
    )
    assert saw.energy_wh == round(saw.quantity_in * (330 * 3000 / 3600 + 12.5))


def test_a_held_order_is_passed_over_and_goes_on_when_released() -> None:
    """What people hold stops at once and lets others by; released, it is finished."""
    world = World(made_network(mtbf_h=0))
    for number in (0, 2):
        world.accept(number)
    world.run(NOW_S + 600)
    going = next(job for job in jobs(world) if job.state == "running")
    order_id = "ord-0000"

    def say(kind: str, at_s: int, **data: object) -> None:
        said: Any = (f"{kind}{at_s}", kind, at_s, "b/planner", order_id, "", "", data)
        world.hear(Command(*said))
        world.twin.moved(world.orders[order_id])

    say("hold", NOW_S + 700, reason="drawing unclear")
    assert world.orders[order_id].jobs[going.job_order_id].state == "paused"
    world.run(NOW_S + 20 * 86400)
    assert world.orders[order_id].jobs[going.job_order_id].state == "paused"
    say("release", NOW_S + 20 * 86400)
    world.run()
    assert {order.state for order in world.orders.values()} == {"delivered"}


def test_a_cancelled_order_frees_its_seats() -> None:
    """After a cancellation nothing more is said of the order, and the next one begins."""
    world = World(made_network(mtbf_h=0))
    for number in (0, 2):
        world.accept(number)
    world.run(NOW_S + 600)
    world.hear(Command("c", "cancel", NOW_S + 700, "anna/buyer", "ord-0000", data={"reason": "no"}))
    world.twin.moved(world.orders["ord-0000"])
    count = len(world.commands)
    world.run()
    assert world.orders["ord-0002"].state == "delivered"
    assert not [c for c in world.commands[count:] if c.order_id == "ord-0000"]


def test_moved_slots_are_followed() -> None:
    """A slot moved to later is begun later."""
    world = World(made_network(mtbf_h=0))
    order = world.accept(2)
    job = order.jobs["ord-0002-mill"]
    move = {
        "job_order_id": job.job_order_id,
        "resource_id": job.resource_id,
        "seat": job.seat,
        "site_id": job.site_id,
        "start_s": job.start_s + 30 * 86400,
        "setup_s": job.setup_s,
        "end_s": job.end_s + 30 * 86400,
    }
    data = {"moves": [move], "code": "schedule.moved_later", "params": {}}
    world.write(order.order_id, "SlotsMoved", data, NOW_S)
    world.run(remake=False)
    begun_s = world.orders[order.order_id].jobs[job.job_order_id].actual_start_s
    assert begun_s is not None
    assert begun_s >= job.start_s + 30 * 86400


@pytest.mark.parametrize("hours", [*range(1, 140, 5), 200, 350])
def test_a_twin_made_anew_goes_on_where_the_last_one_stopped(hours: int) -> None:
    """Stopped at any hour and made anew from the folded states, the story ends the same."""
    world, whole = World(made_network()), World(made_network())
    for number in range(6):
        world.accept(number)
        whole.accept(number)
    stopped_s = NOW_S + hours * 3600
    world.run(stopped_s)
    world.twin = ShopTwin(
        world.network,
        world.seed,
        now_s=NOW_S,
        units=world.units.values(),
        resumed_s=stopped_s,
    )
    for name, order in world.orders.items():
        world.twin.add(order, world.plans[name])
    world.run()
    whole.run()
    assert {order.state for order in world.orders.values()} == {"delivered"}
    names = list(world.orders)
    assert luck(world, names) == luck(whole, names)
    assert said(world) == said(whole)


def test_the_night_the_clocks_go_back() -> None:
    """On the long night of Berlin's clock change an hour more is worked."""
    night = Shift(("sat",), "22:00", "06:00")
    time = WorkTime((WorkCalendar("n", "Europe/Berlin", (night,)),), NOW_S, TwinSettings())
    before_s = from_rfc3339("2026-10-24T20:00:00+00:00")
    assert time.next_working(NOW_S) == before_s
    assert time.advance(before_s, 9 * 3600) == from_rfc3339("2026-10-25T05:00:00+00:00")
    assert time.between(before_s, before_s + 7 * 86400) == 9 * 3600
    spring_s = from_rfc3339("2027-03-27T00:00:00+00:00")
    assert time.between(spring_s, spring_s + 2 * 86400) == 7 * 3600


def test_an_idle_twin_is_silent_and_a_short_order_waits() -> None:
    """With nothing to do nothing is said, however long one listens; a short order is named."""
    world = World(made_network(mtbf_h=1))
    assert world.twin.next_command(NOW_S + 100 * YEAR_S) is None
    order = world.accept(2)
    short = replace(order, quantity=99)
    world.orders[order.order_id] = short
    world.twin.moved(short)
    world.run(NOW_S + 100 * YEAR_S, remake=False)
    assert world.twin.short == (order.order_id,)
    assert not world.of("ship")


def test_a_large_backlog_is_simulated_in_seconds() -> None:
    """2,500 operations to the end; generous, since other work may share the machine."""
    world = World(made_network())
    for number in range(834):
        world.accept(number)
    assert sum(1 for _ in jobs(world)) >= 2500
    began = perf_counter()
    count = 0
    while world.twin.next_command(NOW_S + 50 * YEAR_S) is not None:
        count += 1
    assert count > 20_000
    assert perf_counter() - began < 20
