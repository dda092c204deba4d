"""Prove: a passport from what was really consumed and measured; and the proof of the chain."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from manufold.carbon.footprint import made_lines
from manufold.model.codec import canonical, stamped
from manufold.model.design import Design
from manufold.model.errors import Conflict, Fault, InputFault, Reason
from manufold.model.evidence import (
    Disposition,
    EnergyReading,
    LotUse,
    Measurement,
    Nonconformance,
    OperationRecord,
    Passport,
)
from manufold.model.execution import OrderState
from manufold.model.party import Actor
from manufold.model.ports import Batch, StoredEvent
from manufold.services.access import actor_of
from manufold.services.context import Context
from manufold.services.documents import design_of, event, passport_of, plan_of
from manufold.services.order import show_order
from manufold.services.project import risen
from manufold.services.unread import unread

__all__ = ["count_passports", "issue_passport", "passport_faults", "show_passport"]


def show_passport(ctx: Context, actor: Actor, order_id: str) -> Passport:
    """Return the passport of a delivered order, issued at the first asking.

    Raises:
        Conflict: `access.no_such_order`, `order.not_delivered`.
    """
    order = show_order(ctx, actor, order_id)
    if actor.role not in ("buyer", "network_operator"):
        raise Conflict("access.no_such_order", order=order_id[:80], party=actor.party_id)
    if not order.passport_id:
        try:
            return issue_passport(ctx, actor, order)
        except Conflict as fault:
            if fault.code != "store.stream_moved":
                raise
            order = show_order(ctx, actor, order_id)  # another asking was first
            if not order.passport_id:
                raise
    found = passport_of(ctx, order.passport_id)
    assert found is not None, order.passport_id
    return found


def issue_passport(ctx: Context, actor: Actor, order: OrderState) -> Passport:
    """Return a new passport of a delivered order; the head it carries is signed and kept outside.

    Raises:
        Conflict: `order.not_delivered`.
    """
    actor_of(ctx.network, actor)
    if order.actual_at_s is None or order.delivered < 1:
        raise Conflict("order.not_delivered", order=order.order_id, state=order.state)
    stream = f"order:{order.order_id}"
    events = tuple(risen(found) for found in ctx.store.read(stream=stream))
    accepted = events[0].data
    plan = plan_of(ctx, order.plan_digest)
    design = _design(ctx, str(accepted["design_blob"]))
    deleted = bool(accepted["design_blob"]) and design is None
    job_site = {job.job_order_id: job.site_id for job in order.jobs.values()}
    lots, energy, measured = _lots(events), _energy(events), _measurements(events)
    missing = unread(ctx.network, order, plan, lots, energy, measured)
    now_s = ctx.clock.now_s()
    passport = Passport(
        ctx.ids.mint("psp"),
        ctx.store.world,
        order.order_id,
        order.design_revision,
        str(accepted["vertical"]),
        plan.process,
        design.material_id if design is not None else "",
        order.delivered,
        tuple(f"{order.order_id[-8:]}-{piece:04d}" for piece in range(1, order.delivered + 1)),
        _made_at(order, [operation.operation_id for operation in plan.operations]),
        order.promised_at_s,
        order.actual_at_s,
        _operations(order, {o.operation_id: o.name for o in plan.operations}),
        lots,
        measured,
        _nonconformances(events),
        sum(reading.energy_wh for reading in energy),
        made_lines(
            ctx.network,
            plan,
            ways=_ways(events),
            lots=lots,
            energy=[(job_site[reading.job_order_id], reading) for reading in energy],
            planned_material=missing.material,
            planned_wh=missing.energy_wh,
        ),
        int(accepted["carbon_g"]),
        design.facts if design is not None else {},
        now_s,
        ctx.sign_head(ctx.store, now_s),
        (
            Reason("prove.boundary", {}),
            *([Reason("prove.design_deleted", {})] if deleted else ()),
            *missing.reasons,
            *(design.assumptions if design is not None else ()),
        ),
    )
    data = {"passport_id": passport.passport_id, "passport": stamped("passport", 1, passport)}
    issued = event(stream, "PassportIssued", data, now_s, actor)
    ctx.store.append(Batch((issued,), {stream: order.stream_version}, now_s=now_s))
    ctx.sign_head(ctx.store, now_s)
    return passport


def _design(ctx: Context, blob_id: str) -> Design | None:
    """Return the design that was ordered, None where there was none or its owner deleted it."""
    if not blob_id:
        return None
    try:
        return design_of(ctx, blob_id)
    except InputFault as fault:
        if fault.code != "blobs.gone":
            raise
        return None


def count_passports(ctx: Context) -> int:
    """Return how many passports the store has issued."""
    return len(_documents(ctx))


def passport_faults(ctx: Context) -> tuple[Fault, ...]:
    """Return what is wrong with issued passports: a head that the chain does not have, or a
    document that is gone or differs from the one the log remembers."""
    documents = _documents(ctx)
    heads = {name: _head_of(document) for name, document in documents.items()}
    wanted = {seq for seq, _hash in heads.values()}
    logged: dict[str, bytes] = {}
    hashes: dict[Any, str] = {}
    for found in ctx.store.read():
        if found.seq in wanted:
            hashes[found.seq] = found.hash
        if found.kind == "PassportIssued":
            logged[str(found.data["passport_id"])] = canonical(found.data["passport"])
    faults = []
    for name in sorted({*documents, *logged}):
        seq, head_hash = heads.get(name, (0, ""))
        if name in documents and hashes.get(seq) != head_hash:
            faults.append(Fault(name, Reason("prove.head_not_in_chain", {"seq": seq})))
        if name not in documents or logged.get(name) != canonical(documents[name]):
            faults.append(Fault(name, Reason("prove.passport_differs", {})))
    return tuple(faults)


def _documents(ctx: Context) -> dict[str, Any]:
    """Return every passport as it stands in the views, which need not be one any more."""
    found: dict[str, Any] = {}
    after = ""
    while page := ctx.store.scan("passport", after):
        found |= dict(page)
        after = page[-1][0]
    return found


def _head_of(document: Any) -> tuple[int, Any]:
    """Return place and hash of the head a passport's document names, as far as it does."""
    head = document.get("head") if isinstance(document, Mapping) else None
    if not isinstance(head, Mapping) or not isinstance(head.get("seq"), int):
        return 0, ""
    return head["seq"], head.get("hash")


def _operations(order: OrderState, names: dict[str, str]) -> tuple[OperationRecord, ...]:
    done = [job for job in order.jobs.values() if job.actual_end_s is not None]
    return tuple(
        OperationRecord(
            job.operation_id,
            names[job.operation_id],
            job.site_id,
            job.resource_id,
            job.actual_start_s if job.actual_start_s is not None else job.start_s,
            job.actual_end_s if job.actual_end_s is not None else job.end_s,
            job.good,
            job.scrap,
        )
        for job in sorted(done, key=lambda j: (j.actual_end_s or 0, j.job_order_id))
    )


def _made_at(order: OrderState, operations: Sequence[str]) -> tuple[str, ...]:
    """Return the sites where operations were really finished, in routing order."""
    done = [job for job in order.jobs.values() if job.state == "finished"]
    done.sort(key=lambda job: (operations.index(job.operation_id), job.actual_end_s or 0))
    return tuple(dict.fromkeys(job.site_id for job in done))


def _ways(events: Sequence[StoredEvent]) -> dict[tuple[str, str], int]:
    """Return how many pieces really travelled each way: between sites, then to the buyer."""
    found: dict[tuple[str, str], int] = {}
    for e in events:
        if e.kind == "Moved":
            way = (str(e.data["from_id"]), str(e.data["to_id"]))
        elif e.kind == "Shipped":
            way = (str(e.data["site_id"]), str(e.data["zone_id"]))
        else:
            continue
        if way[0] != way[1]:
            found[way] = found.get(way, 0) + int(e.data["quantity"])
    return found


def _of_kind(events: Sequence[StoredEvent], kind: str) -> list[StoredEvent]:
    return [found for found in events if found.kind == kind]


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _lots(events: Sequence[StoredEvent]) -> tuple[LotUse, ...]:
    return tuple(
        LotUse(
            str(e.data["job_order_id"]),
            str(e.data["lot_id"]),
            str(e.data["material_id"]),
            _decimal(e.data["quantity"]),
            str(e.data["unit"]),
        )
        for e in _of_kind(events, "MaterialIssued")
    )


def _energy(events: Sequence[StoredEvent]) -> tuple[EnergyReading, ...]:
    return tuple(
        EnergyReading(str(e.data["job_order_id"]), int(e.data["energy_wh"]), e.at_s)
        for e in _of_kind(events, "EnergyRead")
    )


def _measurements(events: Sequence[StoredEvent]) -> tuple[Measurement, ...]:
    return tuple(
        Measurement(
            str(e.data["job_order_id"]),
            str(e.data["characteristic_id"]),
            str(e.data["name"]),
            str(e.data["unit"]),
            int(e.data["piece"]),
            _decimal(e.data["value"]),
            _decimal(e.data["lower"]),
            _decimal(e.data["upper"]),
            e.at_s,
        )
        for e in _of_kind(events, "Measured")
    )


def _nonconformances(events: Sequence[StoredEvent]) -> tuple[Nonconformance, ...]:
    """Return each nonconformance once, with what was last decided about it."""
    found: dict[tuple[str, int, str], Nonconformance] = {}
    for e in _of_kind(events, "NonconformanceRaised"):
        disposition: Disposition = e.data["disposition"]
        job, piece = str(e.data["job_order_id"]), int(e.data["piece"])
        reason = Reason(str(e.data["code"]), dict(e.data["params"]))
        which = str(reason.params.get("characteristic", reason.code))
        found[job, piece, which] = Nonconformance(job, piece, reason, disposition)
    return tuple(found.values())
