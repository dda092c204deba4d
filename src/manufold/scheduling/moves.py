"""Moves: what stands elsewhere than before, how far it moved, and why.

A slot that moved is compared with where it stood. Whatever could not be in its old place any more
is the cause: a work unit that is down, an operator who is away, material that comes later, its own
predecessor, or other work that now takes its seat, its operator or its tool. What came forward had
nothing against it. What stays where it was while somebody else attends it is told, too, but has not
moved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from manufold.model.errors import Param, Reason
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.model.units import to_rfc3339
from manufold.scheduling.outages import Outage

__all__ = ["Move", "Movement", "movement_of", "moves_of"]

Key = tuple[str, str]
#: (resource, seat)
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Move:
    """An operation that does not stand where it stood, or is attended by somebody else.

    Args:
        before: None for what is new.
        after: None for what is gone.
    """

    before: Slot | None
    after: Slot | None
    why: Reason

    @property
    def slot(self) -> Slot:
        """Where it stands, or stood."""
        found = self.before if self.after is None else self.after
        assert found is not None
        return found

    @property
    def moved(self) -> bool:
        """Whether it stands elsewhere or at another time, is new or gone."""
        if self.before is None or self.after is None:
            return True
        return _stands(self.before) != _stands(self.after)

    @property
    def later_s(self) -> int:
        """How much later it ends, negative for sooner, 0 for what is new or gone."""
        if self.before is None or self.after is None:
            return 0
        return self.after.end_s - self.before.end_s


@dataclass(frozen=True, slots=True, order=True)
class Movement:
    """How much moved: smaller is less.

    Args:
        count: slots that begin at another time or stand on another seat.
        moved_s: by how much they begin earlier or later, summed.
        elsewhere: how many of them stand on another seat.
    """

    count: int
    moved_s: int
    elsewhere: int


def movement_of(before: Iterable[Slot], after: Iterable[Slot]) -> Movement:
    """Return how much moved between two schedules of the same operations."""
    old = {_key(slot): slot for slot in before}
    count = moved_s = elsewhere = 0
    for slot in after:
        was = old.get(_key(slot))
        if was is None or was is slot or _stands(was) == _stands(slot):
            continue
        count += 1
        moved_s += abs(slot.start_s - was.start_s)
        elsewhere += (was.resource_id, was.seat) != (slot.resource_id, slot.seat)
    return Movement(count, moved_s, elsewhere)


def moves_of(
    network: Network,
    before: Sequence[Slot],
    after: Sequence[Slot],
    jobs: Mapping[str, Job],
    outages: Sequence[Outage] = (),
    gone: Mapping[str, Reason] | None = None,
) -> tuple[Move, ...]:
    """Return what moved and why, in the order of the new starts.

    Args:
        jobs: as they are now, by holder.
        gone: why holders have nothing any more.
    """
    old = {_key(slot): slot for slot in before}
    new = {_key(slot): slot for slot in after}
    changed = {
        key
        for key, slot in new.items()
        if key not in old or (old[key] is not slot and _changed(network, old[key], slot))
    }
    told = _Told(network, old, new, changed, jobs, outages)
    found = [Move(old.get(key), new[key], told.why(key)) for key in changed]
    for key, slot in old.items():
        if key not in new:
            why = (gone or {}).get(slot.holder, Reason("repair.gone", {}))
            found.append(Move(slot, None, why))
    return tuple(sorted(found, key=lambda m: (m.slot.start_s, m.slot.holder, m.slot.operation_id)))


class _Told:
    """Two schedules side by side."""

    def __init__(
        self,
        network: Network,
        old: Mapping[Key, Slot],
        new: Mapping[Key, Slot],
        changed: set[Key],
        jobs: Mapping[str, Job],
        outages: Sequence[Outage],
    ) -> None:
        self.network, self.old, self.new = network, old, new
        self.changed, self.jobs, self.outages = changed, jobs, outages
        wanted = {
            place for key in changed if key in old for place in _places(old[key])
        }  # the only places where somebody can have been pushed away
        self.holds: dict[Place, list[Slot]] = {}
        for slot in new.values():
            for place in _places(slot):
                if place in wanted:
                    self.holds.setdefault(place, []).append(slot)

    def why(self, key: Key) -> Reason:
        """Return what kept an operation from staying, or let it come forward."""
        slot, was = self.new[key], self.old.get(key)
        if was is None:
            return Reason("repair.new", {})
        if _stands(was) == _stands(slot):
            come = _operators(self.network, slot) - _operators(self.network, was)
            return Reason("repair.attended_by", {"operator": ", ".join(sorted(come))})
        same_seat = (was.resource_id, was.seat) == (slot.resource_id, slot.seat)
        if same_seat and slot.start_s < was.start_s:
            return Reason("repair.forward", {"span_s": was.start_s - slot.start_s})
        cause = self._cause(key, was)
        if cause is not None:
            return cause
        if not same_seat:
            sooner_s = was.end_s - slot.end_s
            if sooner_s > 0:
                return Reason("repair.elsewhere", {"span_s": sooner_s})
            if sooner_s == 0:
                return Reason("repair.elsewhere_same", {})
            return Reason("repair.elsewhere_later", {"span_s": -sooner_s})
        return Reason("repair.put_off", {"span_s": slot.start_s - was.start_s})

    def _cause(self, key: Key, was: Slot) -> Reason | None:
        for outage in self.outages:
            spans = [(was.resource_id, was.start_s, was.end_s)]
            spans += [(c.resource_id, c.start_s, c.end_s) for c in was.also]
            for name, from_s, to_s in spans:
                if name == outage.resource_id and from_s < outage.to_s and outage.from_s < to_s:
                    return self._outage(was, outage)
        job = self.jobs.get(was.holder)
        if job is not None:
            ready_s = job.ready_s.get(was.operation_id, 0)
            if was.start_s < ready_s:
                return Reason("repair.material", {"until": self._shown(was, ready_s)})
            for name in job.plan.operation[was.operation_id].after:
                before, stood = self.new.get((was.holder, name)), self.old.get((was.holder, name))
                later = before is not None and stood is not None and before.end_s > stood.end_s
                if (
                    later
                    and before is not None
                    and before.end_s > was.start_s - self._way_s(before, was, job)
                ):
                    operation = job.plan.operation[name].name
                    return Reason("repair.predecessor", {"before": operation})
        return self._pushed(key, was)

    def _shown(self, slot: Slot, at_s: int) -> str:
        return to_rfc3339(at_s, self.network.site_of(slot.resource_id).zone)

    def _outage(self, slot: Slot, outage: Outage) -> Reason:
        until = self._shown(slot, outage.to_s)
        if outage.resource_id in self.network.operator:
            return Reason("repair.away", {"operator": outage.resource_id, "until": until})
        name = self.network.work_unit[outage.resource_id].name
        return Reason("repair.down", {"unit": name, "until": until})

    def _way_s(self, before: Slot, slot: Slot, job: Job) -> int:
        start = self.network.site_of(before.resource_id).site_id
        end = self.network.site_of(slot.resource_id).site_id
        lag_s = job.plan.operation[slot.operation_id].min_lag_s
        return max(self.network.lane_s(start, end) or 0, lag_s)

    def _pushed(self, key: Key, was: Slot) -> Reason | None:
        """Return who is now where it stood; of those who moved there the first."""
        there = [
            other
            for place in _places(was)
            for other in self.holds.get(place, ())
            if _key(other) != key and _key(other) in self.changed
            and other.start_s < was.end_s and was.start_s < other.end_s
        ]  # fmt: skip
        if not there:
            return None
        first = min(there, key=lambda other: (other.start_s, other.holder))
        params: dict[str, Param] = {"other": first.holder, "at": first.resource_id}
        return Reason("repair.gives_way", params)


def _key(slot: Slot) -> Key:
    return slot.holder, slot.operation_id


def _stands(slot: Slot) -> tuple[str, int, int]:
    return slot.resource_id, slot.seat, slot.start_s


def _changed(network: Network, was: Slot, slot: Slot) -> bool:
    """Return whether an operation moved, or somebody attends it who did not."""
    if _stands(was) != _stands(slot):
        return True
    return was.also != slot.also and not _operators(network, slot) <= _operators(network, was)


def _operators(network: Network, slot: Slot) -> set[str]:
    return {claim.resource_id for claim in slot.also if claim.resource_id in network.operator}


def _places(slot: Slot) -> tuple[Place, ...]:
    return ((slot.resource_id, slot.seat), *((c.resource_id, c.seat) for c in slot.also))
