"""Book of a shift: slots, jobs and dispatch lists of a schedule, turned into rows for the kernel.

Whatever a shift needs to know of a slot is looked up once; the rest is arithmetic.

Cost    O(slots), most of it reading objects.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from manufold.model.network import Network
from manufold.model.process_plan import Operation
from manufold.model.schedule import DispatchList, Job, Slot
from manufold.model.work_content import setup_family, work_content
from manufold.scheduling.calendar_rows import NEVER, Calendars
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.clocks import calendars_of
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import changeovers_of
from manufold.scheduling.resources import able_operators
from manufold.scheduling.shift_rows import CREW, DOOR, FIXED, TOOL, FoundRows, ShiftRows, found_rows
from manufold.scheduling.steps import Key, Step, key_of, steps_of
from manufold.scheduling.turns import stand_ins
from manufold.scheduling.worktime import Worktime, Worktimes

__all__ = ["Progress", "ShiftBook", "shift_book"]

#: (resource, seat)
Place = tuple[str, int]
#: own set-up, run, matrix or NEVER, family: what does not change with the place in the order
_Content = tuple[int, int, int, int]


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
class ShiftBook:
    """A schedule in rows.

    Args:
        slots: by number.
        operators: by number.
        places: how many places rows speak of.
    """

    slots: tuple[Slot, ...]
    operators: tuple[str, ...]
    places: int
    rows: ShiftRows
    calendars: Calendars
    changes: Changeovers

    def empty(self) -> FoundRows:
        """Return rows for what will be found."""
        return found_rows(len(self.slots), self.places, len(self.rows.claims))


def shift_book(
    network: Network,
    jobs: Mapping[str, Job],
    progress: Mapping[Key, Progress],
    lists: Sequence[DispatchList],
    planned: Sequence[Slot],
    agreed_s: Mapping[Key, int],
    usual: Worktimes,
    worktimes: Worktimes,
    fixed: Collection[Key] = (),
) -> ShiftBook:
    """Return slots, their lists and their jobs in rows.

    Args:
        usual, worktimes: of the work units without their outages and with them.
        fixed: what stands as it is, whatever happens.
    """
    made = _Making(network, jobs, progress, usual, worktimes)
    made.fixed = frozenset(fixed)
    return made.book(lists, planned, agreed_s)


class _Making:
    """A book while it is made."""

    def __init__(
        self,
        network: Network,
        jobs: Mapping[str, Job],
        progress: Mapping[Key, Progress],
        usual: Worktimes,
        worktimes: Worktimes,
    ) -> None:
        self.network, self.jobs, self.progress = network, jobs, progress
        self.fixed: frozenset[Key] = frozenset()
        self.usual = _Clocks(network, usual)
        self.clocks = _Clocks(network, worktimes)
        self.places: dict[Place, int] = {}
        self.numbers: dict[str | None, int] = {None: 0}
        self.changes = changeovers_of(network, self.numbers)
        self.matrices = {name: row for row, name in enumerate(network.setup_matrix)}
        self.able = able_operators(network)
        self.operator = {one.operator_id: row for row, one in enumerate(network.operators)}
        self.groups: dict[tuple[str, str], int] = {}
        self.contents: dict[tuple[int, str, int], _Content | None] = {}
        self.ways: dict[tuple[str, str], int] = {}
        self.site = {unit.work_unit_id: "" for unit in network.work_units}

    def book(
        self,
        lists: Sequence[DispatchList],
        planned: Sequence[Slot],
        agreed_s: Mapping[Key, int],
    ) -> ShiftBook:
        """Return all of it in rows."""
        slots = {key_of(slot): slot for slot in planned}
        number = {key: row for row, key in enumerate(slots)}
        for name in self.site:
            self.site[name] = self.network.site_of(name).site_id
        made: list[tuple[int, ...]] = []
        claims: list[list[tuple[int, int, int]]] = []
        before: list[list[tuple[int, int]]] = []
        for key, slot in slots.items():
            job = self.jobs.get(slot.holder)
            operation = None if job is None else job.plan.operation[slot.operation_id]
            made.append(self._slot(slot, job, operation, agreed_s.get(key, slot.start_s)))
            claims.append(self._claims(slot))
            before.append(self._before(slot, operation, slots, number))
        step_of, step_ptr, step_slots = self._steps(slots, number)
        list_ptr, list_steps = self._lists(lists, number, step_of)
        crew = self._crew()
        group_ptr, group = _packed(
            [[(self.operator[one.operator_id],) for one in self.able[key]] for key in self.groups],
            1,
        )
        calendars = calendars_of((*self.clocks.times, *self.usual.times))
        rows = ShiftRows(
            np.array(made, dtype=np.int64).reshape(len(made), 25),
            *_packed(claims, 3),
            *_packed(before, 2),
            step_of,
            step_ptr,
            step_slots,
            list_ptr,
            list_steps,
            crew,
            group_ptr,
            group.reshape(-1),
            self.clocks.table(0),
            self.usual.table(len(self.clocks.times)),
        )
        names = tuple(self.operator)
        return ShiftBook(
            tuple(slots.values()), names, len(self.places), rows, calendars, self.changes
        )

    def _slot(
        self, slot: Slot, job: Job | None, operation: Operation | None, agreed_s: int
    ) -> tuple[int, ...]:
        """Return what is known of a slot, in the order of the columns."""
        unit = self.network.work_unit[slot.resource_id]
        content = None if job is None or operation is None else self._content(slot, job, operation)
        own_s, run_s, matrix, family = content or (0, self._worked_s(slot), NEVER, 0)
        key = key_of(slot)
        done = self.progress.get(key)
        named, group = self._named(slot, job)
        bound_s = 0 if job is None else max(job.release_s, job.ready_s.get(slot.operation_id, 0))
        lot = None if operation is None else operation.transfer_quantity
        return (
            agreed_s,
            slot.end_s,
            slot.setup_s,
            slot.changeover_s or 0,
            own_s,
            run_s,
            self._place(slot.resource_id, slot.seat),
            self._place(slot.resource_id, unit.seats if unit.batches else slot.seat),
            NEVER if done is not None or key in self.fixed else matrix,
            family,
            self._family(slot.setup_family),
            int(operation is None or operation.pausable),
            int(operation is None or operation.attendance == "all"),
            bound_s,
            slot.quantity,
            lot or 0,
            self.clocks.row(slot.resource_id),
            self.usual.row(slot.resource_id),
            named,
            group,
            FIXED if key in self.fixed else int(done is not None),
            NEVER if done is None else done.started_s,
            NEVER if done is None or done.finished_s is None else done.finished_s,
            NEVER if done is None or done.remaining_s is None else max(0, done.remaining_s),
            slot.start_s,
        )

    def _content(self, slot: Slot, job: Job, operation: Operation) -> _Content | None:
        """Return what an operation takes on a work unit, None where that cannot do it."""
        key = id(operation), slot.resource_id, slot.quantity
        if key not in self.contents:
            unit = self.network.work_unit[slot.resource_id]
            capability = unit.capability(operation.capability)
            if capability is None:
                self.contents[key] = None
            else:
                own = work_content(operation, capability, slot.quantity)
                matrix = self.matrices.get(unit.setup_matrix_id or "", NEVER)
                family = self._family(setup_family(job.plan, operation))
                self.contents[key] = own.setup_s, own.total_s - own.setup_s, matrix, family
        return self.contents[key]

    def _worked_s(self, slot: Slot) -> int:
        """Return the working seconds of a slot behind its set-up, of which no plan is known."""
        worked_s = self.usual.worktimes.of(slot.resource_id).worked_s(slot.start_s, slot.end_s)
        return max(1, worked_s) - slot.setup_s

    def _named(self, slot: Slot, job: Job | None) -> tuple[int, int]:
        """Return the calendar of the operator a slot names, 0 for nobody, and who may stand in."""
        who = next((c.resource_id for c in slot.also if c.resource_id in self.operator), None)
        if job is None or who is None:
            return 0, NEVER
        key = stand_ins(self.network, self.able, job, slot)
        group = NEVER if key is None else self.groups.setdefault(key, len(self.groups))
        able = () if key is None else self.able[key]
        asked = {self.network.operator[who].calendar_id, *(one.calendar_id for one in able)}
        for clocks in (self.clocks, self.usual):
            for calendar_id in sorted(asked):
                clocks.joint(slot.resource_id, calendar_id)
        return self.clocks.column[self.network.operator[who].calendar_id], group

    def _claims(self, slot: Slot) -> list[tuple[int, int, int]]:
        return [
            (
                self._place(claim.resource_id, claim.seat),
                CREW
                if claim.resource_id in self.operator
                else DOOR
                if claim.resource_id in self.site
                else TOOL,
                claim.end_s,
            )
            for claim in slot.also
        ]

    def _before(
        self,
        slot: Slot,
        operation: Operation | None,
        slots: Mapping[Key, Slot],
        number: Mapping[Key, int],
    ) -> list[tuple[int, int]]:
        """Return the predecessors of a slot, and the way from each."""
        found = []
        for name in () if operation is None else operation.after:
            row = number.get((slot.holder, name))
            if row is not None and operation is not None:
                way_s = self._way_s(slots[slot.holder, name].resource_id, slot.resource_id)
                found.append((row, max(way_s, operation.min_lag_s)))
        return found

    def _way_s(self, start: str, end: str) -> int:
        ends = self.site[start], self.site[end]
        if ends not in self.ways:
            self.ways[ends] = self.network.lane_s(*ends) or 0
        return self.ways[ends]

    def _steps(
        self, slots: Mapping[Key, Slot], number: Mapping[Key, int]
    ) -> tuple[Seconds, Seconds, Seconds]:
        """Return the step of each slot, and the slots of each step; what has begun comes before
        all else, then whoever was planned to start first."""
        known = steps_of(slots.values(), self.progress)

        def turn(step: Step) -> tuple[bool, int, Step]:
            return step[0] not in self.progress, slots[step[0]].start_s, step

        steps = sorted(set(known.values()), key=turn)
        at = {step: row for row, step in enumerate(steps)}
        step_of = seconds([at[known[key]] for key in slots])
        ptr, members = _packed([[(number[key],) for key in step] for step in steps], 1)
        return step_of, ptr, members.reshape(-1)

    def _lists(
        self, lists: Sequence[DispatchList], number: Mapping[Key, int], step_of: Seconds
    ) -> tuple[Seconds, Seconds]:
        """Return the steps of every seat and door in their order; people and tools have turns."""
        of = step_of.tolist()
        found: list[list[tuple[int]]] = []
        for listed in lists:
            if listed.resource_id not in self.site:
                continue
            keys = [key_of(slot) for slot in listed.slots]
            begun = [key for key in keys if key in self.progress]
            if begun:  # goes first, in the order it began
                begun.sort(key=lambda key: self.progress[key].started_s)
                keys = [*begun, *(key for key in keys if key not in self.progress)]
            steps = dict.fromkeys(of[number[key]] for key in keys)
            found.append([(step,) for step in steps])
        ptr, steps_row = _packed(found, 1)
        return ptr, steps_row.reshape(-1)

    def _crew(self) -> NDArray[np.int64]:
        """Return of every operator the place and the column of the calendar, 0 where no slot
        needs to know."""
        made = [
            (self._place(one.operator_id, 0), self.clocks.column.get(one.calendar_id, 0))
            for one in self.network.operators
        ]
        return np.array(made, dtype=np.int64).reshape(len(made), 2)

    def _place(self, resource_id: str, seat: int) -> int:
        return self.places.setdefault((resource_id, seat), len(self.places))

    def _family(self, name: str | None) -> int:
        return self.numbers.setdefault(name, len(self.numbers))


class _Clocks:
    """Calendars of work units, alone and together with their operators', by number."""

    def __init__(self, network: Network, worktimes: Worktimes) -> None:
        self.network, self.worktimes = network, worktimes
        self.times: list[Worktime] = []
        self.rows: dict[str, int] = {}
        self.column: dict[str, int] = {}
        self.numbers: dict[tuple[int, int], int] = {}

    def row(self, work_unit_id: str) -> int:
        """Return the row of a work unit's calendar."""
        calendar_id = self.worktimes.network.work_unit[work_unit_id].calendar_id
        if calendar_id not in self.rows:
            self.rows[calendar_id] = len(self.rows)
            self._add(self.rows[calendar_id], 0, self.worktimes.of(work_unit_id))
        return self.rows[calendar_id]

    def joint(self, work_unit_id: str, calendar_id: str) -> None:
        """Number the hours in which a work unit and an operator of a calendar both work."""
        row = self.row(work_unit_id)
        column = self.column.setdefault(calendar_id, len(self.column) + 1)
        if (row, column) not in self.numbers:
            self._add(row, column, self.worktimes.of(work_unit_id, calendar_id))

    def table(self, first: int) -> NDArray[np.int64]:
        """Return the numbers as a table, counted from the first."""
        made = np.full((len(self.rows), len(self.column) + 1), NEVER, dtype=np.int64)
        for (row, column), number in self.numbers.items():
            made[row, column] = first + number
        return made

    def _add(self, row: int, column: int, worktime: Worktime) -> None:
        self.numbers[row, column] = len(self.times)
        self.times.append(worktime)


def _packed(
    rows: Sequence[Sequence[tuple[int, ...]]], columns: int
) -> tuple[Seconds, NDArray[np.int64]]:
    """Return where the entries of each row begin, and all entries, shape (entries, columns)."""
    ptr = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=ptr[1:])
    entries = [entry for row in rows for entry in row]
    return ptr, np.array(entries, dtype=np.int64).reshape(len(entries), columns)
