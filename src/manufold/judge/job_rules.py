"""Rules of a job: every operation once, in order, after its material, for all its pieces."""

from manufold.judge.lot_rules import lot_violations
from manufold.judge.rows import Rows
from manufold.judge.violation import Violation, violation
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job, Slot

__all__ = ["job_violations"]


def job_violations(rows: Rows) -> list[Violation]:
    """Return what is wrong with each job as a whole."""
    found: list[Violation] = []
    slots: dict[str, dict[str, int]] = {holder: {} for holder in rows.jobs}
    strangers: set[str] = set()
    for row, slot in enumerate(rows.slots):
        where = (slot.holder, slot.operation_id, slot.resource_id)
        if slot.holder not in rows.jobs:
            if slot.holder not in strangers:
                found.append(violation("judge.unknown_job", *where))
            strangers.add(slot.holder)
        elif rows.operation[row] is None:
            found.append(violation("judge.unknown_operation", *where))
        elif slot.operation_id in slots[slot.holder]:
            found.append(violation("judge.operation_twice", *where))
        else:
            slots[slot.holder][slot.operation_id] = row
    for holder, job in rows.jobs.items():
        found += _one_job(rows, job, slots[holder])
    return found


def _one_job(rows: Rows, job: Job, slots: dict[str, int]) -> list[Violation]:
    found: list[Violation] = []
    for operation in job.plan.operations:
        name = operation.operation_id
        row = slots.get(name)
        if row is None:
            found.append(violation("judge.operation_missing", job.holder, name, ""))
            continue
        slot = rows.slots[row]
        where = (job.holder, name, slot.resource_id)
        if slot.quantity != job.quantity:
            found.append(
                violation(
                    "judge.wrong_quantity",
                    *where,
                    quantity=slot.quantity,
                    expected=job.quantity,
                )
            )
        if not rows.past[row]:
            ready_s = job.ready_s.get(name, slot.start_s)
            for code, bound_s in (
                ("judge.before_release", job.release_s),
                ("judge.before_material", ready_s),
            ):
                if slot.start_s < bound_s:
                    found.append(violation(code, *where, early_s=bound_s - slot.start_s))
        for before in operation.after:
            if before in slots:
                earlier = rows.slots[slots[before]]
                lot = job.plan.operation[before].transfer_quantity
                if lot is not None and lot < job.quantity:
                    found += lot_violations(rows, operation, earlier, slot, lot)
                    found += _too_late(operation, earlier, slot)
                else:
                    found += _precedence(rows, operation, earlier, slot)
    return found


def _precedence(rows: Rows, operation: Operation, before: Slot, slot: Slot) -> list[Violation]:
    where = (slot.holder, slot.operation_id, slot.resource_id)
    waited_s = slot.start_s - before.end_s
    found: list[Violation] = []
    lane_s: int | None = 0
    known = rows.network.work_unit
    if before.resource_id in known and slot.resource_id in known:
        start = rows.network.site_of(before.resource_id).site_id
        end = rows.network.site_of(slot.resource_id).site_id
        lane_s = rows.network.lane_s(start, end)
        if lane_s is None:
            found.append(violation("judge.no_lane", *where, start=start, end=end))
    after = before.operation_id
    least_s = max(0, lane_s or 0, operation.min_lag_s)
    if waited_s < least_s:
        codes = ("judge.before_predecessor", "judge.lane_too_short", "judge.lag_too_short")
        code = codes[0] if waited_s < 0 else codes[1] if waited_s < (lane_s or 0) else codes[2]
        found.append(violation(code, *where, after=after, early_s=least_s - waited_s))
    return [*found, *_too_late(operation, before, slot)]


def _too_late(operation: Operation, before: Slot, slot: Slot) -> list[Violation]:
    """Return whether the pieces waited longer than they may."""
    where = (slot.holder, slot.operation_id, slot.resource_id)
    waited_s = slot.start_s - before.end_s
    if operation.max_lag_s is None or waited_s <= operation.max_lag_s:
        return []
    late_s = waited_s - operation.max_lag_s
    after = before.operation_id
    return [violation("judge.lag_too_long", *where, after=after, late_s=late_s)]
