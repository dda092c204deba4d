"""What if: scenarios side by side with the schedule as it is, on a copy that nobody books.

It reads the store once, plans in memory and writes nothing. Each scenario is planned from the same
floor, brought in line with what has happened by now, and compared with it: dates, cost, energy,
carbon, set-ups, and what moved and why.

A supplier's planner sees what becomes of its own sites: its own slots, moves, costs, and the dates
at its gate. What the scenario does elsewhere is planned, too, but not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manufold.model.errors import CannotMake, Reason
from manufold.model.party import Actor
from manufold.model.schedule import Slot
from manufold.scheduling.bookings import booked_slots
from manufold.services.access import may_act, own_sites, visible_order
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.floor import Floor, floor_of
from manufold.services.scenario import Scenario
from manufold.services.what_if_floor import Planned, as_it_is, planned
from manufold.services.what_if_judge import refuse_wrong
from manufold.services.what_if_measures import Meter, bottleneck_of
from manufold.services.what_if_view import WINDOW_S, Column, Dates, View

__all__ = ["Column", "Dates", "WhatIf", "what_if"]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Everything as it is, and each scenario beside it.

    Args:
        columns: as it is first.
        orders: those whose dates differ, the one that becomes latest first.
        order_of: group of slots -> order.
        known: what is down or away, at the actor's sites, before any scenario.
    """

    at_s: int
    columns: tuple[Column, ...]
    orders: tuple[Dates, ...]
    order_of: Mapping[str, str]
    known: tuple[Reason, ...]


def what_if(ctx: Context, actor: Actor, scenarios: Sequence[Scenario]) -> WhatIf:
    """Return what scenarios would bring, each against the schedule as it is.

    Raises:
        InputFault: `access.role_may_not`; a scenario names what is unknown: `what_if.*`,
            `schedule.unit_unknown`, `schedule.site_unknown`, `offer.option_unknown`.
        Conflict: `access.no_such_order`, `access.no_such_offer`, `what_if.order_over`,
            `what_if.offer_accepted`, `order.offer_expired`, `order.other_offer_accepted`,
            `order.slot_lost`, `hold.was_released`.
        OurFault: `schedule.judged_wrong`: a scenario would break rules; it is not told.
        CannotMake: a rush order cannot be made; `what_if.no_room`: work does not fit before the
            horizon.
    """
    may_act(ctx.network, actor, "planner", "owner", "network_operator")
    now_s = ctx.clock.now_s()
    orders = {order.order_id: order for order in orders_of(ctx)}
    floor = floor_of(ctx, orders.values(), units_of(ctx), now_s)
    held = booked_slots(
        booking
        for booking in ctx.store.bookings(now_s=now_s, to_after_s=now_s)
        if booking.state == "held"
    )
    base = as_it_is(ctx, floor, now_s)
    plans = [_planned(ctx, actor, one, floor, base, held, now_s) for one in scenarios]
    for plan in plans:
        refuse_wrong(base, plan, floor.progress, now_s)
    names = {key[0]: order.order_id for key, (order, _job) in floor.job_orders.items()}
    seen = {
        name: own
        for name in dict.fromkeys(names.values())
        if (own := visible_order(ctx.network, actor, orders[name])) is not None
    }
    sites = own_sites(ctx.network, actor)
    view = View(ctx, base, sites, now_s, names, seen, floor.progress)
    meter = Meter(ctx.network)
    busiest = bottleneck_of(ctx.network, view.open(base), now_s, now_s + WINDOW_S)
    columns = [view.column("", base, meter, busiest.work_unit if busiest else "")]
    for scenario, plan in zip(scenarios, plans, strict=True):
        unit = busiest.work_unit if busiest else ""
        columns.append(view.column(scenario.name, plan, meter, unit))
    return WhatIf(now_s, tuple(columns), view.dates([base, *plans]), names, view.known())


def _planned(
    ctx: Context,
    actor: Actor,
    scenario: Scenario,
    floor: Floor,
    base: Planned,
    held: Sequence[Slot],
    now_s: int,
) -> Planned:
    """Return where everything would stand; work that fits nowhere names the scenario."""
    try:
        return planned(ctx, actor, scenario, floor, base, held, now_s)
    except CannotMake as fault:
        if fault.code != "schedule.past_horizon":
            raise
        told = fault.reason.params
        raise CannotMake("what_if.no_room", name=scenario.name, days=told["days"]) from None
