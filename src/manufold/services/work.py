"""Work: what comes next at a shop's own sites, and what may be said about it as it stands."""

from dataclasses import dataclass

from manufold.execution.pieces import good_by_site, most_owed
from manufold.model.execution import JOB_TRANSITIONS, JobOrder, OrderState
from manufold.model.party import Actor
from manufold.model.process_plan import ProcessPlan
from manufold.services.access import SUPPLIER_ROLES, may_act, own_sites, visible_order
from manufold.services.context import Context
from manufold.services.documents import order_of, plan_of
from manufold.services.make import may_say
from manufold.services.order_book import order_book

__all__ = ["Task", "next_work", "on_the_way", "sayable", "to_move", "to_ship"]

#: command -> the event that answers it, which the state of a job order allows or not
_MOVES = {
    "setup_start": "SetupStarted",
    "setup_end": "SetupEnded",
    "start": "RunStarted",
    "pause": "Paused",
    "resume": "Resumed",
    "finish": "Finished",
}
_OVER = ("finished", "cancelled")


@dataclass(frozen=True, slots=True)
class Task:
    """A job order still to be done.

    Args:
        operation: its name in the process plan.
    """

    order_id: str
    job: JobOrder
    operation: str


def next_work(ctx: Context, actor: Actor) -> tuple[Task, ...]:
    """Return the open job orders at the actor's sites, in the order of their time.

    What is only held for an offer is no work yet and is left out.

    Raises:
        InputFault: `access.role_may_not` for a buyer.
    """
    may_act(ctx.network, actor, *SUPPLIER_ROLES, "network_operator")
    found = []
    for order in order_book(ctx).orders.values():
        seen = visible_order(ctx.network, actor, order)
        jobs = () if seen is None else tuple(j for j in seen.jobs.values() if j.state not in _OVER)
        if not jobs:
            continue
        names = {o.operation_id: o.name for o in plan_of(ctx, order.plan_digest).operations}
        found += [
            Task(order.order_id, job, names.get(job.operation_id, job.operation_id)) for job in jobs
        ]
    return tuple(sorted(found, key=lambda task: (task.job.start_s, task.job.job_order_id)))


def sayable(actor: Actor, order: OrderState, job: JobOrder, plan: ProcessPlan) -> tuple[str, ...]:
    """Return the commands that the state of a job order allows, and the actor's role may say."""
    found = [kind for kind, event in _MOVES.items() if (job.state, event) in JOB_TRANSITIONS]
    if job.needs_setup and job.state == "planned":
        found.remove("start")  # set-up comes first
    if job.held:
        found = []
    if job.state in ("running", "paused") and plan.operation[job.operation_id].characteristics:
        found.append("measure")
    if job.state not in _OVER and any(
        line.at_operation == job.operation_id for line in plan.bill_of_materials
    ):
        found.append("issue_material")
    if job.state not in ("planned", "cancelled"):
        found.append("energy")
    if job.state == "finished" and _next_sites(order, job):
        found.append("move")
    return tuple(kind for kind in found if may_say(actor.role, kind))


def _next_sites(order: OrderState, job: JobOrder) -> dict[str, int]:
    """Return the sites that good pieces of a job order have still to reach, with their number."""
    sites = {
        other.site_id
        for other in order.jobs.values()
        if job.job_order_id in other.after and other.site_id != job.site_id
    }
    left = {site: job.good - job.moved.get(site, 0) for site in sorted(sites)}
    return {site: pieces for site, pieces in left.items() if pieces > 0}


def to_move(order: OrderState, job: JobOrder) -> dict[str, int]:
    """Return where good pieces of a finished job order go next, with how many are not there."""
    return _next_sites(order, job) if job.state == "finished" else {}


def to_ship(ctx: Context, actor: Actor, order_id: str) -> dict[str, int]:
    """Return the good pieces of an order that lie at the actor's sites and are owed, by site."""
    order = order_of(ctx, order_id)
    whole = None if order is None else visible_order(ctx.network, actor, order)
    if order is None or whole is None or order.state in ("accepted", "cancelled"):
        return {}
    if not may_say(actor.role, "ship"):
        return {}
    sites, owed = own_sites(ctx.network, actor), most_owed(order) - order.shipped
    left = {
        site: min(owed, good - order.shipped_from.get(site, 0))
        for site, good in good_by_site(order).items()
        if site in sites
    }
    return {site: pieces for site, pieces in left.items() if pieces > 0}


def on_the_way(actor: Actor, order: OrderState) -> int:
    """Return the pieces of an order that were shipped and that the actor may say have arrived."""
    if not may_say(actor.role, "receive"):
        return 0
    return max(0, order.shipped - order.delivered)
