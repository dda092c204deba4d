"""The floor as the twin keeps it: work units with seats, and the tasks that queue for them."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Literal

from manufold.model.execution import JobOrder
from manufold.model.network import Site, WorkUnit
from manufold.model.process_plan import Operation
from manufold.twin.worktime import WorkTime

__all__ = ["Seat", "Task", "Unit"]

Phase = Literal["waiting", "setup", "between", "run", "done", "cancelled"]
PausedBy = Literal["", "breakdown", "hold", "people"]


@dataclass(slots=True)
class Task:
    """A job order as the twin works on it.

    Args:
        job: as last shown; its slot, its hold and the quantity of a first operation are read here.
        family: setup family of the operation.
        worked_s: working seconds of the phase in closed spells.
        since_s: start of the spell going on, None when nothing goes on.
        setup_s, run_s: true working seconds, drawn when it begins.
        end_s: when it was done.
        arrived_s: site -> when its good pieces came there.
        handed: good pieces that were handed on before the rest, as a first transfer lot.
        first_s: site -> when the first lot was there, its own included.
        sent: site -> pieces said to have arrived there.
        stand_in: who sets up instead of whom its slot names, "" for nobody.
        starving: its run has nothing left to work on until the last lot comes.
        turn: counts pauses and resumes; a phase's end of an earlier turn is void.
    """

    order_id: str
    job: JobOrder
    operation: Operation
    family: str
    phase: Phase = "waiting"
    paused_by: PausedBy = ""
    worked_s: int = 0
    since_s: int | None = None
    setup_s: int = 0
    run_s: int = 0
    quantity: int = 0
    good: int = 0
    end_s: int = 0
    arrived_s: dict[str, int] = field(default_factory=dict)
    handed: int = 0
    first_s: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    stand_in: str = ""
    starving: bool = False
    turn: int = 0

    @property
    def name(self) -> str:
        """The job order's id."""
        return self.job.job_order_id

    @property
    def open(self) -> bool:
        """True while something is to be done."""
        return self.phase not in ("done", "cancelled")

    @property
    def attended(self) -> bool:
        """True while its operator is bound: at its set-up, or all the time it is worked on."""
        whole = self.operation.attendance == "all" and self.phase == "run"
        return self.since_s is not None and (self.phase == "setup" or whole)

    @property
    def at_the_door(self) -> bool:
        """True when its own time is over and it waits for the others of its batch."""
        over = self.phase == "run" and self.since_s is None and self.worked_s >= self.run_s
        return over and not self.paused_by

    @property
    def resumable(self) -> bool:
        """True when the shop itself goes on with it: not held, not paused by people."""
        paused = self.phase in ("setup", "run") and self.since_s is None
        return paused and not self.job.held and self.paused_by in ("breakdown", "hold")

    @property
    def total_s(self) -> int:
        """True working seconds of the phase it is in."""
        return self.setup_s if self.phase == "setup" else self.run_s


@dataclass(slots=True)
class Seat:
    """A seat: what is on it, what queues for it in slot order, the setup family it is in."""

    current: Task | None = None
    family: str | None = None
    family_at_s: int = -1
    look_at_s: int = -1
    _queue: list[tuple[int, int, str]] = field(default_factory=list)
    _tasks: dict[str, Task] = field(default_factory=dict)

    def add(self, task: Task) -> None:
        """Queue a task by its slot."""
        insort(self._queue, _place(task))
        self._tasks[task.name] = task

    def remove(self, task: Task) -> None:
        """Take a task out of the queue, by the slot it was queued with; idempotent."""
        row = bisect_left(self._queue, _place(task))
        if row < len(self._queue) and self._queue[row] == _place(task):
            del self._queue[row]
            del self._tasks[task.name]

    def next_task(self) -> Task | None:
        """Return the first in the queue that nothing holds: a held one is passed over."""
        for _start_s, _end_s, name in self._queue:
            task = self._tasks[name]
            if not task.job.held:
                return task
        return None


@dataclass(slots=True)
class Unit:
    """A work unit: its working time, its seats, and whether it is down."""

    noun: WorkUnit
    site: Site
    time: WorkTime
    seats: list[Seat]
    down: bool = False

    @property
    def by(self) -> str:
        """Who speaks for it."""
        return f"{self.site.party_id}/operator"

    @property
    def wanted(self) -> bool:
        """True while a task is on it or could come next."""
        return any(seat.current or seat.next_task() for seat in self.seats)


def _place(task: Task) -> tuple[int, int, str]:
    return task.job.start_s, task.job.end_s, task.name
