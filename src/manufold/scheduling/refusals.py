"""Refusals: why a job cannot be placed, in the words of whoever could change it."""

from manufold.model.errors import CannotMake
from manufold.model.schedule import Job
from manufold.scheduling.asked import Asked
from manufold.scheduling.load import Load
from manufold.scheduling.place import LAG_RETRIES, NO_ROOM, TOO_LATE
from manufold.scheduling.routing import Routing
from manufold.scheduling.routing_rows import ALT_CALENDAR, ALT_JOINT

__all__ = ["past_horizon", "refusal_of"]


def past_horizon(operation_id: str, horizon_s: int) -> CannotMake:
    """Return the refusal of an operation that ends beyond the horizon."""
    return CannotMake("schedule.past_horizon", operation=operation_id, days=horizon_s // 86400)


def refusal_of(asked: Asked, ended: int, at: int) -> CannotMake:
    """Return the refusal of a job.

    Args:
        ended: how placing it ended.
        at: row of the operation where it did.
    """
    operation = asked.job.plan.operations[at]
    name = operation.operation_id
    if ended == TOO_LATE:
        return CannotMake("schedule.max_lag", operation=name, retries=LAG_RETRIES)
    if ended == NO_ROOM:
        return no_room(asked.load, asked.job, asked.routing, at, asked.sites)
    there = ", ".join(sorted(asked.routing.sites[at]))
    last = name in asked.job.plan.last_operations
    return CannotMake("schedule.no_way", operation=name, to=asked.to or "-" if last else there)


def no_room(
    load: Load, job: Job, routing: Routing, at: int, sites: frozenset[str] | None = None
) -> CannotMake:
    """Tell work that never fits from work that fits beyond the horizon only.

    Args:
        at: row of the operation.
        sites: where it may be done.
    """
    operation = job.plan.operations[at]
    able = [
        (routing.alternatives[row], row)
        for row in routing.alternatives_of(at)
        if sites is None or routing.alternatives[row].eligible.site_id in sites
    ]
    alts, worktime = routing.rows.alts, load.clocks.worktime
    units = ", ".join(sorted({one.eligible.unit.work_unit_id for one, _ in able}))
    attended = bool(able) and all(one.operators for one, _ in able)
    if attended and not any(worktime[alts[ALT_JOINT, row]].total_s for _, row in able):
        return CannotMake(
            "schedule.operator_never_works",
            operation=operation.operation_id,
            skill=str(operation.skill),
            at=units,
        )
    spans = [
        (worktime[alts[ALT_CALENDAR, row]].longest_s, routing.work_s(row, job.quantity), one)
        for one, row in able
    ]
    if spans and not operation.pausable and all(needed > longest for longest, needed, _ in spans):
        longest_s, _, where = max(spans, key=lambda span: span[0])
        return CannotMake(
            "schedule.longer_than_shift",
            operation=operation.operation_id,
            needed_s=min(needed for _, needed, _ in spans),
            longest_s=longest_s,
            at=where.eligible.unit.work_unit_id,
        )
    return past_horizon(operation.operation_id, load.horizon_s)
