"""Catch up: a planner's round. What is late pushes what comes after it, no further than
it must; what waits for a broken work unit goes elsewhere where that keeps a promise."""

from collections.abc import Iterable, Mapping

from manufold.model.errors import Conflict, Reason
from manufold.model.execution import OrderState, UnitState
from manufold.model.schedule import dispatch_lists
from manufold.model.units import to_rfc3339
from manufold.scheduling.forecast import forecast
from manufold.scheduling.outages import with_outages
from manufold.scheduling.repair import repair
from manufold.services.context import Context
from manufold.services.floor import floor_of
from manufold.services.swap import swapped

__all__ = ["catch_up"]


def catch_up(
    ctx: Context,
    now_s: int,
    orders: Mapping[str, OrderState],
    units: Iterable[UnitState] = (),
) -> tuple[str, ...]:
    """Bring every slot in line with what has happened; return the orders whose slots moved.

    Nothing keeps a slot that reality has taken: finished work gave its slot back, running work
    holds its seat until it is expected to end, what follows is shifted right. When somebody
    booked meanwhile, nothing moves and the next round tries again.
    """
    floor = floor_of(ctx, orders.values(), units, now_s)
    if not floor.slots:
        return ()
    told = (floor.jobs, floor.progress, now_s, floor.outages)
    if floor.outages:
        after = repair(ctx.network, floor.slots, *told).slots
    else:
        after = forecast(ctx.network, dispatch_lists(floor.slots), *told).slots
    why = Reason("schedule.caught_up", {"at": to_rfc3339(now_s)})
    network = with_outages(ctx.network, floor.outages)
    try:
        return swapped(ctx, "manufold", floor, after, why, now_s=now_s, network=network)
    except Conflict:
        return ()
