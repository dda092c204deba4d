"""Refusals: why a job cannot be placed, in the words of whoever could change it."""

from collections.abc import Mapping

from manufold.model.errors import CannotMake
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.schedule import Job
from manufold.model.units import DAY_S
from manufold.scheduling.asked import Asked
from manufold.scheduling.load import Load
from manufold.scheduling.place import LAG_RETRIES, NO_ROOM, TOO_LATE
from manufold.scheduling.routing import Routing
from manufold.scheduling.routing_rows import ALT_CALENDAR, ALT_JOINT

__all__ = ["past_horizon", "refusal_of"]


def past_horizon(operation_id: str, horizon_s: int) -> CannotMake:
    """Return the refusal of an operation that ends beyond the horizon."""
    return CannotMake("schedule.past_horizon", operation=operation_id, days=horizon_s // DAY_S)


def refusal_of(asked: Asked, ended: int, at: int) -> CannotMake:
    """Return the refusal of a job.

    Args:
        ended: how placing it ended.
        at: row of the operation where it did.
    """
    operation = asked.job.plan.operations[at]
    name = operation.operation_id
    cycle = _lag_cycle(asked) if ended in (TOO_LATE, NO_ROOM) else None
    if cycle is not None:
        return cycle
    if ended == TOO_LATE:
        return CannotMake("schedule.max_lag", operation=name, retries=LAG_RETRIES)
    if ended == NO_ROOM:
        return no_room(asked.load, asked.job, asked.routing, at, asked.sites)
    return _no_way(asked, at)


def _no_way(asked: Asked, at: int) -> CannotMake:
    """Tell sites without a lane from a lane that takes longer than the pieces may wait."""
    operation = asked.job.plan.operations[at]
    name, there = operation.operation_id, sorted(_sites_of(asked, at))
    longest_s = operation.max_lag_s
    network = asked.load.network
    for before in operation.after if longest_s is not None else ():
        row = _rows(asked)[before]
        ways = [
            (lane_s, start, end)
            for start in _sites_of(asked, row)
            for end in there
            if (lane_s := network.lane_s(start, end)) is not None
        ]
        if ways and all(lane_s > (longest_s or 0) for lane_s, _, _ in ways):
            lane_s, start, end = min(ways)
            return CannotMake(
                "schedule.lane_beyond_lag",
                operation=name,
                before=before,
                start=start,
                end=end,
                lane_s=lane_s,
                longest_s=int(longest_s or 0),
            )
    last = name in asked.job.plan.last_operations
    return CannotMake(
        "schedule.no_way", operation=name, to=asked.to or "-" if last else ", ".join(there)
    )


def _lag_cycle(asked: Asked) -> CannotMake | None:
    """Return the refusal of a plan whose lags contradict each other, None when they do not.

    What lies between an operation and one of its predecessors takes at least its least lags and
    its work on the quickest work unit, whatever is booked; where that is more than the longest lag
    allows, the lags form a cycle that no schedule can keep.
    """
    plan, routing = asked.job.plan, asked.routing
    row_of = _rows(asked)
    for operation in plan.operations:
        if operation.max_lag_s is None:
            continue
        for first in operation.after:
            # least seconds from the end of `first` to the end of each that follows it
            ended_s: dict[str, int] = {first: 0}
            came: dict[str, str] = {}
            for later in plan.operations[row_of[first] + 1 :]:
                known = [
                    (ended_s[b] + later.min_lag_s, b)
                    for b in later.after
                    if b in ended_s and plan.operation[b].transfer_quantity is None
                ]
                if not known:
                    continue
                begins_s, came[later.operation_id] = max(known)
                if later is operation:
                    if begins_s > (operation.max_lag_s or 0):
                        return _cycle(plan, first, operation, begins_s, came)
                    break
                least_s = min(
                    routing.work_s(alt, asked.job.quantity)
                    for alt in routing.alternatives_of(row_of[later.operation_id])
                )
                ended_s[later.operation_id] = begins_s + least_s
    return None


def _cycle(
    plan: ProcessPlan, first: str, last: Operation, least_s: int, came: Mapping[str, str]
) -> CannotMake:
    path = [last.operation_id]
    while path[-1] != first:
        path.append(came[path[-1]])
    return CannotMake(
        "schedule.lag_cycle",
        operations=", ".join(reversed(path)),
        operation=last.operation_id,
        before=first,
        least_s=least_s,
        longest_s=int(last.max_lag_s or 0),
    )


def _rows(asked: Asked) -> dict[str, int]:
    return {one.operation_id: row for row, one in enumerate(asked.job.plan.operations)}


def _sites_of(asked: Asked, at: int) -> frozenset[str]:
    fixed = asked.fixed.get(asked.job.plan.operations[at].operation_id)
    if fixed is not None:
        return frozenset({asked.load.network.site_of(fixed.resource_id).site_id})
    able = asked.routing.sites[at]
    return able if asked.sites is None else able & asked.sites


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
    if able and not any(worktime[alts[ALT_CALENDAR, row]].total_s for _, row in able):
        return CannotMake(
            "schedule.unit_closed",
            operation=operation.operation_id,
            at=units,
            days=load.horizon_s // DAY_S,
        )
    attended = bool(able) and all(one.operators for one, _ in able)
    if attended and not any(worktime[alts[ALT_JOINT, row]].total_s for _, row in able):
        return CannotMake(
            "schedule.operator_never_works",
            operation=operation.operation_id,
            skill=str(operation.skill),
            at=units,
            days=load.horizon_s // DAY_S,
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
