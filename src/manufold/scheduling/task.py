"""An operation of a job, bound to the seats that could do it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from manufold.model.errors import CannotMake
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job
from manufold.model.work_content import (
    WorkContent,
    setup_family,
    work_content,
    worst_changeover_s,
)
from manufold.scheduling.eligible import Eligible, eligible
from manufold.scheduling.gaps import earliest_gap, latest_ready_s
from manufold.scheduling.load import Load
from manufold.scheduling.seat import FREE, SeatLoad
from manufold.scheduling.worktime import Worktime

__all__ = ["Choice", "Found", "Task", "TaskBook", "earliest", "held_until_s", "task_of", "tasks_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A work unit for an operation: where, how long with the worst changeover, working when."""

    unit_id: str
    seats: int
    site_id: str
    content: WorkContent
    worktime: Worktime
    eligible: Eligible


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """An operation of a job with its choices, none of them empty-handed."""

    operation: Operation
    family: str
    choices: tuple[Choice, ...]

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.operation.operation_id

    @property
    def sites(self) -> frozenset[str]:
        """Where it can be done."""
        return frozenset(choice.site_id for choice in self.choices)


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A free stretch; the smallest finishes first, then by work unit and seat."""

    end_s: int
    unit_id: str
    seat: int
    start_s: int
    content: WorkContent


def tasks_of(
    load: Load, job: Job, sites: frozenset[str] | None, left_out: Iterable[str] = ()
) -> tuple[Task, ...]:
    """Return a job's operations bound to seats, in routing order.

    Args:
        left_out: operations that are placed already.

    Raises:
        CannotMake: `schedule.no_capability`, `schedule.longer_than_shift`.
    """
    out = frozenset(left_out)
    return tuple(
        task_of(load, job, operation, sites)
        for operation in job.plan.operations
        if operation.operation_id not in out
    )


def task_of(load: Load, job: Job, operation: Operation, sites: frozenset[str] | None) -> Task:
    """Return one operation of a job bound to seats.

    Raises:
        CannotMake: `schedule.no_capability`, `schedule.longer_than_shift`.
    """
    network = load.network
    family = setup_family(job.plan, operation)
    able = eligible(network, operation, load.units.get(operation.capability, ()), sites)
    choices = []
    contents: dict[tuple[Decimal, int], WorkContent] = {}  # exact arithmetic is slow: do it once
    for one in able:
        worst_s = worst_changeover_s(network, one.unit, family)
        key = (one.capability.time_factor, worst_s)
        content = contents.get(key)
        if content is None:
            content = work_content(operation, one.capability, job.quantity, worst_s)
            contents[key] = content
        choices.append(
            Choice(
                one.unit.work_unit_id,
                one.unit.seats,
                one.site_id,
                content,
                load.worktime[one.unit.calendar_id],
                one,
            )
        )
    if not operation.pausable:
        fitting = [c for c in choices if c.content.total_s <= c.worktime.longest_s]
        if not fitting:
            longest = max(choices, key=lambda c: c.worktime.longest_s)
            raise CannotMake(
                "schedule.longer_than_shift",
                operation=operation.operation_id,
                needed_s=min(c.content.total_s for c in choices),
                longest_s=longest.worktime.longest_s,
                at=longest.unit_id,
            )
        choices = fitting
    return Task(operation, family, tuple(choices))


class TaskBook:
    """Tasks of many jobs on one load; jobs of one plan and quantity share theirs."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self._kept: dict[tuple[int, int], tuple[Task, ...]] = {}

    def anywhere(self, job: Job) -> tuple[Task, ...]:
        """Return a job's tasks with all choices of the network.

        Raises:
            CannotMake: as `tasks_of`.
        """
        key = (id(job.plan), job.quantity)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = tasks_of(self.load, job, None)
        return found

    def at(self, job: Job, sites: frozenset[str]) -> tuple[Task, ...]:
        """Return a job's tasks with the choices at these sites.

        Raises:
            CannotMake: as `tasks_of`.
        """
        kept = []
        for task in self.anywhere(job):
            choices = tuple(choice for choice in task.choices if choice.site_id in sites)
            if not choices:
                return tasks_of(self.load, job, sites)  # says what is missing there
            kept.append(replace(task, choices=choices))
        return tuple(kept)


def earliest(
    load: Load,
    task: Task,
    choice: Choice,
    ready_s: int,
    own: dict[tuple[str, int], SeatLoad] | None = None,
) -> Found | None:
    """Return the stretch on a work unit that finishes first, None inside the horizon.

    Args:
        own: seats that also hold other operations of the same job.
    """
    best: Found | None = None
    work, content = choice.worktime, choice.content
    for seat in range(choice.seats):
        booked = load.seat(choice.unit_id, seat)
        if own is not None:
            booked = own.get((choice.unit_id, seat), booked)
        start_s, end_s = earliest_gap(
            ready_s,
            content.total_s,
            task.operation.pausable,
            work.start_s,
            work.end_s,
            work.before_s,
            booked.start_s,
            booked.covered_s,
        )
        if start_s >= 0 and (best is None or end_s < best.end_s):
            best = Found(int(end_s), choice.unit_id, seat, int(start_s), content)
        if booked is FREE:
            break  # no other seat can be freer
    return best


def held_until_s(task: Task, choice: Choice, ready_s: int, end_s: int | None) -> int:
    """Return from when it may start, so that it also ends at or after `end_s`."""
    if end_s is None:
        return ready_s
    work, content_s = choice.worktime, choice.content.total_s
    held_s = latest_ready_s(
        end_s, content_s, task.operation.pausable, work.start_s, work.end_s, work.before_s
    )
    return max(ready_s, int(held_s))
