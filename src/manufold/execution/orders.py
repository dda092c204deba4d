"""The whole order: amend it, cancel it, revise its promise.

An order can shrink before anything of it started; more pieces need an offer of their own, since
neither their price nor their date is promised. Finished job orders stay as they are whatever
happens to the order: they are what its passport tells.
"""

from collections.abc import Mapping
from typing import Any

from manufold.execution.case import TEXT_LIMIT, Case
from manufold.execution.jobs import cancelled_jobs
from manufold.execution.pieces import followers
from manufold.model.codec import decoded
from manufold.model.errors import Conflict, InputFault, Reason
from manufold.model.execution import ORDER_TRANSITIONS
from manufold.model.ports import NewEvent

__all__ = ["amend", "cancel", "revise_promise"]

_AMENDABLE = (
    "accepted",
    "in_production",
    "ready_to_ship",
    "partially_shipped",
    "partially_delivered",
)


def amend(case: Case) -> tuple[NewEvent, ...]:
    """Change the quantity (before the start), the tolerances or the requested date.

    Raises:
        InputFault: `execution.amend_nothing`, `execution.amend_more`,
            `execution.tolerance_too_wide`.
        Conflict: `execution.order_state`, `execution.started`.
    """
    order, data = case.order, case.command.data
    case.not_before(order.accepted_at_s)
    if order.state not in _AMENDABLE:
        raise _not_now(case)
    amended: dict[str, Any] = {}
    if "quantity" in data:
        amended |= _fewer(case)
    for name in ("under_tolerance", "over_tolerance"):
        if name in data:
            amended[name] = case.count(name)
    if "requested_at_s" in data:
        wish = data["requested_at_s"]
        amended["requested_at_s"] = None if wish is None else case.count("requested_at_s")
    if not amended:
        raise InputFault("execution.amend_nothing", order=order.order_id)
    quantity = amended.get("quantity", order.quantity)
    under = amended.get("under_tolerance", order.under_tolerance)
    if under >= quantity:
        raise InputFault("execution.tolerance_too_wide", tolerance=under, quantity=quantity)
    return (case.event("OrderAmended", **amended),)


def cancel(case: Case) -> tuple[NewEvent, ...]:
    """Cancel the order; or, when one is named, a job order and all that would follow it.

    Raises:
        Conflict: `execution.order_state`, `execution.job_state`.
    """
    order, reason = case.order, case.text("reason", default="cancelled")
    if case.command.job_order_id:
        job = case.job()
        events = cancelled_jobs(case, (job, *followers(order, [job.job_order_id])), reason)
        if not events or events[0].data["job_order_id"] != job.job_order_id:
            raise Conflict(
                "execution.job_state", job=job.job_order_id, state=job.state, kind="cancel"
            )
        return tuple(events)
    if "cancelled" not in ORDER_TRANSITIONS[order.state]:
        raise _not_now(case)
    jobs = tuple(order.jobs.values())
    case.not_before(max([order.accepted_at_s, *(job.last_at_s for job in jobs)]))
    stage = "before_start" if order.state == "accepted" else "after_start"
    events = cancelled_jobs(case, jobs, "order_cancelled")
    return (*events, case.event("OrderCancelled", reason=reason, stage=stage))


def revise_promise(case: Case) -> tuple[NewEvent, ...]:
    """Say another date at the door, and why; the old one stays in the record.

    Raises:
        InputFault: `execution.promise_past`, `execution.params_wrong`, `codec.value_wrong` for a
            code that is none.
        Conflict: `execution.order_state`.
    """
    order = case.order
    case.not_before(order.accepted_at_s)
    if order.state in ("delivered", "cancelled"):
        raise _not_now(case)
    promised_at_s = case.count("promised_at_s")
    if promised_at_s < case.command.at_s:
        raise InputFault(
            "execution.promise_past", promised_at_s=promised_at_s, at_s=case.command.at_s
        )
    moved_s = promised_at_s - order.promised_at_s
    params = case.command.data.get("params", {})
    if not isinstance(params, Mapping) or not all(
        isinstance(value, (str, int)) and len(str(value)) <= TEXT_LIMIT for value in params.values()
    ):
        raise InputFault("execution.params_wrong", found=str(params)[:80])
    reason = decoded(Reason, {"code": case.text("code"), "params": params}, "revise_promise")
    return (
        case.event(
            "PromiseRevised",
            promised_at_s=promised_at_s,
            was_s=order.promised_at_s,
            due_s=case.count("due_s", default=max(0, order.due_s + moved_s)),
            code=reason.code,
            params=params,
        ),
    )


def _fewer(case: Case) -> dict[str, Any]:
    order, quantity = case.order, case.count("quantity", least=1)
    if order.state != "accepted":
        raise Conflict("execution.started", order=order.order_id, state=order.state)
    if quantity > order.quantity:
        raise InputFault(
            "execution.amend_more",
            order=order.order_id,
            quantity=quantity,
            more=quantity - order.quantity,
        )
    started = {
        name: -(-pieces * quantity // order.quantity)
        for name, pieces in order.production_orders.items()
    }
    return {"quantity": quantity, "production_orders": started}


def _not_now(case: Case) -> Conflict:
    return Conflict(
        "execution.order_state",
        order=case.order.order_id,
        state=case.order.state,
        kind=case.command.kind,
    )
