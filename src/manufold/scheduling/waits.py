"""What an operation waited for, second by second, and what the date hangs on most.

From the end of its predecessors to its own end, every second of an operation has one cause: the
way between sites, a lag, material, being held back for a successor, the calendar, other work on
the seat, an operator, a tool, pauses, or the work itself. What is booked already may also stand
later than anything asks for: then it is planned so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from manufold.model.errors import Param, Reason
from manufold.model.units import to_rfc3339
from manufold.scheduling.asked import Asked
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.fit import ALT, END, START
from manufold.scheduling.kernel import Seconds
from manufold.scheduling.place import Found
from manufold.scheduling.waits_kernel import (
    BUSY,
    CAUSES,
    DECIDING,
    PLANNED,
    UNTIL,
    WORK,
    told_of,
)

__all__ = ["WAITED", "Cause", "Step", "Wait", "binding_of", "steps_of", "waits_of"]

#: in the order of the kernel's columns
Cause = Literal[
    "lane",
    "lag",
    "material",
    "successor",
    "calendar",
    "busy",
    "operator",
    "tool",
    "planned",
    "pause",
]
_CAUSES: tuple[Cause, ...] = get_args(Cause)

#: what a date hangs on most, by cause, the work itself included
BINDING = {
    "work": "schedule.binding_work",
    "lane": "schedule.binding_lane",
    "lag": "schedule.binding_lag",
    "material": "schedule.binding_material",
    "successor": "schedule.binding_successor",
    "calendar": "schedule.binding_calendar",
    "busy": "schedule.binding_busy",
    "operator": "schedule.binding_operator",
    "tool": "schedule.binding_tool",
    "planned": "schedule.binding_planned",
    "pause": "schedule.binding_pause",
}
#: what one operation waited for
WAITED: dict[Cause, str] = {
    "lane": "schedule.waited_lane",
    "lag": "schedule.waited_lag",
    "material": "schedule.waited_material",
    "successor": "schedule.waited_successor",
    "calendar": "schedule.waited_calendar",
    "busy": "schedule.waited_busy",
    "operator": "schedule.waited_operator",
    "tool": "schedule.waited_tool",
    "planned": "schedule.waited_planned",
    "pause": "schedule.waited_pause",
}
#: causes that say until when; the others are over when the work is
_TIMED = ("calendar", "busy", "operator", "tool", "material", "planned")
#: what a successor may wait for that holds its predecessor back
_FOR_OTHERS = ("busy", "calendar", "operator", "tool")


@dataclass(frozen=True, slots=True)
class Wait:
    """One cause of waiting of one operation, and how long.

    Args:
        at: the work unit it waited for, the skill, the tools, or the operation it came from.
        until_s: when it was over.
        zone: of the site, for whoever tells when it was over.
    """

    operation_id: str
    cause: Cause
    span_s: int
    at: str
    until_s: int
    zone: str

    @property
    def reason(self) -> Reason:
        """The wait in words."""
        params: dict[str, Param] = {
            "operation": self.operation_id,
            "at": self.at,
            "span_s": self.span_s,
        }
        return Reason(WAITED[self.cause], _timed(params, self))


@dataclass(frozen=True, slots=True)
class Step:
    """An operation on the critical path, what it waited for, and when it is worked on."""

    operation_id: str
    resource_id: str
    start_s: int
    end_s: int
    waits: tuple[Wait, ...]


def waits_of(
    asked: Asked, found: Found, site: Seconds, held: Seconds, *, booked: bool = False
) -> tuple[Wait, ...]:
    """Return the causes of all waiting, in routing order, each operation's in the order of time.

    Args:
        booked: whether it stands there already, perhaps later than anything asks for.
    """
    told = _told(asked, found, site, held, PLANNED if booked else BUSY)
    ops, causes = np.nonzero(told[:, :CAUSES] > 0)
    order = np.lexsort((causes, told[ops, UNTIL + causes], ops))  # by operation, then as they end
    return tuple(
        _wait(asked, found, told, op, cause)
        for op, cause in zip(ops[order].tolist(), causes[order].tolist(), strict=True)
    )


def binding_of(asked: Asked, found: Found, site: Seconds, waits: Sequence[Wait]) -> Reason:
    """Return what takes most of the time along the critical path: a wait, or the work itself.

    Walking back from the end, each operation gives its waits and its working time to what it
    waited for and to its work unit; the same cause at the same place counts together. What is
    held back for its successor waits for what the successor waits for.
    """
    spans: dict[tuple[str, str], int] = {}
    last: dict[tuple[str, str], Wait] = {}
    behind: Wait | None = None
    for op, work_s, own in _back(asked, found, site, waits):
        unit = _unit(asked, found, op)
        spans["work", unit] = spans.get(("work", unit), 0) + work_s
        for wait in own:
            told = behind if wait.cause == "successor" and behind is not None else wait
            place = (str(told.cause), told.at)
            spans[place] = spans.get(place, 0) + wait.span_s
            last.setdefault(place, told)
        busy = [wait for wait in own if wait.cause in _FOR_OTHERS]
        behind = busy[-1] if busy else _next_to_start(asked, found, op)
    if not spans:
        return Reason("schedule.binding_begun", {})
    place, span_s = max(spans.items(), key=lambda pair: pair[1])
    params: dict[str, Param] = {"at": place[1], "span_s": span_s}
    if place in last:
        params = _timed(params, last[place])
    return Reason(BINDING[place[0]], params)


def steps_of(asked: Asked, found: Found, site: Seconds, waits: Sequence[Wait]) -> tuple[Step, ...]:
    """Return the critical path in the order of time, each operation with what it waited for."""
    steps = [
        Step(
            asked.job.plan.operations[op].operation_id,
            _unit(asked, found, op),
            int(found[op, START]),
            int(found[op, END]),
            own,
        )
        for op, _work_s, own in _back(asked, found, site, waits)
    ]
    return tuple(reversed(steps))


def _next_to_start(asked: Asked, found: Found, op: int) -> Wait:
    """Return what a predecessor is held back for where its successor begins without a wait."""
    unit, name = _unit(asked, found, op), asked.job.plan.operations[op].operation_id
    return Wait(name, "busy", 0, unit, int(found[op, START]), _zone(asked, found, op))


def _back(
    asked: Asked, found: Found, site: Seconds, waits: Sequence[Wait]
) -> Iterator[tuple[int, int, tuple[Wait, ...]]]:
    """Yield each operation of the critical path from its end on, its work and its waits."""
    nobody = np.zeros(len(found), dtype=np.int64)
    told = _told(asked, found, site, nobody, BUSY)[:, [WORK, DECIDING]].tolist()
    ends, last = asked.ends_s(found), asked.routing.last
    by_operation: dict[str, list[Wait]] = {}
    for wait in waits:
        by_operation.setdefault(wait.operation_id, []).append(wait)
    op = int(last[int(ends[last].argmax())])
    while op >= 0 and found[op, END] != NEVER:
        name = asked.job.plan.operations[op].operation_id
        yield op, told[op][0], tuple(by_operation.get(name, ()))
        op = told[op][1]


def _told(asked: Asked, found: Found, site: Seconds, held: Seconds, rest: int) -> NDArray[np.int64]:
    load = asked.load
    return told_of(
        load.pool.rows(load.bounds),
        load.clocks.rows,
        asked.routing.rows,
        asked.ask,
        site,
        found,
        held,
        rest,
    )


def _wait(asked: Asked, found: Found, told: NDArray[np.int64], op: int, column: int) -> Wait:
    operation, cause = asked.job.plan.operations[op], _CAUSES[column]
    at = operation.operation_id
    if cause in ("lane", "lag") and told[op, DECIDING] >= 0:
        at = asked.job.plan.operations[int(told[op, DECIDING])].operation_id
    elif cause in ("calendar", "busy", "pause", "planned"):
        at = _unit(asked, found, op)
    elif cause == "operator":
        at = str(operation.skill)
    elif cause == "tool":
        at = ", ".join(sorted(operation.tools))
    span_s, until_s = int(told[op, column]), int(told[op, UNTIL + column])
    return Wait(operation.operation_id, cause, span_s, at, until_s, _zone(asked, found, op))


def _timed(params: dict[str, Param], wait: Wait) -> dict[str, Param]:
    """Return parameters with the local time at which a wait was over, where that is told."""
    if wait.cause in _TIMED:
        params["until"] = to_rfc3339(wait.until_s, wait.zone)
    return params


def _unit(asked: Asked, found: Found, op: int) -> str:
    return asked.routing.alternatives[int(found[op, ALT])].eligible.unit.work_unit_id


def _zone(asked: Asked, found: Found, op: int) -> str:
    site = asked.routing.alternatives[int(found[op, ALT])].eligible.site_id
    return asked.load.network.site[site].zone
