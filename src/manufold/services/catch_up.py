"""Catch up: a planner's round. What is late pushes what comes after it, no further than it must;
what a trouble put off comes back to the start agreed upon once the trouble is over. Nothing goes
elsewhere here: whose date is in danger for it, `services.better` brings forward in the same round,
and a repair of everything at once is a planner's decision (decision 0018)."""

import logging
from collections.abc import Iterable, Mapping

from manufold.model.errors import CannotMake, Conflict, Reason
from manufold.model.execution import OrderState, UnitState
from manufold.model.schedule import Slot, dispatch_lists
from manufold.model.units import to_rfc3339
from manufold.scheduling.forecast import forecast
from manufold.scheduling.outages import with_outages
from manufold.services.context import Context
from manufold.services.floor import Floor, floor_of
from manufold.services.swap import holds_in_the_way, moved_claims, swapped

__all__ = ["catch_up"]

_log = logging.getLogger("manufold.catch_up")


def catch_up(
    ctx: Context,
    now_s: int,
    orders: Mapping[str, OrderState],
    units: Iterable[UnitState] = (),
) -> tuple[str, ...]:
    """Bring every slot in line with what has happened; return the orders whose slots moved.

    Nothing keeps a slot that reality has taken: finished work gave its slot back, running work
    holds its seat until it is expected to end, what follows is shifted right. When somebody
    booked meanwhile, or work fits nowhere any more, nothing moves and the next round tries again.
    """
    ctx.kept["caught_up_s"] = now_s
    floor = floor_of(ctx, orders.values(), units, now_s)
    if not floor.slots:
        return ()
    network = with_outages(ctx.network, floor.outages)
    agreed_s = {
        key: job.agreed_s
        for key, (_order, job) in floor.job_orders.items()
        if job.agreed_s is not None and job.state == "planned"
    }
    try:
        after = _shifted(ctx, floor, now_s, agreed_s)
        if agreed_s and holds_in_the_way(ctx, moved_claims(floor, after), now_s):
            after = _shifted(ctx, floor, now_s, {})  # what was held meanwhile is not taken back
    except CannotMake as refusal:
        _log.error("the slots stay behind the floor, since work fits nowhere: %s", refusal)
        return ()
    why = Reason("schedule.caught_up", {"at": to_rfc3339(now_s)})
    try:
        return swapped(ctx, "manufold", floor, after, why, now_s=now_s, network=network)
    except Conflict:
        return ()


def _shifted(
    ctx: Context, floor: Floor, now_s: int, agreed_s: Mapping[tuple[str, str], int]
) -> tuple[Slot, ...]:
    """Return the slots where the dispatch lists lead."""
    told = (floor.jobs, floor.progress, now_s, floor.outages, agreed_s)
    return forecast(ctx.network, dispatch_lists(floor.slots, claims=True), *told).slots
