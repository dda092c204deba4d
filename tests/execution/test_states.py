"""Whatever is said, states move as drawn, pieces balance, refusals leave nothing behind."""

import json
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.execution.floor import Floor, accepted, remake

from manufold.execution import fold_order, fold_unit, progress
from manufold.execution.pieces import all_good, most_owed
from manufold.model.codec import canonical, decoded, encoded, from_json
from manufold.model.errors import Conflict, InputFault, OurFault
from manufold.model.execution import (
    COMMANDS,
    JOB_STATES,
    JOB_TRANSITIONS,
    ORDER_STATES,
    ORDER_TRANSITIONS,
    OrderState,
)
from manufold.model.ports import NewEvent

DRAWING = Path(__file__).parents[2] / "contracts" / "order_states.md"


def said(random: Random, floor: Floor) -> tuple[str, str, dict[str, Any]]:
    """Return a command that is sometimes sensible and sometimes not."""
    job = random.choice(list(floor.order.jobs.values()))
    kind = random.choice(COMMANDS)
    if kind in ("cancel", "hold", "breakdown", "pause") and random.random() < 0.7:
        kind = "repaired" if kind == "breakdown" else "resume"
    if random.random() < 0.7:
        next_kinds = {
            "planned": ["setup_start"],
            "setting_up": ["setup_end"],
            "set_up": ["start"],
            "running": ["finish"],
            "finished": ["move", "ship", "receive"],
        }
        kind = random.choice(next_kinds.get(job.state, ["resume", "claim", "return"]))
    left = job.quantity_in - job.good - job.scrap
    scrap = random.choice([0, 0, 0, 1, left])
    few = random.choice([-1, 0, 1, 2, 5, 10])
    data: dict[str, dict[str, Any]] = {
        "finish": random.choice(
            [
                {"good": left - scrap, "scrap": scrap},
                {"good": few, "complete": False},
                {"good": few},
            ]
        ),
        "measure": {
            "characteristic_id": random.choice(["width", "height"]),
            "piece": few,
            "value": random.choice([Decimal(20), Decimal(5), Decimal(99)]),
        },
        "energy": {"energy_wh": few},
        "issue_material": {
            "lot_id": "lot",
            "material_id": "steel",
            "quantity": few,
            "unit": "kg",
        },
        "move": {"to_id": "south", "quantity": random.choice([job.good, few])},
        "ship": {
            "site_id": random.choice(["south", "south", "north"]),
            "quantity": few,
            "partial": random.random() < 0.7,
        },
        "receive": {"quantity": few},
        "hold": {"reason": "wait"},
        "release": random.choice([{}, {"piece": few}]),
        "amend": {"quantity": random.choice([8, 9]), "under_tolerance": random.choice([0, 1])},
        "revise_promise": {"promised_at_s": floor.at_s + 1000, "code": "a.b"},
        "claim": {
            "claim_id": random.choice("ab"),
            "quantity": random.choice([few, 0]),
            "reason": "bad",
        },
        "return": {"claim_id": random.choice("ab"), "quantity": few},
    }
    whole = kind in ("breakdown", "repaired") or (kind == "cancel" and random.random() < 0.5)
    return kind, "" if whole else job.job_order_id, data.get(kind, {})


def holds(floor: Floor, before: OrderState) -> None:
    """Check everything that is true of an order at any time."""
    order = floor.order
    assert order.state in ORDER_STATES
    assert order.state == before.state or order.state in ORDER_TRANSITIONS[before.state]
    for job in order.jobs.values():
        assert job.state in JOB_STATES
        assert 0 <= job.good + job.scrap <= job.quantity_in
        assert min(job.good, job.scrap, job.rework) >= 0
        if job.state == "finished":
            assert job.good + job.scrap == job.quantity_in
            assert job.open_faults == ()
            assert all(order.jobs[name].state == "finished" for name in job.after)
        if job.state == "running":
            assert all(job.quantity_in <= order.jobs[name].good for name in job.after), (
                "no piece out of nothing"
            )
    assert 0 <= order.returned <= sum(order.claims.values()) <= order.delivered <= order.shipped
    assert order.shipped <= all_good(order)
    assert order.shipped <= max(most_owed(order), before.shipped)
    told = progress(order)
    assert told.good <= told.good_expected
    busy = [job for unit in floor.units.values() for job in unit.busy.values()]
    assert len(busy) == len(set(busy))
    going = ("setting_up", "setup_paused", "set_up", "running", "paused")
    assert sorted(busy) == sorted(
        job.job_order_id for job in order.jobs.values() if job.state in going
    )


def story(seed: int, length: int = 150) -> tuple[Floor, set[tuple[str, str]]]:
    """Say many commands; return the floor and the transitions of the order that were seen."""
    random, seen = Random(seed), set()
    floor = Floor(events=[accepted(under=random.choice([0, 2]), over=random.choice([0, 1]))])
    remakes = 0
    if random.random() < 0.4:  # begin where the way is made, so that what comes after is walked too
        floor.make_all()
        floor.say("ship", site_id="south", quantity=8, partial=True)
        floor.say("receive", quantity=8)
    for _ in range(length):
        before, units, count = floor.order, floor.units, len(floor.events)
        short = progress(before).short_by
        if short and remakes < 3 and before.state != "cancelled" and random.random() < 0.3:
            remakes += 1
            floor.fold(remake(short, f"-{remakes}", floor.at_s))
        else:
            kind, job, data = said(random, floor)
            on = random.choice(["saw", "lathe"]) if kind in ("breakdown", "repaired") else None
            try:
                floor.say(kind, job, on=on, **data)
            except (Conflict, InputFault):
                assert (floor.order, floor.units) == (before, units)
                assert len(floor.events) == count
                continue
        replayed = before
        for event in floor.events[count:]:
            if event.stream.startswith("order:"):
                stepped = fold_order(replayed, event)
                if stepped.state != replayed.state:
                    seen.add((replayed.state, stepped.state))
                    assert stepped.state in ORDER_TRANSITIONS[replayed.state]
                replayed = stepped
        holds(floor, replayed)
    return floor, seen


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_no_sequence_of_commands_reaches_an_impossible_state(seed: int) -> None:
    """Random stories keep every law of the order, its job orders and its work units."""
    story(seed)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32))
def test_replay_gives_the_same_state(seed: int) -> None:
    """Folding the written events again, through JSON, gives the same order and units."""
    floor, _ = story(seed)
    order, units = None, {}
    for event in floor.events:
        data = from_json(canonical(encoded(event.data)))
        again = NewEvent(event.stream, event.kind, event.version, data, event.at_s, event.by)
        if event.stream.startswith("order:"):
            order = fold_order(order, again)
        named = data.get("resource_id")
        if named and named not in units:
            units[named] = fold_unit(None, again)
        units = {name: fold_unit(unit, again) for name, unit in units.items()}
    assert order == floor.order
    assert units == floor.units
    document = json.loads(canonical(encoded(order)))
    assert decoded(OrderState, document) == floor.order


def test_stories_walk_most_of_the_drawing() -> None:
    """The random stories are no idle talk: they pass along most arrows of the order's states."""
    seen: set[tuple[str, str]] = set()
    for seed in range(120):
        seen |= story(seed)[1]
    drawn = {(state, to) for state, follows in ORDER_TRANSITIONS.items() for to in follows}
    assert seen <= drawn
    assert len(seen) >= 0.7 * len(drawn), sorted(drawn - seen)


def test_impossible_events_are_our_fault() -> None:
    """Events that decide would not write are refused when folded."""
    floor = Floor()
    for kind, data in [
        ("RunStarted", {"job_order_id": "weld", "resource_id": "saw", "seat": 0}),
        ("Finished", {"job_order_id": "cut", "good": 1, "scrap": 9, "rework": 0, "complete": True}),
        ("OfferMade", {}),
        ("OrderAccepted", accepted().data),
    ]:
        with pytest.raises(OurFault):
            fold_order(floor.order, NewEvent("order:ord-1", kind, 1, data, floor.at_s, "-"))
    with pytest.raises(OurFault):
        fold_order(None, NewEvent("order:ord-1", "Shipped", 1, {}, floor.at_s, "-"))


def tables(text: str) -> tuple[set[tuple[str, str]], set[tuple[str, str, str]]]:
    """Return the arrows of the order's table, and those of the job order's with their events."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| from")
    ]
    order = {(row[0], to.strip()) for row in rows if len(row) == 2 for to in row[1].split(",")}
    return order - {(state, "-") for state in ORDER_STATES}, {
        (row[0], row[1], row[2]) for row in rows if len(row) == 3
    }


def test_the_drawing_is_the_model() -> None:
    """contracts/order_states.md draws and tables exactly the transitions of the model."""
    text = DRAWING.read_text(encoding="utf-8")
    drawn = {(state, to) for state, follows in ORDER_TRANSITIONS.items() for to in follows}
    jobs = {(state, event, to) for (state, event), to in JOB_TRANSITIONS.items()}
    assert tables(text) == (drawn, jobs)
    arrows = [
        tuple(part.strip() for part in line.replace(":", "-->").split("-->"))
        for line in text.splitlines()
        if "-->" in line and "[*]" not in line
    ]
    assert {arrow for arrow in arrows if len(arrow) == 2} == drawn
    assert {(a, event, b) for a, b, event in (x for x in arrows if len(x) == 3)} == jobs
