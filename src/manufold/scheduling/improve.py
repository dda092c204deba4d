"""Improve: a better schedule from a snapshot, breaking no promise, any time it is stopped.

Slots that have not begun and lie outside the frozen zone of their site may move; all else is
pinned. First the portfolio of rules dispatches everything movable anew; then, round by round, a few
jobs are taken out and promised again in another order. A new schedule is kept only if it is
better, if no promise that was kept is missed, and if the judge handed in finds nothing. An order
stays at its sites and leaves from the same one; what comes after pinned work stays at its own site,
since the goods are there already or on their way.

Cost    a dispatch, then per round a few promises; the same seed and rounds give the same answer.
Source  ruin and recreate: G. Schrimpf et al., J. Comput. Phys. 159 (2000) 139-171,
        doi:10.1006/jcph.1999.6413.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.dispatch import best_dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.objective import Objective, finishes_s, objective
from manufold.scheduling.promise import promise
from manufold.scheduling.short import short_set_ups

__all__ = ["Improvement", "Judged", "Snapshot", "improve"]

Key = tuple[str, str]
#: slots of a whole schedule -> whether nothing is wrong with it
Judged = Callable[[Sequence[Slot]], bool]

#: most jobs taken out in one round
RUIN_MAX = 6


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A schedule to improve.

    Args:
        slots: all that is booked; those of holders that `jobs` does not know are pinned.
        pinned: (holder, operation) that must not move: begun, finished, or held by a person.
        now_s: nothing is moved into the past or into a frozen zone.
    """

    network: Network
    slots: tuple[Slot, ...]
    jobs: Mapping[str, Job]
    now_s: int
    pinned: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Improvement:
    """What to release and what to claim in one transaction; both empty when nothing is better."""

    release: tuple[Slot, ...]
    claim: tuple[Slot, ...]
    before: Objective
    after: Objective
    rounds: int


def improve(
    snapshot: Snapshot,
    judged: Judged,
    *,
    seed: int,
    rounds: int = 200,
    should_stop: Callable[[], bool] = lambda: False,
) -> Improvement:
    """Return the changes that make a schedule better.

    Args:
        judged: says whether a whole schedule is clean; asked before anything is handed back.
        rounds: of ruin and recreate, after the dispatch of everything.
        should_stop: asked between rounds, e.g. whether time is up.
    """
    free = _movable(snapshot)
    first = objective(snapshot.slots, snapshot.jobs)
    if not free:
        return Improvement((), (), first, first, 0)
    work = _Work(snapshot, free)
    best, value, done = work.start, first, 0
    load = work.loaded(best)
    whole = work.redispatched()
    if whole is not None and work.keeps(whole) and objective(_flat(whole), work.jobs) < value:
        best, value, load = whole, objective(_flat(whole), work.jobs), work.loaded(whole)
    rng = random.Random(seed)
    while done < rounds and not should_stop():
        done += 1
        tried = work.recreated(best, load, rng)
        if tried is not None and work.keeps(tried[0]):
            found = objective(_flat(tried[0]), work.jobs)
            if found < value:
                (best, load), value = tried, found
    if best is work.start or not judged(_flat(best)):
        return Improvement((), (), first, first, done)
    old, new = set(snapshot.slots), set(_flat(best))
    release = tuple(slot for slot in snapshot.slots if slot not in new)
    claim = tuple(slot for slot in _flat(best) if slot not in old)
    return Improvement(release, claim, first, value, done)


#: slots by holder; a schedule that shares what did not change
Plan = dict[str, tuple[Slot, ...]]


class _Work:
    """What stays fixed while schedules are tried."""

    def __init__(self, snapshot: Snapshot, free: frozenset[Key]) -> None:
        self.network, self.free = snapshot.network, free
        gates = [site.frozen_zone_s for site in snapshot.network.sites]
        self.gate_s = snapshot.now_s + max(gates, default=0)
        self.jobs = snapshot.jobs
        self.start: Plan = {}
        for slot in snapshot.slots:
            self.start[slot.holder] = (*self.start.get(slot.holder, ()), slot)
        self.holders = sorted({holder for holder, _ in free})
        self.of_group = {_group(holder): holder for holder in self.holders}
        self.limit_s = {
            holder: due_s
            for holder, end_s in finishes_s(snapshot.slots).items()
            if holder in self.jobs
            and (due_s := self.jobs[holder].due_s) is not None
            and end_s <= due_s
        }
        self.sites = {holder: self._sites(self.start[holder]) for holder in self.holders}
        self.ahead = {h: self._sites(self._moving(self.start[h])) for h in self.holders}
        self.leaves = {holder: self._leaves_from(self.start[holder]) for holder in self.holders}
        self.bound = {holder: at for holder in self.holders if (at := self._bound_to(holder))}
        pinned = [s for s in snapshot.slots if (s.holder, s.operation_id) not in free]
        self.load = Load.of(self.network, from_s=snapshot.now_s).with_slots(pinned)

    def redispatched(self) -> Plan | None:
        """Return the schedule with everything movable dispatched anew."""
        anew = [holder for holder in self.holders if holder not in self.bound]
        jobs = [self._gated(holder) for holder in anew]
        fixed = {
            (slot.holder, slot.operation_id): slot
            for holder in anew
            for slot in self._fixed(holder).values()
        }
        load = self.load
        for holder in self.bound:
            load = load.with_slots(self._moving(self.start[holder]))
        try:
            made = best_dispatch(self.network, jobs, load, sites=self.sites, fixed=fixed)
        except CannotMake:
            return None
        plan = dict(self.start)
        for holder in anew:
            plan[holder] = tuple(self._fixed(holder).values())
        for slot in made:
            plan[slot.holder] = (*plan[slot.holder], slot)
        return plan

    def loaded(self, plan: Plan) -> Load:
        """Return the load of a schedule, what may move of each holder in a group of its own."""
        load = self.load
        for holder in self.holders:
            load = load.with_slots(self._moving(plan[holder]), group=_group(holder))
        return load

    def recreated(self, plan: Plan, load: Load, rng: random.Random) -> tuple[Plan, Load] | None:
        """Return the schedule with a few jobs taken out and promised again in another order."""
        out = self._neighbours(plan, rng)
        for holder in out:
            load = load.without_group(_group(holder))
        out += self._left_short(load, out)
        for holder in out:
            load = load.without_group(_group(holder))
        plan = dict(plan)
        for holder in out:
            fixed = self._fixed(holder)
            sites = self.ahead[holder] if holder in self.bound else self.sites[holder]
            try:
                found = promise(load, self.network, self._gated(holder), sites=sites, fixed=fixed)
            except CannotMake:
                return None
            load = load.with_slots(found.slots, group=_group(holder))
            plan[holder] = (*fixed.values(), *found.slots)
        return plan, load

    def _left_short(self, load: Load, out: Sequence[str]) -> list[str]:
        """Return whose set-up is too short once others are gone; all of them are taken out, too."""
        more: list[str] = []
        while True:
            found = [h for h in short_set_ups(load) if h in self.of_group]
            found = [self.of_group[h] for h in found]
            fresh = [h for h in found if h not in out and h not in more]
            if not fresh:
                return more
            for holder in fresh:
                load = load.without_group(_group(holder))
            more += fresh

    def _neighbours(self, plan: Plan, rng: random.Random) -> list[str]:
        """Return a late job, and some that use its work units at about its time, shuffled."""
        weights = [1 + self._late_s(plan, holder) // 60 for holder in self.holders]
        (chosen,) = rng.choices(self.holders, weights)
        own = {slot.resource_id: slot.start_s for slot in self._moving(plan[chosen])}
        near: list[tuple[int, str]] = []
        for holder in self.holders:
            away_s = [
                abs(slot.start_s - own[slot.resource_id])
                for slot in self._moving(plan[holder])
                if slot.resource_id in own
            ]
            if away_s and holder != chosen:
                near.append((min(away_s), holder))
        near = sorted(near)[: 2 * RUIN_MAX]
        others = rng.sample(near, min(len(near), rng.randint(1, RUIN_MAX)))
        out = [chosen, *(holder for _, holder in others)]
        rng.shuffle(out)
        return out

    def keeps(self, plan: Plan) -> bool:
        """Return whether kept promises are kept, goods leave from where they did, and nothing goes
        away from the goods it works on."""
        ends = {holder: max(slot.end_s for slot in plan[holder]) for holder in self.limit_s}
        return (
            all(ends[holder] <= limit_s for holder, limit_s in self.limit_s.items())
            and all(self._leaves_from(plan[holder]) == at for holder, at in self.leaves.items())
            and all(
                at.get(slot.operation_id) in (None, self._site(slot))
                for holder, at in self.bound.items()
                for slot in plan[holder]
            )
        )

    def _bound_to(self, holder: str) -> dict[str, str]:
        """Return the site of each movable operation that comes after a pinned one, where the job
        has more sites than one."""
        if len(self.sites[holder]) == 1:
            return {}
        slots = {slot.operation_id: slot for slot in self.start[holder]}
        return {
            operation.operation_id: self._site(slots[operation.operation_id])
            for operation in self.jobs[holder].plan.operations
            if (holder, operation.operation_id) in self.free
            and any((holder, before) not in self.free for before in operation.after)
        }

    def _moving(self, slots: Sequence[Slot]) -> Iterable[Slot]:
        return (slot for slot in slots if (slot.holder, slot.operation_id) in self.free)

    def _late_s(self, plan: Plan, holder: str) -> int:
        job = self.jobs[holder]
        end_s = max(slot.end_s for slot in plan[holder])
        return job.weight * max(0, end_s - (end_s if job.due_s is None else job.due_s))

    def _gated(self, holder: str) -> Job:
        job = self.jobs[holder]
        return replace(job, release_s=max(job.release_s, self.gate_s))

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


def _flat(plan: Plan) -> tuple[Slot, ...]:
    return tuple(slot for slots in plan.values() for slot in slots)


def _group(holder: str) -> str:
    return f"moving {holder}"
