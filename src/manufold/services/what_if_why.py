"""Why in a scenario: what makes an order later, followed back to where something can be done, and
why one that is wanted sooner does not come sooner.

An order is late because its last operation is, that because the one before it is, or because other
work has its turn. The walk goes back along these moves to the first that nothing else pushed: a
work unit that is down, somebody who is away, material, a new order.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from manufold.model.errors import CannotMake, Reason
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S, to_rfc3339
from manufold.scheduling.load import Load
from manufold.scheduling.moves import Move
from manufold.scheduling.outages import with_outages
from manufold.scheduling.stands import stands
from manufold.services.context import Context
from manufold.services.naming import named
from manufold.services.what_if_floor import Planned

__all__ = ["Causes", "hangs_on"]

_STEPS_MOST = 200


class Causes:
    """The moves of a scenario, to be followed back."""

    def __init__(self, plan: Planned, moves: Iterable[Move]) -> None:
        self.plan = plan
        self.stands = {(slot.holder, slot.operation_id): slot for slot in plan.slots}
        self.of = {(move.slot.holder, move.slot.operation_id): move for move in moves}
        self.by_holder: dict[str, list[Move]] = {}
        for move in self.of.values():
            self.by_holder.setdefault(move.slot.holder, []).append(move)
        self.on: dict[tuple[str, int], list[tuple[int, Move]]] = {}
        for move in self.of.values():
            if move.after is not None and move.later_s > 0:
                for place, seat, _from_s, to_s in _spans(move.after):
                    self.on.setdefault((place, seat), []).append((to_s, move))

    def why_later(self, holders: Iterable[str]) -> Reason | None:
        """Return what makes the last of these groups later, None where nothing of them is."""
        later = [
            move for name in holders for move in self.by_holder.get(name, ()) if move.later_s > 0
        ]
        if not later:
            return None
        move: Move | None = max(later, key=lambda one: one.slot.end_s)
        passed: list[Move] = []
        while move is not None and len(passed) < _STEPS_MOST:
            passed.append(move)
            move = next((one for one in self._pushed_by(move) if one not in passed), None)
        return self._stretched(passed[-1]) or passed[-1].why

    def _stretched(self, move: Move) -> Reason | None:
        """Return what stops a predecessor that has begun: it has not moved, and ends later."""
        holder, job = move.slot.holder, self.plan.jobs.get(move.slot.holder)
        if job is None or move.why.code != "repair.predecessor":
            return None
        names = job.plan.operation[move.slot.operation_id].after
        begun = [self.stands[holder, name] for name in names if (holder, name) in self.stands]
        network = self.plan.network
        for slot in sorted(begun, key=lambda one: -one.end_s):
            for one in self.plan.outages:
                if one.resource_id == slot.resource_id and (
                    slot.start_s < one.to_s and one.from_s < slot.end_s
                ):
                    site = network.site_of(slot.resource_id)
                    until = to_rfc3339(one.to_s, site.zone)
                    unit = network.work_unit[slot.resource_id].name
                    return Reason("repair.down", {"unit": unit, "until": until})
        return None

    def _pushed_by(self, move: Move) -> Iterator[Move]:
        """Yield moves that made another necessary; none where it stands for itself."""
        was = move.before
        if move.why.code == "repair.predecessor":
            before = self._before(move)
            if before is not None:
                yield before
        elif move.why.code == "repair.gives_way" and was is not None:
            there = [
                other
                for other in self.by_holder.get(str(move.why.params["other"]), ())
                if other.later_s > 0 and other.after is not None and _meet(other.after, was)
            ]
            yield from sorted(there, key=lambda one: one.slot.start_s)
        if move.why.code in ("repair.gives_way", "repair.put_off"):
            yield from self._ahead(move)

    def _ahead(self, move: Move) -> Iterator[Move]:
        """Yield what ends later than it did and is done just before, on a seat or by an operator
        that it needs, too."""
        at, was = move.after, move.before
        if at is None or was is None:
            return
        ahead = {
            end_s: other
            for place, seat, start_s, _to_s in _spans(at)
            for end_s, other in self.on.get((place, seat), ())
            if was.start_s < end_s <= start_s and other is not move
        }
        for end_s in sorted(ahead, reverse=True)[:1]:
            yield ahead[end_s]

    def _before(self, move: Move) -> Move | None:
        holder, name = move.slot.holder, move.slot.operation_id
        job = self.plan.jobs.get(holder)
        if job is None:
            return None
        before = (self.of.get((holder, one)) for one in job.plan.operation[name].after)
        later = [one for one in before if one is not None and one.later_s > 0]
        return max(later, key=lambda one: one.slot.end_s, default=None)


def _meet(one: Slot, other: Slot) -> bool:
    """Return whether two slots take a seat, an operator or a tool at one time."""
    theirs = {(place, seat): (s, e) for place, seat, s, e in _spans(other)}
    return any(
        (place, seat) in theirs
        and from_s < theirs[place, seat][1]
        and theirs[place, seat][0] < to_s
        for place, seat, from_s, to_s in _spans(one)
    )


def _spans(slot: Slot) -> list[tuple[str, int, int, int]]:
    own = (slot.resource_id, slot.seat, slot.start_s, slot.end_s)
    return [own, *((c.resource_id, c.seat, c.start_s, c.end_s) for c in slot.also)]


def hangs_on(
    ctx: Context,
    plan: Planned,
    groups: Sequence[str],
    begun: Iterable[tuple[str, str]],
    now_s: int,
) -> tuple[Reason, ...]:
    """Return what the end of the group that ends last hangs on; nothing where nobody can say.

    Args:
        begun: (group, operation) that is history.
    """
    own = [slot for slot in plan.slots if slot.holder in groups]
    if not own:
        return ()
    holder = max(own, key=lambda slot: slot.end_s).holder
    history = {name for group, name in begun if group == holder}
    mine = [slot for slot in own if slot.holder == holder]
    fixed = {slot.operation_id: slot for slot in mine if slot.operation_id in history}
    left = [slot for slot in mine if slot.operation_id not in history]
    if not left:
        return (Reason("schedule.binding_begun", {}),)
    others = [slot for slot in plan.slots if slot.holder != holder and slot.end_s > now_s]
    network = with_outages(plan.network, plan.outages)
    horizon_s = max(slot.end_s for slot in own) - now_s + ctx.settings.horizon_days * DAY_S
    load = Load.of(network, (), now_s, horizon_s).with_slots([*others, *plan.held, *fixed.values()])
    job = plan.jobs[holder]
    with suppress(CannotMake):
        return named(ctx.network, job.plan, [stands(load, job, left, fixed).binding])
    return ()
