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


def content_violations(rows: Rows, now_s: int | None) -> list[Violation]:
    """Return slots outside working time, broken where they may not be, or of the wrong length."""
    found: list[Violation] = []
    contents = rows.contents()
    for calendar_id, members in _by_calendar(rows, now_s).items():
        worked, unbroken, inside = _worked(rows, calendar_id, members)
        for at, row in enumerate(members):
            slot, operation, content = rows.slots[row], rows.operation[row], contents[row]
            where = (slot.holder, slot.operation_id, slot.resource_id)
            if not inside[at]:
                found.append(violation("judge.outside_calendar", *where))
            if operation is None or content is None:
                continue
            needed_s = content.total_s - content.setup_s + slot.setup_s
            if worked[at] != needed_s:
                found.append(
                    violation(
                        "judge.wrong_length",
                        *where,
                        worked_s=int(worked[at]),
                        needed_s=needed_s,
                    )
                )
            if not operation.pausable and not unbroken[at]:
                found.append(violation("judge.broken_off", *where))
    return found


def _by_calendar(rows: Rows, now_s: int | None) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for row, slot in enumerate(rows.slots):
        unit = rows.unit(row)
        if unit is not None and (now_s is None or slot.start_s >= now_s):
            members.setdefault(unit.calendar_id, []).append(row)
    return members


def _worked(rows: Rows, calendar_id: str, members: list[int]) -> tuple[Column, Flags, Flags]:
    """Return working seconds, whether unbroken, whether begun and ended in working time."""
    start, end = rows.start_s[members], rows.end_s[members]
    intervals = rows.network.calendar[calendar_id].intervals(
        int(start.min()) - 1, int(end.max()) + 1
    )
    if not intervals:
        nothing = np.zeros(len(members), dtype=np.int64)
        return nothing, nothing > 0, nothing > 0
    opens, shuts = np.array(intervals, dtype=np.int64).T
    gone = np.concatenate([[0], np.cumsum(shuts - opens)])

    def before(instant: Column) -> Column:
        row = np.searchsorted(opens, instant, side="right") - 1
        into = np.minimum(instant, shuts[row]) - opens[row]
        passed: Column = np.where(row < 0, 0, gone[np.maximum(row, 0)] + np.maximum(into, 0))
        return passed

    worked = before(end) - before(start)
    inside = (before(start + 1) > before(start)) & (before(end) > before(end - 1))
    return worked, worked == end - start, inside
