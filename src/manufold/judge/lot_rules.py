"""Rules of overlap: no operation works on a transfer lot that has not come."""

from manufold.judge.rows import Rows
from manufold.judge.violation import Violation, violation
from manufold.model.process_plan import Operation
from manufold.model.schedule import Slot

__all__ = ["lot_violations"]

Interval = tuple[int, int]


def lot_violations(
    rows: Rows, operation: Operation, before: Slot, slot: Slot, lot: int
) -> list[Violation]:
    """Return the first lot that is wanted before it has come.

    Whatever follows does not end before the last lot has come. Both operations work their pieces
    off evenly over the working time of their slots behind the set-up, each in its own hours.
    """
    where = (slot.holder, slot.operation_id, slot.resource_id)
    way_s = _way_s(rows, operation, before, slot)
    if way_s is None:
        start, end = (rows.network.site_of(one.resource_id).site_id for one in (before, slot))
        return [violation("judge.no_lane", *where, start=start, end=end)]
    made, wanted = _run(rows, before), _run(rows, slot)
    made_s, wanted_s = (sum(b - a for a, b in run) for run in (made, wanted))
    for done in range(0, slot.quantity, lot):
        sent = min(done + lot, slot.quantity)
        comes_s = _after(made, max(1, -(-made_s * sent // slot.quantity))) + way_s
        if done == 0 and slot.start_s < comes_s:
            early_s = comes_s - slot.start_s
            return [violation("judge.lot_too_early", *where, lot=1, early_s=early_s)]
        taken_s = wanted_s * done // slot.quantity
        if slot.end_s <= comes_s:
            number = done // lot + 1
            early_s = comes_s - slot.end_s + 1
            return [violation("judge.lot_too_early", *where, lot=number, early_s=early_s)]
        gone_s = sum(max(0, min(b, comes_s) - a) for a, b in wanted)
        if gone_s > taken_s:
            number = done // lot + 1
            return [violation("judge.lot_too_early", *where, lot=number, early_s=gone_s - taken_s)]
    return []


def _way_s(rows: Rows, operation: Operation, before: Slot, slot: Slot) -> int | None:
    known = rows.network.work_unit
    lane_s: int | None = 0
    if before.resource_id in known and slot.resource_id in known:
        start, end = (rows.network.site_of(one.resource_id).site_id for one in (before, slot))
        lane_s = rows.network.lane_s(start, end)
    return None if lane_s is None else max(lane_s, operation.min_lag_s)


def _run(rows: Rows, slot: Slot) -> list[Interval]:
    """Return the working stretches of a slot behind its set-up."""
    unit = rows.network.work_unit.get(slot.resource_id)
    if unit is None:
        return [(slot.start_s, slot.end_s)]
    people = rows.network.operator
    operator = next((people[c.resource_id] for c in slot.also if c.resource_id in people), None)
    hours = _hours(rows, unit.calendar_id, slot)
    operation = rows.jobs[slot.holder].plan.operation[slot.operation_id]
    both = hours
    if operator is not None:
        shift = _hours(rows, operator.calendar_id, slot)
        both = [(max(a, c), min(b, d)) for a, b in hours for c, d in shift if max(a, c) < min(b, d)]
    if operation.attendance == "all":
        hours = both
    set_up_s = _after(both, slot.setup_s) if slot.setup_s else slot.start_s
    return [(max(a, set_up_s), b) for a, b in hours if b > set_up_s]


def _hours(rows: Rows, calendar_id: str, slot: Slot) -> list[Interval]:
    return list(rows.network.calendar[calendar_id].intervals(slot.start_s, slot.end_s))


def _after(stretches: list[Interval], worked_s: int) -> int:
    """Return when so many working seconds are over; the end where there are not so many."""
    for start, end in stretches:
        if worked_s <= end - start:
            return start + worked_s
        worked_s -= end - start
    return stretches[-1][1] if stretches else 0
