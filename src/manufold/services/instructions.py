"""Instructions: what a shop needs in its hands to do its part of an order.

The design as it was accepted, its files, and each operation of the shop's own job orders with its
terms and what is measured. The buyer and the network operator see all of it. A supplier sees it
while it has job orders of the order to do, and only their operations. Of a design made to a
person's measures it gets the sheet that its work hangs on, never the body it was drafted for nor
the files that the person sent.
Every look of a supplier is logged: it may be at somebody's body.
"""

import logging
from dataclasses import dataclass, replace

from manufold.design.contract import InputFile
from manufold.model.design import Design
from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import JobOrder, OrderState
from manufold.model.party import Actor
from manufold.model.process_plan import Operation
from manufold.services.access import SUPPLIER_ROLES
from manufold.services.context import Context
from manufold.services.documents import asked_files, design_of, plan_of
from manufold.services.order import show_order
from manufold.services.project import risen

__all__ = ["Instructions", "instructions"]

_log = logging.getLogger("manufold.access")
_OVER = ("delivered", "cancelled", "returned")
#: what of `Design.personal` a shop works by: the sizes of the thing, not of the person
_SHEET = "sheet"
#: of the rest, what is shown on the offer's page, or is among the files
_ELSEWHERE = ("pictures", "files")


@dataclass(frozen=True, slots=True)
class Instructions:
    """What to make and how.

    Args:
        design: of a personal one a supplier gets the sheet alone.
        files: as they were sent; none of a personal design for a supplier.
        steps: job orders with their operations, in the order they begin.
    """

    order_id: str
    design: Design
    files: tuple[InputFile, ...]
    steps: tuple[tuple[JobOrder, Operation], ...]


def instructions(ctx: Context, actor: Actor, order_id: str) -> Instructions:
    """Return what the actor needs to make, or may see, of an order.

    Raises:
        Conflict: `access.no_such_order`; `order.nothing_to_make` for a supplier whose part is over;
            `order.design_gone` when its owner deleted the design, or it never had one.
    """
    order = show_order(ctx, actor, order_id)
    shop = actor.role in SUPPLIER_ROLES
    if shop and not _to_do(order):
        raise Conflict("order.nothing_to_make", order=order_id, state=order.state)
    accepted = risen(next(iter(ctx.store.read(stream=f"order:{order_id}", limit=1))))
    blob_id = str(accepted.data["design_blob"])
    try:
        design = design_of(ctx, blob_id) if blob_id else None
        kept = () if design is None or (shop and design.personal) else asked_files(ctx, blob_id)
    except InputFault as fault:
        if fault.code != "blobs.gone":
            raise
        design, kept = None, ()
    if design is None:
        raise Conflict("order.design_gone", order=order_id)
    if shop and design.personal:
        sheet = {name: value for name, value in design.personal.items() if name == _SHEET}
        design = replace(design, files=(), personal=sheet)
    elif design.personal:
        told = {name: v for name, v in design.personal.items() if name not in _ELSEWHERE}
        design = replace(design, personal=told)
    if shop:
        _log.info("%s/%s read the design of %s", actor.party_id, actor.role, order_id)
    plan = plan_of(ctx, order.plan_digest)
    jobs = sorted(order.jobs.values(), key=lambda job: (job.start_s, job.job_order_id))
    seen = {job.operation_id for job in jobs}  # what comes before elsewhere is others' business
    steps = tuple((job, _cut(plan.operation[job.operation_id], seen)) for job in jobs)
    return Instructions(order_id, design, kept, steps)


def _cut(operation: Operation, seen: set[str]) -> Operation:
    return replace(operation, after=tuple(name for name in operation.after if name in seen))


def _to_do(order: OrderState) -> bool:
    """Return whether any of the jobs that are seen is still to be done."""
    open_jobs = (job.state not in ("finished", "cancelled") for job in order.jobs.values())
    return order.state not in _OVER and any(open_jobs)
