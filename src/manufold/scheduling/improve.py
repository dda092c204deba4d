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
from dataclasses import dataclass, field, replace

import numpy as np

from manufold.model.errors import CannotMake, Reason
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.crowd import FLOW, SET_UP, WORTHS
from manufold.scheduling.dispatch import RULES, best_dispatch
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import Load
from manufold.scheduling.missed import Missed, missed_of
from manufold.scheduling.objective import Costing, Objective, finishes_s, objective, weighed
from manufold.scheduling.rebuild import Rebuild
from manufold.scheduling.weights import Weights

__all__ = ["Improvement", "Judged", "Snapshot", "improve"]

Key = tuple[str, str]
#: slots of a whole schedule -> whether nothing is wrong with it
Judged = Callable[[Sequence[Slot]], bool]

#: rounds between two looks at the clock
ROUNDS_AT_ONCE = 40
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
        safe_s: by holder, the latest end at which its promise is safe from what usually goes wrong;
            what ends before it still does, and what ends behind it comes no later.
    """

    network: Network
    slots: tuple[Slot, ...]
    jobs: Mapping[str, Job]
    now_s: int
    pinned: frozenset[Key] = frozenset()
    safe_s: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Improvement:
    """What to release and what to claim in one transaction; both empty when nothing is better.

    Args:
        bound: no schedule that keeps to the snapshot has less in any field: every job alone on the
            floor, at the lowest price there is.
        rounds, better: of ruin and recreate, played and kept on the way.
        missed: promises that the schedule does not keep, each with its reason.
        why: how it ended: played out, stopped, or failed with the last judged schedule in hand.
    """

    release: tuple[Slot, ...]
    claim: tuple[Slot, ...]
    before: Objective
    after: Objective
    bound: Objective
    rounds: int
    better: int
    missed: tuple[Missed, ...]
    why: Reason

    @property
    def gap_s(self) -> int:
        """Weighted seconds of tardiness above the bound; 0 proves that no date can be better."""
        return self.after.tardiness_s - self.bound.tardiness_s


def improve(
    snapshot: Snapshot,
    judged: Judged,
    *,
    seed: int,
    rounds: int = 200,
    should_stop: Callable[[], bool] = lambda: False,
    weights: Weights | None = None,
    patience: int | None = None,
) -> Improvement:
    """Return the changes that make a schedule better, the last that were judged clean.

    A search that fails loses nothing: what was judged before is handed back, and `why` says so.

    Args:
        judged: says whether a whole schedule is clean; asked before anything is handed back, and on
            the way each time that the rounds are four times as many.
        rounds: of ruin and recreate, after the dispatch of everything.
        should_stop: asked between rounds, e.g. whether time is up.
        weights: of what counts beside dates, default `Weights()`.
        patience: it ends once so many rounds in a row were no better.
    """
    work = _Work(snapshot, _movable(snapshot), weights or Weights())
    best = _Best(work, judged)
    search: Rebuild | None = None
    why = Reason("improve.nothing_moves", {})
    if work.holders:
        try:
            search = work.rebuild(seed)
            why = _searched(work, best, search, rounds, should_stop, patience or rounds)
        except Exception as failed:  # noqa: BLE001 - said in the answer; what was judged is kept
            what = f"{type(failed).__name__}: {failed}"[:200]
            why = Reason("improve.failed", {"what": what})
    if best.disliked:
        why = Reason("improve.disliked", {"rounds": 0 if search is None else search.rounds})
    bound, soonest_s = work.bound(search)
    old, new = set(snapshot.slots), set(_flat(best.plan))
    return Improvement(
        tuple(slot for slot in snapshot.slots if slot not in new),
        tuple(slot for slot in _flat(best.plan) if slot not in old),
        best.first,
        best.value,
        bound,
        0 if search is None else search.rounds,
        0 if search is None else search.better,
        work.missed(best.plan, soonest_s),
        why,
    )


def _searched(
    work: "_Work",
    best: "_Best",
    search: Rebuild,
    rounds: int,
    should_stop: Callable[[], bool],
    patience: int,
) -> Reason:
    """Search as long as rounds, time and patience last; return how it ended."""
    if len(work.free) <= DISPATCHED_MAX:
        whole = work.redispatched()
        if whole is not None and work.keeps(whole):
            best.offer(whole)
    if not work.stands(search, best.plan):
        return Reason("improve.cannot_read", {})
    seen, look, last = 0, ROUNDS_AT_ONCE, 0
    code = "improve.played_out"
    while search.rounds < rounds:
        if should_stop() or search.rounds - last >= patience:
            code = "improve.stopped" if search.rounds - last < patience else "improve.settled"
            break
        if search.play(min(ROUNDS_AT_ONCE, rounds - search.rounds)):
            last = search.rounds
        if search.rounds >= look and search.better > seen:
            best.offer(work.read(search))
            seen, look = search.better, 4 * search.rounds
    if search.better > seen:
        best.offer(work.read(search))
    return Reason(code, {"rounds": search.rounds})


class _Best:
    """The best schedule that the judge found nothing against; at first what stands.

    Attributes:
        disliked: whether the judge found fault with the last that was better.
    """

    def __init__(self, work: "_Work", judged: Judged) -> None:
        self.work, self.judged, self.plan = work, judged, work.start
        self.first = self.value = work.value(work.start)
        self.disliked = False

    def offer(self, plan: "Plan") -> None:
        """Keep a schedule if it is better and clean."""
        value = self.work.value(plan)
        if value < self.value:
            self.disliked = not self.judged(_flat(plan))
            if not self.disliked:
                self.plan, self.value = plan, value


#: slots by holder
Plan = dict[str, tuple[Slot, ...]]


class _Work:
    """What stays fixed while schedules are tried."""

    def __init__(self, snapshot: Snapshot, free: frozenset[Key], weights: Weights) -> None:
        self.network, self.free, self.weights = snapshot.network, free, weights
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
            if due_s is not None and end_s <= due_s:
                safe_s = snapshot.safe_s.get(holder, due_s)
                self.limit_s[holder] = min(due_s, max(end_s, safe_s))
        self.pinned = [s for s in snapshot.slots if (s.holder, s.operation_id) not in free]
        self.load = Load.of(self.network, from_s=snapshot.now_s).with_slots(self.pinned)

    def value(self, plan: Plan) -> Objective:
        """Return the objective of a schedule."""
        return objective(_flat(plan), self.jobs, self.costing)

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
        least = search.bound(roams)
        moving = set(self.holders)
        rest = [slot for slot in self.slots if slot.holder not in moving]
        total = self._columns(rest)
        soonest_s = {slot.holder: ends_s[slot.holder] for slot in rest}
        for own, holder in zip(least, self.holders, strict=True):
            fixed = list(self._fixed(holder).values())
            own[SET_UP:] += self._columns(fixed)[SET_UP:]
            # what stays where it is may be where nobody would place it today
            own = np.minimum(own, self._columns(self.start[holder]))
            total += own
            soonest_s[holder] = self.jobs[holder].release_s + int(own[FLOW])
        return weighed(total, self.weights.rates()), soonest_s

    def missed(self, plan: Plan, soonest_s: Mapping[str, int]) -> tuple[Missed, ...]:
        """Return the promises that a schedule misses, and why."""
        pinned = frozenset((slot.holder, slot.operation_id) for slot in self.pinned)
        release_s = {holder: self._gated(holder).release_s for holder in self.holders}
        return missed_of(self.network, _flat(plan), self.jobs, soonest_s, release_s, pinned)

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


def _flat(plan: Plan) -> tuple[Slot, ...]:
    return tuple(slot for slots in plan.values() for slot in slots)
