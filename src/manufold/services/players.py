"""Players: workers that better parts of a schedule, wherever the executor handed in has them.

Each worker is sent its share of a pass at once, so that all of them play as long as the pass takes.
A worker that dies, grows too large or does not answer costs what it played in that pass: those
parts stay as they were, the answer names it, and the executor has another take its place.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from math import inf
from threading import Lock
from time import perf_counter, perf_counter_ns, process_time
from types import TracebackType
from typing import Self

from manufold.model.errors import ExecutorFault, Reason
from manufold.model.ports import Executor
from manufold.model.process_plan import ProcessPlan
from manufold.scheduling.load import Load
from manufold.scheduling.warm import warm_search
from manufold.scheduling.windows import Played, Window, play_window

__all__ = ["Part", "PartPlayed", "WorkerPlayers", "get_ready", "played_part"]

ENTRY = "manufold.services.players:played_part"
READY_ENTRY = "manufold.services.players:get_ready"
#: longest pass: who asks the search to end waits for it; and more for each slot that moves, since
#: a worker reads all of its part before it plays
PASS_MOST_S, PASS_PER_SLOT_S = 4.0, 0.0005
#: shortest pass, and the share of what time is left that one may take
PASS_LEAST_S, PASS_SHARE = 1.0, 0.4
#: beyond its own time, what a worker may need to read, to answer and to be slow, by slot
GRACE_S, GRACE_PER_SLOT_S = 10.0, 0.005
#: compiling all kernels anew takes minutes on a busy machine
READY_LIMIT_S = 900.0
MEMORY_MB = 4000
_SEARCHES = count()


@dataclass(frozen=True, slots=True)
class Part:
    """What one worker plays in one pass, and how long.

    Args:
        search: whose it is; what a worker has compiled is good for the parts of one search.
        plans: of each window, the numbers by which the search knows the plans of its jobs.
    """

    search: str
    windows: tuple[Window, ...]
    plans: tuple[tuple[int, ...], ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class PartPlayed:
    """What became of a part, in its order, and what it took: wall and processor time."""

    played: tuple[Played, ...]
    wall_s: float
    cpu_s: float


class WorkerPlayers:
    """Players in the worker processes of an executor.

    Attributes:
        rounds, better, lost: as in `scheduling.apart.Players`.
        playing_s, cpu_s: wall and processor time of all workers in which they played.
    """

    def __init__(
        self,
        executor: Executor,
        workers: int,
        left_s: Callable[[], float],
        asked: Callable[[], bool] = lambda: False,
        *,
        pass_most_s: float = PASS_MOST_S,
        keep: bool = False,
    ) -> None:
        """Begin to load the workers.

        Args:
            left_s: seconds until the search must end.
            asked: whether somebody asked it to end.
            pass_most_s: longest pass; infinite where rounds shall decide the answer.
            keep: whether the executor stays open when this is left.
        """
        self.executor, self.workers = executor, workers
        self.rounds = self.better = 0
        self.lost: list[Reason] = []
        self.playing_s = self.cpu_s = 0.0
        self._left_s, self._asked, self._keep_open = left_s, asked, keep
        self._pass_most_s = pass_most_s
        self._search = f"{os.getpid()}-{next(_SEARCHES)}-{perf_counter_ns()}"
        self._threads = ThreadPoolExecutor(workers)
        for _ in range(workers):
            executor.warm(ENTRY)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._keep_open:
            self.executor.close()  # whoever still waits for an answer hears of it
        self._threads.shutdown()

    def get_ready(self) -> None:
        """Have every worker compile or load what it needs.

        Raises:
            ExecutorFault: a worker that cannot even do that.
        """
        asked = [
            self._threads.submit(
                self.executor.run, READY_ENTRY, number, limit_s=READY_LIMIT_S, memory_mb=MEMORY_MB
            )
            for number in range(1, self.workers + 1)
        ]
        for one in asked:
            one.result()

    def stopped(self) -> bool:
        """Return whether time is up or somebody asked to end."""
        return self._asked() or self._left_s() <= 0

    def play(self, windows: Sequence[Window]) -> Sequence[Played | None]:
        """Return what became of windows that do not touch, None where a worker was lost."""
        own_s = self._pass_s(sum(len(one.moving) for one in windows))
        shares = _shared_out(windows, self.workers)
        asked = [self._threads.submit(self._ask, windows, share, own_s) for share in shares]
        found: list[Played | None] = [None] * len(windows)
        for share, one in zip(shares, asked, strict=True):
            self._keep(share, one, found)
        return found

    def _pass_s(self, slots: int) -> float:
        """Return how long the next pass takes; no longer than time is left."""
        left_s = max(0.0, self._left_s())
        if self._pass_most_s == inf:
            return left_s
        most_s = self._pass_most_s + PASS_PER_SLOT_S * slots
        return min(left_s, most_s, max(PASS_LEAST_S, left_s * PASS_SHARE))

    def _ask(self, windows: Sequence[Window], share: Sequence[int], own_s: float) -> PartPlayed:
        own = tuple(windows[at] for at in share)
        # the jobs of a search live as long as it does, and their plans with them
        plans = tuple(tuple(id(job.plan) for job in one.jobs) for one in own)
        part = Part(self._search, own, plans, own_s)
        slots = sum(len(one.moving) + len(one.standing) + len(one.others) for one in part.windows)
        limit_s = own_s + GRACE_S + GRACE_PER_SLOT_S * slots
        answer: PartPlayed = self.executor.run(ENTRY, part, limit_s=limit_s, memory_mb=MEMORY_MB)
        return answer

    def _keep(
        self, share: Sequence[int], one: Future[PartPlayed], found: list[Played | None]
    ) -> None:
        try:
            answer = one.result()
        except ExecutorFault as fault:
            what = str(fault.params.get("detail", fault.code))
            self.lost.append(Reason("improve.worker_lost", {"code": fault.code, "what": what}))
            return
        for at, played in zip(share, answer.played, strict=True):
            found[at] = played
            self.rounds += played.rounds
            self.better += played.better
        self.playing_s += answer.wall_s
        self.cpu_s += answer.cpu_s


def _shared_out(windows: Sequence[Window], workers: int) -> list[list[int]]:
    """Return the windows of each worker: the largest first, each to who has least."""
    shares: list[list[int]] = [[] for _ in range(min(workers, len(windows)))]
    slots = [0] * len(shares)
    for at in sorted(range(len(windows)), key=lambda at: (-len(windows[at].moving), at)):
        least = min(range(len(shares)), key=lambda number: (slots[number], number))
        shares[least].append(at)
        slots[least] += len(windows[at].moving)
    return shares


def get_ready(number: int) -> int:
    """Compile or load what a search needs; runs where the executor has it run."""
    warm_search()
    return number


def played_part(part: Part) -> PartPlayed:
    """Play windows one after the other; runs where the executor has it run."""
    begun, cpu = perf_counter(), process_time()
    whole = sum(len(one.moving) for one in part.windows)
    found: list[Played] = []
    until = begun

    def left_s() -> float:
        return until - perf_counter()

    for window, plans in zip(part.windows, part.plans, strict=True):
        until += part.seconds * len(window.moving) / whole
        with _KEPT_LOCK:
            known, empty = _known(part.search, window, plans)
        found.append(play_window(known, left_s, empty))
    return PartPlayed(tuple(found), perf_counter() - begun, process_time() - cpu)


@dataclass(slots=True)
class _Kept:
    """What a worker has compiled for one search."""

    search: str
    empty: Load
    plans: dict[int, ProcessPlan]


#: of the search that was played last
_KEPT: list[_Kept] = []
_KEPT_LOCK = Lock()


def _known(search: str, window: Window, numbers: Sequence[int]) -> tuple[Window, Load]:
    """Return a window with the plans that are compiled already, and the load that has them."""
    from_s, to_s, plans = window.from_s, window.to_s, dict[int, ProcessPlan]()
    if _KEPT and _KEPT[0].search == search:
        empty, plans = _KEPT[0].empty, _KEPT[0].plans
        from_s, to_s = min(from_s, empty.from_s), max(to_s, empty.from_s + empty.horizon_s)
        if (from_s, to_s - from_s) != (empty.from_s, empty.horizon_s):
            _KEPT.clear()
    if not _KEPT or _KEPT[0].search != search:
        empty = Load.of(window.network, (), from_s, to_s - from_s)
        _KEPT[:] = [_Kept(search, empty, plans)]
    jobs = tuple(
        replace(job, plan=plans.setdefault(number, job.plan))
        for job, number in zip(window.jobs, numbers, strict=True)
    )
    return replace(window, jobs=jobs), _KEPT[0].empty
