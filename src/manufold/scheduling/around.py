"""Around: what cannot stand where it stands goes into a gap, and everything else stays.

The way of repair that moves fewest. Out go the operations that need a work unit that is down or an
operator who is away, whose material is not there yet, whose seat is still taken by what has begun
or whose predecessor now ends too late. Each is placed anew, at its own site and not before it
stood, in the order in which they stood; a successor stays where it is as long as it can.

What stands behind a place that was left, or behind what was made out of turn, may be set up too
short for what now precedes it: it is set up longer, out of free time before it.

Whoever is still too short then, or everything where there are too many to be placed one by one,
drops back (`scheduling.back`).

Cost    a promise for each operation taken out, at most `OUT_MAX`; no randomness, no clock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.back import dropped_back
from manufold.scheduling.fit import ALT, CHANGE, FOUND, stretch
from manufold.scheduling.found import found_of
from manufold.scheduling.load import Load
from manufold.scheduling.outages import Outage
from manufold.scheduling.promise import promise
from manufold.scheduling.short import Short, short_slots

__all__ = ["OUT_MAX", "around"]

#: most operations that are placed anew
OUT_MAX = 200
#: how often a start is put earlier until the end is where it was
STRETCH_TRIES = 6

Key = tuple[str, str]
Place = tuple[str, int]
_OTHERS = "stays"


def around(
    network: Network,
    slots: Sequence[Slot],
    begun: Mapping[Key, Slot],
    jobs: Mapping[str, Job],
    now_s: int,
    outages: Sequence[Outage],
    held: Sequence[Slot] = (),
    pinned: Collection[Key] = (),
) -> tuple[Slot, ...] | None:
    """Return the slots with few of them moved, None where it is no way.

    Args:
        network: with its outages.
        begun: what has begun or is finished, to the end it is expected to have.
        held: of others, which stay as they are.
        pinned: what does not give way to others, nor comes sooner to make room.
    """
    stays = {_key(slot): begun.get(_key(slot), slot) for slot in slots}
    out = _cannot_stand(network, stays, begun, jobs, now_s, outages)
    work = _Work(network, dict(stays), begun, jobs, now_s, held)
    try:
        placed = len(out) <= OUT_MAX and work.placed(out)
    except CannotMake:
        placed = False
    if placed:
        stays = work.stays
        if not work.longer():
            return tuple(stays[_key(slot)] for slot in slots)
    fixed = {_key(slot) for slot in (*begun.values(), *held)}
    found = dropped_back(network, (*stays.values(), *held), fixed, jobs, now_s, pinned)
    if found is None:
        return None
    settled = {_key(slot): slot for slot in found}
    return tuple(settled[_key(slot)] for slot in slots)


class _Work:
    """The schedule while operations are placed anew."""

    def __init__(
        self,
        network: Network,
        stays: dict[Key, Slot],
        begun: Mapping[Key, Slot],
        jobs: Mapping[str, Job],
        now_s: int,
        held: Sequence[Slot],
    ) -> None:
        self.network, self.stays, self.begun, self.jobs = network, stays, begun, jobs
        self.moved = 0
        self.own: dict[str, list[str]] = {}
        for holder, name in stays:
            self.own.setdefault(holder, []).append(name)
        empty = Load.of(network, (), now_s).with_slots(held, group=_OTHERS)
        self.load = empty.with_slots(stays.values())  # what is finished says what is set up
        #: too short as well, of what may not move: it began so, or belongs to an offer
        self.given = {one for one in short_slots(self.load) if self._at(one) is None}

    def placed(self, out: set[Key]) -> bool:
        """Place these anew; return whether there was a way."""
        first = {key: self.stays[key].start_s for key in out}
        for holder in {key[0] for key in out}:
            self._book(holder, out)
        for holder in dict.fromkeys(k[0] for k in sorted(out, key=lambda k: (first[k], k))):
            if not self._place(holder, {key for key in out if key[0] == holder}):
                return False
        return True

    def longer(self) -> bool:
        """Set up longer, out of free time before it, whoever is left with too short a set-up;
        return whether anybody still is."""
        left = False
        for one in sorted(short_slots(self.load) - self.given):
            key = self._at(one)
            found = None if key is None else self._longer(key, one[3])
            if key is None or found is None:
                left = True
            else:
                self.stays[key] = found
                self._book(key[0], ())
        return left

    def _at(self, short: Short) -> Key | None:
        """Return the operation whose set-up is too short, None where it must stay as it is."""
        holder, place, start_s, _needed_s = short
        for name in self.own.get(holder, ()):
            slot = self.stays[holder, name]
            if (slot.resource_id, slot.seat) == place and slot.start_s == start_s:
                movable = (holder, name) not in self.begun and holder in self.jobs
                return (holder, name) if movable else None
        return None

    def _longer(self, key: Key, needed_s: int) -> Slot | None:
        """Return a slot with a longer set-up that begins earlier and ends no later, None where
        that cannot be."""
        slot, job = self.stays[key], self.jobs[key[0]]
        if any(claim.shared_as for claim in slot.also):
            return None
        routing = self.load.routing(job.plan, job.quantity)
        row = [one.operation_id for one in job.plan.operations].index(key[1])
        found = found_of(self.load, routing, row, slot, FOUND + routing.tools_max)
        alt, more_s = int(found[ALT]), needed_s - int(found[CHANGE])
        run_s = routing.work_s(alt, slot.quantity) - (slot.setup_s - int(found[CHANGE]))
        at_s = slot.start_s - more_s
        for _try in range(STRETCH_TRIES):
            begin, _set_up, end = stretch(
                self.load.clocks.rows, routing.rows, row, alt, at_s, slot.setup_s + more_s, run_s
            )
            if end <= slot.end_s:
                break
            at_s -= end - slot.end_s
        else:
            return None
        bound_s = max(self.load.from_s, job.release_s, job.ready_s.get(key[1], 0))
        if begin < bound_s or not self._free(slot, begin):
            return None
        longer = replace(
            slot,
            start_s=begin,
            end_s=end,
            setup_s=slot.setup_s + more_s,
            changeover_s=needed_s,
            also=tuple(replace(claim, start_s=begin) for claim in slot.also),
        )
        before = (self.stays[key[0], name] for name in job.plan.operation[key[1]].after)
        return longer if all(follows(self.network, one, longer, job) for one in before) else None

    def _free(self, slot: Slot, from_s: int) -> bool:
        """Return whether all that a slot holds is free from an instant to its start."""
        claimed = ((claim.resource_id, claim.seat) for claim in slot.also)
        for name, seat in ((slot.resource_id, slot.seat), *claimed):
            starts, ends = self.load.booked(name, seat)
            if bool(((starts < slot.start_s) & (ends > from_s)).any()):
                return False
        return True

    def _place(self, holder: str, out: set[Key]) -> bool:
        """Place what is out of a job, in routing order; return whether there was a way."""
        job, names = self.jobs[holder], set(self.own[holder])
        placed: set[str] = set()
        for operation in job.plan.operations:
            name = operation.operation_id
            key = (holder, name)
            if name not in names or key in self.begun:
                continue
            if key not in out:
                if not placed.intersection(operation.after) or self._can_stay(job, key, placed):
                    continue
                out.add(key)
                self._book(holder, out)
            self.moved += 1
            if self.moved > OUT_MAX:
                return False
            self.stays[key] = self._anew(job, key)
            placed.add(name)
            out.discard(key)
            self._book(holder, out)
        return True

    def _anew(self, job: Job, key: Key) -> Slot:
        site = self.network.site_of(self.stays[key].resource_id).site_id
        fixed = {name: self.stays[key[0], name] for name in self.own[key[0]] if name != key[1]}
        gated = replace(job, release_s=max(job.release_s, self.stays[key].start_s))
        found = promise(self.load, self.network, gated, sites=frozenset({site}), fixed=fixed)
        (slot,) = found.slots
        return slot

    def _book(self, holder: str, out: Collection[Key]) -> None:
        """Book what stands of a job, without what is out."""
        standing = (
            self.stays[holder, name] for name in self.own[holder] if (holder, name) not in out
        )
        self.load = self.load.without_group(holder).with_slots(standing)

    def _can_stay(self, job: Job, key: Key, placed: set[str]) -> bool:
        slot, operation = self.stays[key], job.plan.operation[key[1]]
        for name in placed.intersection(operation.after):
            if not follows(self.network, self.stays[key[0], name], slot, job):
                return False
        return True


def follows(network: Network, before: Slot, slot: Slot, job: Job) -> bool:
    """Return whether a slot stands rightly behind a predecessor that hands on all at once."""
    operation = job.plan.operation[slot.operation_id]
    start, end = (network.site_of(one.resource_id).site_id for one in (before, slot))
    lane_s = network.lane_s(start, end)
    wait_s = slot.start_s - before.end_s
    if lane_s is None or wait_s < max(lane_s, operation.min_lag_s):
        return False
    return operation.max_lag_s is None or wait_s <= operation.max_lag_s


def _cannot_stand(
    network: Network,
    slots: Mapping[Key, Slot],
    begun: Mapping[Key, Slot],
    jobs: Mapping[str, Job],
    now_s: int,
    outages: Sequence[Outage],
) -> set[Key]:
    """Return what has to go; work of holders that nobody knows stays."""
    down: dict[str, list[tuple[int, int]]] = {}
    for outage in outages:
        down.setdefault(outage.resource_id, []).append((outage.from_s, outage.to_s))
    busy: dict[Place, list[tuple[int, int, str]]] = {}
    for slot in begun.values():
        if slot.end_s > now_s:
            for name, seat, from_s, to_s, shared in _spans(slot):
                busy.setdefault((name, seat), []).append((from_s, to_s, shared))
    out = set()
    for key, slot in slots.items():
        job = jobs.get(slot.holder)
        if key in begun or job is None:
            continue
        bound_s = max(now_s, job.release_s, job.ready_s.get(slot.operation_id, 0))
        running = (
            begun[slot.holder, name]
            for name in job.plan.operation[slot.operation_id].after
            if (slot.holder, name) in begun
        )
        late = slot.start_s < bound_s or not all(_waits(network, one, slot, job) for one in running)
        taken = any(
            _meet(from_s, to_s, down.get(name, ()))
            or any(
                a < to_s and from_s < b and not (shared and shared == other)
                for a, b, other in busy.get((name, seat), ())
            )
            for name, seat, from_s, to_s, shared in _spans(slot)
        )
        if late or taken:
            out.add(key)
    return out


def _waits(network: Network, before: Slot, slot: Slot, job: Job) -> bool:
    """Return whether a slot waits long enough for a begun predecessor; lots may overlap."""
    lot = job.plan.operation[before.operation_id].transfer_quantity
    if lot is not None and lot < slot.quantity:
        return slot.start_s >= before.start_s and slot.end_s >= before.end_s
    start, end = (network.site_of(one.resource_id).site_id for one in (before, slot))
    least_s = max(network.lane_s(start, end) or 0, job.plan.operation[slot.operation_id].min_lag_s)
    return slot.start_s >= before.end_s + least_s


def _spans(slot: Slot) -> list[tuple[str, int, int, int, str]]:
    own = (slot.resource_id, slot.seat, slot.start_s, slot.end_s, "")
    return [own, *((c.resource_id, c.seat, c.start_s, c.end_s, c.shared_as) for c in slot.also)]


def _meet(from_s: int, to_s: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(from_s < end_s and start_s < to_s for start_s, end_s in spans)


def _key(slot: Slot) -> Key:
    return slot.holder, slot.operation_id
