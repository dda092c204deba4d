"""What one actor sees of planned floors: columns of measures, dates that differ, and why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from manufold.model.errors import Param, Reason
from manufold.model.execution import OrderState
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S, to_rfc3339
from manufold.scheduling.moves import Move, Movement, movement_of, moves_of
from manufold.services.context import Context
from manufold.services.door import opens_s
from manufold.services.what_if_asked import Rush
from manufold.services.what_if_floor import Planned
from manufold.services.what_if_measures import Measures, Meter, bottleneck_of
from manufold.services.what_if_why import Causes, hangs_on

__all__ = ["WINDOW_S", "Column", "Dates", "View"]

#: over which the bottleneck is looked for
WINDOW_S = 14 * DAY_S


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario, or everything as it is, which has no name and no moves.

    Args:
        notes: what became of the orders that are wanted sooner.
    """

    name: str
    measures: Measures
    movement: Movement
    moves: tuple[Move, ...]
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Dates:
    """An order that changes in one of the scenarios, or was to come sooner there.

    Args:
        order_id: "rush 1" for a new one.
        where: "door" for the whole order, "gate" for a supplier's own part.
        promised_s: what was promised there; wanted, for a rush order.
        expected_s: in each column when it is expected there, None where it is not made.
        why: in each column what makes it later than as it is, None where it is not.
    """

    order_id: str
    where: Literal["door", "gate"]
    zone: str
    promised_s: int
    expected_s: tuple[int | None, ...]
    why: tuple[Reason | None, ...]


#: where it is expected, the zone of that place, what was promised or is wanted there, and when
Placed = tuple[Literal["door", "gate"], str, int, int | None]


class View:
    """What one actor sees of planned floors.

    Args:
        base: everything as it is.
        sites: the actor's own.
        names: group of slots -> order.
        seen: what the actor sees of each order.
        begun: (group, operation) that is history.
    """

    def __init__(
        self,
        ctx: Context,
        base: Planned,
        sites: frozenset[str],
        now_s: int,
        names: Mapping[str, str],
        seen: Mapping[str, OrderState],
        begun: Collection[tuple[str, str]],
    ) -> None:
        self.ctx, self.base, self.sites, self.now_s = ctx, base, sites, now_s
        self.names, self.seen, self.begun = names, seen, begun
        self.groups: dict[str, list[str]] = {}
        for group, order in names.items():
            self.groups.setdefault(order, []).append(group)
        self._told: dict[int, tuple[Move, ...]] = {}

    def open(self, plan: Planned) -> list[Slot]:
        """Return what is still to end at the actor's sites."""
        return [slot for slot in plan.slots if slot.end_s > self.now_s and self._own(slot)]

    def known(self) -> tuple[Reason, ...]:
        """Return what is down or away at the actor's sites before any scenario."""
        network, found = self.ctx.network, []
        for one in self.base.outages:
            operator = network.operator.get(one.resource_id)
            site_id = (
                network.site_of(one.resource_id).site_id if operator is None else operator.site_id
            )
            if site_id not in self.sites:
                continue
            zone = network.site[site_id].zone
            told: dict[str, Param] = {
                "since": to_rfc3339(one.from_s, zone),
                "until": to_rfc3339(one.to_s, zone),
            }
            if operator is None:
                name = network.work_unit[one.resource_id].name
                found.append(Reason("what_if.known_down", {"unit": name, **told}))
            else:
                found.append(Reason("what_if.known_away", {"operator": one.resource_id, **told}))
        return tuple(found)

    def column(self, name: str, plan: Planned, meter: Meter, unit: str) -> Column:
        """Return a column of the comparison."""
        slots = self.open(plan)
        before = [slot for slot in self.base.slots if self._own(slot)]
        after = [slot for slot in plan.slots if self._own(slot)]
        moves = self._moves(plan)
        expected = self._expected(plan)
        late = [
            at_s - promised_s
            for _where, _zone, promised_s, at_s in expected.values()
            if at_s is not None
        ]
        to_s = self.now_s + WINDOW_S
        busy = bottleneck_of(plan.network, slots, self.now_s, to_s, unit) if unit else None
        return Column(
            name,
            meter.measured(slots, plan.jobs, late, busy),
            movement_of(before, after),
            tuple(replace(move, why=self._shown(move.why)) for move in moves),
            tuple(self._notes(plan, expected)),
        )

    def _moves(self, plan: Planned) -> tuple[Move, ...]:
        """Return what moves at the actor's sites against everything as it is."""
        if id(plan) not in self._told:
            before = [slot for slot in self.base.slots if self._own(slot)]
            after = [slot for slot in plan.slots if self._own(slot)]
            self._told[id(plan)] = moves_of(
                plan.network, before, after, plan.jobs, plan.outages, plan.gone
            )
        return self._told[id(plan)]

    def _notes(self, plan: Planned, expected: Mapping[str, Placed]) -> Iterator[Reason]:
        """Yield what became of the orders that are wanted sooner."""
        before = self._expected(self.base)
        wanted = [*plan.hurried_s.items(), *((rush.holder, rush.by_s) for rush in plan.rushes)]
        for name, by_s in wanted:
            _where, zone, _promised_s, at_s = expected.get(name, ("door", "UTC", 0, None))
            was_s = before[name][3] if name in before else None
            if at_s is None:
                continue
            told: dict[str, Param] = {
                "order": name,
                "by": to_rfc3339(by_s, zone),
                "at": to_rfc3339(at_s, zone),
                "late_s": max(0, at_s - by_s),
                "gain_s": 0 if was_s is None else was_s - at_s,
            }
            if at_s <= by_s:
                if was_s is not None and was_s <= by_s:
                    yield Reason("what_if.rush_early", told)
                continue
            gains = was_s is not None and was_s > at_s
            new = was_s is None
            if gains:
                yield Reason("what_if.rush_short", told)
            else:
                yield Reason("what_if.rush_new_late" if new else "what_if.rush_nothing", told)
            if new or self.seen[name].zone_id:  # of other owners' part it is not told
                groups = self.groups.get(name, [name])
                yield from hangs_on(self.ctx, plan, groups, self.begun, self.now_s)

    def dates(self, plans: Sequence[Planned]) -> tuple[Dates, ...]:
        """Return the orders whose dates differ between the plans, those that were to come sooner
        first, then the latest first."""
        columns = [self._expected(plan) for plan in plans]
        causes = [Causes(plan, self._moves(plan)) for plan in plans]
        hurried = {name for plan in plans for name in plan.hurried_s}
        found = []
        for name in dict.fromkeys(name for column in columns for name in column):
            at = tuple(column[name][3] if name in column else None for column in columns)
            if len(set(at)) == 1 and name not in hurried:
                continue
            where, zone, promised_s, _at = next(c[name] for c in columns if name in c)
            groups = self.groups.get(name, ())
            why = tuple(
                self._shown(told)
                if at[0] is not None
                and at_s is not None
                and at_s > at[0]
                and (told := cause.why_later(groups)) is not None
                else None
                for at_s, cause in zip(at, causes, strict=True)
            )
            found.append(Dates(name, where, zone, promised_s, at, why))

        def behind_s(one: Dates) -> int:
            return max(at_s - one.promised_s for at_s in one.expected_s if at_s is not None)

        wanted = {*hurried, *(rush.holder for plan in plans for rush in plan.rushes)}
        return tuple(
            sorted(
                found, key=lambda one: (one.order_id not in wanted, -behind_s(one), one.order_id)
            )
        )

    def _expected(self, plan: Planned) -> dict[str, Placed]:
        """Return by order where its dates are, their zone, the promised and the expected one."""
        last: dict[str, Slot] = {}
        for slot in plan.slots:
            name = self.names.get(slot.holder)
            if name is None or not self._own(slot):
                continue
            if name not in last or slot.end_s > last[name].end_s:
                last[name] = slot
        found: dict[str, Placed] = {}
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

    def _of_rush(self, plan: Planned, rush: Rush) -> Placed:
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

    def _shown(self, why: Reason) -> Reason:
        """Return a reason that names orders instead of groups."""
        other = why.params.get("other")
        if other is None:
            return why
        return Reason(why.code, {**why.params, "other": self.names.get(str(other), str(other))})
