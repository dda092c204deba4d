"""Why late: what an order that comes late, or may, waits for, in words of the shop floor.

From the job order that ends last the walk goes back along what holds each one up: its predecessor
in the routing, the work before it on its seat, of its operator, with its tools or in its oven, its
material, a hold, a work unit that is down. It ends where something can be done: the first thing
that is not itself waiting. That cause comes first, then what the walk passed.
"""

from collections.abc import Iterable

from manufold.model.errors import Reason
from manufold.model.execution import JobOrder, OrderState
from manufold.services.documents import plan_of
from manufold.services.standing import Expected, Outlook

__all__ = ["for_buyers", "why"]

_STEPS_MOST = 40
_PASSED_MOST = 3
_OVER = ("finished", "cancelled")
#: how a cause is told to a buyer, whom other orders, names and a shop's own notes do not concern
_FOR_BUYERS = {
    "board.why_busy": "board.why_others_first",
    "board.why_operator": "board.why_operator_busy",
    "board.why_held": "board.why_on_hold",
}
_NOT_FOR_BUYERS = ("order", "other", "operator", "operator_id", "reason", "count")


def why(outlook: Outlook, order: OrderState, found: Expected) -> tuple[Reason, ...]:
    """Return what a late order, or one at risk, hangs on; empty for any other.

    The first reason is the cause to act on. An order is walked only as far as it is visible: hand
    in what `services.access.visible_order` leaves of it.
    """
    if found.standing not in ("late", "at_risk"):
        return ()
    job = _last_open(order)
    if job is None:
        return (_on_its_way(outlook, order, found),)
    causes = _walk(outlook, order, job)
    if found.standing == "at_risk" and found.forecast_s is not None and found.p90_s is not None:
        beyond_s = found.p90_s - found.promised_s
        if beyond_s > 0:
            spare_s = found.promised_s - found.forecast_s
            spread = Reason("board.why_spread", {"spare_s": spare_s, "beyond_s": beyond_s})
            return (*causes[:1], spread) if _stops(causes) else (spread, *causes)
    return causes


def _stops(causes: tuple[Reason, ...]) -> bool:
    return bool(causes) and causes[0].code in ("board.why_held", "board.why_down")


def _last_open(order: OrderState) -> JobOrder | None:
    left = [job for job in order.jobs.values() if job.state not in _OVER]
    return max(left, key=lambda job: (job.end_s, job.job_order_id), default=None)


def _on_its_way(outlook: Outlook, order: OrderState, found: Expected) -> Reason:
    """Return why an order is late of which everything is made, or nothing is planned."""
    if found.forecast_s is None:
        return Reason("board.why_unplanned", {})
    if order.shipped >= order.quantity and order.shipped_at_s is not None:
        return Reason("board.why_on_way", {"since_s": max(0, outlook.now_s - order.shipped_at_s)})
    ended = max((job.actual_end_s or 0 for job in order.jobs.values()), default=0)
    return Reason("board.why_not_shipped", {"since_s": max(0, outlook.now_s - ended)})


def _walk(outlook: Outlook, order: OrderState, job: JobOrder) -> tuple[Reason, ...]:
    passed: list[Reason] = []
    for _step in range(_STEPS_MOST):
        stopped = _stopped(outlook, order, job)
        if stopped is not None:
            return (stopped, *passed[::-1][:_PASSED_MOST])
        before, bound_s = _before(outlook, order, job)
        ahead, rival_s = _on_seat(outlook, order, job)
        ready_s = order.ready_s.get(job.operation_id, 0)
        rival, taken_s = _on_claims(outlook, order, job)
        if rival is not None and taken_s > max(bound_s, rival_s, ready_s):
            return (rival, *passed[::-1][:_PASSED_MOST])
        if ready_s >= max(bound_s, rival_s) and ready_s > outlook.now_s:
            late = Reason(
                "board.why_material", _named(outlook, order, job, left_s=ready_s - outlook.now_s)
            )
            return (late, *passed[::-1][:_PASSED_MOST])
        if ahead and rival_s > bound_s:
            return (_busy(outlook, order, job, ahead), *passed[::-1][:_PASSED_MOST])
        if before is None or before.state in _OVER:
            return (_itself(outlook, order, job, before), *passed[::-1][:_PASSED_MOST])
        after = {"before": _operation(outlook, order, before)}
        passed.append(Reason("board.why_after", _named(outlook, order, job) | after))
        job = before
    return tuple(passed[:1])


def _stopped(outlook: Outlook, order: OrderState, job: JobOrder) -> Reason | None:
    """Return what keeps a job order from going on by itself, or has it run on."""
    named = _named(outlook, order, job)
    since_s = outlook.down.get(job.resource_id)
    if job.held:
        return Reason("board.why_held", named | {"reason": job.held})
    put_off = job.agreed_s is not None and job.agreed_s < job.start_s
    if since_s is not None and (
        job.actual_start_s is not None or put_off or job.start_s <= outlook.now_s
    ):
        return Reason("board.why_down", named | {"since_s": outlook.now_s - since_s})
    if job.state in ("paused", "setup_paused"):
        return Reason("board.why_paused", named | {"since_s": outlook.now_s - job.last_at_s})
    if job.actual_start_s is None:
        return None
    agreed_s = job.start_s if job.agreed_s is None else job.agreed_s
    late_s = job.actual_start_s - agreed_s
    if outlook.now_s > job.end_s:
        return Reason("board.why_runs_on", named | {"span_s": outlook.now_s - job.end_s})
    if late_s > 0:
        return Reason("board.why_began_late", named | {"span_s": late_s})
    return Reason("board.why_running", named | {"left_s": max(0, job.end_s - outlook.now_s)})


def _before(outlook: Outlook, order: OrderState, job: JobOrder) -> tuple[JobOrder | None, int]:
    """Return the predecessor whose pieces arrive last, and when they do."""
    found: tuple[JobOrder | None, int] = (None, 0)
    for name in job.after:
        before = order.jobs.get(name)
        if before is None or before.state == "cancelled":
            continue
        ends_s = before.end_s if before.actual_end_s is None else before.actual_end_s
        arrives_s = ends_s + (outlook.ctx.network.lane_s(before.site_id, job.site_id) or 0)
        if arrives_s > found[1]:
            found = (before, arrives_s)
    return found


def _on_seat(
    outlook: Outlook, order: OrderState, job: JobOrder
) -> tuple[tuple[tuple[OrderState, JobOrder], ...], int]:
    """Return what comes first on its seat, in order, when the last of it is another order's; and
    until when that last one is there."""
    ahead = tuple(
        one
        for one in outlook.seats.get((job.resource_id, job.seat), ())
        if one[1].start_s < job.start_s
    )
    if not ahead or ahead[-1][0].order_id == order.order_id:
        return (), 0
    return ahead, ahead[-1][1].end_s


def _on_claims(outlook: Outlook, order: OrderState, job: JobOrder) -> tuple[Reason | None, int]:
    """Return whose work has the operator, the tool or the oven that a job order waits for longest,
    and until when; None where nothing of that is another order's until then."""
    found: tuple[Reason | None, int] = (None, 0)
    if job.actual_start_s is not None:
        return found
    for claim in job.also:
        for other, one in outlook.seats.get((claim.resource_id, claim.seat), ()):
            theirs = next(
                c for c in one.also if (c.resource_id, c.seat) == (claim.resource_id, claim.seat)
            )
            together = claim.shared_as and claim.shared_as == theirs.shared_as
            if together or other.order_id == order.order_id or theirs.start_s >= claim.start_s:
                continue
            if found[1] < theirs.end_s <= claim.start_s:
                left_s = max(0, job.start_s - outlook.now_s)
                named = _named(outlook, order, job, left_s=left_s)
                named |= {"other": _operation(outlook, other, one), "order": other.order_id}
                found = Reason(*_held_by(outlook, claim.resource_id, named)), theirs.end_s
    return found


def _held_by(
    outlook: Outlook, resource_id: str, params: dict[str, str | int | bool]
) -> tuple[str, dict[str, str | int | bool]]:
    """Return the code and parameters of what is taken: an operator, a tool, an oven's door."""
    network = outlook.ctx.network
    operator = network.operator.get(resource_id)
    if operator is not None:
        skills = ", ".join(operator.skills)
        return "board.why_operator", params | {"operator": resource_id, "skill": skills}
    tool = network.tool.get(resource_id)
    if tool is not None:
        return "board.why_tool", params | {"tool": tool.kind, "tool_id": resource_id}
    return "board.why_oven", params


def for_buyers(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return causes as a buyer is told them."""
    return tuple(
        Reason(
            _FOR_BUYERS.get(one.code, one.code),
            {name: value for name, value in one.params.items() if name not in _NOT_FOR_BUYERS},
        )
        if one.code in _FOR_BUYERS or "order" in one.params
        else one
        for one in reasons
    )


def _busy(
    outlook: Outlook,
    order: OrderState,
    job: JobOrder,
    ahead: tuple[tuple[OrderState, JobOrder], ...],
) -> Reason:
    since_s = outlook.down.get(job.resource_id)
    if since_s is not None:
        params = _named(outlook, order, job) | {"since_s": outlook.now_s - since_s}
        return Reason("board.why_down", params)
    params = _named(outlook, order, job, left_s=max(0, job.start_s - outlook.now_s))
    other, one = ahead[-1]
    their = {"other": _operation(outlook, other, one), "order": other.order_id}
    return Reason("board.why_busy", params | their | {"count": len(ahead)})


def _itself(outlook: Outlook, order: OrderState, job: JobOrder, before: JobOrder | None) -> Reason:
    """Return why a job order that nothing else holds up comes so late."""
    named = _named(outlook, order, job)
    first = next(iter(order.production_orders), job.production_order_id)
    if job.production_order_id != first:
        return Reason("board.why_remake", named | {"count": job.quantity_in})
    if job.agreed_s is not None and job.agreed_s < job.start_s:
        return Reason("board.why_put_off", named | {"span_s": job.start_s - job.agreed_s})
    if before is not None and before.actual_end_s is not None:
        ended = {"before": _operation(outlook, order, before)}
        since_s = max(0, outlook.now_s - before.actual_end_s)
        return Reason("board.why_ended_late", named | ended | {"since_s": since_s})
    return Reason("board.why_turn", named | {"left_s": max(0, job.start_s - outlook.now_s)})


def _named(
    outlook: Outlook, order: OrderState, job: JobOrder, **more: int
) -> dict[str, str | int | bool]:
    unit = outlook.ctx.network.work_unit.get(job.resource_id)
    return {
        "operation": _operation(outlook, order, job),
        "at": job.resource_id if unit is None else unit.name,
        "at_id": job.resource_id,
        "job": job.job_order_id,
        **more,
    }


def _operation(outlook: Outlook, order: OrderState, job: JobOrder) -> str:
    return plan_of(outlook.ctx, order.plan_digest).operation[job.operation_id].name
