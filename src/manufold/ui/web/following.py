"""An order as a page: its four dates, how far it is, what has happened, what comes next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from manufold.model.codec import stamped
from manufold.model.errors import Conflict, InputFault
from manufold.model.execution import JobOrder, OrderState
from manufold.model.units import HOUR_S
from manufold.services.access import may_run
from manufold.services.change import cancel
from manufold.services.context import Context
from manufold.services.documents import plan_of
from manufold.services.order import show_order
from manufold.services.prove import show_passport
from manufold.services.schedule import forecast_at_s
from manufold.services.work import on_the_way
from manufold.ui.passport_page import render
from manufold.ui.web.moments import moments_of
from manufold.ui.web.page import rendered, see_other
from manufold.ui.web.thing import thing_of, zone_of
from manufold.ui.web.visit import Visit, headers, safe_next
from manufold.ui.web.working import fresh_id, making

__all__ = ["OVER", "Step", "cancel_order", "order_page", "passport_file", "passport_page", "run_on"]

OVER = ("delivered", "cancelled", "returned")
#: a passport is one document with its own style and no script
_PASSPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_RUN_HOURS = (8, 24)


@dataclass(frozen=True, slots=True)
class Step:
    """A job order as its buyer follows it, in the time of its site.

    Args:
        mark: "done", "now", "stopped", "gone" or "next".
    """

    job: JobOrder
    name: str
    unit: str
    site: str
    zone: str
    mark: str


def order_page(visit: Visit) -> Response:
    """Return an order as it stands; with `part=facts` only what changes while it is made."""
    actor, ctx = visit.known(), visit.ctx
    order = show_order(ctx, actor, visit.request.path_params["order_id"])
    part = visit.request.query_params.get("part") == "facts"
    found = steps(ctx, order)
    counted = [step for step in found if step.mark != "gone"]
    forecast_s = forecast_at_s(ctx, order)
    known = ctx.network.delivery_zone.get(order.zone_id)
    run = visit.site.runner.status()
    title, material = thing_of(visit, order)
    return rendered(
        visit,
        "facts.html" if part else "order.html",
        order=order,
        title=title,
        material=material,
        process=plan_of(ctx, order.plan_digest).process,
        steps=found,
        done=sum(step.mark == "done" for step in counted),
        count=len(counted),
        forecast_s=forecast_s,
        zone_of=known,
        door=zone_of(ctx.network, order),
        over=order.state in OVER,
        moments=[] if part else moments_of(visit, order.order_id, 0)[::-1],
        has_passport=order.delivered > 0 and actor.role in ("buyer", "network_operator"),
        may_cancel=actor.role in ("buyer", "network_operator") and _cancellable(order),
        begun=any(job.actual_start_s is not None for job in order.jobs.values()),
        run_hours=_RUN_HOURS,
        running=run.running,
        run_error=run.error,
        needs_time=order.state not in OVER,
        arriving=on_the_way(actor, order),
        making=None if part else making(visit, order),
        field_of=lambda vertical, name: visit.shown.field(vertical, name)[0],
        fresh_id=fresh_id,
    )


def steps(ctx: Context, order: OrderState) -> list[Step]:
    """Return the job orders of an order in the order of their time, with the names people use."""
    plan = plan_of(ctx, order.plan_digest)
    names: Mapping[str, str] = {o.operation_id: o.name for o in plan.operations}
    found = []
    for job in sorted(order.jobs.values(), key=_when):
        site = ctx.network.site.get(job.site_id)
        unit = ctx.network.work_unit.get(job.resource_id)
        found.append(
            Step(
                job,
                names.get(job.operation_id, job.operation_id),
                job.resource_id if unit is None else unit.name,
                job.site_id if site is None else site.name,
                "UTC" if site is None else site.zone,
                _mark(job),
            )
        )
    return found


def _when(job: JobOrder) -> tuple[int, str]:
    return (job.start_s if job.actual_start_s is None else job.actual_start_s, job.job_order_id)


def _mark(job: JobOrder) -> str:
    if job.state == "finished":
        return "done"
    if job.state == "cancelled":
        return "gone"
    if job.held or job.state in ("paused", "setup_paused"):
        return "stopped"
    return "next" if job.state == "planned" else "now"


def _cancellable(order: OrderState) -> bool:
    return order.state in ("accepted", "in_production", "ready_to_ship", "partially_shipped")


def cancel_order(visit: Visit) -> Response:
    """Cancel an order, for the reason its buyer gives."""
    order_id = visit.request.path_params["order_id"]
    reason = str(visit.form.get("reason", "")).strip()[:200] or "buyer"
    made = cancel(visit.ctx, visit.known(), order_id, reason)
    return see_other(f"/orders/{made.order_id}")


def run_on(visit: Visit) -> Response:
    """Let a simulated world run on, some hours or until an order is over.

    Raises:
        InputFault: `web.run_wrong`, `access.role_may_not`; what `Runner.start` refuses.
    """
    may_run(visit.ctx.network, visit.known())
    try:
        _started_or_stopped(visit)
    except Conflict as fault:
        if fault.code != "run.running_already":  # by a second click, or by somebody else: it runs
            raise
    return see_other(safe_next(visit.form.get("next")))


def _started_or_stopped(visit: Visit) -> None:
    runner, form = visit.site.runner, visit.form
    order_id, hours = str(form.get("order", ""))[:80], str(form.get("hours", ""))[:8]
    if form.get("stop"):
        runner.stop()
    elif hours:
        if not (hours.isascii() and hours.isdigit() and 0 < int(hours) <= 24 * 366):
            raise InputFault("web.run_wrong", found=hours)
        runner.start(until_s=visit.ctx.clock.now_s() + int(hours) * HOUR_S)
    else:
        if order_id:
            show_order(visit.ctx, visit.known(), order_id)
        runner.start(orders=(order_id,) if order_id else ())


def passport_page(visit: Visit) -> Response:
    """Return the passport of a delivered order."""
    ctx = visit.ctx
    found = show_passport(ctx, visit.known(), visit.request.path_params["order_id"])
    zone = zone_of(ctx.network, show_order(ctx, visit.known(), found.order_id))
    page = render(found, visit.shown.language, ctx.network, zone=zone, back=True)
    return HTMLResponse(page, headers=headers(_PASSPORT_POLICY))


def passport_file(visit: Visit) -> Response:
    """Return the passport of a delivered order as the document that programs read."""
    found = show_passport(visit.ctx, visit.known(), visit.request.path_params["order_id"])
    text = json.dumps(stamped("passport", 1, found), ensure_ascii=False, indent=1, default=float)
    named = f'attachment; filename="{found.passport_id}.json"'
    return Response(text, media_type="application/json", headers={"Content-Disposition": named})
