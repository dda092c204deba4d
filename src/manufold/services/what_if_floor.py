"""The floor of a scenario: a copy of the floor as it stands, changed, planned and never booked.

First everything is repaired with as few moves as will do. Then comes what only better times bring:
work moves up into an extra shift in its order, late orders are brought forward past work that can
spare the time, and a rush order takes what it needs to come by its date.

What is held for an offer stays held, but for what is in the way of work that keeps its order, as on
the live floor, and for the offer that a rush order accepts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from manufold.model.errors import Conflict, InputFault, Reason
from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.offer import Offer
from manufold.model.party import Actor
from manufold.model.schedule import Job, Slot, dispatch_lists
from manufold.model.units import to_rfc3339
from manufold.offer.started import quantity_to_start
from manufold.scheduling.forecast import forecast
from manufold.scheduling.load import Load
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.promise import promise
from manufold.scheduling.repair import repair
from manufold.scheduling.rescue import rescue
from manufold.services.access import own_sites, visible_offer, visible_order
from manufold.services.better import pinned_of
from manufold.services.candidates import material_at
from manufold.services.context import Context
from manufold.services.documents import offer_of, order_of, plan_of
from manufold.services.floor import Floor
from manufold.services.free_stock import free_stock
from manufold.services.holds import lost_hold, open_offers, refuse_lost
from manufold.services.scenario import Change, Scenario
from manufold.services.what_if_holds import clashes, still_held

__all__ = ["Planned", "Rush", "as_it_is", "planned"]

#: how often work that moves up is put behind what is held there
_UP_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Rush:
    """A rush order that is new: what it is called, where it is made, how many, where it goes and
    when it is wanted there.

    Args:
        options: that hold something until it is placed.
    """

    holder: str
    options: frozenset[str]
    sites: frozenset[str]
    quantity: int
    zone_id: str
    by_s: int


@dataclass(frozen=True, slots=True)
class Planned:
    """Where everything would stand.

    Args:
        network: with extra shifts, without outages.
        gone: groups that are not made any more.
        wanted_s: groups that are to end by then, rush orders.
        rushes: new orders among them.
        held: slots of offers that keep their hold.
    """

    network: Network
    slots: tuple[Slot, ...]
    jobs: Mapping[str, Job]
    outages: tuple[Outage, ...]
    gone: Mapping[str, Reason] = field(default_factory=dict)
    wanted_s: Mapping[str, int] = field(default_factory=dict)
    rushes: tuple[Rush, ...] = ()
    held: tuple[Slot, ...] = ()


def as_it_is(ctx: Context, floor: Floor, now_s: int) -> Planned:
    """Return the floor as it leads on when nothing else happens."""
    lists = dispatch_lists(floor.slots, claims=True)
    found = forecast(ctx.network, lists, floor.jobs, floor.progress, now_s, floor.outages)
    at = {(slot.holder, slot.operation_id): slot for slot in found.slots}
    slots = tuple(at[slot.holder, slot.operation_id] for slot in floor.slots)
    return Planned(ctx.network, slots, floor.jobs, floor.outages)


def planned(
    ctx: Context,
    actor: Actor,
    scenario: Scenario,
    floor: Floor,
    base: Planned,
    held: Sequence[Slot],
    now_s: int,
) -> Planned:
    """Return where everything would stand in a scenario.

    Raises:
        InputFault, Conflict: what the scenario names is unknown, or not the actor's.
        CannotMake: a rush order cannot be made.
    """
    asked = _Asked(ctx, actor, floor, base, now_s)
    for change in scenario.changes:
        asked.take(change)
    pinned = pinned_of(floor)
    live = tuple(slot for slot in base.slots if slot.holder not in asked.gone)
    outages = (*base.outages, *asked.outages)
    told = (asked.jobs, floor.progress, now_s, outages)
    held = still_held(held, live, now_s)
    slots = repair(asked.network, live, *told, fewest=True, held=held, pinned=pinned).slots
    held = still_held(held, slots, now_s)
    if asked.longer:
        slots = _moved_up(asked, slots, held, pinned, outages)
    network = with_outages(asked.network, outages)
    due_s = {h: job.due_s for h, job in asked.jobs.items() if job.due_s is not None}
    helped = asked.longer or asked.gone or asked.weighed
    if helped:
        slots = _rescued(network, asked.jobs, slots, held, due_s, now_s, pinned, None)
    for rush in asked.rushes:
        job = asked.rushed[rush.holder]
        held = tuple(slot for slot in held if slot.holder not in rush.options)
        load = Load.of(network, (), now_s).with_slots((*slots, *held))
        made = promise(load, network, job, sites=rush.sites, to_site_or_zone=rush.zone_id)
        slots = (*slots, *made.slots)
        asked.jobs[rush.holder] = job
    if asked.wanted_s:
        safe_s = due_s | asked.wanted_s
        only = frozenset(asked.wanted_s)
        slots = _rescued(network, asked.jobs, slots, held, safe_s, now_s, pinned, only)
    return Planned(
        asked.network,
        slots,
        asked.jobs,
        outages,
        asked.gone,
        asked.wanted_s,
        tuple(asked.rushes),
        held,
    )


def _rescued(
    network: Network,
    jobs: Mapping[str, Job],
    slots: tuple[Slot, ...],
    held: Sequence[Slot],
    safe_s: Mapping[str, int],
    now_s: int,
    pinned: frozenset[tuple[str, str]],
    only: frozenset[str] | None,
) -> tuple[Slot, ...]:
    found = rescue(network, (*slots, *held), jobs, safe_s, now_s, pinned, only=only, gate_s=now_s)
    new = {(slot.holder, slot.operation_id): slot for slot in found.claim}
    return tuple(new.get((slot.holder, slot.operation_id), slot) for slot in slots)


def _moved_up(
    asked: "_Asked",
    slots: tuple[Slot, ...],
    held: Sequence[Slot],
    pinned: frozenset[tuple[str, str]],
    outages: Sequence[Outage],
) -> tuple[Slot, ...]:
    """Return the slots with the work of longer open units, and what follows it, moved up, but no
    further than to the end of what an offer holds."""
    follows: set[tuple[str, str]] = set()
    for job in asked.jobs.values():
        own = {slot.operation_id: slot for slot in slots if slot.holder == job.holder}
        for operation in job.plan.operations:
            slot = own.get(operation.operation_id)
            if slot is None:
                continue
            after = any((job.holder, name) in follows for name in operation.after)
            if after or slot.resource_id in asked.longer:
                follows.add((job.holder, operation.operation_id))
    agreed_s = dict.fromkeys(follows - pinned, asked.now_s)
    away = [one for one in outages if one.resource_id in asked.network.operator]
    down = [one for one in outages if one.resource_id not in asked.network.operator]
    network, lists = with_outages(asked.network, away), dispatch_lists(slots, claims=True)
    told = (asked.jobs, asked.floor.progress, asked.now_s, down)
    old_s = {(slot.holder, slot.operation_id): slot.start_s for slot in slots}
    for _round in range(_UP_ROUNDS):
        found = forecast(network, lists, *told, agreed_s)
        at = {(slot.holder, slot.operation_id): slot for slot in found.slots}
        up = tuple(at[slot.holder, slot.operation_id] for slot in slots)
        taken = clashes(up, held, asked.now_s)
        if not taken:
            return up
        for slot, other in taken:
            key = (slot.holder, slot.operation_id)
            if key in agreed_s:
                agreed_s[key] = min(old_s[key], max(agreed_s[key], other.end_s))
    return slots


class _Asked:
    """A scenario while it is read against the floor."""

    def __init__(self, ctx: Context, actor: Actor, floor: Floor, base: Planned, now_s: int) -> None:
        self.ctx, self.actor, self.floor, self.now_s = ctx, actor, floor, now_s
        self.sites = own_sites(ctx.network, actor)
        self.network = ctx.network
        self.jobs = dict(base.jobs)
        self.outages: list[Outage] = []
        self.gone: dict[str, Reason] = {}
        self.wanted_s: dict[str, int] = {}
        self.rushed: dict[str, Job] = {}
        self.rushes: list[Rush] = []
        self.longer: set[str] = set()
        self.shifts = 0
        self.weighed = False

    def take(self, change: Change) -> None:
        """Apply one change."""
        if change.kind == "down":
            self._unit(change.work_unit)
            self.outages.append(Outage(change.work_unit, change.from_s, change.to_s))
        elif change.kind == "absent":
            operator = self.ctx.network.operator.get(change.operator)
            if operator is None or operator.site_id not in self.sites:
                raise InputFault("what_if.operator_unknown", operator=change.operator[:80])
            self.outages.append(Outage(change.operator, change.from_s, change.to_s))
        elif change.kind == "extra_shift":
            self._open(change)
        elif change.kind == "rush" and change.offer:
            self._new(change)
        else:
            self._of_order(change)

    def _of_order(self, change: Change) -> None:
        order = self._order(change.order)
        groups = [g for g, (o, _job) in self._groups().items() if o == order.order_id]
        if not groups:
            raise Conflict("what_if.order_over", order=order.order_id)
        taking = self._taking(order, groups, change) if change.kind == "late_material" else {}
        for group in groups:
            job = self.jobs[group]
            if change.kind == "cancel":
                self.gone[group] = Reason("what_if.cancelled", {})
                del self.jobs[group]
            elif change.kind == "weight":
                self.weighed = True
                self.jobs[group] = replace(job, weight=change.weight)
            elif change.kind == "rush":
                self.wanted_s[group] = self._ends_by(order.zone_id, group, change.by_s)
            else:
                later = {n: max(change.to_s, job.ready_s.get(n, 0)) for n in taking[group]}
                self.jobs[group] = replace(job, ready_s={**job.ready_s, **later})

    def _groups(self) -> Mapping[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for (group, _name), (order, job) in self.floor.job_orders.items():
            if group in self.jobs:
                found[group] = order.order_id, job.job_order_id
        return found

    def _taking(
        self, order: OrderState, groups: Sequence[str], change: Change
    ) -> Mapping[str, list[str]]:
        """Return by group the operations whose material is late, of those that the actor sees."""
        seen = {
            group: [
                name
                for name in (o.operation_id for o in self.jobs[group].plan.operations)
                if self.floor.job_orders[group, name][1].job_order_id in order.jobs
            ]
            for group in groups
        }
        if change.operation:
            known = dict.fromkeys(name for names in seen.values() for name in names)
            if change.operation not in known:
                raise InputFault(
                    "what_if.operation_unknown",
                    operation=change.operation[:80],
                    known=", ".join(known),
                )
            return {g: [n for n in names if n == change.operation] for g, names in seen.items()}
        found = {}
        for group, names in seen.items():
            taking = {line.at_operation for line in self.jobs[group].plan.bill_of_materials}
            found[group] = [name for name in names if name in taking] or names[:1]
        return found

    def _ends_by(self, zone_id: str, group: str, by_s: int) -> int:
        """Return the end of work that keeps a date at the door, at the gate for a supplier."""
        if not zone_id:
            return by_s - self.ctx.settings.handover_s
        slots = [s for (g, _n), (_o, s) in self.floor.job_orders.items() if g == group]
        last = max(slots, key=lambda one: one.end_s)
        lane_s = self.network.lane_s(last.site_id, zone_id) or 0
        return by_s - lane_s - self.ctx.settings.handover_s

    def _order(self, order_id: str) -> OrderState:
        order = visible_order(self.ctx.network, self.actor, order_of(self.ctx, order_id))
        if order is None:
            raise Conflict("access.no_such_order", order=order_id[:80], party=self.actor.party_id)
        return order

    def _unit(self, work_unit: str) -> None:
        network = self.ctx.network
        known = work_unit in network.work_unit
        if not known or network.site_of(work_unit).site_id not in self.sites:
            raise InputFault("schedule.unit_unknown", unit=work_unit[:80])

    def _open(self, change: Change) -> None:
        """Open a work unit, or all of a site, and have the site's operators come, too."""
        network = self.network
        if change.work_unit:
            self._unit(change.work_unit)
            site, units = network.site_of(change.work_unit).site_id, {change.work_unit}
        else:
            site = change.site
            if site not in self.sites:
                known = ", ".join(sorted(self.sites))
                raise InputFault("schedule.site_unknown", site=site[:80], known=known)
            units = {
                unit.work_unit_id
                for unit in network.work_units
                if network.site_of(unit.work_unit_id).site_id == site
            }
        self.longer |= units
        self.shifts += 1
        calendars = {}

        def opened(calendar_id: str) -> str:
            own = f"{calendar_id}, extra shift {self.shifts}"
            usual = network.calendar[calendar_id]
            more = (*usual.openings, (change.from_s, change.to_s))
            calendars[own] = replace(usual, calendar_id=own, openings=more)
            return own

        work_units = tuple(
            replace(unit, calendar_id=opened(unit.calendar_id))
            if unit.work_unit_id in units
            else unit
            for unit in network.work_units
        )
        operators = tuple(
            replace(one, calendar_id=opened(one.calendar_id)) if one.site_id == site else one
            for one in network.operators
        )
        self.network = replace(
            network,
            calendars=(*network.calendars, *calendars.values()),
            work_units=work_units,
            operators=operators,
        )

    def _new(self, change: Change) -> None:
        """Take a rush order for what an offer has planned."""
        ctx = self.ctx
        offer = _open_offer(ctx, self.actor, change.offer, self.now_s)
        option = offer.option(change.option or "fast")
        plan = plan_of(ctx, offer.pins[f"plan:{option.process_plan_id}"])
        quantity = change.quantity or offer.quantity
        started = quantity_to_start(
            quantity, plan.yield_fraction, ctx.settings.start_confidence_fraction
        )
        ready_s = material_at(ctx.network, plan, started, free_stock(ctx), self.now_s).ready_s
        holder = f"rush {len(self.rushes) + 1}"
        lane_s = ctx.network.lane_s(option.sites[-1], offer.zone_id) or 0
        due_s = change.by_s - lane_s - ctx.settings.handover_s
        ready: dict[str, int] = {}
        for (name, where), at_s in ready_s.items():
            if where in option.sites:
                ready[name] = max(at_s, ready.get(name, 0))
        self.rushed[holder] = Job(holder, plan, started, self.now_s, ready, due_s)
        self.wanted_s[holder] = due_s
        sites = frozenset(option.sites)
        beside = open_offers(ctx, offer.party_id, offer.design_revision, self.now_s)
        ended = frozenset(name for one in beside for name in one.options)
        self.rushes.append(Rush(holder, ended, sites, quantity, offer.zone_id, change.by_s))


def _open_offer(ctx: Context, actor: Actor, offer_id: str, now_s: int) -> Offer:
    """Return an offer that can still be accepted."""
    found = offer_of(ctx, offer_id)
    if found is None:
        refuse_lost(ctx, actor, offer_id)
    offer = visible_offer(ctx.network, actor, found, offer_id)
    answer = ctx.store.claimed(f"accept/{offer_id}")
    if answer is not None and "lost" in answer:
        raise lost_hold(answer, offer_id)
    if answer is not None:
        raise Conflict("what_if.offer_accepted", offer=offer_id, order=str(answer["order"]))
    if now_s >= offer.reservation.expires_s:
        expired_at = to_rfc3339(offer.reservation.expires_s)
        raise Conflict("order.offer_expired", offer=offer_id, expired_at=expired_at)
    return offer
