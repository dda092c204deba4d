"""Rescue: give back their safety to the few jobs whose dates are in danger, and touch little else.

A job is in danger when it ends later than is safe for its date. Worst first, what is left of it is
taken out and promised again: at first alone, into gaps that have come free and onto alternatives;
where that is not enough, before a few jobs that stand in its way and can spare the time, which are
promised again behind it. It comes no further forward than is safe, so that the gaps ahead are left
to delays. A change is kept only if the job ends sooner, every job that gave way
keeps half of what it had to spare (or ends no later than before), goods stay where they are, and
nobody is left with too short a set-up.

Unlike `improve`, which seeks a better whole and moves what it likes, this leaves alone every
job that is neither in danger nor in the way of one: shops see few changes.

Cost    a few promises for each of at most `JOBS_MAX` jobs; no randomness, no clock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.scheduling.short import short_set_ups

__all__ = ["JOBS_MAX", "Rescued", "rescue"]

#: most jobs in danger that one call looks at, worst first
JOBS_MAX = 24
#: most jobs that give way to one
GIVE_WAY_MAX = 4
#: a gain smaller than this is not worth a move
GAIN_LEAST_S = 900
#: how far forward is tried first, in multiples of what is needed
FORWARD = (1, 2, 4)

Key = tuple[str, str]
_PINNED = "pinned"


@dataclass(frozen=True, slots=True)
class Rescued:
    """What to release and what to claim in one transaction, and whom it helped.

    Args:
        gained_s: by job in danger, how many seconds sooner it ends.
        gave_way: jobs that moved for another.
    """

    release: tuple[Slot, ...]
    claim: tuple[Slot, ...]
    gained_s: Mapping[str, int]
    gave_way: tuple[str, ...]


def rescue(
    network: Network,
    slots: Sequence[Slot],
    jobs: Mapping[str, Job],
    safe_s: Mapping[str, int],
    now_s: int,
    pinned: frozenset[Key] = frozenset(),
    *,
    only: Collection[str] | None = None,
    gate_s: int | None = None,
) -> Rescued:
    """Return the changes that bring jobs in danger nearer to safety.

    Args:
        slots: all that is booked; those of holders that `jobs` does not know stay.
        safe_s: by holder, the latest end at which its date is safe; without one it has no date.
        pinned: (holder, operation) that must not move.
        only: of those in danger, whom to help; all when absent.
        gate_s: nothing that begins before it moves; default the end of the longest frozen zone.
    """
    plan: dict[str, tuple[Slot, ...]] = {}
    for slot in slots:
        plan[slot.holder] = (*plan.get(slot.holder, ()), slot)
    if gate_s is None:
        gate_s = now_s + max((site.frozen_zone_s for site in network.sites), default=0)
    floor = _Floor(network, jobs, safe_s, now_s, plan, pinned, gate_s)
    danger = [
        (floor.end_s(holder) - at_s, holder)
        for holder, at_s in safe_s.items()
        if holder in floor.free and floor.end_s(holder) > at_s and (only is None or holder in only)
    ]
    gained_s: dict[str, int] = {}
    gave_way: dict[str, None] = {}
    worst = sorted(danger, key=lambda one: (-one[0] * jobs[one[1]].weight, one[1]))
    for _late_s, holder in worst[:JOBS_MAX]:
        before_s = floor.end_s(holder)
        floor.bring_forward(holder, ())
        if floor.end_s(holder) > safe_s[holder]:
            able = floor.in_the_way(holder)
            for count in (1, 2, GIVE_WAY_MAX):
                others = able[:count]
                if len(others) == count and floor.bring_forward(holder, others):
                    gave_way.update(dict.fromkeys(others))
                    break
        if floor.end_s(holder) < before_s:
            gained_s[holder] = before_s - floor.end_s(holder)
    old, new = set(slots), {slot for listed in floor.plan.values() for slot in listed}
    return Rescued(
        tuple(slot for slot in slots if slot not in new),
        tuple(slot for listed in floor.plan.values() for slot in listed if slot not in old),
        gained_s,
        tuple(gave_way),
    )


class _Floor:
    """The schedule while it changes: slots by holder, and their load."""

    def __init__(
        self,
        network: Network,
        jobs: Mapping[str, Job],
        safe_s: Mapping[str, int],
        now_s: int,
        plan: dict[str, tuple[Slot, ...]],
        pinned: frozenset[Key],
        gate_s: int,
    ) -> None:
        self.network, self.jobs, self.safe_s, self.plan = network, jobs, safe_s, plan
        self.gate_s = gate_s
        self.free = {
            holder: found
            for holder, listed in plan.items()
            if holder in jobs and (found := self._free(jobs[holder], listed, pinned))
        }
        self.load = Load.of(network, from_s=now_s).with_slots(
            (s for h, listed in plan.items() for s in listed if not self._moves(h, s)),
            group=_PINNED,
        )
        self.load = self.load.with_slots(
            s for h, listed in plan.items() for s in listed if self._moves(h, s)
        )

        self.short = frozenset(short_set_ups(self.load))

    def end_s(self, holder: str) -> int:
        """Return the end of a holder's last slot."""
        return max(slot.end_s for slot in self.plan[holder])

    def in_the_way(self, holder: str) -> tuple[str, ...]:
        """Return jobs with time to spare that stand before it on its work units, those with most
        of it first."""
        own: dict[str, int] = {}
        for slot in self._moving(holder):
            own[slot.resource_id] = max(slot.start_s, own.get(slot.resource_id, 0))
        spare_s = {
            other: self.safe_s[other] - self.end_s(other)
            for other in self.free
            if other != holder
            and other in self.safe_s
            and any(slot.start_s < own.get(slot.resource_id, 0) for slot in self._moving(other))
        }
        able = [other for other, left_s in spare_s.items() if left_s > GAIN_LEAST_S]
        return tuple(sorted(able, key=lambda other: (-spare_s[other], other))[:GIVE_WAY_MAX])

    def bring_forward(self, holder: str, others: Sequence[str]) -> bool:
        """Bring a job forward, before these others; return whether it ends sooner now.

        Alone no further than is safe where that can be: gaps ahead are what delays of others need.
        Where others go, right into their places, which would stand idle otherwise.
        """
        if others:
            theirs_s = min(slot.start_s for one in others for slot in self._moving(one))
            return self._try(holder, others, theirs_s, self.end_s(holder) - GAIN_LEAST_S)
        begins_s = min(slot.start_s for slot in self._moving(holder))
        needed_s = self.end_s(holder) - self.safe_s[holder]
        for more in FORWARD:
            from_s = begins_s - more * needed_s
            if from_s <= self.gate_s:
                break
            if self._try(holder, others, from_s, self.safe_s[holder]):
                return True
        return self._try(holder, others, self.gate_s, self.end_s(holder) - GAIN_LEAST_S)

    def _try(self, holder: str, others: Sequence[str], from_s: int, until_s: int) -> bool:
        """Promise what is left of a job again, before these others; return whether it is kept.

        Args:
            from_s, until_s: between which the job is to stand.
        """
        out = (holder, *sorted(others, key=lambda other: (self.safe_s[other], other)))
        load = self.load
        for one in out:
            load = load.without_group(one)
        tried: dict[str, tuple[Slot, ...]] = {}
        for one in out:
            fixed = {s.operation_id: s for s in self.plan[one] if not self._moves(one, s)}
            job = self.jobs[one]
            gate_s = from_s if one == holder else min(s.start_s for s in self._moving(one))
            gated = replace(job, release_s=max(job.release_s, gate_s))
            sites = frozenset(map(self._site, self.plan[one]))
            try:
                found = promise(load, self.network, gated, sites=sites, fixed=fixed).slots
            except CannotMake:
                return False
            load = load.with_slots(found)
            tried[one] = (*fixed.values(), *found)
            limit_s = self.end_s(one) + max(0, self.safe_s[one] - self.end_s(one)) // 2
            if one == holder:
                limit_s = until_s
            if max(s.end_s for s in tried[one]) > limit_s or not self._stays(one, tried[one]):
                return False
        short = frozenset(short_set_ups(load))
        if not short <= self.short:  # whoever stays behind a place that was left
            return False
        self.plan.update(tried)
        self.load, self.short = load, short
        return True

    def _stays(self, holder: str, slots: Sequence[Slot]) -> bool:
        """Return whether goods leave from where they did, and begun ones stay at their sites."""
        if self._leaves(slots) != self._leaves(self.plan[holder]):
            return False
        where = {slot.operation_id: self._site(slot) for slot in self.plan[holder]}
        free = self.free[holder]
        return all(
            where[slot.operation_id] == self._site(slot)
            for slot in slots
            if any(
                name not in free
                for name in self.jobs[holder].plan.operation[slot.operation_id].after
            )
        )

    def _leaves(self, slots: Sequence[Slot]) -> str:
        return self._site(_last(slots))

    def _site(self, slot: Slot) -> str:
        return self.network.site_of(slot.resource_id).site_id

    def _moving(self, holder: str) -> Iterable[Slot]:
        return (slot for slot in self.plan[holder] if self._moves(holder, slot))

    def _moves(self, holder: str, slot: Slot) -> bool:
        return slot.operation_id in self.free.get(holder, ())

    def _free(self, job: Job, slots: Sequence[Slot], pinned: frozenset[Key]) -> frozenset[str]:
        """Return what of a job may move; an operation with a pinned successor stays, too."""
        free = {
            slot.operation_id
            for slot in slots
            if (slot.holder, slot.operation_id) not in pinned and slot.start_s >= self.gate_s
        }
        for operation in reversed(job.plan.operations):
            if operation.operation_id not in free:
                free -= set(operation.after)
        return frozenset(free)


def _last(slots: Sequence[Slot]) -> Slot:
    return max(slots, key=lambda slot: (slot.end_s, slot.operation_id))
