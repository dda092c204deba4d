"""What happened to an order so far: promised and actual, planned and actual end of the work, the
way, and which operations took longer or began later than the pieces were there.

Whoever sees a part of an order, its maker, is told of that part, at its gate.
"""

from collections.abc import Iterator

from manufold.model.errors import Param, Reason
from manufold.model.execution import JobOrder, OrderState
from manufold.model.process_plan import ProcessPlan
from manufold.model.units import to_rfc3339
from manufold.model.work_content import work_content
from manufold.scheduling.explain import WAIT_SHOWN_S
from manufold.scheduling.worktime import compiled_worktime
from manufold.services.context import Context
from manufold.services.standing import Expected

__all__ = ["history"]

#: operations told of, those that cost most time
_TOLD_MOST = 5


def history(
    ctx: Context, plan: ProcessPlan, order: OrderState, found: Expected, zone: str
) -> tuple[Reason, ...]:
    """Return what happened to what is visible of an order; nothing where nothing has begun.

    Args:
        found: how it stands against its promise.
        zone: of its dates.
    """
    done = [job for job in order.jobs.values() if job.actual_end_s is not None]
    if not done and order.actual_at_s is None:
        return ()
    return (
        *_against_promise(order, found, zone),
        *_against_plan(ctx, order, done),
        *_carriage(ctx, order, done),
        *sorted(
            (*_longer(ctx, plan, done), *_waited(ctx, plan, order, done)),
            key=lambda one: -int(one.params["span_s"]),
        )[:_TOLD_MOST],
    )


def _against_promise(order: OrderState, found: Expected, zone: str) -> Iterator[Reason]:
    promised: dict[str, Param] = {"promised": to_rfc3339(found.promised_s, zone)}
    if order.state == "cancelled":
        yield Reason("explain.was_cancelled", promised)
    elif found.actual_s is not None:
        told: dict[str, Param] = {
            "actual": to_rfc3339(found.actual_s, zone),
            "later_s": found.actual_s - found.promised_s,
        }
        code = "explain.was_there" if found.where == "door" else "explain.was_handed_over"
        yield Reason(code, promised | told)
    elif order.shipped_at_s is not None and found.forecast_s is not None:
        yield Reason(
            "explain.was_shipped",
            promised
            | {
                "shipped": to_rfc3339(order.shipped_at_s, zone),
                "expected": to_rfc3339(found.forecast_s, zone),
                "later_s": found.forecast_s - found.promised_s,
            },
        )


def _against_plan(ctx: Context, order: OrderState, done: list[JobOrder]) -> Iterator[Reason]:
    """Yield when the work was to end as accepted, and when it did; of the whole order only."""
    planned = ctx.store.get("planned", order.order_id) if order.zone_id else None
    open_jobs = any(job.state not in ("finished", "cancelled") for job in order.jobs.values())
    if planned is None or open_jobs or not done:
        return
    last = max(done, key=lambda job: job.actual_end_s or 0)
    ended_s, zone = last.actual_end_s or 0, ctx.network.site[last.site_id].zone
    yield Reason(
        "explain.was_planned",
        {
            "planned": to_rfc3339(int(planned["finish_s"]), zone),
            "actual": to_rfc3339(ended_s, zone),
            "later_s": ended_s - int(planned["finish_s"]),
        },
    )


def _carriage(ctx: Context, order: OrderState, done: list[JobOrder]) -> Iterator[Reason]:
    """Yield how long the goods lay before they were shipped, and how long the way took."""
    if not order.zone_id or order.shipped_at_s is None or not done:
        return
    last = max(done, key=lambda job: job.actual_end_s or 0)
    lay_s = order.shipped_at_s - (last.actual_end_s or 0) - ctx.settings.handover_s
    if lay_s >= WAIT_SHOWN_S:
        yield Reason("explain.was_lying", {"span_s": lay_s})
    if order.actual_at_s is not None:
        usual_s = ctx.network.lane_s(last.site_id, order.zone_id) or 0
        span_s = order.actual_at_s - order.shipped_at_s
        told: dict[str, Param] = {"span_s": span_s, "usual_s": usual_s}
        yield Reason("explain.was_carried", told)


def _longer(ctx: Context, plan: ProcessPlan, done: list[JobOrder]) -> Iterator[Reason]:
    """Yield the operations that took more working time than their standard."""
    for job in done:
        unit = ctx.network.work_unit.get(job.resource_id)
        operation = plan.operation[job.operation_id]
        capability = None if unit is None else unit.capability(operation.capability)
        spells = (*job.setup_spells, *job.run_spells)
        if unit is None or capability is None or not spells:
            continue
        content = work_content(operation, capability, job.quantity_in)
        standard_s = max(job.setup_s, content.setup_s) + content.total_s - content.setup_s
        calendar = ctx.network.calendar[unit.calendar_id]
        from_s, to_s = min(s for s, _ in spells), max(e for _, e in spells)
        worktime = compiled_worktime(calendar, from_s, to_s + 1)
        worked_s = sum(worktime.worked_s(start_s, end_s) for start_s, end_s in spells)
        if worked_s - standard_s >= WAIT_SHOWN_S:
            told: dict[str, Param] = {
                "operation": operation.name,
                "at": unit.name,
                "span_s": worked_s - standard_s,
                "worked_s": worked_s,
                "standard_s": standard_s,
            }
            yield Reason("explain.took_longer", told)


def _waited(
    ctx: Context, plan: ProcessPlan, order: OrderState, done: list[JobOrder]
) -> Iterator[Reason]:
    """Yield the operations that began later than was agreed, their pieces being there."""
    for job in done:
        if job.actual_start_s is None:
            continue
        agreed_s = job.start_s if job.agreed_s is None else job.agreed_s
        there_s = max(
            (
                (before.actual_end_s or 0) + (ctx.network.lane_s(before.site_id, job.site_id) or 0)
                for name in job.after
                if (before := order.jobs.get(name)) is not None
            ),
            default=0,
        )
        span_s = job.actual_start_s - max(agreed_s, there_s)
        if span_s >= WAIT_SHOWN_S:
            unit = ctx.network.work_unit.get(job.resource_id)
            told: dict[str, Param] = {
                "operation": plan.operation[job.operation_id].name,
                "at": job.resource_id if unit is None else unit.name,
                "span_s": span_s,
                "agreed": to_rfc3339(agreed_s, ctx.network.site[job.site_id].zone),
            }
            yield Reason("explain.began_later", told)
