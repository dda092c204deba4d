"""Improve: a better schedule from a snapshot, breaking no promise, any time it is stopped.

Slots that have not begun and lie outside the frozen zone of their site may move; all else is
pinned. First a few rules dispatch everything movable anew; then, round by round, a few
jobs are taken out and placed again in another order (`scheduling.rebuild`). A new schedule is kept
only if it is better, if no promise that was kept is missed, and if the judge handed in finds
nothing. Every operation stays at its site, since goods and material are there or on their way.

Cost    a dispatch, then per round a few placements; the same seed and rounds give the same answer.
Source  ruin and recreate: G. Schrimpf et al., J. Comput. Phys. 159 (2000) 139-171,
        doi:10.1006/jcph.1999.6413.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.dispatch import RULES, best_dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.objective import Objective, finishes_s, objective
from manufold.scheduling.rebuild import Rebuild

__all__ = ["Improvement", "Judged", "Snapshot", "improve"]

Key = tuple[str, str]
#: slots of a whole schedule -> whether nothing is wrong with it
Judged = Callable[[Sequence[Slot]], bool]

#: rounds between two looks at the clock
ROUNDS_AT_ONCE = 20
#: most operations that rules dispatch anew: they look at all that wait, again and again
DISPATCHED_MAX = 3000
#: the rules that are tried: by date, by how critical, by urgency of the work
TRIED = tuple(rule for rule in RULES if rule.name in ("EDD", "CR", "ATC 2"))


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
    nothing = Improvement((), (), first, first, 0)
    if not free:
        return nothing
    work = _Work(snapshot, free)
    best: Plan = work.start
    value = first
    whole = work.redispatched() if len(free) <= DISPATCHED_MAX else None
    if whole is not None and work.keeps(whole) and objective(_flat(whole), work.jobs) < value:
        best, value = whole, objective(_flat(whole), work.jobs)
    done = 0
    search = work.rebuild(best, seed) if rounds else None
    while search is not None and done < rounds and not should_stop():
        more = min(ROUNDS_AT_ONCE, rounds - done)
        search.play(more)
        done += more
    if search is not None and search.better:
        best = work.read(search)
        value = objective(_flat(best), work.jobs)
    if best is work.start or not judged(_flat(best)):
        return replace(nothing, rounds=done)
    old, new = set(snapshot.slots), set(_flat(best))
    release = tuple(slot for slot in snapshot.slots if slot not in new)
    claim = tuple(slot for slot in _flat(best) if slot not in old)
    return Improvement(release, claim, first, value, done)


#: slots by holder
Plan = dict[str, tuple[Slot, ...]]


class _Work:
    """What stays fixed while schedules are tried."""

    def __init__(self, snapshot: Snapshot, free: frozenset[Key]) -> None:
        self.network, self.free = snapshot.network, free
        self.now_s = snapshot.now_s
        self.jobs = snapshot.jobs
        by_holder: dict[str, list[Slot]] = {}
        for slot in snapshot.slots:
            by_holder.setdefault(slot.holder, []).append(slot)
        self.start: Plan = {holder: tuple(slots) for holder, slots in by_holder.items()}
        self.holders = sorted({holder for holder, _ in free})
        self.limit_s = {
            holder: due_s
            for holder, end_s in finishes_s(snapshot.slots).items()
            if holder in self.jobs
            and (due_s := self.jobs[holder].due_s) is not None
            and end_s <= due_s
        }
        pinned = [s for s in snapshot.slots if (s.holder, s.operation_id) not in free]
        self.load = Load.of(self.network, from_s=snapshot.now_s).with_slots(pinned)

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

    def rebuild(self, plan: Plan, seed: int) -> Rebuild | None:
        """Return the search that begins with a schedule, None where it cannot read it."""
        slots = [{slot.operation_id: slot for slot in plan[holder]} for holder in self.holders]
        search = Rebuild(
            self.load,
            [self._gated(holder) for holder in self.holders],
            [{name: self._site(slot) for name, slot in own.items()} for own in slots],
            [self._fixed(holder) for holder in self.holders],
            [self.limit_s.get(holder) for holder in self.holders],
            seed=seed,
        )
        try:
            search.stand(slots)
        except ValueError:
            return None
        return search

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


def _flat(plan: Plan) -> tuple[Slot, ...]:
    return tuple(slot for slots in plan.values() for slot in slots)
