"""Fold: events -> states of orders and of work units. Nothing else makes or changes a state.

The state of an order moves along `ORDER_TRANSITIONS` only; an event that would leave them was not
written by `decide`, and is our fault.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from manufold.execution.fold_job import fold_job, moved_slot
from manufold.execution.pieces import all_good, least_owed
from manufold.model.codec import decoded
from manufold.model.errors import OurFault
from manufold.model.execution import (
    ORDER_TRANSITIONS,
    JobOrder,
    OrderState,
    OrderStateName,
    UnitState,
)
from manufold.model.ports import NewEvent, StoredEvent

__all__ = ["fold_order", "fold_unit"]

Event = NewEvent | StoredEvent

_SHIPPING = ("in_production", "ready_to_ship", "partially_shipped", "partially_delivered")


def fold_order(state: OrderState | None, event: Event) -> OrderState:
    """Return the order after an event of its stream.

    Args:
        state: None before `OrderAccepted`.

    Raises:
        OurFault: `execution.event_impossible`.
    """
    if state is None:
        if event.kind != "OrderAccepted":
            raise _impossible(event, event.stream, "-")
        return _accepted(event)
    if event.kind == "OrderAccepted":
        raise _impossible(event, state.order_id, state.state)
    folded = _counted(state, event)
    name = _next_state(folded, event.kind)
    if name != state.state and name not in ORDER_TRANSITIONS[state.state]:
        raise _impossible(event, state.order_id, state.state)
    if name == "delivered" and state.state != "delivered" and event.kind == "Received":
        folded = replace(folded, actual_at_s=event.at_s)
    return replace(
        folded,
        state=name,
        last_at_s=max(state.last_at_s, event.at_s),
        stream_version=_version(event, state.stream_version),
    )


def fold_unit(state: UnitState | None, event: Event) -> UnitState:
    """Return the work unit after an event of its own stream or of any order.

    Events about other work units leave it as it is, so it may be shown every event.

    Args:
        state: None before the first event that names the work unit.

    Raises:
        OurFault: `execution.event_impossible` for a first event that names no work unit.
    """
    named = event.data.get("resource_id")
    if state is None:
        if not isinstance(named, str):
            raise _impossible(event, "-", "-")
        state = UnitState(named)
    if event.kind == "JobCancelled":
        return _left(state, event.data["job_order_id"])
    if event.kind == "SlotsMoved":
        for move in event.data["moves"]:
            if state.busy.get(str(move["seat"])) != move["job_order_id"]:
                state = _left(state, move["job_order_id"])
        return state
    if named != state.resource_id:
        return state
    if event.kind == "BrokeDown":
        return replace(state, down_since_s=event.at_s)
    if event.kind == "Repaired":
        return replace(state, down_since_s=None)
    if event.kind == "OutageTold":
        return replace(state, told=_told(state, event))
    if event.kind in ("SetupStarted", "RunStarted"):
        seat, job = str(event.data["seat"]), event.data["job_order_id"]
        if state.busy.get(seat, job) != job:
            raise _impossible(event, state.resource_id, state.busy[seat])
        return replace(state, busy={**state.busy, seat: job})
    if event.kind == "Finished" and event.data["complete"]:
        return _left(state, event.data["job_order_id"])
    return state


def _told(state: UnitState, event: Event) -> tuple[tuple[int, int], ...]:
    """Return what is told to come: the newest word replaces what it overlaps; what is over goes."""
    from_s, to_s = int(event.data["from_s"]), int(event.data["to_s"])
    kept = [
        span
        for span in state.told
        if span[1] > event.at_s and (span[1] <= from_s or to_s <= span[0])
    ]
    return tuple(sorted([*kept, (from_s, to_s)]))


def _left(state: UnitState, job_order_id: str) -> UnitState:
    if job_order_id not in state.busy.values():
        return state
    busy = {seat: job for seat, job in state.busy.items() if job != job_order_id}
    return replace(state, busy=busy)


def _accepted(event: Event) -> OrderState:
    data = event.data
    jobs = _jobs(data["jobs"])
    for job in jobs.values():
        for before in job.after:
            if before not in jobs:
                raise OurFault("execution.job_missing", job=before, order=data["order_id"])
    return OrderState(
        order_id=data["order_id"],
        offer_id=data["offer_id"],
        option_id=data["option_id"],
        party_id=data["party_id"],
        plan_digest=data["plan_digest"],
        design_revision=data["design_revision"],
        quantity=data["quantity"],
        zone_id=data["zone_id"],
        price_minor=data["price_minor"],
        currency=data["currency"],
        state="accepted",
        production_orders=dict(data["production_orders"]),
        jobs=jobs,
        promised_at_s=data["promised_at_s"],
        requested_at_s=data["requested_at_s"],
        forecast_at_s=data["p50_at_s"],
        due_s=data["due_s"],
        ready_s=dict(data.get("ready_s", {})),
        under_tolerance=data["under_tolerance"],
        over_tolerance=data["over_tolerance"],
        accepted_at_s=event.at_s,
        stream_version=_version(event, 0),
        last_at_s=event.at_s,
    )


def _jobs(documents: Any) -> dict[str, JobOrder]:
    jobs = (decoded(JobOrder, document, "jobs") for document in documents)
    return {job.job_order_id: job for job in jobs}


def _version(event: Event, before: int) -> int:
    return event.stream_version if isinstance(event, StoredEvent) else before + 1


def _counted(order: OrderState, event: Event) -> OrderState:
    data, jobs = event.data, dict(order.jobs)
    if "job_order_id" in data:
        name = data["job_order_id"]
        if name not in jobs:
            raise OurFault("execution.job_missing", job=name, order=order.order_id)
        jobs[name] = fold_job(jobs[name], event)
        if event.kind == "Finished" and data["complete"]:
            _pass_on(jobs, name)
        return replace(order, jobs=jobs)
    if event.kind == "SlotsMoved":
        for move in data["moves"]:
            if move["job_order_id"] in jobs:
                jobs[move["job_order_id"]] = moved_slot(
                    jobs[move["job_order_id"]], move, str(data.get("code", ""))
                )
        return replace(order, jobs=jobs)
    if event.kind == "RemakePlanned":
        more = {data["production_order_id"]: data["quantity"]}
        return replace(
            order,
            jobs=jobs | _jobs(data["jobs"]),
            production_orders={**order.production_orders, **more},
        )
    if event.kind == "OrderAmended":
        return _amended(order, data)
    if event.kind == "PromiseRevised":
        return replace(order, promised_at_s=data["promised_at_s"], due_s=data["due_s"])
    if event.kind == "PassportIssued":
        return replace(order, passport_id=data["passport_id"])
    return _delivered(order, event)


def _pass_on(jobs: dict[str, JobOrder], finished: str) -> None:
    for name, job in jobs.items():
        if finished in job.after and job.state != "cancelled":
            before = [jobs[other] for other in job.after]
            if all(other.state == "finished" for other in before):
                jobs[name] = replace(job, quantity_in=min(other.good for other in before))


def _amended(order: OrderState, data: Mapping[str, Any]) -> OrderState:
    started = {**order.production_orders, **data.get("production_orders", {})}
    return replace(
        order,
        quantity=data.get("quantity", order.quantity),
        under_tolerance=data.get("under_tolerance", order.under_tolerance),
        over_tolerance=data.get("over_tolerance", order.over_tolerance),
        requested_at_s=data.get("requested_at_s", order.requested_at_s),
        production_orders=started,
        jobs={
            name: replace(job, quantity_in=started[job.production_order_id])
            if job.production_order_id in data.get("production_orders", {})
            else job
            for name, job in order.jobs.items()
        },
    )


def _delivered(order: OrderState, event: Event) -> OrderState:
    data = event.data
    if event.kind == "Shipped":
        site_id, quantity = data["site_id"], data["quantity"]
        from_here = order.shipped_from.get(site_id, 0) + quantity
        return replace(
            order,
            shipped=order.shipped + quantity,
            shipped_from={**order.shipped_from, site_id: from_here},
            shipped_at_s=event.at_s,
        )
    if event.kind == "Received":
        return replace(order, delivered=order.delivered + data["quantity"])
    if event.kind == "ClaimMade":
        return replace(order, claims={**order.claims, data["claim_id"]: data["quantity"]})
    if event.kind == "GoodsReturned":
        back = order.claims_returned.get(data["claim_id"], 0) + data["quantity"]
        return replace(
            order,
            returned=order.returned + data["quantity"],
            claims_returned={**order.claims_returned, data["claim_id"]: back},
        )
    if event.kind in ("OrderCancelled", "PersonalDataDeleted"):
        return order
    raise _impossible(event, order.order_id, order.state)


def _next_state(order: OrderState, kind: str) -> OrderStateName:
    state, least = order.state, least_owed(order)
    if kind == "OrderCancelled":
        return "cancelled"
    if kind in ("SetupStarted", "RunStarted") and state == "accepted":
        return "in_production"
    if kind == "RemakePlanned" and state in ("claimed", "returned"):
        return "in_production"
    if kind == "Shipped" and state in _SHIPPING:
        if order.shipped >= least and state != "in_production":
            return "shipped"
        return state if state == "partially_delivered" else "partially_shipped"
    if kind == "Received" and state in ("shipped", "partially_shipped"):
        whole = order.delivered >= least and state == "shipped"
        return "delivered" if whole else "partially_delivered"
    if kind in ("ClaimMade", "GoodsReturned"):
        return _claims_state(order)
    return _settled(order, least)


def _claims_state(order: OrderState) -> OrderStateName:
    open_claims = any(
        quantity > order.claims_returned.get(claim_id, 0)
        for claim_id, quantity in order.claims.items()
    )
    if open_claims and order.state in ("delivered", "partially_delivered", "returned"):
        return "claimed"
    if order.state != "claimed" or open_claims:
        return _settled(order, least_owed(order))
    if order.returned:
        return "returned"
    whole = order.delivered >= least_owed(order)
    return "delivered" if whole else "partially_delivered"


def _settled(order: OrderState, least: int) -> OrderStateName:
    """Return the state that the counts alone have brought about."""
    if order.state == "in_production" and order.shipped < least <= all_good(order):
        return "ready_to_ship"
    if order.state == "partially_shipped" and order.shipped >= least:
        return "shipped"
    if order.state in ("partially_delivered", "returned") and order.delivered >= least:
        return "delivered"
    if order.state == "partially_delivered" and order.shipped >= least:
        return "shipped"
    return order.state


def _impossible(event: Event, noun: str, state: str) -> OurFault:
    return OurFault("execution.event_impossible", kind=event.kind, noun=noun, state=state)
