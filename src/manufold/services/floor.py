"""The floor as scheduling sees it: open job orders as slots, what has happened, what is down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from manufold.model.execution import JobOrder, OrderState, UnitState
from manufold.model.network import Network
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.schedule import Claim, Job, Slot
from manufold.model.work_content import setup_family, work_content
from manufold.scheduling.forecast import Progress
from manufold.scheduling.outages import Outage
from manufold.services.context import Context
from manufold.services.documents import plan_of
from manufold.services.jobs import groups_of, jobs_of
from manufold.services.outages import outages_of

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
                slots.append(_slot(ctx.network, group, job, plan, all_jobs[group].quantity))
                if job.actual_start_s is not None:
                    progress[key] = Progress(job.actual_start_s, job.actual_end_s)
    outages = outages_of(ctx.network, units, now_s)
    return Floor(_one_at_a_time(slots, progress), kept, progress, found, outages)


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


def _slot(network: Network, group: str, job: JobOrder, plan: ProcessPlan, quantity: int) -> Slot:
    operation = plan.operation[job.operation_id]
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
        setup_family(plan, operation),
        _changeover_s(network, job, operation),
        _held(network, job, operation),
    )


def _changeover_s(network: Network, job: JobOrder, operation: Operation) -> int | None:
    """Return what is booked beyond an operation's own set-up, None where nobody can say."""
    unit = network.work_unit.get(job.resource_id)
    capability = None if unit is None else unit.capability(operation.capability)
    if capability is None:
        return None
    return max(0, job.setup_s - work_content(operation, capability, 1).setup_s)


def _held(network: Network, job: JobOrder, operation: Operation) -> tuple[Claim, ...]:
    """Return what a job order still holds: an operator who only sets up goes when that is done."""
    if job.state == "finished":
        return ()
    set_up = job.state in ("set_up", "running", "paused")
    if set_up and operation.attendance == "setup":
        return tuple(claim for claim in job.also if claim.resource_id not in network.operator)
    return job.also


def _one_at_a_time(
    slots: Iterable[Slot], progress: Mapping[tuple[str, str], Progress]
) -> tuple[Slot, ...]:
    """Return slots where nothing is held by two that have begun.

    Shops do as they must: when both run, somebody else attends the one that came second. The
    members of a batch share.
    """
    listed = list(slots)
    begun = [
        (progress[slot.holder, slot.operation_id].started_s, row)
        for row, slot in enumerate(listed)
        if slot.also and (slot.holder, slot.operation_id) in progress
    ]
    taken: dict[tuple[str, int], str] = {}
    for _started_s, row in sorted(begun):
        slot = listed[row]
        kept = tuple(
            claim
            for claim in slot.also
            if (place := (claim.resource_id, claim.seat)) not in taken
            or (claim.shared_as and claim.shared_as == taken[place])
        )
        taken |= {(claim.resource_id, claim.seat): claim.shared_as for claim in kept}
        listed[row] = replace(slot, also=kept)
    return tuple(listed)
