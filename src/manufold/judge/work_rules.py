"""Rules of the work: on a unit that can do it, in working time, for exactly as long as it takes."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from manufold.judge.rows import Column, Rows
from manufold.judge.violation import Violation, violation
from manufold.model.network import Capability, WorkUnit
from manufold.model.process_plan import Operation

__all__ = ["content_violations", "unit_violations"]

Flags = NDArray[np.bool_]


def unit_violations(rows: Rows) -> list[Violation]:
    """Return slots on unknown resources, absent seats, or units that cannot do the operation."""
    found: list[Violation] = []
    fits: dict[tuple[int, str], tuple[tuple[str, str], ...]] = {}
    for row, slot in enumerate(rows.slots):
        unit, operation = rows.unit(row), rows.operation[row]
        where = (slot.holder, slot.operation_id, slot.resource_id)
        if unit is None:
            found.append(violation("judge.unknown_resource", *where))
            continue
        if slot.seat >= unit.seats:
            found.append(violation("judge.no_such_seat", *where, seat=slot.seat, seats=unit.seats))
        if operation is None:
            continue
        if slot.setup_family not in (None, rows.family[row]):
            found.append(
                violation(
                    "judge.wrong_family",
                    *where,
                    family=str(slot.setup_family),
                    expected=str(rows.family[row]),
                )
            )
        key = (id(operation), unit.work_unit_id)
        if key not in fits:
            fits[key] = tuple(_unfit(rows, unit, operation))
        found += (violation(code, *where, what=what) for code, what in fits[key])
    return found


def _unfit(rows: Rows, unit: WorkUnit, operation: Operation) -> Iterable[tuple[str, str]]:
    capability = unit.capability(operation.capability)
    if capability is None:
        yield "judge.no_capability", operation.capability
        return
    yield from _too_small(capability, operation)
    material = operation.material_id
    if material is not None and capability.materials and material not in capability.materials:
        yield "judge.material_not_taken", material
    matrix = rows.network.setup_matrix.get(unit.setup_matrix_id or "")
    if matrix is not None and matrix.families and operation.setup_family not in matrix.families:
        yield "judge.family_unknown", operation.setup_family or "-"
    if operation.skill is not None and operation.attendance != "none":
        site_id = rows.network.site_of(unit.work_unit_id).site_id
        here = [o for o in rows.network.operators if o.site_id == site_id]
        if not any(operation.skill in operator.skills for operator in here):
            yield "judge.skill_missing", operation.skill


def _too_small(capability: Capability, operation: Operation) -> Iterable[tuple[str, str]]:
    for name, needed in operation.needs.items():
        limit = capability.limits.get(name)
        if limit is not None and limit < needed:
            yield "judge.limit_exceeded", f"{name} {needed:f} > {limit:f}"


def content_violations(rows: Rows) -> list[Violation]:
    """Return slots outside working time, broken where they may not be, or of the wrong length.

    Attended work counts while the work unit and its operator both work.
    """
    found: list[Violation] = []
    contents = rows.contents()
    for (calendar_id, shift_id, whole), members in _by_calendar(rows).items():
        start, end = rows.start_s[members], rows.end_s[members]
        until = np.array([_attended_until_s(rows, row, whole) for row in members], dtype=np.int64)
        alone = _Time(rows, (calendar_id,), start, end)
        joint = _Time(rows, (calendar_id, *([shift_id] if shift_id else [])), start, end)
        running = joint if whole else alone
        set_up, ran = joint.worked(start, until), running.worked(until, end)
        first = joint if shift_id else alone
        inside = first.works_at(start) & running.works_at(end - 1)
        unbroken = (set_up == until - start) & (ran == end - until)
        for at, row in enumerate(members):
            slot, operation, content = rows.slots[row], rows.operation[row], contents[row]
            where = (slot.holder, slot.operation_id, slot.resource_id)
            if not inside[at]:
                found.append(violation("judge.outside_calendar", *where))
            if operation is None or content is None:
                continue
            needed_s = content.total_s - content.setup_s + slot.setup_s
            worked_s = int(set_up[at] + ran[at])
            wrong_set_up = shift_id and not whole and set_up[at] != slot.setup_s
            if worked_s != needed_s or wrong_set_up:
                found.append(
                    violation("judge.wrong_length", *where, worked_s=worked_s, needed_s=needed_s)
                )
            if not operation.pausable and not unbroken[at]:
                found.append(violation("judge.broken_off", *where))
    return found


def _by_calendar(rows: Rows) -> dict[tuple[str, str | None, bool], list[int]]:
    """Return rows by calendar of the work unit, of the operator, and whether he stays."""
    members: dict[tuple[str, str | None, bool], list[int]] = {}
    for row in range(len(rows.slots)):
        unit, operation = rows.unit(row), rows.operation[row]
        if unit is not None and not rows.past[row]:
            operator = rows.operator(row)
            whole = operation is not None and operation.attendance == "all"
            shift_id = None if operator is None else operator.calendar_id
            key = (unit.calendar_id, shift_id, whole and operator is not None)
            members.setdefault(key, []).append(row)
    return members


def _attended_until_s(rows: Rows, row: int, whole: bool) -> int:
    """Return when the set-up that an operator attends ends; the start where nobody does."""
    slot, operator = rows.slots[row], rows.operator(row)
    if operator is None or whole:
        return slot.start_s
    claim = next(c for c in slot.also if c.resource_id == operator.operator_id)
    return claim.end_s


class _Time:
    """Working time of calendars together, around some slots."""

    def __init__(self, rows: Rows, calendars: tuple[str, ...], start: Column, end: Column) -> None:
        span = int(start.min()) - 1, int(end.max()) + 1
        intervals = rows.network.calendar[calendars[0]].intervals(*span)
        for name in calendars[1:]:
            intervals = _both(intervals, rows.network.calendar[name].intervals(*span))
        self.opens, self.shuts = np.array(intervals, dtype=np.int64).reshape(-1, 2).T
        self.gone = np.concatenate([[0], np.cumsum(self.shuts - self.opens)])

    def worked(self, start: Column, end: Column) -> Column:
        """Return the working seconds from start to end."""
        return self._before(end) - self._before(start)

    def works_at(self, instant: Column) -> Flags:
        """Return whether the second from an instant on is a working one."""
        return self._before(instant + 1) > self._before(instant)

    def _before(self, instant: Column) -> Column:
        if not len(self.opens):
            return np.zeros_like(instant)
        row = np.searchsorted(self.opens, instant, side="right") - 1
        into = np.minimum(instant, self.shuts[row]) - self.opens[row]
        passed: Column = np.where(row < 0, 0, self.gone[np.maximum(row, 0)] + np.maximum(into, 0))
        return passed


def _both(
    one: Iterable[tuple[int, int]], other: Iterable[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Return the intervals that lie in both."""
    found, left, right = [], list(one), list(other)
    at = beside = 0
    while at < len(left) and beside < len(right):
        start = max(left[at][0], right[beside][0])
        end = min(left[at][1], right[beside][1])
        if start < end:
            found.append((start, end))
        if left[at][1] <= right[beside][1]:
            at += 1
        else:
            beside += 1
    return tuple(found)
