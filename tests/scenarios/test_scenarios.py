"""Each folder here is a story: what is asked on what load, and what a planner would answer.

The answers in `expected.json` were worked out by hand; times are RFC 3339 in UTC.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from manufold.judge.violations import violations
from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.network import Capability, Network, SetupMatrix, WorkUnit
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job
from manufold.model.units import from_rfc3339, to_rfc3339
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.shops import ALWAYS, booking, network, operation, plan, unit

HERE = Path(__file__).parent
STORIES = sorted(folder.name for folder in HERE.iterdir() if (folder / "input.json").exists())


def read(story: str, name: str) -> dict[str, Any]:
    """Return a file of a story."""
    found: dict[str, Any] = json.loads((HERE / story / name).read_text(encoding="utf-8"))
    return found


def calendar(name: str, said: dict[str, Any]) -> WorkCalendar:
    """Return a calendar as a story describes it."""
    shifts = tuple(
        Shift(tuple(s["days"]), s["start"], s["end"], tuple(map(tuple, s.get("breaks", ()))))
        for s in said["shifts"]
    )
    return WorkCalendar(name, said["zone"], shifts, tuple(said.get("holidays", ())))


def capability(said: str | dict[str, Any]) -> Capability:
    """Return a capability as a story describes it."""
    if isinstance(said, str):
        return Capability(said)
    limits = {name: Decimal(value) for name, value in said.get("limits", {}).items()}
    return Capability(said["name"], Decimal(said.get("time_factor", "1")), limits)


def work_unit(said: dict[str, Any]) -> WorkUnit:
    """Return a work unit as a story describes it."""
    return unit(
        said["id"],
        *map(capability, said["can"]),
        site=said.get("site", "a"),
        calendar=said.get("calendar", "always"),
        seats=said.get("seats", 1),
        matrix=said.get("matrix"),
    )


def shop(story: dict[str, Any]) -> Network:
    """Return the network of a story."""
    return network(
        [work_unit(said) for said in story["units"]],
        calendars=(ALWAYS, *(calendar(n, c) for n, c in story.get("calendars", {}).items())),
        lanes={tuple(way.split()): s for way, s in story.get("lanes", {}).items()},
        matrices=tuple(
            SetupMatrix(name, tuple((*entry, 0, 0) for entry in m["entries"]), m["default_s"])
            for name, m in story.get("matrices", {}).items()
        ),
    )


def steps(story: dict[str, Any]) -> list[Operation]:
    """Return the operations of a story, one after the other."""
    made: list[Operation] = []
    for said in story["operations"]:
        made.append(
            operation(
                said["id"],
                said["needs"],
                said["run_s"],
                said.get("setup_s", 0),
                after=[made[-1].operation_id] if made else [],
                pausable=said.get("pausable", True),
                needs={name: Decimal(value) for name, value in said.get("least", {}).items()},
                setup_family=said.get("family"),
                min_lag_s=said.get("min_lag_s", 0),
                max_lag_s=said.get("max_lag_s"),
            )
        )
    return made


@pytest.mark.parametrize("name", STORIES)
def test_a_planner_would_answer_so(name: str) -> None:
    """The promise of the story is the one worked out by hand, and the judge agrees with it."""
    story = read(name, "input.json")
    net = shop(story)
    bookings = [
        booking(resource, from_rfc3339(start), from_rfc3339(end), seat=seat)
        for resource, seat, start, end in story.get("bookings", ())
    ]
    release_s = from_rfc3339(story["release"])
    job = Job("new", plan(*steps(story)), story.get("quantity", 1), release_s)
    ready = {tuple(key.split()): from_rfc3339(at) for key, at in story.get("ready", {}).items()}
    found = promise(
        Load.of(net, bookings, release_s),
        net,
        job,
        to_site_or_zone=story.get("to"),
        ready_s=ready,
    )
    answer = {
        "slots": [
            [s.operation_id, s.resource_id, s.seat, to_rfc3339(s.start_s), s.setup_s,
             to_rfc3339(s.end_s)]
            for s in found.slots
        ],
        "arrives": to_rfc3339(found.arrives_s),
        "binding": found.binding.code,
    }  # fmt: skip
    assert answer == read(name, "expected.json")
    assert violations(found.slots, net, {"new": job}) == ()


def test_there_is_a_story_of_every_kind() -> None:
    """Calendars, alternatives, seats, lanes, set-ups, lags and material each have one."""
    assert set(STORIES) >= {
        "alternatives",
        "calendars",
        "lags",
        "lanes",
        "material",
        "seats",
        "setups",
    }
