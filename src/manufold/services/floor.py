"""The floor as scheduling sees it: open job orders as slots, what has happened, what is down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from manufold.model.execution import JobOrder, OrderState, UnitState
from manufold.model.schedule import Job, Slot
from manufold.model.units import HOUR_S
from manufold.model.work_content import setup_family
from manufold.scheduling.forecast import Progress
from manufold.scheduling.outages import Outage
from manufold.services.context import Context
from manufold.services.documents import plan_of
from manufold.services.jobs import groups_of, jobs_of

__all__ = ["Floor", "floor_of"]

_OVER = ("delivered", "cancelled", "returned", "claimed")


@dataclass(frozen=True, slots=True)
class Floor:
    """A snapshot of everything that is not over.

    Args:
        slots: of all job orders that are not cancelled, of groups with something left to do;
            begun ones as they happened.
        jobs: by group (an order's own, or a remake's), without what is cancelled of it.
        progress: (group, operation) -> what has happened.
        job_orders: (group, operation) -> order and job order.
        outages: work units that are down, until they are expected back.
    """

    slots: tuple[Slot, ...]
    jobs: Mapping[str, Job]
    progress: Mapping[tuple[str, str], Progress]
    job_orders: Mapping[tuple[str, str], tuple[OrderState, JobOrder]]
    outages: tuple[Outage, ...]


def floor_of(
    ctx: Context, orders: Iterable[OrderState], units: Iterable[UnitState], now_s: int
) -> Floor:
    """Return the floor at an instant."""
    slots: list[Slot] = []
    progress: dict[tuple[str, str], Progress] = {}
    found: dict[tuple[str, str], tuple[OrderState, JobOrder]] = {}
    open_orders = [order for order in orders if order.state not in _OVER]
    kept: dict[str, Job] = {}
    all_jobs = jobs_of(ctx, open_orders)
    for order in open_orders:
        plan = plan_of(ctx, order.plan_digest)
        for group, members in groups_of(order).items():
            if all(job.state in ("finished", "cancelled") for job in members):
                continue
            kept[group] = _left_of(all_jobs[group], members)
            for job in members:
                if job.state == "cancelled":
                    continue
                key = (group, job.operation_id)
                found[key] = (order, job)
                family = setup_family(plan, plan.operation[job.operation_id])
                slots.append(_slot(group, job, family, all_jobs[group].quantity))
                if job.actual_start_s is not None:
                    progress[key] = Progress(job.actual_start_s, job.actual_end_s)
    outages = tuple(
        Outage(unit.resource_id, unit.down_since_s, now_s + _repair_s(ctx, unit.resource_id))
        for unit in units
        if unit.down_since_s is not None
    )
    return Floor(tuple(slots), kept, progress, found, outages)


def _left_of(job: Job, members: Iterable[JobOrder]) -> Job:
    """Return a job without its cancelled operations; one that lost some has no date to keep."""
    gone = {one.operation_id for one in members if one.state == "cancelled"}
    if not gone:
        return job
    plan = job.plan
    operations = tuple(
        replace(operation, after=tuple(name for name in operation.after if name not in gone))
        for operation in plan.operations
        if operation.operation_id not in gone
    )
    bill = tuple(line for line in plan.bill_of_materials if line.at_operation not in gone)
    ready_s = {name: at_s for name, at_s in job.ready_s.items() if name not in gone}
    plan = replace(plan, operations=operations, bill_of_materials=bill)
    return replace(job, plan=plan, ready_s=ready_s, due_s=None)


def _slot(group: str, job: JobOrder, family: str, quantity: int) -> Slot:
    start_s = job.start_s if job.actual_start_s is None else job.actual_start_s
    end_s = job.end_s if job.actual_end_s is None else job.actual_end_s
    return Slot(
        job.resource_id,
        job.seat,
        start_s,
        job.setup_s,
        max(end_s, start_s + 1),
        group,
        job.operation_id,
        quantity,
        family,
    )


def _repair_s(ctx: Context, resource_id: str) -> int:
    """Return how long a repair is expected to take from now; an hour where nothing is known."""
    hours = ctx.network.work_unit[resource_id].mttr_h
    return max(1, hours) * HOUR_S
