"""The contract of commands and `execution.decide`, held together along the bracket's story."""

import copy
import json
import random
from dataclasses import replace
from typing import Any

import pytest
from tests.contracts.golden import events as golden_events
from tests.contracts.golden_making import FINISH, MILL, commands, event_data
from tests.contracts.golden_nouns import at, plan
from tests.contracts.schemas import faults, schema

from manufold.execution import decide, fold_order, fold_unit
from manufold.model.codec import canonical, decoded, encoded, from_json, stamped
from manufold.model.errors import Conflict, InputFault, ManufoldError
from manufold.model.execution import COMMANDS, EVENTS, Command, OrderState, UnitState
from manufold.model.ledger import sealed
from manufold.model.ports import NewEvent, StoredEvent


class Story:
    """The bracket's order, told command by command."""

    def __init__(self) -> None:
        self.order: OrderState | None = None
        self.units: dict[str, UnitState] = {}
        self.events: list[StoredEvent] = []
        self.before: dict[str, tuple[OrderState | None, UnitState | None]] = {}
        accepted = event_data()["OrderAccepted"]
        stream = f"order:{accepted['order_id']}"
        self.keep([NewEvent(stream, "OrderAccepted", 1, accepted, at("03-04 09:41"), "ada/buyer")])

    def keep(self, events: Any) -> None:
        """Seal events and fold them."""
        for new in events:
            previous = self.events[-1].hash if self.events else "0" * 64
            event, _ = sealed(new, len(self.events) + 1, len(self.events) + 1, previous)
            self.events.append(event)
            if event.stream.startswith("unit:"):
                name = event.stream.removeprefix("unit:")
                self.units[name] = fold_unit(self.units.get(name, UnitState(name)), event)
            else:
                self.order = fold_order(self.order, event)

    def unit(self, command: Command) -> UnitState | None:
        """Return the state of the work unit that a command is about."""
        if command.resource_id:
            return self.units.get(command.resource_id, UnitState(command.resource_id))
        return None

    def say(self, command: Command) -> None:
        """Decide a command and keep its events, remembering what it was decided on."""
        unit = self.unit(command)
        self.before.setdefault(command.kind, (self.order, unit))
        self.keep(decide(self.order, unit, plan(), command))


def finishing() -> list[Command]:
    """Return how the second job order was done, in the words of the first."""
    said = commands()
    there = {"job_order_id": FINISH, "resource_id": "brno-blast1"}
    done = {"good": 10, "scrap": 0, "rework": 0, "complete": True}
    return [
        replace(said["setup_start"], at_s=at("03-10 14:45"), **there),
        replace(said["setup_end"], at_s=at("03-10 14:50"), **there),
        replace(said["start"], at_s=at("03-10 14:51"), **there),
        replace(said["finish"], at_s=at("03-10 15:04"), data=done, **there),
    ]


@pytest.fixture(scope="module")
def story() -> Story:
    """Return the story told to its end, cancelling aside."""
    told = Story()
    told.before["cancel"] = (told.order, None)
    for kind, command in commands().items():
        if kind == "cancel":
            continue
        if kind == "ship":
            for more in finishing():
                told.say(more)
        told.say(command)
    return told


def test_every_golden_command_is_accepted(story):
    """All kinds of the closed list are decided on real states, and the order ends returned."""
    assert set(story.before) == set(COMMANDS)
    order, _ = story.before["cancel"]
    events = decide(order, None, plan(), commands()["cancel"])
    assert [event.kind for event in events] == ["JobCancelled", "JobCancelled", "OrderCancelled"]
    assert story.order is not None
    assert story.order.state == "returned"
    assert story.order.jobs[MILL].good == 10


def test_what_decide_answers_keeps_the_contract(story):
    """Every event of the story, and of the cancelling, is what its schema says."""
    order, _ = story.before["cancel"]
    found = list(story.events)
    for new in decide(order, None, plan(), commands()["cancel"]):
        found.append(sealed(new, 99, 99, "0" * 64)[0])
    for event in found:
        assert faults("event", from_wire(encoded(event))) == [], event.kind
    assert len({event.kind for event in found}) >= 22


def test_golden_events_are_what_decide_answers(story):
    """The examples of events are those that the examples of commands lead to."""
    golden = {event["kind"]: event["data"] for event in golden_events()}
    answered: dict[str, list[bytes]] = {}
    for event in story.events:
        answered.setdefault(event.kind, []).append(canonical(event.data))
    shown = set(golden) & set(answered)
    assert len(shown) >= 20
    assert [kind for kind in shown if canonical(golden[kind]) not in answered[kind]] == []


def test_folded_order_keeps_its_contract(story):
    """An order as folded is what contracts/order.schema.json says, and reads back the same."""
    document = stamped("order", 1, story.order)
    assert faults("order", from_wire(document)) == []
    assert decoded(OrderState, encoded(story.order)) == story.order


def from_wire(document: Any) -> Any:
    """Return a document as JSON readers see it: floats, not exact decimals."""
    return json.loads(canonical(document))


def mutations(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Return data of a kind with one thing wrong: missing, of another type, out of its range."""
    shape = schema("command")["$defs"][kind]
    good = from_json(canonical(commands()[kind].data))
    found: list[tuple[str, dict[str, Any]]] = []
    for field in shape["required"]:
        bad = copy.deepcopy(good)
        bad.pop(field, None)
        found.append((f"without {field}", bad))
    for field, about in shape["properties"].items():
        wrong: list[Any] = [[], {"a": 1}]
        if field == "params":
            wrong = [[], "text", 3]
        wanted = about.get("type")
        if wanted == "string":
            wrong += ["", "x" * 201, 7]
        elif field == "code":
            wrong += ["", "nodot", "Upper.Case", 7]
        elif wanted in ("integer", ["integer", "null"]):
            wrong += [-1, "1", True]
        elif wanted == "number":
            wrong += ["12.047", True, None]
        elif wanted == "boolean":
            wrong += ["yes", 1]
        found += [(f"{field} = {ascii(value)[:30]}", {**good, field: value}) for value in wrong]
    random.Random(20).shuffle(found)
    return found


CASES = [(kind, what, data) for kind in COMMANDS for what, data in mutations(kind)]

#: (kind, field) that the schema refuses and `decide` lets pass, with the reason
ONLY_THE_SCHEMA_KNOWS = {
    ("ship", "partial"): "read only when fewer pieces than owed are shipped",
}


@pytest.mark.parametrize(("kind", "what", "data"), CASES, ids=[f"{k}-{w}" for k, w, _ in CASES])
def test_wrong_data_are_refused_by_both(story, kind, what, data):
    """The schema and the code refuse the same nonsense; neither crashes on it."""
    command = replace(commands()[kind], data=data)
    assert faults("command", from_wire(stamped("command", 1, command))) != []
    if (kind, what.split(" ")[0]) in ONLY_THE_SCHEMA_KNOWS:
        return
    order, unit = story.before[kind]
    with pytest.raises((InputFault, Conflict)) as refused:
        decide(order, unit, plan(), command)
    assert isinstance(refused.value, ManufoldError)


def test_every_kind_was_mutated():
    """The list above holds something for each kind that carries data."""
    carrying = {k for k in COMMANDS if schema("command")["$defs"][k]["properties"]}
    assert {kind for kind, _, _ in CASES} == carrying
    assert len(CASES) > 120
    assert len(EVENTS) == 33


def test_additional_data_are_only_known_to_the_schema(story):
    """`decide` reads what it needs and ignores the rest; the schema at the wall refuses it."""
    for kind, command in commands().items():
        more = replace(command, data={**command.data, "surprise": 1})
        assert faults("command", from_wire(stamped("command", 1, more))) != []
        order, unit = story.before[kind]
        assert decide(order, unit, plan(), more)
