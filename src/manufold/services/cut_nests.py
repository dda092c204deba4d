"""Lay groups of orders in parallel, and remember what came of each."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import fmean
from threading import Lock

from manufold.design.lays import Cloth, Laid, LaysTogether, Wanted
from manufold.model.ports import Executor
from manufold.scheduling.cut_orders.placing import Group

__all__ = ["Nests", "Task"]

#: a marker whose share of the time is less gets this much
LEAST_S = 0.3


@dataclass(frozen=True, slots=True)
class Task:
    """A group to be laid on cloth of a width."""

    group: Group
    cloth: str
    width_mm: float


class Nests:
    """What is known of how long groups lie; `length_mm` is what the planner asks.

    What is not laid yet is estimated by the trade, corrected by what was laid in this run.
    """

    def __init__(
        self,
        lays: LaysTogether,
        wanted: Mapping[str, Sequence[Wanted]],
        cloths: Mapping[str, Cloth],
        executor: Executor,
        spent_s: Callable[[], float],
        workers: int,
    ) -> None:
        """Take what each order wants, and of each kind of cloth all but its width."""
        self._lays, self._wanted, self._cloths = lays, wanted, cloths
        self._executor, self._spent_s, self.workers = executor, spent_s, workers
        self.known: dict[Task, Laid] = {}
        self._told: dict[Task, float] = {}
        self._errors: list[float] = []
        self.seconds_a_piece = 0.1
        self.caution = 1.0
        self._cloth_of = dict.fromkeys(wanted, "")

    def of(self, cloths: Mapping[str, str]) -> None:
        """Take which cloth each order is of."""
        self._cloth_of = dict(cloths)

    def length_mm(self, group: Group, width_mm: float) -> float:
        """Return how long a group lies: as laid, or as estimated."""
        task = Task(group, self._cloth_of[group[0]], width_mm)
        laid = self.known.get(task)
        if laid is not None:
            return laid.length_mm
        if task not in self._told:
            self._told[task] = self._estimated_mm(task)
        correction = fmean(self._errors[-40:]) if self._errors else 1.0
        return self._told[task] * correction * self.caution

    def ready(self) -> None:
        """Return when all workers can lay: who compiles while time runs would lose his share."""
        with ThreadPoolExecutor(self.workers) as threads:
            list(threads.map(lambda _: self._lays.ready(self._executor), range(self.workers)))

    def is_laid(self, group: Group, width_mm: float) -> bool:
        """Return whether a group was laid on cloth of this width."""
        return Task(group, self._cloth_of[group[0]], width_mm) in self.known

    def over_mm(self, task: Task) -> float:
        """Return how much longer a laid group is than was expected of it."""
        correction = fmean(self._errors) if self._errors else 1.0
        return self.known[task].length_mm - correction * self._told.get(
            task, self.known[task].length_mm
        )

    @property
    def error(self) -> float:
        """Return the mean error of the estimates of what was laid, after correction, 0..1."""
        if not self._errors:
            return 0.0
        middle = fmean(self._errors)
        return fmean(abs(one / middle - 1) for one in self._errors)

    def wanted(self, group: Group) -> tuple[Wanted, ...]:
        """Return everything that a group's orders want."""
        return tuple(one for name in group for one in self._wanted[name])

    def cloth(self, task: Task) -> Cloth:
        """Return the cloth of a task."""
        bare = self._cloths[task.cloth]
        return Cloth(task.width_mm, bare.gap_mm, bare.one_way)

    def pieces(self, group: Group) -> int:
        """Return how many pieces a group has."""
        return sum(one.pieces for one in self.wanted(group))

    def lay(self, tasks: Sequence[Task], until_s: float, seed: int) -> None:
        """Lay all tasks, each with its share of the time by pieces; keep what is shorter.

        Args:
            until_s: when the last is to be ready, of `spent_s`.
        """
        if not tasks:
            return
        # the longest first, so that all end at about the same time
        left = sorted(tasks, key=lambda task: -self.pieces(task.group))
        to_do = sum(self.pieces(task.group) for task in left)
        queue = list(enumerate(left))

        taking = Lock()

        def work(_: int) -> None:
            nonlocal to_do
            while True:
                with taking:  # else two threads may both see the last task
                    if not queue:
                        return
                    number, task = queue.pop(0)
                    share = self.pieces(task.group) / max(1, to_do)
                    to_do -= self.pieces(task.group)
                    at_once = self._at_once(queue)
                seconds = max(LEAST_S, (until_s - self._spent_s()) * at_once * share)
                ends_s = min(self._spent_s() + seconds, max(until_s, self._spent_s() + LEAST_S))
                laid = self._lays.laid(
                    self.wanted(task.group),
                    self.cloth(task),
                    left_s=lambda ends_s=ends_s: ends_s - self._spent_s(),  # type: ignore[misc]
                    seed=seed + 1000 * number,
                    executor=self._executor,
                )
                self._keep(task, laid)

        with ThreadPoolExecutor(self.workers) as threads:
            list(threads.map(work, range(self.workers)))

    def _at_once(self, queue: Sequence[object]) -> int:
        return min(self.workers, len(queue) + 1)

    def _keep(self, task: Task, laid: Laid) -> None:
        before = self.known.get(task)
        if before is None:
            told_mm = self._told.get(task) or self._estimated_mm(task)
            self._errors.append(laid.length_mm / told_mm)
        if before is None or laid.length_mm < before.length_mm:
            self.known[task] = laid

    def _estimated_mm(self, task: Task) -> float:
        seconds = self.seconds_a_piece * self.pieces(task.group)
        return self._lays.estimated_mm(self.wanted(task.group), self.cloth(task), seconds)
