"""Asked: a scenario while it is read against the floor: what is down, away, longer open, gone,
wanted sooner or there later, and the new orders to place.

An order or an offer is named by its id, or by the first or last letters of it where they fit one
alone; several are named in the refusal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from manufold.model.errors import Conflict, InputFault, Reason
from manufold.model.execution import OrderState
from manufold.model.offer import Offer
from manufold.model.party import Actor
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job, Slot
from manufold.model.units import to_rfc3339
from manufold.offer.started import quantity_to_start
from manufold.scheduling.outages import Outage
from manufold.services.access import own_sites, visible_offer, visible_order
from manufold.services.candidates import material_at
from manufold.services.context import Context
from manufold.services.documents import offer_of, order_of, orders_of, plan_of
from manufold.services.floor import Floor
from manufold.services.free_stock import free_stock
from manufold.services.holds import lost_hold, open_offers, refuse_lost
from manufold.services.scenario import Change

__all__ = ["Asked", "Rush"]

#: letters of an id that may stand for it
_ENDS_LEAST = 6
#: ids that a refusal names
_NAMED_MOST = 5


@dataclass(frozen=True, slots=True)
class Rush:
    """A rush order that is new: what it is called, where it is made, how many, where it goes and
    when it is wanted there.

    Args:
        options: that hold something until it is placed.
        started: pieces that are begun.
        due_s: end of the work that keeps its date.
    """

    holder: str
    options: frozenset[str]
    sites: frozenset[str]
    quantity: int
    zone_id: str
    by_s: int
    plan: ProcessPlan
    started: int
    due_s: int


class Asked:
    """A scenario while it is read against the floor."""

    def __init__(
        self, ctx: Context, actor: Actor, floor: Floor, jobs: Mapping[str, Job], now_s: int
    ) -> None:
        self.ctx, self.actor, self.floor, self.now_s = ctx, actor, floor, now_s
        self.sites = own_sites(ctx.network, actor)
        self.network = ctx.network
        self.jobs = dict(jobs)
        self.outages: list[Outage] = []
        self.gone: dict[str, Reason] = {}
        self.wanted_s: dict[str, int] = {}
        self.hurried_s: dict[str, int] = {}
        self.stock: dict[tuple[str, str], Decimal] | None = None
        self.rushes: list[Rush] = []
        self.longer: set[str] = set()
        self.shifts = 0
        self.weighed = False

    def take(self, change: Change) -> None:
        """Apply one change.

        Raises:
            InputFault: `what_if.over` for what ends before now; what it names is unknown.
            Conflict: `access.no_such_order`, `what_if.order_over`, of an offer as `_open_offer`.
        """
        if change.to_s and change.to_s <= self.now_s:
            until = to_rfc3339(change.to_s)
            raise InputFault("what_if.over", kind=change.kind, until=until)
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
        if change.kind == "rush":
            self.hurried_s[order.order_id] = change.by_s
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
        network, actor = self.ctx.network, self.actor
        order = visible_order(network, actor, order_of(self.ctx, order_id))
        if order is None:
            named = [one for one in orders_of(self.ctx) if _named_by(order_id, one.order_id)]
            seen = [one for one in named if visible_order(network, actor, one) is not None]
            name = _the_one(order_id, [one.order_id for one in seen])
            order = visible_order(network, actor, order_of(self.ctx, name))
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
        offer = _open_offer(ctx, self.actor, self._offer_id(change.offer), self.now_s)
        option = offer.option(change.option or "fast")
        plan = plan_of(ctx, offer.pins[f"plan:{option.process_plan_id}"])
        quantity = change.quantity or offer.quantity
        started = quantity_to_start(
            quantity, plan.yield_fraction, ctx.settings.start_confidence_fraction
        )
        lane_s = ctx.network.lane_s(option.sites[-1], offer.zone_id) or 0
        due_s = change.by_s - lane_s - ctx.settings.handover_s
        sites = frozenset(option.sites)
        beside = open_offers(ctx, offer.party_id, offer.design_revision, self.now_s)
        ended = frozenset(name for one in beside for name in one.options)
        holder = f"rush {len(self.rushes) + 1}"
        self.wanted_s[holder] = due_s
        self.rushes.append(
            Rush(holder, ended, sites, quantity, offer.zone_id, change.by_s, plan, started, due_s)
        )

    def job_of(self, rush: Rush) -> Job:
        """Return the work of a new order, its material from what those before it have left."""
        there = material_at(self.ctx.network, rush.plan, rush.started, self._stock(), self.now_s)
        ready: dict[str, int] = {}
        for (name, where), at_s in there.ready_s.items():
            if where in rush.sites:
                ready[name] = max(at_s, ready.get(name, 0))
        return Job(rush.holder, rush.plan, rush.started, self.now_s, ready, rush.due_s)

    def take_material(self, rush: Rush, slots: Iterable[Slot]) -> None:
        """Take what a new order needs out of stock, where there is enough for it."""
        stock = self._stock()
        ready_s = material_at(self.ctx.network, rush.plan, rush.started, stock, self.now_s).ready_s
        site_of = {slot.operation_id: self.ctx.network.site_of(slot.resource_id) for slot in slots}
        for line in rush.plan.bill_of_materials:
            site_id = site_of[line.at_operation].site_id
            key = site_id, line.material_id
            if ready_s[line.at_operation, site_id] <= self.now_s and key in stock:
                stock[key] = max(Decimal(0), stock[key] - line.quantity * rush.started)

    def _stock(self) -> dict[tuple[str, str], Decimal]:
        """Return what new orders may take: all of them out of the same."""
        if self.stock is None:
            self.stock = free_stock(self.ctx)
        return self.stock

    def _offer_id(self, text: str) -> str:
        """Return the id of the one open offer that is so named; else the text itself."""
        if offer_of(self.ctx, text) is not None or self.actor.role != "network_operator":
            return text
        found: list[str] = []
        after = ""
        while page := self.ctx.store.scan("offer", after):
            found += [name for name, _document in page if _named_by(text, name)]
            after = page[-1][0]
        return _the_one(text, found)


def _named_by(text: str, name: str) -> bool:
    """Return whether the first or the last letters of an id are a text."""
    return len(text) >= _ENDS_LEAST and (name.startswith(text) or name.endswith(text))


def _the_one(text: str, found: Sequence[str]) -> str:
    """Return what was found, if it is one alone; the text itself if it is nothing.

    Raises:
        InputFault: `what_if.name_of_several`.
    """
    if len(found) > 1:
        known = ", ".join(sorted(found)[:_NAMED_MOST])
        raise InputFault("what_if.name_of_several", text=text[:80], count=len(found), known=known)
    return found[0] if found else text


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
