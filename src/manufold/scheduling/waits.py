"""What an operation waited for, second by second, and what the date hangs on most.

From the end of its predecessors to its own end, every second of an operation has one cause: the
way between sites, a lag, material, being held back for a successor, the calendar, other work on
the seat, pauses, or the work itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from manufold.model.errors import Reason
from manufold.model.schedule import Slot
from manufold.scheduling.gaps import earliest_gap
from manufold.scheduling.seat import FREE
from manufold.scheduling.task import Choice, Task

__all__ = ["Bounds", "Cause", "Placed", "Wait", "binding", "waits"]

Cause = Literal["lane", "lag", "material", "successor", "calendar", "busy", "pause"]

#: what a date hangs on most, by cause, the work itself included
BINDING = {
    "work": "schedule.binding_work",
    "lane": "schedule.binding_lane",
    "lag": "schedule.binding_lag",
    "material": "schedule.binding_material",
    "successor": "schedule.binding_successor",
    "calendar": "schedule.binding_calendar",
    "busy": "schedule.binding_busy",
    "pause": "schedule.binding_pause",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """One cause of waiting of one operation, and how long.

    Args:
        at: the work unit it waited for, or the operation it came from.
    """

    operation_id: str
    cause: Cause
    span_s: int
    at: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an operation may not start before; built up predecessor by predecessor.

    Args:
        release_s: of the job, later the end of the deciding predecessor.
        material_s: its material is there.
        lane_s: predecessors ended and travelled.
        way_s: and their lags are over.
        from_operation: the predecessor that decides, None without one.
    """

    release_s: int
    material_s: int
    lane_s: int = 0
    way_s: int = 0
    from_operation: str | None = None

    def after(self, name: str, end_s: int, lane_s: int, way_s: int) -> "Bounds":
        """Return the bounds once a predecessor is counted in."""
        if self.from_operation is not None and end_s + way_s <= self.way_s:
            return self
        return Bounds(end_s, self.material_s, end_s + lane_s, end_s + way_s, name)

    @property
    def ready_s(self) -> int:
        """All bounds together."""
        return max(self.release_s, self.way_s, self.material_s)


@dataclass(frozen=True, slots=True)
class Placed:
    """An operation in its slot, with what bounded it."""

    slot: Slot
    choice: Choice
    bounds: Bounds
    waits: tuple[Wait, ...]


def waits(task: Task, choice: Choice, slot: Slot, bounds: Bounds, held_s: int) -> tuple[Wait, ...]:
    """Return the causes of an operation's waiting, in the order of time.

    Args:
        held_s: from when it could start, held back for its successor's maximum lag included.
    """
    work = choice.worktime
    free_s, _ = earliest_gap(
        held_s,
        choice.content.total_s,
        task.operation.pausable,
        work.start_s,
        work.end_s,
        work.before_s,
        FREE.start_s,
        FREE.covered_s,
    )
    unit, before = slot.resource_id, bounds.from_operation or task.name
    travelled_s = max(bounds.release_s, bounds.lane_s)
    lagged_s = max(travelled_s, bounds.way_s)
    spans: tuple[tuple[Cause, int, str], ...] = (
        ("lane", travelled_s - bounds.release_s, before),
        ("lag", lagged_s - travelled_s, before),
        ("material", bounds.ready_s - lagged_s, task.name),
        ("successor", held_s - bounds.ready_s, task.name),
        ("calendar", int(free_s) - held_s, unit),
        ("busy", slot.start_s - int(free_s), unit),
        ("pause", slot.end_s - slot.start_s - choice.content.total_s, unit),
    )
    return tuple(Wait(task.name, cause, span, at) for cause, span, at in spans if span > 0)


def binding(placed: Mapping[str, Placed], last: tuple[str, ...], finish_s: int) -> Reason:
    """Return what takes most of the time along the critical path: a wait, or the work itself.

    Walking back from the end, each operation gives its waits and its working time to what it
    waited for and to its work unit; the same cause at the same place counts together. What is
    held back for its successor waits for what the successor waits for.
    """
    name: str | None = next(
        (o for o in last if o in placed and placed[o].slot.end_s == finish_s), None
    )
    spans: dict[tuple[str, str], int] = {}
    behind: tuple[str, str] | None = None
    while name is not None and name in placed:
        one = placed[name]
        key = ("work", one.slot.resource_id)
        spans[key] = spans.get(key, 0) + one.choice.content.total_s
        for wait in one.waits:
            place = (str(wait.cause), wait.at)
            if wait.cause == "successor" and behind is not None:
                place = behind
            spans[place] = spans.get(place, 0) + wait.span_s
        busy = [(str(w.cause), w.at) for w in one.waits if w.cause in ("busy", "calendar")]
        behind = busy[-1] if busy else ("busy", one.slot.resource_id)
        name = one.bounds.from_operation
    if not spans:
        return Reason("schedule.binding_begun", {})
    (cause, at), span_s = max(spans.items(), key=lambda pair: pair[1])
    return Reason(BINDING[cause], {"at": at, "span_s": span_s})
