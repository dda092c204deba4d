"""What an operation waited for, second by second, and what the date hangs on most.

From the end of its predecessors to its own end, every second of an operation has one cause: the
way between sites, a lag, material, being held back for a successor, the calendar, other work on
the seat, an operator, a tool, pauses, or the work itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from manufold.model.errors import Reason
from manufold.scheduling.asked import Asked
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.fit import ALT, END, SETUP, START, stretch
from manufold.scheduling.kernel import Seconds
from manufold.scheduling.place import Found, after_s, held_s, way_s
from manufold.scheduling.routing_rows import (
    ALT_SEAT,
    ALT_SEATS,
    ALT_SITE,
    BEFORE,
    BEFORE_END,
    WHO_AT,
    WHO_END,
    own_setup_s,
    work_s,
)
from manufold.scheduling.rows import NO_SHARE, busy_until_s

__all__ = ["Cause", "Wait", "binding_of", "waits_of"]

Cause = Literal[
    "lane", "lag", "material", "successor", "calendar", "busy", "operator", "tool", "pause"
]

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
    "pause": "schedule.binding_pause",
}


@dataclass(frozen=True, slots=True)
class Wait:
    """One cause of waiting of one operation, and how long.

    Args:
        at: the work unit it waited for, the skill, the tools, or the operation it came from.
    """

    operation_id: str
    cause: Cause
    span_s: int
    at: str


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What an operation may not start before.

    Args:
        handed_s: its deciding predecessor hands over, or the job is released.
        lane_s: and the pieces have travelled.
        ready_s: and the lag is over.
        material_s: its material is there.
        before: the deciding predecessor, -1 without one.
    """

    handed_s: int
    lane_s: int
    ready_s: int
    material_s: int
    before: int


def waits_of(asked: Asked, found: Found, site: Seconds, held: Seconds) -> tuple[Wait, ...]:
    """Return the causes of all waiting, in routing order, each operation's in the order of time."""
    waits: list[Wait] = []
    for op in range(len(found)):
        if found[op, END] != NEVER:
            bounds = _bounds(asked, found, site, op)
            waits += _one(asked, found, held, op, bounds)
    return tuple(waits)


def binding_of(asked: Asked, found: Found, site: Seconds, waits: Sequence[Wait]) -> Reason:
    """Return what takes most of the time along the critical path: a wait, or the work itself.

    Walking back from the end, each operation gives its waits and its working time to what it
    waited for and to its work unit; the same cause at the same place counts together. What is
    held back for its successor waits for what the successor waits for.
    """
    ends, last = asked.ends_s(found), asked.routing.last
    op = int(next(o for o in last if ends[o] == ends[last].max()))
    by_operation: dict[str, list[Wait]] = {}
    for wait in waits:
        by_operation.setdefault(wait.operation_id, []).append(wait)
    spans: dict[tuple[str, str], int] = {}
    behind: tuple[str, str] | None = None
    while op >= 0 and found[op, END] != NEVER:
        unit = _unit(asked, found, op)
        own = by_operation.get(asked.job.plan.operations[op].operation_id, [])
        key = ("work", unit)
        spans[key] = spans.get(key, 0) + _content_s(asked, found, op)
        for wait in own:
            place = (str(wait.cause), wait.at)
            if wait.cause == "successor" and behind is not None:
                place = behind
            spans[place] = spans.get(place, 0) + wait.span_s
        for_others = ("busy", "calendar", "operator", "tool")
        busy = [(str(w.cause), w.at) for w in own if w.cause in for_others]
        behind = busy[-1] if busy else ("busy", unit)
        op = _bounds(asked, found, site, op).before
    if not spans:
        return Reason("schedule.binding_begun", {})
    (cause, at), span_s = max(spans.items(), key=lambda pair: pair[1])
    return Reason(BINDING[cause], {"at": at, "span_s": span_s})


def _bounds(asked: Asked, found: Found, site: Seconds, op: int) -> _Bounds:
    rows, ask = asked.routing.rows, asked.ask
    alt = int(found[op, ALT])
    bounds = _Bounds(ask.release_s, ask.release_s, ask.release_s, int(ask.alt_ready_s[alt]), -1)
    for at in range(rows.ops[op, BEFORE], rows.ops[op, BEFORE_END]):
        before = int(rows.before[at])
        start = int(site[before])
        way = int(way_s(rows, ask, op, start, int(site[op])))
        ready = int(
            after_s(asked.load.clocks.rows, rows, ask, op, alt, before, found[before], start)
        )
        if bounds.before < 0 or ready > bounds.ready_s:
            lane = ready - way + int(ask.lane_s[start, site[op]])
            bounds = _Bounds(ready - way, lane, ready, bounds.material_s, before)
    return bounds


def _one(asked: Asked, found: Found, held: Seconds, op: int, bounds: _Bounds) -> tuple[Wait, ...]:
    """Return the causes of one operation's waiting."""
    load, routing = asked.load, asked.routing
    operation = asked.job.plan.operations[op]
    alt, start, end = (int(found[op, column]) for column in (ALT, START, END))
    released = asked.ask.release_s
    handed = max(released, bounds.handed_s)
    travelled = max(handed, bounds.lane_s)
    lagged = max(travelled, bounds.ready_s)
    ready = max(lagged, bounds.material_s)
    put_off = ready
    if held[op]:
        calendars, rows = load.clocks.rows, routing.rows
        put_off = max(ready, int(held_s(calendars, rows, asked.ask, op, alt, int(held[op]))))
    free = _stretch(asked, found, op, put_off)[0]
    names = asked.job.plan.operations
    before = names[bounds.before].operation_id if bounds.before >= 0 else operation.operation_id
    unit = _unit(asked, found, op)
    spans: list[tuple[Cause, int, str]] = [
        ("lane", travelled - handed, before),
        ("lag", lagged - travelled, before),
        ("material", ready - lagged, operation.operation_id),
        ("successor", put_off - ready, operation.operation_id),
        ("calendar", free - put_off, unit),
        *_taken(asked, found, op, free),
        ("pause", end - start - _content_s(asked, found, op), unit),
    ]
    name = operation.operation_id
    return tuple(Wait(name, cause, span, at) for cause, span, at in spans if span > 0)


def _taken(asked: Asked, found: Found, op: int, free_s: int) -> list[tuple[Cause, int, str]]:
    """Return who else had the seat, the operator or the tools until the operation could start."""
    operation, start = asked.job.plan.operations[op], int(found[op, START])
    unit, rows = _unit(asked, found, op), asked.load.pool.rows(asked.load.bounds)
    routing, alt = asked.routing.rows, int(found[op, ALT])
    spans = dict.fromkeys(("busy", "operator", "tool"), 0)
    instant = free_s
    while instant < start:
        begin, set_up, end = _stretch(asked, found, op, instant)
        until = set_up if operation.attendance == "setup" else end
        crew = [int(w) for w in routing.who[routing.alts[WHO_AT, alt] : routing.alts[WHO_END, alt]]]
        cause, later = "busy", _seat_until_s(asked, found, op, begin, end)
        if later == begin and crew and until > begin:
            cause = "operator"
            later = min(int(busy_until_s(rows, one, begin, until, NO_SHARE)) for one in crew)
        if later == begin:
            cause, later = ("tool", start) if operation.tools else ("busy", start)
        later = min(start, max(later, begin + 1))
        spans[cause] += later - instant
        instant = later
    return [
        ("busy", spans["busy"], unit),
        ("operator", spans["operator"], str(operation.skill)),
        ("tool", spans["tool"], ", ".join(sorted(operation.tools))),
    ]


def _seat_until_s(asked: Asked, found: Found, op: int, begin_s: int, end_s: int) -> int:
    """Return until when every seat that could do it is taken, `begin_s` when one is free."""
    rows, routing = asked.load.pool.rows(asked.load.bounds), asked.routing.rows
    own = int(found[op, ALT])
    soonest: list[int] = []
    for alt in asked.routing.alternatives_of(op):
        if routing.alts[ALT_SITE, alt] == routing.alts[ALT_SITE, own]:
            first = int(routing.alts[ALT_SEAT, alt])
            for seat in range(first, first + int(routing.alts[ALT_SEATS, alt])):
                soonest.append(int(busy_until_s(rows, seat, begin_s, end_s, NO_SHARE)))
    return min(soonest)


def _stretch(asked: Asked, found: Found, op: int, instant_s: int) -> tuple[int, int, int]:
    """Return where the operation would lie from an instant on if nothing were booked."""
    routing, alt = asked.routing.rows, int(found[op, ALT])
    run = work_s(routing, alt, asked.job.quantity) - own_setup_s(routing, alt)
    start, set_up, end = stretch(
        asked.load.clocks.rows, routing, op, alt, instant_s, int(found[op, SETUP]), int(run)
    )
    return int(start), int(set_up), int(end)


def _content_s(asked: Asked, found: Found, op: int) -> int:
    """Return the working seconds of an operation, changeover included."""
    routing, alt = asked.routing.rows, int(found[op, ALT])
    own = work_s(routing, alt, asked.job.quantity) - own_setup_s(routing, alt)
    return int(own) + int(found[op, SETUP])


def _unit(asked: Asked, found: Found, op: int) -> str:
    return asked.routing.alternatives[int(found[op, ALT])].eligible.unit.work_unit_id
