"""What if: scenarios side by side with the schedule as it is, on a copy that nobody books.

It reads the store once, plans in memory and writes nothing. Each scenario is planned from the same
floor, brought in line with what has happened by now, and compared with it: dates, cost, energy,
carbon, set-ups, and what moved and why.

A supplier's planner sees what becomes of its own sites: its own slots, moves, costs, and the dates
at its gate. What the scenario does elsewhere is planned, too, but not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from manufold.model.errors import Reason
from manufold.model.execution import OrderState
from manufold.model.party import Actor
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S
from manufold.scheduling.bookings import booked_slots
from manufold.scheduling.moves import Move, Movement, movement_of, moves_of
from manufold.services.access import may_act, own_sites, visible_order
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.door import opens_s
from manufold.services.floor import floor_of
from manufold.services.scenario import Scenario
from manufold.services.what_if_floor import Planned, Rush, as_it_is, planned
from manufold.services.what_if_judge import refuse_wrong
from manufold.services.what_if_measures import Measures, Meter, bottleneck_of

__all__ = ["Column", "Dates", "WhatIf", "what_if"]

#: over which the bottleneck is looked for
WINDOW_S = 14 * DAY_S


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario, or everything as it is, which has no name and no moves."""

    name: str
    measures: Measures
    movement: Movement
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Dates:
    """An order that changes in one of the scenarios.

    Args:
        order_id: "rush 1" for a new one.
        where: "door" for the whole order, "gate" for a supplier's own part.
        promised_s: what was promised there; wanted, for a rush order.
        expected_s: in each column when it is expected there, None where it is not made.
    """

    order_id: str
    where: Literal["door", "gate"]
    zone: str
    promised_s: int
    expected_s: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Everything as it is, and each scenario beside it.

    Args:
        columns: as it is first.
        orders: those whose dates differ, the one that becomes latest first.
        order_of: group of slots -> order.
    """

    at_s: int
    columns: tuple[Column, ...]
    orders: tuple[Dates, ...]
    order_of: Mapping[str, str]


def what_if(ctx: Context, actor: Actor, scenarios: Sequence[Scenario]) -> WhatIf:
    """Return what scenarios would bring, each against the schedule as it is.

    Raises:
        InputFault: `access.role_may_not`; a scenario names what is unknown: `what_if.*`,
            `schedule.unit_unknown`, `schedule.site_unknown`, `offer.option_unknown`.
        Conflict: `access.no_such_order`, `access.no_such_offer`, `what_if.order_over`,
            `what_if.offer_accepted`, `order.offer_expired`, `order.other_offer_accepted`,
            `order.slot_lost`, `hold.was_released`.
        OurFault: `schedule.judged_wrong`: a scenario would break rules; it is not told.
        CannotMake: a rush order cannot be made, or work does not fit before the horizon.
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
    plans = [planned(ctx, actor, one, floor, base, held, now_s) for one in scenarios]
    for plan in plans:
        refuse_wrong(base, plan, floor.progress, now_s)
    names = {key[0]: order.order_id for key, (order, _job) in floor.job_orders.items()}
    seen = {
        name: own
        for name in dict.fromkeys(names.values())
        if (own := visible_order(ctx.network, actor, orders[name])) is not None
    }
    view = _View(ctx, own_sites(ctx.network, actor), now_s, names, seen)
    meter = Meter(ctx.network)
    busiest = bottleneck_of(ctx.network, view.open(base), now_s, now_s + WINDOW_S)
    columns = [view.column("", base, base, meter, busiest.work_unit if busiest else "")]
    for scenario, plan in zip(scenarios, plans, strict=True):
        unit = busiest.work_unit if busiest else ""
        columns.append(view.column(scenario.name, base, plan, meter, unit))
    return WhatIf(now_s, tuple(columns), view.dates([base, *plans]), names)


class _View:
    """What one actor sees of planned floors."""

    def __init__(
        self,
        ctx: Context,
        sites: frozenset[str],
        now_s: int,
        names: Mapping[str, str],
        seen: Mapping[str, OrderState],
    ) -> None:
        self.ctx, self.sites, self.now_s, self.names, self.seen = ctx, sites, now_s, names, seen

    def open(self, plan: Planned) -> list[Slot]:
        """Return what is still to end at the actor's sites."""
        return [slot for slot in plan.slots if slot.end_s > self.now_s and self._own(slot)]

    def column(self, name: str, base: Planned, plan: Planned, meter: Meter, unit: str) -> Column:
        """Return a column of the comparison."""
        slots = self.open(plan)
        before = [slot for slot in base.slots if self._own(slot)]
        after = [slot for slot in plan.slots if self._own(slot)]
        outages = plan.outages
        moves = moves_of(plan.network, before, after, plan.jobs, outages, plan.gone)
        late = [
            at_s - promised_s
            for _where, _zone, promised_s, at_s in self._expected(plan).values()
            if at_s is not None
        ]
        to_s = self.now_s + WINDOW_S
        busy = bottleneck_of(plan.network, slots, self.now_s, to_s, unit) if unit else None
        return Column(
            name,
            meter.measured(slots, plan.jobs, late, busy),
            movement_of(before, after),
            tuple(self._shown(move) for move in moves),
        )

    def dates(self, plans: Sequence[Planned]) -> tuple[Dates, ...]:
        """Return the orders whose dates differ between the plans, the latest first."""
        columns = [self._expected(plan) for plan in plans]
        found = []
        for name in dict.fromkeys(name for column in columns for name in column):
            at = tuple(column[name][3] if name in column else None for column in columns)
            if len(set(at)) == 1:
                continue
            where, zone, promised_s, _at = next(c[name] for c in columns if name in c)
            found.append(Dates(name, where, zone, promised_s, at))

        def behind_s(one: Dates) -> int:
            return max(at_s - one.promised_s for at_s in one.expected_s if at_s is not None)

        return tuple(sorted(found, key=lambda one: (-behind_s(one), one.order_id)))

    def _expected(
        self, plan: Planned
    ) -> dict[str, tuple[Literal["door", "gate"], str, int, int | None]]:
        """Return by order where its dates are, their zone, the promised and the expected one."""
        last: dict[str, Slot] = {}
        for slot in plan.slots:
            name = self.names.get(slot.holder)
            if name is None or not self._own(slot):
                continue
            if name not in last or slot.end_s > last[name].end_s:
                last[name] = slot
        found: dict[str, tuple[Literal["door", "gate"], str, int, int | None]] = {}
        for name, slot in last.items():
            order = self.seen.get(name)
            if order is None:
                continue
            site = self.ctx.network.site_of(slot.resource_id)
            if order.zone_id:
                zone = self.ctx.network.delivery_zone[order.zone_id].zone
                at_s = self._at_door(slot, order.zone_id)
                found[name] = "door", zone, order.promised_at_s, at_s
            else:
                at_s = slot.end_s + self.ctx.settings.handover_s
                found[name] = "gate", site.zone, order.due_s or order.promised_at_s, at_s
        for rush in plan.rushes:
            found[rush.holder] = self._of_rush(plan, rush)
        return found

    def _of_rush(
        self, plan: Planned, rush: Rush
    ) -> tuple[Literal["door", "gate"], str, int, int | None]:
        ends = [slot for slot in plan.slots if slot.holder == rush.holder]
        last = max(ends, key=lambda slot: slot.end_s)
        zone = self.ctx.network.delivery_zone[rush.zone_id].zone
        return "door", zone, rush.by_s, self._at_door(last, rush.zone_id)

    def _at_door(self, slot: Slot, zone_id: str) -> int:
        network = self.ctx.network
        lane_s = network.lane_s(network.site_of(slot.resource_id).site_id, zone_id) or 0
        leaves_s = max(self.now_s, slot.end_s + self.ctx.settings.handover_s)
        return opens_s(network.delivery_zone[zone_id], leaves_s + lane_s)

    def _own(self, slot: Slot) -> bool:
        return self.ctx.network.site_of(slot.resource_id).site_id in self.sites

    def _shown(self, move: Move) -> Move:
        """Return a move whose reason names orders instead of groups."""
        other = move.why.params.get("other")
        if other is None:
            return move
        named = {**move.why.params, "other": self.names.get(str(other), str(other))}
        return replace(move, why=Reason(move.why.code, named))
