"""Forecast: what the dispatch lists lead to, given what has happened by now.

Every seat keeps its order, nothing starts before its slot (or what was agreed at first, where that
is earlier), and whatever is late pushes what comes after it, on its seat and in its routing, no
further than it must (right shift). Where nothing has gone wrong the forecast is the plan. Begun
work ends when its remaining working seconds are done; finished work stays as it happened.

Cost    O(slots x log slots).
Source  right-shift rescheduling: G. E. Vieira, J. W. Herrmann, E. Lin, Journal of Scheduling 6
        (2003) 39-62, doi:10.1023/A:1022235519958.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.errors import CannotMake, InputFault, Reason
from manufold.model.network import Network
from manufold.model.schedule import DispatchList, Job, Slot
from manufold.model.units import DAY_S
from manufold.model.work_content import work_content
from manufold.scheduling.gaps import NEVER, finish_s, unbroken_start_s, working_start_s
from manufold.scheduling.load import HORIZON_LIMIT_S
from manufold.scheduling.objective import finishes_s
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.worktime import Worktimes

__all__ = ["Forecast", "Progress", "forecast"]

#: how far beyond the last slot calendars are compiled at first
SPAN_S = 60 * DAY_S

#: work that should be over and is not: how much longer to expect, since nobody knows
OVERRUN_S = 900

#: (holder, operation)
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """What has happened to an operation.

    Args:
        started_s: when set-up began.
        finished_s: when the last piece was done, None while it runs.
        remaining_s: working seconds left, None = the plan's, less what was worked since.
    """

    started_s: int
    finished_s: int | None = None
    remaining_s: int | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the dispatch lists lead.

    Args:
        slots: of all lists; finished and begun ones as they happened.
        finish_s: by holder, end of its last slot.
        at_risk: holders whose promised finish is missed, by how many seconds, worst first.
        delays: by holder, (operation, work unit, seconds it ends later than planned).
        reasons: maximum lags that no longer hold.
    """

    slots: tuple[Slot, ...]
    finish_s: Mapping[str, int]
    at_risk: tuple[tuple[str, int], ...]
    delays: Mapping[str, tuple[tuple[str, str, int], ...]]
    reasons: tuple[Reason, ...]


def forecast(
    network: Network,
    lists: Iterable[DispatchList],
    jobs: Mapping[str, Job],
    progress: Mapping[Key, Progress],
    now_s: int,
    outages: Sequence[Outage] = (),
    agreed_s: Mapping[Key, int] | None = None,
) -> Forecast:
    """Return new slots and finishes of everything on the dispatch lists.

    Args:
        agreed_s: instead of its slot, where an operation may start at the earliest: what was put
            off by a trouble that is over comes back that far, and no further.
        jobs: by holder; a slot of an unknown holder keeps its working seconds.
        outages: work units that are down, from when to when.

    Raises:
        InputFault: `schedule.sequence_cyclic` where lists and routings wait for each other.
        CannotMake: `schedule.past_horizon`.
    """
    planned = [slot for listed in lists for slot in listed.slots]
    first_s = min([now_s, *(slot.start_s for slot in planned)])
    last_s = max([now_s, *(slot.end_s for slot in planned)])
    down = with_outages(network, outages)
    for span_s in (SPAN_S, HORIZON_LIMIT_S):
        usual = Worktimes(network, first_s, last_s + span_s)
        worktimes = usual if down is network else Worktimes(down, first_s, last_s + span_s)
        try:
            found = _Shift(network, jobs, progress, now_s, usual, worktimes, agreed_s or {}).run(
                planned
            )
            break
        except CannotMake:
            if span_s == HORIZON_LIMIT_S:
                raise
    return _told(planned, found, jobs)


class _Shift:
    """One right shift over all slots."""

    def __init__(
        self,
        network: Network,
        jobs: Mapping[str, Job],
        progress: Mapping[Key, Progress],
        now_s: int,
        usual: Worktimes,
        worktimes: Worktimes,
        agreed_s: Mapping[Key, int],
    ) -> None:
        self.agreed_s = agreed_s
        self.network, self.jobs, self.progress, self.now_s = network, jobs, progress, now_s
        self.usual, self.worktimes = usual, worktimes
        self.found: dict[Key, Slot] = {}

    def run(self, planned: Sequence[Slot]) -> dict[Key, Slot]:
        """Return the shifted slots; each after its seat's and its routing's predecessors."""
        slots = {(slot.holder, slot.operation_id): slot for slot in planned}
        before = self._waits_for(planned, slots)
        followers: dict[Key, list[Key]] = {}
        for key, earlier in before.items():
            for one in earlier:
                followers.setdefault(one, []).append(key)
        left = {key: len(earlier) for key, earlier in before.items()}
        free = [(slots[key].start_s, key) for key, count in left.items() if not count]
        heapq.heapify(free)
        while free:
            _, key = heapq.heappop(free)
            self.found[key] = self._shifted(slots[key], before[key])
            for after in followers.get(key, ()):
                left[after] -= 1
                if not left[after]:
                    heapq.heappush(free, (slots[after].start_s, after))
        if len(self.found) < len(slots):
            holder, name = min(key for key in slots if key not in self.found)
            raise InputFault("schedule.sequence_cyclic", job=holder, operation=name)
        return self.found

    def _waits_for(
        self, planned: Sequence[Slot], slots: Mapping[Key, Slot]
    ) -> dict[Key, tuple[Key, ...]]:
        """Return what each slot waits for: its seat's one before, its routing's predecessors."""
        seats: dict[tuple[str, int], list[Key]] = {}
        for slot in planned:
            key = (slot.holder, slot.operation_id)
            seats.setdefault((slot.resource_id, slot.seat), []).append(key)
        before: dict[Key, tuple[Key, ...]] = {}
        for listed in seats.values():
            keys = self._in_turn(listed)
            for at, key in enumerate(keys):
                routing = ((key[0], name) for name in self._after(slots[key]))
                before[key] = (*keys[max(0, at - 1) : at], *(k for k in routing if k in slots))
        return before

    def _in_turn(self, keys: Sequence[Key]) -> list[Key]:
        """Return a seat's list with what has begun first, in the order it began."""
        begun = [key for key in keys if key in self.progress]
        begun.sort(key=lambda key: self.progress[key].started_s)
        return [*begun, *(key for key in keys if key not in self.progress)]

    def _after(self, slot: Slot) -> tuple[str, ...]:
        job = self.jobs.get(slot.holder)
        return () if job is None else job.plan.operation[slot.operation_id].after

    def _shifted(self, slot: Slot, before: Sequence[Key]) -> Slot:
        done = self.progress.get((slot.holder, slot.operation_id))
        if done is not None:
            return self._begun(slot, done)
        agreed_s = self.agreed_s.get((slot.holder, slot.operation_id), slot.start_s)
        ready_s = max(agreed_s, self.now_s, self._bound_s(slot))
        after = self._after(slot)
        for key in before:
            earlier = self.found[key]
            if (earlier.resource_id, earlier.seat) == (slot.resource_id, slot.seat):
                ready_s = max(ready_s, earlier.end_s)
            if key[0] == slot.holder and key[1] in after:
                ready_s = max(ready_s, earlier.end_s + self._way_s(earlier, slot))
        work, content_s = self.worktimes.of(slot.resource_id), self._content_s(slot)
        if self._pausable(slot):
            start_s = working_start_s(ready_s, work.start_s, work.end_s)
        else:
            start_s = unbroken_start_s(ready_s, content_s, work.start_s, work.end_s)
        return replace(slot, start_s=int(start_s), end_s=self._end_s(slot, start_s, content_s))

    def _begun(self, slot: Slot, done: Progress) -> Slot:
        if done.finished_s is not None:
            end_s = max(done.finished_s, done.started_s + 1)
            return replace(slot, start_s=done.started_s, end_s=end_s)
        left_s = done.remaining_s
        if left_s is None:
            worked_s = self.worktimes.of(slot.resource_id).worked_s(done.started_s, self.now_s)
            left_s = self._content_s(slot) - worked_s
        work = self.worktimes.of(slot.resource_id)
        again_s = working_start_s(max(self.now_s, done.started_s), work.start_s, work.end_s)
        end_s = self._end_s(slot, again_s, left_s if left_s > 0 else OVERRUN_S)
        return replace(slot, start_s=done.started_s, end_s=end_s)

    def _end_s(self, slot: Slot, start_s: int, content_s: int) -> int:
        work = self.worktimes.of(slot.resource_id)
        end_s = NEVER
        if start_s != NEVER:
            end_s = finish_s(start_s, content_s, work.start_s, work.end_s, work.before_s)
        if end_s == NEVER:
            days = HORIZON_LIMIT_S // DAY_S
            raise CannotMake("schedule.past_horizon", operation=slot.operation_id, days=days)
        return int(end_s)

    def _content_s(self, slot: Slot) -> int:
        """Return working seconds of a slot; the set-up that was booked stays booked."""
        job = self.jobs.get(slot.holder)
        if job is not None:
            operation = job.plan.operation[slot.operation_id]
            capability = self.network.work_unit[slot.resource_id].capability(operation.capability)
            if capability is not None:
                own = work_content(operation, capability, slot.quantity)
                return max(1, own.total_s - own.setup_s + slot.setup_s)
        return max(1, self.usual.of(slot.resource_id).worked_s(slot.start_s, slot.end_s))

    def _pausable(self, slot: Slot) -> bool:
        job = self.jobs.get(slot.holder)
        return job is None or job.plan.operation[slot.operation_id].pausable

    def _bound_s(self, slot: Slot) -> int:
        job = self.jobs.get(slot.holder)
        if job is None:
            return 0
        return max(job.release_s, job.ready_s.get(slot.operation_id, 0))

    def _way_s(self, earlier: Slot, slot: Slot) -> int:
        start = self.network.site_of(earlier.resource_id).site_id
        end = self.network.site_of(slot.resource_id).site_id
        lag_s = self.jobs[slot.holder].plan.operation[slot.operation_id].min_lag_s
        return max(self.network.lane_s(start, end) or 0, lag_s)


def _told(planned: Sequence[Slot], found: Mapping[Key, Slot], jobs: Mapping[str, Job]) -> Forecast:
    slots = tuple(found[slot.holder, slot.operation_id] for slot in planned)
    finishes = finishes_s(slots)
    late: dict[str, list[tuple[int, str, str, int]]] = {}
    for old, new in zip(planned, slots, strict=True):
        if new.end_s > old.end_s:
            delay = (new.end_s, new.operation_id, new.resource_id, new.end_s - old.end_s)
            late.setdefault(new.holder, []).append(delay)
    at_risk = [
        (holder, end_s - due_s)
        for holder, end_s in finishes.items()
        if holder in jobs and (due_s := jobs[holder].due_s) is not None and end_s > due_s
    ]
    reasons = []
    for (holder, name), slot in found.items():
        operation = jobs[holder].plan.operation[name] if holder in jobs else None
        for earlier in operation.after if operation and operation.max_lag_s is not None else ():
            ended = found.get((holder, earlier))
            if ended and operation and slot.start_s - ended.end_s > (operation.max_lag_s or 0):
                reasons.append(
                    Reason("schedule.lag_at_risk", {"job": holder, "operation": earlier})
                )
    return Forecast(
        slots,
        finishes,
        tuple(sorted(at_risk, key=lambda risk: (-risk[1], risk[0]))),
        {holder: tuple(d[1:] for d in sorted(delays)) for holder, delays in late.items()},
        tuple(reasons),
    )
