"""Shift: every slot as early as what it waits for allows, in the order the lists have.

A slot waits for its predecessors in the routing and, on its seat and at an oven's door, for whoever
is before it there. Its operator and its tools must be free; where somebody else of the site with
the skill would have it done sooner, that one takes the operator's place: work that slips past the
end of a shift would otherwise wait for the same person a day later, and all behind it with it. The
members of a batch are one step: they begin and end together. Who was not there when the door closed
comes after them.
"""

import heapq
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.errors import CannotMake, InputFault
from manufold.model.network import Network
from manufold.model.schedule import Claim, DispatchList, Job, Slot
from manufold.model.units import DAY_S
from manufold.model.work_content import changeover_s, setup_family, work_content
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.clocks import calendars_of
from manufold.scheduling.gaps import finish_s, unbroken_start_s, working_start_s
from manufold.scheduling.load import HORIZON_LIMIT_S
from manufold.scheduling.overlap import lots_ready_s
from manufold.scheduling.steps import Key, Step, alike, key_of, one_batch, renamed, steps_of
from manufold.scheduling.turns import Turns, stand_ins
from manufold.scheduling.worktime import Worktime, Worktimes

__all__ = ["OVERRUN_S", "Key", "Progress", "Shift"]

#: work that should be over and is not: how much longer to expect, since nobody knows
OVERRUN_S = 900

#: (resource, seat)
Place = tuple[str, int]


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


class Shift:
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
        self.network, self.jobs, self.progress, self.now_s = network, jobs, progress, now_s
        self.usual, self.worktimes, self.agreed_s = usual, worktimes, agreed_s
        self.shifts_of = {o.operator_id: o.calendar_id for o in network.operators}
        self.turns = Turns()
        self.found: dict[Key, Slot] = {}
        self.family: dict[Place, str | None] = {}

    def run(self, lists: Sequence[DispatchList], planned: Sequence[Slot]) -> dict[Key, Slot]:
        """Return the shifted slots; each after all it waits for.

        Raises:
            InputFault: `schedule.sequence_cyclic`.
            CannotMake: `schedule.past_horizon`.
        """
        slots = {key_of(slot): slot for slot in planned}
        step_of = steps_of(planned, self.progress)
        before = self._waits_for(lists, slots, step_of)
        followers: dict[Step, list[Step]] = {}
        for step, earlier in before.items():
            for one in earlier:
                followers.setdefault(one, []).append(step)
        left = {step: len(earlier) for step, earlier in before.items()}
        free = [self._turn(step, slots) for step, count in left.items() if not count]
        heapq.heapify(free)
        held: dict[Place, int] = {}
        while free:
            *_, step = heapq.heappop(free)
            self._place(step, slots, held)
            for after in followers.get(step, ()):
                left[after] -= 1
                if not left[after]:
                    heapq.heappush(free, self._turn(after, slots))
        if len(self.found) < len(slots):
            holder, name = min(key for key in slots if key not in self.found)
            raise InputFault("schedule.sequence_cyclic", job=holder, operation=name)
        return self.found

    def _turn(self, step: Step, slots: Mapping[Key, Slot]) -> tuple[bool, int, Step]:
        """Return what has begun before all else, then by the start that was planned."""
        return step[0] not in self.progress, slots[step[0]].start_s, step

    def _waits_for(
        self,
        lists: Sequence[DispatchList],
        slots: Mapping[Key, Slot],
        step_of: Mapping[Key, Step],
    ) -> dict[Step, frozenset[Step]]:
        """Return what each step waits for: whoever is before it anywhere, and its routing."""
        before: dict[Step, set[Step]] = {step: set() for step in step_of.values()}
        for listed in lists:
            if listed.resource_id not in self.network.work_unit:
                continue  # people and tools: see `Turns`
            keys = self._in_turn([key_of(slot) for slot in listed.slots])
            steps = list(dict.fromkeys(step_of[key] for key in keys))
            for earlier, step in itertools.pairwise(steps):
                before[step].add(earlier)
        for key, slot in slots.items():
            for name in self._after(slot):
                if (key[0], name) in slots:
                    before[step_of[key]].add(step_of[key[0], name])
        return {step: frozenset(earlier - {step}) for step, earlier in before.items()}

    def _in_turn(self, keys: Sequence[Key]) -> list[Key]:
        """Return a list with what has begun first, in the order it began."""
        begun = [key for key in keys if key in self.progress]
        begun.sort(key=lambda key: self.progress[key].started_s)
        return [*begun, *(key for key in keys if key not in self.progress)]

    def _after(self, slot: Slot) -> tuple[str, ...]:
        job = self.jobs.get(slot.holder)
        return () if job is None else job.plan.operation[slot.operation_id].after

    def _place(self, step: Step, slots: Mapping[Key, Slot], held: dict[Place, int]) -> None:
        """Put a step where it may begin, and say until when it holds what."""
        if step[0] in self.progress:
            found = [self._begun(slots[key], self.progress[key]) for key in step]
        else:
            fitting = alike([self._set_up(slots[key]) for key in step])
            ready = zip(fitting, step, strict=True)
            ready_s = max(self._ready_s(slot, slots[key], held) for slot, key in ready)
            found = self._when_free(fitting, ready_s)
            if len(step) == 1:
                found = [self._attended(found[0], fitting[0], slots[step[0]], held)]
        for key, slot in zip(step, one_batch(found), strict=True):
            self.found[key] = slot
            place = slot.resource_id, slot.seat
            held[place] = max(slot.end_s, held.get(place, slot.end_s))
            self.family[self._set_up_as(slot)] = slot.setup_family
            for claim in slot.also:
                place = claim.resource_id, claim.seat
                held[place] = max(claim.end_s, held.get(place, claim.end_s))
                if claim.resource_id not in self.network.work_unit:
                    self.turns.take(claim)

    def _set_up(self, slot: Slot) -> Slot:
        """Return a slot with the set-up that what runs before it asks for, at least what it has."""
        place, job = self._set_up_as(slot), self.jobs.get(slot.holder)
        if job is None or key_of(slot) in self.progress or place not in self.family:
            return slot
        operation, unit = job.plan.operation[slot.operation_id], self.network.work_unit[place[0]]
        capability = unit.capability(operation.capability)
        if capability is None or unit.setup_matrix_id is None:
            return slot
        own_s = work_content(operation, capability, slot.quantity).setup_s
        family = setup_family(job.plan, operation)
        change_s = changeover_s(self.network, unit, self.family[place], family)
        if slot.setup_s >= own_s + change_s:
            return slot
        return replace(slot, setup_s=own_s + change_s, changeover_s=change_s)

    def _set_up_as(self, slot: Slot) -> Place:
        """Return what is changed over for a slot: its seat, of an oven the whole of it."""
        unit = self.network.work_unit[slot.resource_id]
        return slot.resource_id, unit.seats if unit.batches else slot.seat

    def _ready_s(self, slot: Slot, planned: Slot, held: Mapping[Place, int]) -> int:
        """Return from when a slot that has not begun may."""
        agreed_s = self.agreed_s.get(key_of(slot), slot.start_s)
        agreed_s -= slot.setup_s - planned.setup_s
        ready_s = max(agreed_s, self.now_s, self._bound_s(slot))
        doors = (c for c in slot.also if c.resource_id in self.network.work_unit)
        for place in ((slot.resource_id, slot.seat), *((c.resource_id, c.seat) for c in doors)):
            ready_s = max(ready_s, held.get(place, ready_s))
        for name in self._after(slot):
            earlier = self.found.get((slot.holder, name))
            if earlier is not None:
                ready_s = max(ready_s, self._handed_s(earlier, slot))
        return ready_s

    def _handed_s(self, earlier: Slot, slot: Slot) -> int:
        """Return from when a predecessor lets a slot begin: on its lots, or when all is made."""
        way_s = self._way_s(earlier, slot)
        lot = self.jobs[slot.holder].plan.operation[earlier.operation_id].transfer_quantity
        if lot is None or lot >= slot.quantity:
            return earlier.end_s + way_s
        made_on, setting_up = self._clocks(earlier, self.usual)
        made_from_s = min(
            earlier.end_s - 1, self._done_s(earlier, setting_up, earlier.start_s, earlier.setup_s)
        )
        clocks = (made_on, *self._clocks(slot, self.worktimes))
        return max(
            earlier.start_s + way_s,
            int(
                lots_ready_s(
                    calendars_of(clocks),
                    0,
                    made_from_s,
                    max(1, made_on.worked_s(made_from_s, earlier.end_s)),
                    lot,
                    slot.quantity,
                    way_s,
                    1,
                    self._content_s(slot) - slot.setup_s,
                    2,
                    slot.setup_s - (slot.changeover_s or 0),
                    self._pausable(slot),
                )
            ),
        )

    def _attended(self, best: Slot, slot: Slot, planned: Slot, held: Mapping[Place, int]) -> Slot:
        """Return what would end later than planned attended by somebody else, where that ends
        sooner.

        Args:
            best: the slot attended by whom it names.
        """
        if best.end_s <= planned.end_s or not slot.also:
            return best
        alone = replace(slot, also=())
        enough_s = self._shifted(alone, self._ready_s(alone, planned, held)).end_s
        for who in stand_ins(self.network, self.jobs.get(slot.holder), slot):
            if best.end_s <= enough_s:
                break
            also = tuple(
                replace(claim, resource_id=who) if claim.resource_id in self.shifts_of else claim
                for claim in slot.also
            )
            other = replace(slot, also=also)
            try:
                (tried,) = self._when_free([other], self._ready_s(other, planned, held))
            except CannotMake:
                continue
            best = min(best, tried, key=lambda one: one.end_s)
        return best

    def _when_free(self, slots: Sequence[Slot], ready_s: int) -> list[Slot]:
        """Return slots from an instant on, at which their operators and tools are free."""
        while True:
            found = self._all_shifted(slots, ready_s)
            busy_s = [
                until_s
                for slot in found
                for claim in slot.also
                if claim.resource_id not in self.network.work_unit
                and (until_s := self.turns.taken_until_s(claim)) is not None
            ]
            if not busy_s:
                return found
            assert max(busy_s) > ready_s, "an instant was looked for at which all are free"
            ready_s = max(busy_s)

    def _all_shifted(self, slots: Sequence[Slot], ready_s: int) -> list[Slot]:
        """Return slots that have not begun from an instant on: all of them begin and end at once.

        Where their hours differ, a later start is looked for at which they agree; where there is
        none, the first will do.
        """
        found = first = [self._shifted(slot, ready_s) for slot in slots]
        while len({(slot.start_s, slot.end_s) for slot in found}) > 1:
            latest_s = max(slot.start_s for slot in found)
            if latest_s == min(slot.start_s for slot in found):
                clocks = (clock for slot in slots for clock in self._clocks(slot, self.worktimes))
                rows = ((c.start_s, int(c.start_s.searchsorted(latest_s, "right"))) for c in clocks)
                opens_s = [int(start_s[row]) for start_s, row in rows if row < len(start_s)]
                if not opens_s:
                    return first
                latest_s = min(opens_s)
            try:
                found = [self._shifted(slot, latest_s) for slot in slots]
            except CannotMake:
                return first
        return found

    def _shifted(self, slot: Slot, ready_s: int) -> Slot:
        """Return a slot that has not begun, from an instant on."""
        running, setting_up = self._clocks(slot, self.worktimes)
        total_s = self._content_s(slot)
        run_s = total_s - slot.setup_s
        if self._pausable(slot):
            first = setting_up if slot.setup_s else running
            start_s = int(working_start_s(ready_s, first.start_s, first.end_s))
            if start_s == NEVER:
                raise _past_horizon(slot)
            set_up_s = self._done_s(slot, setting_up, start_s, slot.setup_s)
            end_s = self._done_s(slot, running, set_up_s, run_s)
        else:
            start_s = ready_s
            while start_s != NEVER:
                start_s = int(unbroken_start_s(start_s, total_s, running.start_s, running.end_s))
                attended_s = int(
                    unbroken_start_s(start_s, slot.setup_s, setting_up.start_s, setting_up.end_s)
                )
                if start_s == NEVER or attended_s == start_s or not slot.setup_s:
                    break
                start_s = attended_s
            if start_s == NEVER:
                raise _past_horizon(slot)
            set_up_s, end_s = start_s + slot.setup_s, start_s + total_s
        return self._with_claims(slot, start_s, set_up_s, end_s)

    def _with_claims(self, slot: Slot, start_s: int, set_up_s: int, end_s: int) -> Slot:
        """Return a slot with all it holds at new times."""
        if not slot.also:
            return replace(slot, start_s=start_s, end_s=end_s)
        job = self.jobs.get(slot.holder)
        whole = job is None or job.plan.operation[slot.operation_id].attendance == "all"
        claims: list[Claim] = []
        for claim in slot.also:
            until_s = end_s if whole or claim.resource_id not in self.shifts_of else set_up_s
            shared = renamed(claim.shared_as, start_s, end_s)
            if start_s < until_s:
                claims.append(Claim(claim.resource_id, claim.seat, start_s, until_s, shared))
        return replace(slot, start_s=start_s, end_s=end_s, also=tuple(claims))

    def _begun(self, slot: Slot, done: Progress) -> Slot:
        """Return a slot that has begun: as it happened, to the end it is expected to have."""
        if done.finished_s is not None:
            end_s = max(done.finished_s, done.started_s + 1)
            return self._with_claims(slot, done.started_s, end_s, end_s)
        running, setting_up = self._clocks(slot, self.worktimes)
        left_s = done.remaining_s
        if left_s is None:
            worked_s = self.worktimes.of(slot.resource_id).worked_s(done.started_s, self.now_s)
            left_s = self._content_s(slot) - worked_s
        again_s = max(self.now_s, done.started_s)
        end_s = self._done_s(slot, running, again_s, left_s if left_s > 0 else OVERRUN_S)
        set_up_s = min(end_s, self._done_s(slot, setting_up, done.started_s, slot.setup_s))
        return self._with_claims(slot, done.started_s, set_up_s, end_s)

    def _clocks(self, slot: Slot, worktimes: Worktimes) -> tuple[Worktime, Worktime]:
        """Return the working time of the run and of the set-up of a slot."""
        alone = worktimes.of(slot.resource_id)
        crew = [c.resource_id for c in slot.also if c.resource_id in self.shifts_of]
        job = self.jobs.get(slot.holder)
        if not crew or job is None:
            return alone, alone
        joint = worktimes.of(slot.resource_id, self.shifts_of[crew[0]])
        whole = job.plan.operation[slot.operation_id].attendance == "all"
        return (joint if whole else alone), joint

    def _done_s(self, slot: Slot, work: Worktime, from_s: int, content_s: int) -> int:
        """Return when working seconds from an instant on are done."""
        if content_s == 0:
            return from_s
        begun_s = working_start_s(from_s, work.start_s, work.end_s)
        end_s = NEVER
        if begun_s != NEVER:
            end_s = finish_s(begun_s, content_s, work.start_s, work.end_s, work.before_s)
        if end_s == NEVER:
            raise _past_horizon(slot)
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


def _past_horizon(slot: Slot) -> CannotMake:
    days = HORIZON_LIMIT_S // DAY_S
    return CannotMake("schedule.past_horizon", operation=slot.operation_id, days=days)
