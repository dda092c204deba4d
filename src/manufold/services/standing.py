"""Standing: whether an order comes in time as things are, and what it hangs on when it does not.

At the door (whoever sees the whole order) an order is **late** when it is expected after its
promised date, as `services.schedule.forecast_at_s` expects it, or that date has passed. It is **at
risk** when it is expected in time, but its P90 is not: the working time still to come, lengthened
by the share that nine of ten recorded orders kept to, and the lane by `lane_p90_factor`; or when a
hold keeps one of its job orders from going on, so that nobody can say. Everything else is on time.

At the gate (a supplier, who sees its own part only) the same is said of the end of the supplier's
last job order against the end that keeps the promise. What other owners do with the order is not
weighed, so it cannot be told from the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from manufold.model.execution import JobOrder, OrderState, UnitState
from manufold.model.units import DAY_S, whole_s
from manufold.scheduling.lateness import late_finish
from manufold.scheduling.quantiles import Scores
from manufold.scheduling.worktime import Worktimes
from manufold.services.context import Context
from manufold.services.door import opens_s
from manufold.services.recorded import recorded_scores
from manufold.services.schedule import forecast_at_s

__all__ = ["Expected", "OrderStanding", "Outlook", "expected", "outlook_of"]

OrderStanding = Literal["on_time", "at_risk", "late", "done", "cancelled"]

_P90 = 0.9
#: how far behind the last planned end a P90 is looked for
_TAIL_S = 180 * DAY_S


@dataclass(frozen=True, slots=True)
class Outlook:
    """What every order is judged by at one instant.

    Args:
        scores: recorded lateness, sorted.
        worktimes: of the network's work units, from the first planned start on.
        down: work unit -> down since.
        seats: what each seat still has to do, in order: (work unit, seat) -> (order, job order);
            of operators, tools and ovens' doors as well.
    """

    ctx: Context
    now_s: int
    scores: Scores
    worktimes: Worktimes
    down: Mapping[str, int]
    seats: Mapping[tuple[str, int], tuple[tuple[OrderState, JobOrder], ...]] = field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """An order against its promise.

    Args:
        where: "door" for the whole order, "gate" for a supplier's own part.
        promised_s: the promised date at the door, or the end at the gate that keeps it.
        forecast_s: when it is expected there, None once it is over or nothing is planned.
        p90_s: when nine of ten such orders would be there, None likewise.
        actual_s: when it was there.
        late_s: seconds behind the promise, 0 when there are none.
    """

    standing: OrderStanding
    where: Literal["door", "gate"]
    promised_s: int
    forecast_s: int | None = None
    p90_s: int | None = None
    actual_s: int | None = None
    late_s: int = 0


def outlook_of(
    ctx: Context, units: Mapping[str, UnitState], orders: Mapping[str, OrderState]
) -> Outlook:
    """Return what orders are judged by now."""
    now_s = ctx.clock.now_s()
    seats: dict[tuple[str, int], list[tuple[OrderState, JobOrder]]] = {}
    first_s = last_s = now_s
    for order in orders.values():
        for job in order.jobs.values():
            if job.state in ("finished", "cancelled"):
                continue
            held = ((claim.resource_id, claim.seat) for claim in job.also)
            for seat in ((job.resource_id, job.seat), *held):
                seats.setdefault(seat, []).append((order, job))
            first_s, last_s = min(first_s, job.start_s), max(last_s, job.end_s)
    in_turn = {
        name: tuple(sorted(listed, key=lambda one: (one[1].start_s, one[1].job_order_id)))
        for name, listed in seats.items()
    }
    recorded = recorded_scores(ctx)
    down = {
        unit.resource_id: unit.down_since_s
        for unit in units.values()
        if unit.down_since_s is not None
    }
    return Outlook(
        ctx,
        now_s,
        Scores(tuple(sorted(recorded.values)), recorded.by_class),  # sorted once, not per order
        Worktimes(ctx.network, first_s, last_s + _TAIL_S),
        down,
        in_turn,
    )


def expected(outlook: Outlook, order: OrderState) -> Expected:
    """Return how what is visible of an order stands against its promise."""
    if order.zone_id:
        return _at_door(outlook, order)
    return _at_gate(outlook, order)


def _at_door(outlook: Outlook, order: OrderState) -> Expected:
    ctx, promised_s = outlook.ctx, order.promised_at_s
    if order.actual_at_s is not None:
        late_s = max(0, order.actual_at_s - promised_s)
        return Expected("done", "door", promised_s, actual_s=order.actual_at_s, late_s=late_s)
    if order.state == "cancelled":
        return Expected("cancelled", "door", promised_s)
    forecast_s = forecast_at_s(ctx, order)
    if forecast_s is None:
        return _unplanned(outlook, "door", promised_s)
    last = _last(order)
    assert last is not None, order.order_id  # else there were no forecast
    lane_s = ctx.network.lane_s(last.site_id, order.zone_id) or 0
    late_lane_s = whole_s(Decimal(str(ctx.settings.lane_p90_factor)) * lane_s)
    if order.shipped >= order.quantity and order.shipped_at_s is not None:
        p90_s = order.shipped_at_s + late_lane_s
    else:
        p90_s = _p90_end_s(outlook, order, last) + ctx.settings.handover_s + late_lane_s
    p90_s = max(forecast_s, opens_s(ctx.network.delivery_zone[order.zone_id], p90_s))
    return _judged(outlook, order, "door", promised_s, forecast_s, p90_s)


def _at_gate(outlook: Outlook, order: OrderState) -> Expected:
    promised_s = order.due_s or order.promised_at_s
    if order.state == "cancelled":
        return Expected("cancelled", "gate", promised_s)
    last = _last(order)
    if last is None:
        return _unplanned(outlook, "gate", promised_s)
    handover_s = outlook.ctx.settings.handover_s
    if all(job.state in ("finished", "cancelled") for job in order.jobs.values()):
        actual_s = (last.actual_end_s or last.end_s) + handover_s
        late_s = max(0, actual_s - promised_s)
        return Expected("done", "gate", promised_s, actual_s=actual_s, late_s=late_s)
    forecast_s = max(outlook.now_s, last.end_s) + handover_s
    p90_s = _p90_end_s(outlook, order, last) + handover_s
    return _judged(outlook, order, "gate", promised_s, forecast_s, max(forecast_s, p90_s))


def _unplanned(outlook: Outlook, where: Literal["door", "gate"], promised_s: int) -> Expected:
    """Say what stands of an order of which nothing is planned that would bring it there."""
    late_s = max(0, outlook.now_s - promised_s)
    return Expected("late" if late_s else "at_risk", where, promised_s, late_s=late_s)


def _judged(
    outlook: Outlook,
    order: OrderState,
    where: Literal["door", "gate"],
    promised_s: int,
    forecast_s: int,
    p90_s: int,
) -> Expected:
    late_s = max(forecast_s, outlook.now_s) - promised_s
    if late_s > 0:
        return Expected("late", where, promised_s, forecast_s, p90_s, late_s=late_s)
    stopped = any(job.held and job.state != "cancelled" for job in order.jobs.values())
    standing: OrderStanding = "at_risk" if stopped or p90_s > promised_s else "on_time"
    return Expected(standing, where, promised_s, forecast_s, p90_s)


def _last(order: OrderState) -> JobOrder | None:
    """Return the job order that ends last, as the forecast picks it."""
    kept = [job for job in order.jobs.values() if job.state != "cancelled"]
    return max(kept, key=lambda job: job.actual_end_s or job.end_s, default=None)


def _p90_end_s(outlook: Outlook, order: OrderState, last: JobOrder) -> int:
    """Return by when the work still to come ends in nine of ten cases."""
    if last.actual_end_s is not None:
        return max(outlook.now_s, last.actual_end_s)
    to_come = [job for job in order.jobs.values() if job.state not in ("finished", "cancelled")]
    from_s = max(outlook.now_s, min(job.start_s for job in to_come))
    to_s = max(from_s, last.end_s)
    worktime = outlook.worktimes.of(last.resource_id)
    return late_finish(worktime, from_s, to_s, outlook.scores, _P90).finish_s
