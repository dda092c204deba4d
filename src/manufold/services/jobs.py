"""Orders as jobs: what scheduling, forecast and the judge need to know of an accepted order."""

from collections.abc import Iterable

from manufold.model.execution import JobOrder, OrderState
from manufold.model.schedule import Job
from manufold.services.context import Context
from manufold.services.documents import plan_of

__all__ = ["groups_of", "jobs_of"]


def groups_of(order: OrderState) -> dict[str, list[JobOrder]]:
    """Return an order's job orders by booking group: the order's own, then each remake's."""
    found: dict[str, list[JobOrder]] = {}
    names = dict.fromkeys(list(order.production_orders)[:1], order.order_id)
    for job in order.jobs.values():
        group = names.get(job.production_order_id, job.production_order_id)
        found.setdefault(group, []).append(job)
    return found


def jobs_of(ctx: Context, orders: Iterable[OrderState]) -> dict[str, Job]:
    """Return every open booking group as a job, by the group's name."""
    jobs: dict[str, Job] = {}
    for order in orders:
        plan = plan_of(ctx, order.plan_digest)
        for group, found in groups_of(order).items():
            started = order.production_orders[found[0].production_order_id]
            jobs[group] = Job(
                group,
                plan,
                started,
                release_s=order.accepted_at_s,
                ready_s=order.ready_s if group == order.order_id else {},
                due_s=order.due_s or None,
            )
    return jobs
