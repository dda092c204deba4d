"""What stays fixed while better schedules are sought: what may move, what each job must keep to,
and below what no schedule comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.crowd import FLOW, SET_UP, TARDY, WORTHS
from manufold.scheduling.dispatch import RULES, best_dispatch
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import Load
from manufold.scheduling.missed import Missed, missed_of
from manufold.scheduling.objective import Costing, Objective, finishes_s, objective, weighed
from manufold.scheduling.queue_bound import queue_bound
from manufold.scheduling.rebuild import Rebuild
from manufold.scheduling.weights import Weights
from manufold.scheduling.windows import Key, Terms

__all__ = ["Plan", "Snapshot", "Work", "flat"]

#: the rules that are tried: by date, by how critical, by urgency of the work
TRIED = tuple(rule for rule in RULES if rule.name in ("EDD", "CR", "ATC 2"))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A schedule to improve.

    Args:
        slots: all that is booked; those of holders that `jobs` does not know are pinned.
        pinned: (holder, operation) that must not move: begun, finished, or held by a person.
        now_s: nothing is moved into the past or into a frozen zone.
        safe_s: by holder, the latest end at which its promise is safe from what usually goes wrong;
            what ends before it still does, and what ends behind it comes no later.
        promised: whether dates are promises: what is in time stays in time.
    """

    network: Network
    slots: tuple[Slot, ...]
    jobs: Mapping[str, Job]
    now_s: int
    pinned: frozenset[Key] = frozenset()
    safe_s: Mapping[str, int] = field(default_factory=dict)
    promised: bool = True


#: slots by holder
Plan = dict[str, tuple[Slot, ...]]


class Work:
    """What stays fixed while schedules are tried."""

    def __init__(self, snapshot: Snapshot, weights: Weights) -> None:
        self.network, self.weights = snapshot.network, weights
        self.free = free = _movable(snapshot)
        self.slots, self.costing = snapshot.slots, Costing(snapshot.network, weights)
        self.now_s = snapshot.now_s
        self.jobs = snapshot.jobs
        by_holder: dict[str, list[Slot]] = {}
        for slot in snapshot.slots:
            by_holder.setdefault(slot.holder, []).append(slot)
        self.start: Plan = {holder: tuple(slots) for holder, slots in by_holder.items()}
        self.holders = sorted({holder for holder, _ in free})
        self.limit_s: dict[str, int] = {}
        for holder, end_s in finishes_s(snapshot.slots).items():
            due_s = self.jobs[holder].due_s if holder in self.jobs else None
            if snapshot.promised and due_s is not None and end_s <= due_s:
                safe_s = snapshot.safe_s.get(holder, due_s)
                self.limit_s[holder] = min(due_s, max(end_s, safe_s))
        self.pinned = [s for s in snapshot.slots if (s.holder, s.operation_id) not in free]
        self.load = Load.of(self.network, from_s=snapshot.now_s).with_slots(self.pinned)

    def value(self, plan: Plan) -> Objective:
        """Return the objective of a schedule."""
        return objective(flat(plan), self.jobs, self.costing)

    def redispatched(self) -> Plan | None:
        """Return the schedule with everything movable dispatched anew, job by job at one site."""
        sites = {holder: self._sites(self.start[holder]) for holder in self.holders}
        anew = [
            holder
            for holder in self.holders
            if len(sites[holder]) == 1 or not self._fixed(holder)  # else goods are on their way
        ]
        jobs = [self._gated(holder) for holder in anew]
        fixed = {
            (slot.holder, slot.operation_id): slot
            for holder in anew
            for slot in self._fixed(holder).values()
        }
        load = self.load
        for holder in self.holders:
            if holder not in anew:
                load = load.with_slots(self._moving(self.start[holder]))
        try:
            made = best_dispatch(self.network, jobs, load, sites=sites, fixed=fixed, rules=TRIED)
        except CannotMake:
            return None
        plan = dict(self.start)
        for holder in anew:
            plan[holder] = tuple(self._fixed(holder).values())
        for slot in made:
            plan[slot.holder] = (*plan[slot.holder], slot)
        return plan

    def rebuild(self, seed: int) -> Rebuild:
        """Return the search, which stands on no schedule yet."""
        own = [{slot.operation_id: slot for slot in self.start[name]} for name in self.holders]
        return Rebuild(
            self.load,
            [self._gated(holder) for holder in self.holders],
            [{name: self._site(slot) for name, slot in slots.items()} for slots in own],
            [self._fixed(holder) for holder in self.holders],
            [self.limit_s.get(holder) for holder in self.holders],
            seed=seed,
            weights=self.weights,
            since_s=[self.jobs[holder].release_s for holder in self.holders],
        )

    def stands(self, search: Rebuild, plan: Plan) -> bool:
        """Begin a search with a schedule; return whether it can read it."""
        try:
            search.stand([{s.operation_id: s for s in plan[name]} for name in self.holders])
        except ValueError:
            return False
        return True

    def bound(self, search: Rebuild | None) -> tuple[Objective, dict[str, int]]:
        """Return what no schedule is below, and by holder before when it cannot end."""
        ends_s = finishes_s(self.slots)
        if not self.holders:
            return self.value(self.start), ends_s
        if search is None:  # it failed before it could say anything
            return weighed([0] * WORTHS, self.weights.rates()), {}
        roams = [0 if self._fixed(holder) else 1 for holder in self.holders]
        least, floors = search.bound(roams)
        moving = set(self.holders)
        rest = [slot for slot in self.slots if slot.holder not in moving]
        total = self._columns(rest)
        soonest_s = {slot.holder: ends_s[slot.holder] for slot in rest}
        for own, holder in zip(least, self.holders, strict=True):
            fixed = list(self._fixed(holder).values())
            own[SET_UP:] += self._columns(fixed)[SET_UP:]
            # what stays where it is may be where nobody would place it today
            np.minimum(own, self._columns(self.start[holder]), out=own)
            total += own
            soonest_s[holder] = self.jobs[holder].release_s + int(own[FLOW])
        standing = [{s.operation_id: s for s in self.start[name]} for name in self.holders]
        tardy, flow = queue_bound(search, floors, roams, standing, least)
        total[TARDY] += tardy
        total[FLOW] += flow
        return weighed(total, self.weights.rates()), soonest_s

    def terms(self) -> Terms:
        """Return what windows of the schedule must keep to."""
        return Terms(
            self.network,
            {holder: self._gated(holder) for holder in self.holders},
            self.free,
            self.limit_s,
            {holder: self.jobs[holder].release_s for holder in self.holders},
            self.now_s,
            self.weights,
        )

    def missed(self, plan: Plan, soonest_s: Mapping[str, int]) -> tuple[Missed, ...]:
        """Return the promises that a schedule misses, and why."""
        pinned = frozenset((slot.holder, slot.operation_id) for slot in self.pinned)
        release_s = {holder: self._gated(holder).release_s for holder in self.holders}
        return missed_of(self.network, flat(plan), self.jobs, soonest_s, release_s, pinned)

    def read(self, search: Rebuild) -> Plan:
        """Return the schedule that a search has come to."""
        plan = dict(self.start)
        for holder, slots in zip(self.holders, search.slots(), strict=True):
            plan[holder] = (*self._fixed(holder).values(), *slots)
        return plan

    def keeps(self, plan: Plan) -> bool:
        """Return whether kept promises are kept, and goods leave from where they did."""
        ends = {holder: max(slot.end_s for slot in plan[holder]) for holder in self.limit_s}
        return all(ends[holder] <= limit_s for holder, limit_s in self.limit_s.items()) and all(
            self._leaves_from(plan[holder]) == self._leaves_from(self.start[holder])
            for holder in self.holders
        )

    def _columns(self, slots: Sequence[Slot]) -> Seconds:
        """Return what slots alone are worth, in columns of values, each changeover apart."""
        drawn = self.costing.drawn(slots, self.jobs)
        late = objective(slots, self.jobs)
        return seconds([late.tardiness_s, late.flow_s, late.setup_s, 0, *drawn])

    def _moving(self, slots: Sequence[Slot]) -> Iterable[Slot]:
        return (slot for slot in slots if (slot.holder, slot.operation_id) in self.free)

    def _gated(self, holder: str) -> Job:
        """Return a job that begins behind the frozen zones of the sites where it still moves."""
        job, zones = self.jobs[holder], self.network.site
        moving = self._sites(self._moving(self.start[holder]))
        frozen_s = max(zones[site].frozen_zone_s for site in moving)
        return replace(job, release_s=max(job.release_s, self.now_s + frozen_s))

    def _fixed(self, holder: str) -> dict[str, Slot]:
        return {
            slot.operation_id: slot
            for slot in self.start[holder]
            if (holder, slot.operation_id) not in self.free
        }

    def _sites(self, slots: Iterable[Slot]) -> frozenset[str]:
        return frozenset(self._site(slot) for slot in slots)

    def _site(self, slot: Slot) -> str:
        return self.network.site_of(slot.resource_id).site_id

    def _leaves_from(self, slots: Sequence[Slot]) -> str:
        last = max(slots, key=lambda slot: (slot.end_s, slot.operation_id))
        return self._site(last)


def _movable(snapshot: Snapshot) -> frozenset[Key]:
    """Return what may move; an operation with a pinned successor stays, too."""
    network, jobs = snapshot.network, snapshot.jobs
    slots = {(s.holder, s.operation_id): s for s in snapshot.slots if s.holder in jobs}
    free: set[Key] = set()
    for key, slot in slots.items():
        site = network.site_of(slot.resource_id)
        if key not in snapshot.pinned and slot.start_s >= snapshot.now_s + site.frozen_zone_s:
            free.add(key)
    for holder, job in jobs.items():
        for operation in reversed(job.plan.operations):
            if (holder, operation.operation_id) not in free:
                free -= {(holder, before) for before in operation.after}
    return frozenset(free)


def flat(plan: Plan) -> tuple[Slot, ...]:
    """Return the slots of a schedule."""
    return tuple(slot for slots in plan.values() for slot in slots)
