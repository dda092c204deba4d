"""Jobs and load as the arrays the dispatcher's loop reads, and its answer as slots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job, Slot
from manufold.model.work_content import WorkContent
from manufold.scheduling.dispatch_kernel import Ops, Seats
from manufold.scheduling.gaps import NEVER
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import Load
from manufold.scheduling.seat import FREE
from manufold.scheduling.task import Task, TaskBook

__all__ = ["DispatchRows", "SeatRows", "seat_rows"]


@dataclass(frozen=True, slots=True)
class SeatRows:
    """All seats of a load, numbered by (work unit, seat)."""

    number: Mapping[tuple[str, int], int]
    seats: Seats


def seat_rows(load: Load) -> SeatRows:
    """Return the seats of a load as arrays."""
    network = load.network
    calendars = {name: row for row, name in enumerate(load.worktime)}
    numbers: dict[tuple[str, int], int] = {}
    calendar = []
    for unit in network.work_units:
        for seat in range(unit.seats):
            numbers[unit.work_unit_id, seat] = len(numbers)
            calendar.append(calendars[unit.calendar_id])
    work = list(load.worktime.values())
    booked = [load.booked.get(seat, FREE) for seat in numbers]
    return SeatRows(
        numbers,
        Seats(
            seconds(calendar),
            _bounds([len(one.start_s) for one in work]),
            _joined([one.start_s for one in work]),
            _joined([one.end_s for one in work]),
            _joined([one.before_s for one in work]),
            _bounds([len(one.start_s) for one in booked]),
            _joined([one.start_s for one in booked]),
            _joined([one.covered_s for one in booked]),
        ),
    )


class DispatchRows:
    """Operations of jobs as columns, filled job by job, read by the kernel as `Ops`."""

    def __init__(self, book: TaskBook, rows: SeatRows) -> None:
        self.book, self.load, self.rows = book, book.load, rows
        self.owner: list[tuple[Job, Task]] = []
        self.columns: dict[str, list[int]] = {name: [] for name in Ops._fields}
        self.columns["alt_ptr"].append(0)
        self.after: list[list[int]] = []
        self.alternatives: list[tuple[str, int, WorkContent]] = []
        load = book.load
        self._stretch = {
            name: load.horizon_s / max(1, work.total_s) for name, work in load.worktime.items()
        }

    def add(self, job: Job, sites: frozenset[str], fixed: Mapping[str, Slot]) -> None:
        """Add a job's operations that are not fixed, to be done at these sites.

        Raises:
            CannotMake: as `tasks_of`.
        """
        tasks = tuple(task for task in self.book.at(job, sites) if task.name not in fixed)
        remaining = self._remaining_s(job.plan, tasks)
        release_s = max(job.release_s, self.load.from_s)
        row_of = {task.name: len(self.owner) + at for at, task in enumerate(tasks)}
        for task in tasks:
            name, operation = task.name, task.operation
            bound_s = max(release_s, job.ready_s.get(name, 0))
            inside = [row_of[before] for before in operation.after if before in row_of]
            due_s = self.load.from_s + 2 * self.load.horizon_s if job.due_s is None else job.due_s
            for column, value in (
                ("bound", bound_s),
                ("remaining", remaining[name]),
                ("due", due_s),
                ("weight", job.weight),
                ("lag", operation.min_lag_s),
                ("pausable", int(operation.pausable)),
                ("missing", len(inside)),
            ):
                self.columns[column].append(value)
            row = len(self.owner)
            self.owner.append((job, task))
            self.after.append([])
            for before in inside:
                self.after[before].append(row)
            placed = [fixed[before] for before in operation.after if before in fixed]
            self._alternatives(task, bound_s, placed)

    def ops(self) -> Ops:
        """Return the columns as arrays."""
        columns = {name: seconds(values) for name, values in self.columns.items()}
        columns["next_ptr"] = _bounds([len(row) for row in self.after])
        columns["next_op"] = seconds([op for row in self.after for op in row])
        return Ops(**columns)

    def slots(self, chosen: Seconds, start_s: Seconds, end_s: Seconds) -> list[Slot]:
        """Return the kernel's answer as slots, job by job."""
        found = []
        answers = zip(self.owner, chosen.tolist(), start_s.tolist(), end_s.tolist(), strict=True)
        for (job, task), alt, start, end in answers:
            unit_id, seat, content = self.alternatives[alt]
            setup_s, family = content.setup_s, task.family
            found.append(
                Slot(
                    unit_id, seat, start, setup_s, end, job.holder, task.name, job.quantity, family
                )
            )
        return found

    def _remaining_s(self, plan: ProcessPlan, tasks: Sequence[Task]) -> dict[str, int]:
        """Return the wall seconds from each operation's start to the job's end, at best."""
        found = dict.fromkeys((o.operation_id for o in plan.operations), 0)
        for task in reversed(tasks):
            quickest = min(task.choices, key=lambda choice: choice.content.total_s)
            calendar = self.load.network.work_unit[quickest.unit_id].calendar_id
            own_s = round(quickest.content.total_s * self._stretch[calendar])
            found[task.name] += own_s
            for before in task.operation.after:
                least_s = found[task.name] + task.operation.min_lag_s
                found[before] = max(found[before], least_s)
        return found

    def _alternatives(self, task: Task, bound_s: int, placed: Sequence[Slot]) -> None:
        network, columns = self.load.network, self.columns
        for choice in task.choices:
            ready_s: int = bound_s
            for before in placed:
                lane_s = network.lane_s(network.site_of(before.resource_id).site_id, choice.site_id)
                if lane_s is None:
                    ready_s = NEVER
                    break
                ready_s = max(ready_s, before.end_s + max(lane_s, task.operation.min_lag_s))
            for seat in range(choice.seats):
                columns["alt_seat"].append(self.rows.number[choice.unit_id, seat])
                columns["alt_content"].append(choice.content.total_s)
                columns["alt_ready"].append(ready_s)
                self.alternatives.append((choice.unit_id, seat, choice.content))
        columns["alt_ptr"].append(len(columns["alt_seat"]))


def _bounds(lengths: Sequence[int]) -> Seconds:
    return seconds(np.concatenate([[0], np.cumsum(lengths)]) if lengths else [0])


def _joined(arrays: Sequence[Seconds]) -> Seconds:
    return seconds(np.concatenate(arrays) if arrays else ())
