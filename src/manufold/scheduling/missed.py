"""Missed: which promises a schedule does not keep, and why they cannot hold, or could.

A promise cannot hold when its job would come too late even alone on the floor: what is fixed ends
too late, what may move is not let go in time, material comes too late, or the work left takes
longer. Otherwise it is other promised work that stands before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.model.units import to_rfc3339

__all__ = ["Missed", "missed_of"]


@dataclass(frozen=True, slots=True)
class Missed:
    """A promise that is not kept.

    Args:
        due_s, end_s: of the last operation: what the promise needs, and what is booked.
        soonest_s: before then no schedule ends it: a bound, given what is pinned.
    """

    holder: str
    due_s: int
    end_s: int
    soonest_s: int
    why: Reason

    @property
    def cannot_hold(self) -> bool:
        """Whether no schedule could keep it, given what is pinned."""
        return self.soonest_s > self.due_s


def missed_of(
    network: Network,
    slots: Iterable[Slot],
    jobs: Mapping[str, Job],
    soonest_s: Mapping[str, int],
    release_s: Mapping[str, int],
    pinned: frozenset[tuple[str, str]],
) -> tuple[Missed, ...]:
    """Return the promises that a schedule misses, the latest first.

    Args:
        soonest_s: by holder, before then it cannot end; absent where nobody could say.
        release_s: by holder, before then nothing of it that may move begins.
        pinned: (holder, operation) that does not move.
    """
    by_holder: dict[str, list[Slot]] = {}
    for slot in slots:
        by_holder.setdefault(slot.holder, []).append(slot)
    found = []
    for holder, own in by_holder.items():
        job, end_s = jobs.get(holder), max(slot.end_s for slot in own)
        if job is None or job.due_s is None or end_s <= job.due_s:
            continue
        fixed = [slot for slot in own if (holder, slot.operation_id) in pinned]
        at_least = soonest_s.get(holder)
        if at_least is None:
            found.append(Missed(holder, job.due_s, end_s, 0, Reason("improve.missed_unknown", {})))
            continue
        why = _why(network, job, own, fixed, at_least, release_s.get(holder, job.release_s))
        found.append(Missed(holder, job.due_s, end_s, at_least, why))
    return tuple(sorted(found, key=lambda one: (one.due_s - one.end_s, one.holder)))


def _why(
    network: Network,
    job: Job,
    slots: Sequence[Slot],
    fixed: Sequence[Slot],
    soonest_s: int,
    release_s: int,
) -> Reason:
    zone = network.site_of(max(slots, key=lambda slot: slot.end_s).resource_id).zone
    due_s = job.due_s or 0

    def told(code: str, at_s: int, **more: str) -> Reason:
        due = to_rfc3339(due_s, zone)
        return Reason(f"improve.missed_{code}", {"due": due, "at": to_rfc3339(at_s, zone)} | more)

    last = max(fixed, key=lambda slot: slot.end_s, default=None)
    if last is not None and last.end_s > due_s:
        name = job.plan.operation[last.operation_id].name
        unit = network.work_unit[last.resource_id].name
        return told("pinned", last.end_s, operation=name, work_unit=unit)
    left = {slot.operation_id for slot in slots} - {slot.operation_id for slot in fixed}
    late = max(((at_s, name) for name, at_s in job.ready_s.items() if name in left), default=None)
    if soonest_s <= due_s:
        slot = _waiting(job, slots, fixed)
        name = job.plan.operation[slot.operation_id].name
        unit = network.work_unit[slot.resource_id].name
        return told("crowded", soonest_s, operation=name, work_unit=unit)
    if late is not None and late[0] >= due_s:
        return told("material", late[0], operation=job.plan.operation[late[1]].name)
    if release_s >= due_s:
        return told("frozen", release_s)
    return told("work", soonest_s)


def _waiting(job: Job, slots: Sequence[Slot], fixed: Sequence[Slot]) -> Slot:
    """Return the slot that waits longest behind what lets it begin."""
    end_s = {slot.operation_id: slot.end_s for slot in slots}

    def waits_s(slot: Slot) -> tuple[int, str]:
        before = (end_s[name] for name in job.plan.operation[slot.operation_id].after)
        ready_s = job.ready_s.get(slot.operation_id, 0)
        return slot.start_s - max([job.release_s, ready_s, *before]), slot.operation_id

    return max((slot for slot in slots if slot not in fixed), key=waits_s)
