"""A line and its orders as columns, so that a whole run of it takes milliseconds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.model.errors import CannotMake, InputFault
from manufold.model.line import Line, LineOrder, LineSlot, Step
from manufold.scheduling.kernel import Seconds, seconds

__all__ = ["Rows", "StepKind", "Table", "kinds_of", "rows_of", "worked_between_s"]

Table = NDArray[np.int64]


class StepKind(NamedTuple):
    """What all orders agree on about a step."""

    step_id: str
    machine: str
    skill: str
    attachment: str


class Rows(NamedTuple):
    """Int64 columns; tasks are the steps of all orders, one order behind the other.

    Args:
        task_ptr: tasks of each order, shape (orders + 1,).
        kind: of each task, an index of step kinds.
        variant: of each task, numbered over all kinds.
        standard_ms: of each task.
        before_ptr, before: predecessors of each task; `after_ptr`, `after`: successors.
        skill: of each kind.
        pace: thousandths, shape (operators, skills), 0 where a skill is not had.
        travel_s: shape (stations + 1, stations), the last row from the entrance.
        places: of each station.
        open_ptr, opens_s, shuts_s: working intervals of each operator on the running line.
        extra: thousandths that a change adds, by repetitions.
        rules: walk_s, orders_most.
    """

    task_ptr: Table
    kind: Table
    variant: Table
    standard_ms: Table
    before_ptr: Table
    before: Table
    after_ptr: Table
    after: Table
    skill: Table
    pace: Table
    travel_s: Table
    places: Table
    open_ptr: Table
    opens_s: Seconds
    shuts_s: Seconds
    extra: Table
    rules: Table


def kinds_of(orders: Sequence[LineOrder]) -> tuple[StepKind, ...]:
    """Return the kinds of steps in the order in which they first appear.

    Raises:
        InputFault: `line.step_differs`: two orders use one word for different work.
    """
    found: dict[str, StepKind] = {}
    for order in orders:
        for step in order.steps:
            kind = _kind(step)
            if found.setdefault(step.step_id, kind) != kind:
                raise InputFault("line.step_differs", step=step.step_id, order=order.order_id)
    return tuple(found.values())


def _kind(step: Step) -> StepKind:
    return StepKind(step.step_id, step.machine, step.skill, step.attachment)


def rows_of(line: Line, orders: Sequence[LineOrder], from_s: int, to_s: int) -> Rows:
    """Return a line and its orders as columns.

    Args:
        from_s, to_s: the time that is looked at; work that does not fit is refused by the run.

    Raises:
        InputFault: orders of one name, or steps of one name that differ.
        CannotMake: `line.nobody`, `line.no_station`: a step nobody has the skill for, or that
            fits no station.
    """
    names = [order.order_id for order in orders]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputFault("line.twice", noun="order", name=twice)
    kinds = kinds_of(orders)
    for kind in kinds:
        _possible(line, kind)
    skills = {name: at for at, name in enumerate(sorted({kind.skill for kind in kinds}))}
    pace = np.zeros((len(line.operators), len(skills)), dtype=np.int64)
    for at, operator in enumerate(line.operators):
        for name, permille in operator.pace_permille.items():
            if name in skills:
                pace[at, skills[name]] = permille
    places = [station.station_id for station in line.stations]
    travel = [[line.travel_s(one, other) for other in places] for one in [*places, ""]]
    tasks = _tasks(orders, {kind.step_id: at for at, kind in enumerate(kinds)})
    columns = (
        *tasks,
        seconds([skills[kind.skill] for kind in kinds]),
        pace,
        np.array(travel, dtype=np.int64),
        seconds([station.places for station in line.stations]),
        *_hours(line, from_s, to_s),
        seconds([*line.extra_permille, 0]),
        seconds([line.walk_s, line.orders_most]),
    )
    return Rows(*columns)


def _possible(line: Line, kind: StepKind) -> None:
    if not any(kind.skill in operator.pace_permille for operator in line.operators):
        raise CannotMake("line.nobody", step=kind.step_id, skill=kind.skill)
    fits = (
        s.machine == kind.machine and kind.attachment in ("", *s.attachments) for s in line.stations
    )
    if not any(fits):
        what = kind.machine + (f" + {kind.attachment}" if kind.attachment else "")
        raise CannotMake("line.no_station", step=kind.step_id, machine=what)


def _tasks(orders: Sequence[LineOrder], kinds: dict[str, int]) -> list[Table]:
    ptr = [0]
    kind: list[int] = []
    variant: list[int] = []
    standard: list[int] = []
    variants: dict[tuple[str, str], int] = {}
    before: list[list[int]] = []
    after: list[list[int]] = []
    for order in orders:
        own: dict[str, int] = {}
        for step in order.steps:
            number = len(kind)
            own[step.step_id] = number
            kind.append(kinds[step.step_id])
            variant.append(variants.setdefault((step.step_id, step.variant), len(variants)))
            standard.append(step.standard_ms)
            before.append([own[name] for name in step.after])
            after.append([])
            for name in step.after:
                after[own[name]].append(number)
        ptr.append(len(kind))
    columns = [seconds(ptr), seconds(kind), seconds(variant), seconds(standard)]
    for lists in (before, after):
        columns += [
            seconds(np.cumsum([0, *map(len, lists)])),
            seconds([number for row in lists for number in row]),
        ]
    return columns


def _hours(line: Line, from_s: int, to_s: int) -> tuple[Table, Seconds, Seconds]:
    ptr, opens, shuts = [0], [], []
    runs = line.calendar.intervals(from_s, to_s)
    for operator in line.operators:
        for one, other in operator.calendar.intervals(from_s, to_s):
            for start, end in runs:
                if max(one, start) < min(other, end):
                    opens.append(max(one, start))
                    shuts.append(min(other, end))
        ptr.append(len(opens))
    return seconds(ptr), seconds(opens), seconds(shuts)


def worked_between_s(line: Line, slots: Sequence[LineSlot]) -> list[int]:
    """Return how long work went on in each slot, breaks left out."""
    if not slots:
        return []
    span = min(slot.start_s for slot in slots) - 1, max(slot.end_s for slot in slots) + 1
    ptr, opens, shuts = _hours(line, *span)
    people = {operator.operator_id: at for at, operator in enumerate(line.operators)}
    found = []
    for slot in slots:
        at = people[slot.operator_id]
        own = range(int(ptr[at]), int(ptr[at + 1]))
        found.append(
            sum(
                max(0, min(slot.end_s, int(shuts[i])) - max(slot.start_s, int(opens[i])))
                for i in own
            )
        )
    return found
