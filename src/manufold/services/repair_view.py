"""What one actor sees of a repair: its own moves, and which of its orders come late, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from manufold.model.errors import Reason
from manufold.model.execution import JobOrder, OrderState, UnitState
from manufold.model.party import Actor
from manufold.model.schedule import Slot
from manufold.scheduling.moves import Move, Movement, movement_of, moves_of
from manufold.scheduling.outages import Outage
from manufold.services.access import own_sites, visible_order
from manufold.services.context import Context
from manufold.services.documents import plan_of
from manufold.services.floor import Floor
from manufold.services.standing import expected, outlook_of
from manufold.services.why_late import why

__all__ = ["RepairView", "StillLate"]


@dataclass(frozen=True, slots=True)
class StillLate:
    """An order that comes after its promised date.

    Args:
        where: "door" for the whole order, "gate" for a supplier's own part.
        zone: IANA zone of the door, or of the gate.
        forecast_s: when it is expected there; None where nothing is planned any more.
        why: the cause to act on first.
    """

    order_id: str
    where: Literal["door", "gate"]
    zone: str
    promised_s: int
    forecast_s: int | None
    late_s: int
    why: tuple[Reason, ...]


class RepairView:
    """A floor before and after, as one actor sees it.

    Args:
        orders: all there are.
        outages: what is down or away, told or logged.
    """

    def __init__(
        self,
        ctx: Context,
        actor: Actor,
        floor: Floor,
        orders: Mapping[str, OrderState],
        units: Mapping[str, UnitState],
        outages: tuple[Outage, ...],
        now_s: int,
    ) -> None:
        self.ctx, self.actor, self.floor, self.now_s = ctx, actor, floor, now_s
        self.orders, self.units, self.outages = orders, units, outages
        self.sites = own_sites(ctx.network, actor)
        self.order_of = {key[0]: order.order_id for key, (order, _) in floor.job_orders.items()}

    def movement(self, after: tuple[Slot, ...]) -> Movement:
        """Return how much moves at the actor's sites."""
        return movement_of(self._own(self.floor.slots), self._own(after))

    def moves(self, after: tuple[Slot, ...]) -> tuple[Move, ...]:
        """Return what moves at the actor's sites and why, in the order of the new starts."""
        before, jobs = self.floor.slots, self.floor.jobs
        found = moves_of(self.ctx.network, before, after, jobs, self.outages)
        own = (move for move in found if self._own((move.slot,)))
        return tuple(replace(move, why=self._shown(move)) for move in own)

    def late(self, after: tuple[Slot, ...]) -> tuple[StillLate, ...]:
        """Return the actor's orders that come late where the slots stand so, the latest first."""
        laid = {**self.orders, **self._laid(after)}
        outlook = outlook_of(self.ctx, self.units, laid)
        begun = {o.resource_id: o.from_s for o in self.outages if o.from_s <= self.now_s}
        outlook = replace(outlook, down={**begun, **outlook.down})
        found = []
        for order_id in dict.fromkeys(self.order_of.values()):
            seen = visible_order(self.ctx.network, self.actor, laid[order_id])
            if seen is None:
                continue
            one = expected(outlook, seen)
            if one.standing == "late":
                told = why(outlook, seen, one)
                late_s = max(one.late_s, (one.forecast_s or 0) - one.promised_s)
                found.append(
                    StillLate(
                        order_id,
                        one.where,
                        self._zone(seen),
                        one.promised_s,
                        one.forecast_s,
                        late_s,
                        told,
                    )
                )
        return tuple(sorted(found, key=lambda late: (-late.late_s, late.order_id)))

    def _laid(self, after: tuple[Slot, ...]) -> dict[str, OrderState]:
        """Return the orders as they were if their slots stood so."""
        jobs: dict[str, dict[str, JobOrder]] = {}
        for slot in after:
            order, job = self.floor.job_orders[slot.holder, slot.operation_id]
            if job.state not in ("finished", "cancelled"):
                jobs.setdefault(order.order_id, {})[job.job_order_id] = self._at(job, slot)
        return {
            order_id: replace(self.orders[order_id], jobs={**self.orders[order_id].jobs, **moved})
            for order_id, moved in jobs.items()
        }

    def _at(self, job: JobOrder, slot: Slot) -> JobOrder:
        return replace(
            job,
            resource_id=slot.resource_id,
            seat=slot.seat,
            site_id=self.ctx.network.site_of(slot.resource_id).site_id,
            start_s=slot.start_s,
            setup_s=slot.setup_s,
            end_s=slot.end_s,
            agreed_s=job.start_s if job.agreed_s is None else job.agreed_s,
            also=slot.also,
        )

    def _own(self, slots: tuple[Slot, ...]) -> tuple[Slot, ...]:
        site_of = self.ctx.network.site_of
        return tuple(slot for slot in slots if site_of(slot.resource_id).site_id in self.sites)

    def _zone(self, seen: OrderState) -> str:
        if seen.zone_id:
            return self.ctx.network.delivery_zone[seen.zone_id].zone
        return self.ctx.network.site[next(iter(seen.jobs.values())).site_id].zone

    def _shown(self, move: Move) -> Reason:
        """Return why something moves, orders named instead of groups, and of what other owners do
        only that it comes later."""
        found = move.why
        if "other" in found.params:
            name = str(found.params["other"])
            return Reason(found.code, {**found.params, "other": self.order_of.get(name, name)})
        if found.code == "repair.predecessor":
            order = self.orders[self.order_of[move.slot.holder]]
            plan = plan_of(self.ctx, order.plan_digest)
            own = {
                plan.operation[job.operation_id].name
                for job in order.jobs.values()
                if job.site_id in self.sites
            }
            if found.params["before"] not in own:
                return Reason("repair.pieces_later", {})
        return found
