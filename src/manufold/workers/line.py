"""A line of callers before a few workers, whatever a worker is: a process here, an actor elsewhere.

A worker answers one request at a time. One that dies, runs late or grows too large is killed and
another takes its place; the caller gets a named error. Requests and answers travel as bytes that
are packed once, by whoever made them.
"""

import pickle
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from manufold.model.errors import ManufoldError
from manufold.workers.errors import WorkerBusy

__all__ = ["Line", "Worker"]

#: a caller whose worker is killed hears of it at once, or the system is in a bad way
LEAVE_LIMIT_S = 10.0


class Worker(Protocol):
    """Whoever answers."""

    def ask(self, entry: str, packed: bytes, limit_s: float, memory_mb: int) -> bytes:
        """Return the pickled answer to a pickled request, or be killed and raise."""

    def load(self, entry: str) -> None:
        """Let it get ready for another entry, beside whatever comes next; it is idle."""

    def usable(self) -> bool:
        """Whether it lives and may be asked once more."""

    def stab(self) -> None:
        """End it from any thread, and leave the rest to `kill`."""

    def kill(self) -> None:
        """End it at once and let go of everything; calling it again does nothing."""


class Line:
    """An executor of so many workers; every method may be called from any thread."""

    def __init__(
        self,
        made: Callable[[str], Worker],
        workers: int = 1,
        *,
        queue_limit: int = 64,
        queue_wait_s: float = 120.0,
    ):
        """Start nothing yet.

        Args:
            made: starts a worker that gets ready for an entry beside whatever comes next.
            workers: the most at once, >= 1.
            queue_limit: callers that may wait for a worker; one more is refused.
            queue_wait_s: the longest a caller waits for a worker.
        """
        if workers < 1 or queue_limit < 0:
            raise ValueError(f"workers={workers}, queue_limit={queue_limit}")
        self._made = made
        self._most = workers
        self._queue_limit = queue_limit
        self._queue_wait_s = queue_wait_s
        self._change = threading.Condition()
        self._idle: list[Worker] = []
        self._alive: set[Worker] = set()
        self._warmed: list[str] = []
        self._waiting = self._asking = 0
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def warm(self, entry: str) -> None:
        """Start a worker that loads the entry beside whatever the caller does next.

        Where there are as many as may be, those that are idle load it as well: whoever asks first
        may get any of them. A worker that is started later loads all that was asked for here.
        """
        with self._change:
            if self._closed:
                return
            if len(self._alive) >= self._most:
                if entry not in self._warmed:
                    for one in self._idle:
                        one.load(entry)
                    self._warmed.append(entry)
                return
            worker = self._fresh(entry)
            if entry not in self._warmed:
                self._warmed.append(entry)
            self._alive.add(worker)
            self._idle.append(worker)
            self._change.notify()

    def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> object:
        """Return `entry(request)`, done by a worker.

        Args:
            entry: `package.module:function`, importable in a fresh process.
            request: anything picklable except None.
            limit_s: wall time from the moment the worker takes the request.
            memory_mb: resident size that the whole process at work may reach.

        Raises:
            WorkerCrashed: `executor.crashed`: it died, or the entry raised a stranger's exception.
            WorkerTimeout: `executor.too_slow`.
            WorkerOutOfMemory: `executor.too_large`.
            WorkerBusy: `executor.busy`: too many wait already, or all is closed.
            ManufoldError: whatever the entry itself refused with.
        """
        if request is None:
            raise ValueError("a request is anything picklable except None")
        packed = pickle.dumps(request, pickle.HIGHEST_PROTOCOL)
        worker = self._take(entry)
        try:
            answer = worker.ask(entry, packed, limit_s, memory_mb)
        except ManufoldError:
            self._give_back(worker, entry)
            raise
        except BaseException:
            worker.kill()  # an answer of this request must never meet the next one
            self._give_back(worker, entry)
            raise
        self._give_back(worker, entry)
        return pickle.loads(answer)

    def close(self) -> None:
        """Kill every worker now; callers inside `run` get `executor.crashed` or `executor.busy`."""
        with self._change:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = self._alive.difference(idle)
            self._alive = set()
            self._change.notify_all()
        for worker in busy:
            worker.stab()  # the thread that asked it sees it die, and lets go of the rest
        for worker in idle:
            worker.kill()

    def _left(self) -> None:
        """Wait until no caller is inside `run` with a worker, as none is soon after `close`."""
        with self._change:
            self._change.wait_for(lambda: not self._asking, LEAVE_LIMIT_S)

    def _take(self, entry: str) -> Worker:
        deadline = time.monotonic() + self._queue_wait_s
        with self._change:
            if self._waiting >= self._queue_limit and not self._room():
                raise WorkerBusy("executor.busy", entry=entry, waiting=self._waiting)
            self._waiting += 1
            try:
                while not self._closed and not self._room():
                    if not self._change.wait(deadline - time.monotonic()):
                        raise WorkerBusy("executor.busy", entry=entry, waiting=self._waiting)
                if self._closed:
                    raise WorkerBusy("executor.busy", entry=entry, waiting=0)
                if self._idle:
                    worker = self._idle.pop()
                else:
                    worker = self._fresh(entry)
                    self._alive.add(worker)
                self._asking += 1
                return worker
            finally:
                self._waiting -= 1

    def _fresh(self, entry: str) -> Worker:
        """Return a new worker that gets ready for an entry first, then for all others asked for."""
        worker = self._made(entry)
        for other in self._warmed:
            if other != entry:
                worker.load(other)
        return worker

    def _room(self) -> bool:
        return bool(self._idle) or len(self._alive) < self._most

    def _give_back(self, worker: Worker, entry: str) -> None:
        with self._change:
            self._asking -= 1
            if worker not in self._alive:  # closed meanwhile
                worker.kill()
                self._change.notify_all()
                return
            if worker.usable():
                self._idle.append(worker)
            else:
                worker.kill()
                self._alive.discard(worker)
                replacement = self._fresh(entry)
                self._alive.add(replacement)
                self._idle.append(replacement)
            self._change.notify()
