"""Events to documents: what the store folds in the transaction of each event.

offer:<id>   OfferMade, OfferExtended,    -> ("offer", id), ("plan", digest) of each plan,
             OfferReleased                   ("holds", party/design), ("holding", party)
order:<id>   everything of an order       -> ("order", id), ("unit", work unit) for its jobs,
                                             ("stock", site/material), ("planned", id),
                                             ("score", id) and ("scores", "count"),
                                             ("passport", id)
unit:<id>    BrokeDown, Repaired,         -> ("unit", id); of an operator as well
             OutageTold
network      NetworkLoaded                -> ("network", "now")
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

from manufold.execution.fold import fold_order, fold_unit
from manufold.model.codec import canonical, decoded, encoded, lifted
from manufold.model.execution import EVENTS, OrderState, UnitState
from manufold.model.ports import StoredEvent
from manufold.scheduling.quantiles import work_class
from manufold.services.stock_need import need_of, spoken_for, used

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
    offer = event.data["offer"] if event.kind == "OfferMade" else get("offer", key)
    if offer is None:
        return {}
    if event.kind == "OfferExtended":
        until = {**offer["reservation"], "expires_s": event.data["expires_s"]}
        offer = {**offer, "reservation": until}
    put: Put = {("offer", key): None if event.kind == "OfferReleased" else offer}
    put.update(_holds(event, offer, get))
    if event.kind != "OfferMade":
        return put
    for document in event.data["plans"].values():
        put["plan", _digest(document)] = document
    return put


def _holds(event: StoredEvent, offer: Document, get: Get) -> Put:
    """Return the buyer's open offers, for the design and all of them, as the event leaves them."""
    put: Put = {}
    held = event.kind in ("OfferMade", "OfferExtended")
    whole = {"offer": offer["offer_id"], "expires_s": offer["reservation"]["expires_s"]}
    options = [option["option_id"] for option in offer["options"]]
    for place, one in (
        (("holds", f"{offer['party_id']}/{offer['design_revision']}"), {"options": options}),
        (("holding", str(offer["party_id"])), {"held_s": _held_s(offer)}),
    ):
        before = (get(*place) or {"offers": []})["offers"]
        kept = [
            other
            for other in before
            if other["offer"] != offer["offer_id"] and other["expires_s"] > event.at_s
        ]
        if held:
            kept.append({**whole, **one})
        put[place] = {"offers": kept} if kept else None
    return put


def _held_s(offer: Document) -> int:
    """Return the machine seconds of an offer; what options have in common counts once."""
    stretches = {
        (slot["resource_id"], slot["seat"], slot["start_s"], slot["end_s"])
        for option in offer["options"]
        for slot in option["slots"]
    }
    return sum(end_s - start_s for _resource, _seat, start_s, end_s in stretches)


def _order(event: StoredEvent, key: str, get: Get) -> Put:
    document = get("order", key)
    before = None if document is None else decoded(OrderState, document)
    after = fold_order(before, event)
    put: Put = {("order", key): encoded(after)}
    if event.kind == "OrderAccepted" and after.offer_id:
        accepted = get("offer", after.offer_id)
        if accepted is not None:  # it holds nothing any more; what it booked is the order's
            put.update(_holds(event, accepted, get))
    if event.kind == "OrderAccepted":
        plan = event.data["plan"]
        put["plan", event.data["plan_digest"]] = plan
        put["planned", key] = _planned(after, plan, event.at_s)
        put.update(_stock(plan, None, after, get, takes=True))
    elif event.kind in _JOB_EVENTS:
        resource = after.jobs[event.data["job_order_id"]].resource_id
        put["unit", resource] = encoded(fold_unit(_unit(resource, get), event))
    elif event.kind == "PassportIssued":
        put["passport", str(event.data["passport_id"])] = event.data["passport"]
    if before is not None and _taking(before) != _taking(after):
        plan = get("plan", after.plan_digest) or {"bill_of_materials": ()}
        put.update(_stock(plan, before, after, get, takes=event.kind == "RemakePlanned"))
    if event.kind == "Finished":
        score = _score(key, after, get)
        if score is not None:
            put["score", key] = score
            put["scores", "count"] = {"written": _written(get) + 1}
    return put


def _unit(resource_id: str, get: Get) -> UnitState:
    document = get("unit", resource_id)
    return UnitState(resource_id) if document is None else decoded(UnitState, document)


def _digest(plan: Document) -> str:
    bare = {name: value for name, value in plan.items() if name not in ("type", "version")}
    return sha256(canonical(bare)).hexdigest()


def _planned(order: OrderState, plan: Document, at_s: int) -> Document:
    """Return the plan's own start and finish as accepted, and the class of its work; slots may
    move later."""
    last = max(order.jobs.values(), key=lambda job: (job.end_s, job.job_order_id))
    longest = max(order.jobs.values(), key=lambda job: (job.end_s - job.start_s, job.operation_id))
    capability = {one["operation_id"]: one["capability"] for one in plan["operations"]}
    start_s = min(job.start_s for job in order.jobs.values())
    return {
        "start_s": start_s,
        "finish_s": last.end_s,
        "resource_id": last.resource_id,
        "work_class": work_class(capability[longest.operation_id], start_s - at_s),
    }


def _taking(order: OrderState) -> tuple[tuple[object, ...], ...]:
    """Return all about an order that its share of the stock hangs on, apart from its plan."""
    return tuple(
        (job.site_id, job.quantity_in, job.actual_start_s is None, job.state == "cancelled")
        for job in order.jobs.values()
    )


def _stock(
    plan: Document, before: OrderState | None, after: OrderState, get: Get, *, takes: bool
) -> Put:
    """Return the stock documents of the sites and materials whose share of the order changed.

    Args:
        plan: document of the order's process plan.
        takes: whether stock is newly taken, which gives it the next turn.
    """
    bill = plan["bill_of_materials"]
    now = str((get("network", "now") or {}).get("revision", ""))
    spoken, gone = need_of(bill, spoken_for(after)), need_of(bill, used(after))
    was_spoken = need_of(bill, spoken_for(before)) if before is not None else {}
    was_gone = need_of(bill, used(before)) if before is not None else {}
    nothing = Decimal(0)
    put: Put = {}
    for key in sorted({*spoken, *gone, *was_spoken, *was_gone}):
        more = spoken.get(key, nothing) - was_spoken.get(key, nothing)
        more_used = gone.get(key, nothing) - was_gone.get(key, nothing)
        if not more and not more_used:
            continue
        place = ("stock", "/".join(key))
        found = get(*place) or {}
        counted = found.get("revision", "") == now
        used_before = Decimal(str(found.get("used", 0))) if counted else nothing
        put[place] = {
            "quantity": Decimal(str(found.get("quantity", 0))) + more,
            "used": used_before + more_used,
            "revision": now,
            "turns": int(found.get("turns", 0)) + (1 if takes else 0),
        }
    return put


def _written(get: Get) -> int:
    return int((get("scores", "count") or {}).get("written", 0))


def _score(key: str, order: OrderState, get: Get) -> Document | None:
    """Return plan and actual finish of an order whose last operation is finished, to learn from."""
    ends = [job.actual_end_s for job in order.jobs.values() if job.state != "cancelled"]
    planned = get("planned", key)
    if planned is None or not ends or any(end_s is None for end_s in ends):
        return None
    finish_s = max(end_s for end_s in ends if end_s is not None)
    return {**planned, "actual_s": finish_s}
