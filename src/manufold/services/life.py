"""The life of an order: what has happened to it, as far as whoever asks may know it.

Each event becomes one moment with a reason of the catalogue and names for people. A supplier
reads of its own sites only. What people wrote (reasons of a pause, of a claim) stays in the log:
it may name somebody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from manufold.model.errors import Param, Reason
from manufold.model.execution import JobOrder, OrderState
from manufold.model.party import Actor
from manufold.model.ports import StoredEvent, World
from manufold.model.process_plan import ProcessPlan
from manufold.model.units import shown, to_rfc3339
from manufold.services.access import SUPPLIER_ROLES, own_sites
from manufold.services.context import Context
from manufold.services.documents import order_of, plan_of
from manufold.services.order import show_order
from manufold.services.project import risen

__all__ = ["Moment", "life"]

#: moments given at once; who asks again with the last `seq` gets the next
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to an order.

    Args:
        seq: its place in the log; ask for what comes after it.
        kind: of the closed list of events.
        job_order_id: the job order concerned, "" for none.
        site_id: where, "" for none or several.
    """

    seq: int
    at_s: int
    kind: str
    reason: Reason
    job_order_id: str
    site_id: str
    world: World


@dataclass(frozen=True, slots=True)
class _View:
    """What moments are told from.

    Args:
        sites: that may be told of, None for all.
        zone: of the instants in sentences.
    """

    ctx: Context
    order: OrderState
    plan: ProcessPlan
    sites: frozenset[str] | None
    zone: str

    def at(self, instant_s: int) -> str:
        return to_rfc3339(instant_s, self.zone)[:16].replace("T", " ")

    def site(self, site_id: str) -> str:
        known = self.ctx.network.site.get(site_id)
        return site_id if known is None else known.name

    def zone_name(self, zone_id: str) -> str:
        known = self.ctx.network.delivery_zone.get(zone_id)
        return zone_id if known is None else known.name

    def unit(self, resource_id: str) -> str:
        known = self.ctx.network.work_unit.get(resource_id)
        return resource_id if known is None else known.name

    def seen(self, site_id: str) -> bool:
        return self.sites is None or site_id in self.sites


_Told = tuple[str, dict[str, Param], str, str]  # code, params, job order, site
_Teller = Callable[[_View, StoredEvent], _Told | None]


def life(ctx: Context, actor: Actor, order_id: str, after_seq: int = 0) -> tuple[Moment, ...]:
    """Return what the actor may know of what happened to an order, oldest first.

    Args:
        after_seq: only what came after this place in the log.

    Raises:
        Conflict: `access.no_such_order`.
    """
    show_order(ctx, actor, order_id)  # refuses strangers
    whole = order_of(ctx, order_id)
    assert whole is not None, order_id
    supplier = actor.role in SUPPLIER_ROLES
    zone = ctx.network.delivery_zone.get(whole.zone_id)
    view = _View(
        ctx,
        whole,
        plan_of(ctx, whole.plan_digest),
        own_sites(ctx.network, actor) if supplier else None,
        _site_zone(ctx, actor, whole) if zone is None or supplier else zone.zone,
    )
    found: list[Moment] = []
    for event in ctx.store.read(after_seq, f"order:{order_id}"):
        teller = _TELLERS.get(event.kind)
        told = None if teller is None else teller(view, risen(event))
        if told is None:
            continue
        code, params, job_order_id, site_id = told
        reason = Reason(code, params)
        found.append(
            Moment(
                event.seq, event.at_s, event.kind, reason, job_order_id, site_id, ctx.store.world
            )
        )
        if len(found) == _MOST:
            break
    return tuple(found)


def _site_zone(ctx: Context, actor: Actor, order: OrderState) -> str:
    """Return the zone of the site that is the last of a supplier's own to work on an order."""
    sites = own_sites(ctx.network, actor)
    own = [job for job in order.jobs.values() if job.site_id in sites]
    last = max(own, key=lambda job: (job.end_s, job.job_order_id), default=None)
    return "UTC" if last is None else ctx.network.site[last.site_id].zone


def _job(view: _View, event: StoredEvent) -> tuple[JobOrder, dict[str, Param]] | None:
    """Return the job order of an event with its names, None when it is not to be told of."""
    job = view.order.jobs.get(str(event.data.get("job_order_id", "")))
    if job is None:
        return None
    resource = str(event.data.get("resource_id") or job.resource_id)
    known = view.ctx.network.work_unit.get(resource)
    site_id = job.site_id if known is None else view.ctx.network.site_of(resource).site_id
    if not view.seen(site_id):
        return None
    operation = view.plan.operation.get(job.operation_id)
    params: dict[str, Param] = {
        "operation": job.operation_id if operation is None else operation.name,
        "unit": view.unit(resource),
        "site": view.site(site_id),
        "site_id": site_id,
    }
    return job, params


def _of_job(code: str, *counts: str) -> _Teller:
    """Return what tells an event of a job order, with these counts of its data."""

    def tell(view: _View, event: StoredEvent) -> _Told | None:
        found = _job(view, event)
        if found is None:
            return None
        job, params = found
        params |= {name: int(event.data[name]) for name in counts}
        return code, params, job.job_order_id, str(params["site_id"])

    return tell


def _finished(view: _View, event: StoredEvent) -> _Told | None:
    done = bool(event.data["complete"])
    code = "life.finished" if done else "life.reported"
    return _of_job(code, "good", "scrap")(view, event)


def _measured(view: _View, event: StoredEvent) -> _Told | None:
    found = _job(view, event)
    if found is None:
        return None
    job, params = found
    data: Mapping[str, object] = event.data
    shown: dict[str, Param] = {name: str(data[name]) for name in ("name", "value", "unit")}
    shown["measured_unit"] = shown.pop("unit")
    code = "life.measured" if data["within"] else "life.measured_outside"
    params |= shown | {"piece": int(event.data["piece"])}
    return code, params, job.job_order_id, str(params["site_id"])


def _material(view: _View, event: StoredEvent) -> _Told | None:
    found = _job(view, event)
    if found is None:
        return None
    job, params = found
    data = event.data
    known = view.ctx.network.material.get(str(data["material_id"]))
    params |= {
        "material": str(data["material_id"]) if known is None else known.name,
        "amount": shown(Decimal(str(data["quantity"]))),
        "amount_unit": str(data["unit"]),
    }
    return "life.material", params, job.job_order_id, str(params["site_id"])


def _moved(view: _View, event: StoredEvent) -> _Told | None:
    from_id, to_id = str(event.data["from_id"]), str(event.data["to_id"])
    if view.sites is not None and not {from_id, to_id} <= view.sites:
        return None  # where others make it is theirs to tell
    job = str(event.data["job_order_id"])
    params: dict[str, Param] = {
        "pieces": int(event.data["quantity"]),
        "start": view.site(from_id),
        "end": view.site(to_id),
    }
    return "life.moved", params, job, to_id


def _slots(view: _View, event: StoredEvent) -> _Told | None:
    moves = [move for move in event.data["moves"] if view.seen(str(move["site_id"]))]
    if not moves:
        return None
    ends_s = max(int(move["end_s"]) for move in moves)
    sites = {str(move["site_id"]) for move in moves}
    params: dict[str, Param] = {"count": len(moves), "ends_at": view.at(ends_s)}
    return "life.slots_moved", params, "", sites.pop() if len(sites) == 1 else ""


def _shipped(view: _View, event: StoredEvent) -> _Told | None:
    site_id = str(event.data["site_id"])
    if not view.seen(site_id):
        return None
    params: dict[str, Param] = {
        "pieces": int(event.data["quantity"]),
        "site": view.site(site_id),
    }
    return "life.shipped", params, "", site_id


def _accepted(view: _View, event: StoredEvent) -> _Told | None:
    if view.sites is not None:
        return "life.assigned", {}, "", ""
    data = event.data
    params: dict[str, Param] = {
        "pieces": int(data["quantity"]),
        "promised_at": view.at(int(data["promised_at_s"])),
        "zone": view.zone_name(str(data["zone_id"])),
    }
    return "life.accepted", params, "", ""


def _for_buyer(code: str, *counts: str, **instants: str) -> _Teller:
    """Return what tells an event that suppliers do not read: counts and instants of its data."""

    def tell(view: _View, event: StoredEvent) -> _Told | None:
        if view.sites is not None:
            return None
        params: dict[str, Param] = {}
        for name in counts:
            params["pieces" if name == "quantity" else name] = int(event.data.get(name) or 0)
        for told, name in instants.items():
            params[told] = view.at(int(event.data[name]))
        return code, params, "", ""

    return tell


def _amended(view: _View, event: StoredEvent) -> _Told | None:
    quantity = event.data.get("quantity")
    if quantity is None:
        return "life.amended_terms", {}, "", ""
    return "life.amended", {"pieces": int(quantity)}, "", ""


def _plain(code: str) -> _Teller:
    return lambda view, event: (code, {}, "", "")


def _remade(view: _View, event: StoredEvent) -> _Told | None:
    sites = {str(job["site_id"]) for job in event.data["jobs"]}
    if not any(view.seen(site) for site in sites):
        return None
    return "life.remake", {"pieces": int(event.data["quantity"])}, "", ""


_TELLERS: Mapping[str, _Teller] = {
    "OrderAccepted": _accepted,
    "OrderAmended": _amended,
    "OrderCancelled": _plain("life.cancelled"),
    "SlotsMoved": _slots,
    "SetupStarted": _of_job("life.setup_started"),
    "SetupEnded": _of_job("life.setup_ended"),
    "RunStarted": _of_job("life.run_started"),
    "Paused": _of_job("life.paused"),
    "Resumed": _of_job("life.resumed"),
    "Finished": _finished,
    "Measured": _measured,
    "NonconformanceRaised": _of_job("life.nonconformance", "piece"),
    "EnergyRead": _of_job("life.energy", "energy_wh"),
    "MaterialIssued": _material,
    "Moved": _moved,
    "Shipped": _shipped,
    "Received": _for_buyer("life.received", "quantity"),
    "Held": _of_job("life.held"),
    "Released": _of_job("life.released"),
    "JobCancelled": _of_job("life.job_cancelled"),
    "RemakePlanned": _remade,
    "PromiseRevised": _for_buyer(
        "life.promise_revised", promised_at="promised_at_s", was_at="was_s"
    ),
    "PassportIssued": _for_buyer("life.passport"),
    "ClaimMade": _for_buyer("life.claim", "quantity"),
    "GoodsReturned": _for_buyer("life.returned", "quantity"),
    "PersonalDataDeleted": _for_buyer("life.forgotten"),
}
