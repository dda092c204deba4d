"""Events to documents: what the store folds in the transaction of each event.

offer:<id>   OfferMade, OfferReleased     -> ("offer", id), ("plan", digest) of each plan
order:<id>   everything of an order       -> ("order", id), ("unit", work unit) for its jobs,
                                             ("stock", site/material), ("planned", id),
                                             ("score", id), ("passport", id)
unit:<id>    BrokeDown, Repaired          -> ("unit", id)
network      NetworkLoaded                -> ("network", "now")
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

from manufold.execution.fold import fold_order, fold_unit
from manufold.model.codec import canonical, decoded, encoded, lifted, unstamped
from manufold.model.execution import EVENTS, JobOrder, OrderState, UnitState
from manufold.model.ports import StoredEvent
from manufold.model.process_plan import ProcessPlan

__all__ = ["project", "risen"]

Document = Mapping[str, Any]
Get = Callable[[str, str], Document | None]
Put = dict[tuple[str, str], Document | None]

_JOB_EVENTS = (
    "SetupStarted",
    "SetupEnded",
    "RunStarted",
    "Paused",
    "Resumed",
    "Finished",
    "JobCancelled",
)


def project(event: StoredEvent, get: Get) -> Put:
    """Return the documents that an event changes; an old event is lifted first."""
    event = risen(event)
    kind, _colon, key = event.stream.partition(":")
    if kind == "offer":
        return _offer(event, key, get)
    if kind == "order":
        return _order(event, key, get)
    if kind == "unit":
        return {("unit", key): encoded(fold_unit(_unit(key, get), event))}
    if kind == "network":
        return {("network", "now"): dict(event.data)}
    return {}


def risen(event: StoredEvent) -> StoredEvent:
    """Return an event as today's version of its kind has it."""
    newest = EVENTS[event.kind]
    if event.version == newest:
        return event
    data = lifted(event.kind, event.version, event.data, newest)
    return replace(event, version=newest, data=data)


def _offer(event: StoredEvent, key: str, get: Get) -> Put:
    if event.kind != "OfferMade":
        return {("offer", key): None}
    put: Put = {("offer", key): event.data["offer"]}
    for document in event.data["plans"].values():
        put["plan", _digest(document)] = document
    return put


def _order(event: StoredEvent, key: str, get: Get) -> Put:
    document = get("order", key)
    before = None if document is None else decoded(OrderState, document)
    after = fold_order(before, event)
    put: Put = {("order", key): encoded(after)}
    if event.kind == "OrderAccepted":
        plan = event.data["plan"]
        put["plan", event.data["plan_digest"]] = plan
        put["planned", key] = _planned(after)
        put.update(
            _spoken_for(decoded(ProcessPlan, unstamped(plan, "process_plan", 1)), after, get)
        )
    elif event.kind in _JOB_EVENTS:
        resource = after.jobs[event.data["job_order_id"]].resource_id
        put["unit", resource] = encoded(fold_unit(_unit(resource, get), event))
    elif event.kind == "PassportIssued":
        put["passport", str(event.data["passport_id"])] = event.data["passport"]
    if event.kind == "Finished":
        score = _score(key, after, get)
        if score is not None:
            put["score", key] = score
    return put


def _unit(resource_id: str, get: Get) -> UnitState:
    document = get("unit", resource_id)
    return UnitState(resource_id) if document is None else decoded(UnitState, document)


def _digest(plan: Document) -> str:
    bare = {name: value for name, value in plan.items() if name not in ("type", "version")}
    return sha256(canonical(bare)).hexdigest()


def _planned(order: OrderState) -> Document:
    """Return the plan's own start and finish as accepted; slots may move later."""
    last = max(order.jobs.values(), key=lambda job: (job.end_s, job.job_order_id))
    return {
        "start_s": min(job.start_s for job in order.jobs.values()),
        "finish_s": last.end_s,
        "resource_id": last.resource_id,
    }


def _spoken_for(plan: ProcessPlan, order: OrderState, get: Get) -> Put:
    """Return the stock that the order speaks for at the sites where it is taken."""
    put: Put = {}
    by_operation: dict[str, JobOrder] = {job.operation_id: job for job in order.jobs.values()}
    for line in plan.bill_of_materials:
        job = by_operation[line.at_operation]
        key = ("stock", f"{job.site_id}/{line.material_id}")
        before = put.get(key) or get(*key) or {"quantity": Decimal(0)}
        put[key] = {"quantity": Decimal(str(before["quantity"])) + line.quantity * job.quantity_in}
    return put


def _score(key: str, order: OrderState, get: Get) -> Document | None:
    """Return plan and actual finish of an order whose last operation is finished, to learn from."""
    ends = [job.actual_end_s for job in order.jobs.values() if job.state != "cancelled"]
    planned = get("planned", key)
    if planned is None or not ends or any(end_s is None for end_s in ends):
        return None
    finish_s = max(end_s for end_s in ends if end_s is not None)
    return {**planned, "actual_s": finish_s}
