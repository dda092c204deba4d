"""A small pool of warm processes that may crash, hang or grow without hurting us.

Processes are started as programs, never forked: a forked copy of a process that has meshed in
parallel hangs. Each loads a named entry once and then answers requests one at a time. A worker
that dies, runs late or grows too large is killed and another takes its place; the caller gets a
named error. Standard output of a worker goes nowhere, as CAD kernels print there.

Memory is watched as resident size, since libraries reserve far more address space than they use;
where the system does not tell it (no /proc), only the hard limit inside the worker remains.

Cost    a start is 20 ms here; loading a CAD kernel takes the worker 0.7-1.3 s of its own time.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType

from manufold.model.errors import ManufoldError
from manufold.workers.errors import WorkerBusy, WorkerCrashed, WorkerOutOfMemory, WorkerTimeout

__all__ = ["KillablePool"]

#: how often a busy worker is looked at
LOOK_S = 0.02
#: loading an entry has its own allowance: a cold disk is not the request's fault
LOAD_LIMIT_S = 60.0
#: a worker is retired after so many requests: native kernels leak
REQUESTS_PER_WORKER = 500


class KillablePool:
    """Warm, killable worker processes; every method may be called from any thread."""

    def __init__(self, workers: int = 1, *, queue_limit: int = 64, queue_wait_s: float = 120.0):
        """Start nothing yet.

        Args:
            workers: the most processes at once, >= 1.
            queue_limit: callers that may wait for a worker; one more is refused.
            queue_wait_s: the longest a caller waits for a worker.
        """
        if workers < 1 or queue_limit < 0:
            raise ValueError(f"workers={workers}, queue_limit={queue_limit}")
        self._most = workers
        self._queue_limit = queue_limit
        self._queue_wait_s = queue_wait_s
        self._change = threading.Condition()
        self._idle: list[_Worker] = []
        self._alive: set[_Worker] = set()
        self._waiting = 0
        self._closed = False

    def __enter__(self) -> "KillablePool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def warm(self, entry: str) -> None:
        """Start a worker that loads the entry beside whatever the caller does next."""
        with self._change:
            if self._closed or len(self._alive) >= self._most:
                return
            worker = _Worker(entry)
            self._alive.add(worker)
            self._idle.append(worker)
            self._change.notify()

    def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> object:
        """Return `entry(request)`, done in a worker.

        Args:
            entry: `package.module:function`, importable in a fresh process.
            request: anything picklable except None.
            limit_s: wall time from the moment the worker takes the request.
            memory_mb: resident size the whole worker may reach.

        Raises:
            WorkerCrashed: `executor.crashed`: it died, or the entry raised a stranger's exception.
            WorkerTimeout: `executor.too_slow`.
            WorkerOutOfMemory: `executor.too_large`.
            WorkerBusy: `executor.busy`: too many wait already, or the pool is closed.
            ManufoldError: whatever the entry itself refused with.
        """
        if request is None:
            raise ValueError("a request is anything picklable except None")
        worker = self._take(entry)
        try:
            result = worker.ask(entry, request, limit_s, memory_mb)
        except ManufoldError:
            self._give_back(worker, entry)
            raise
        except BaseException:
            worker.kill()  # an answer of this request must never meet the next one
            self._give_back(worker, entry)
            raise
        self._give_back(worker, entry)
        return result

    def close(self) -> None:
        """Kill every worker now; callers inside `run` get `executor.crashed` or `executor.busy`."""
        with self._change:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = self._alive.difference(idle)
            self._alive = set()
            self._change.notify_all()
        for worker in busy:
            worker.stab()  # the thread that asked it sees it die, and lets go of its files
        for worker in idle:
            worker.kill()

    def _take(self, entry: str) -> "_Worker":
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
                    return self._idle.pop()
                worker = _Worker(entry)
                self._alive.add(worker)
                return worker
            finally:
                self._waiting -= 1

    def _room(self) -> bool:
        return bool(self._idle) or len(self._alive) < self._most

    def _give_back(self, worker: "_Worker", entry: str) -> None:
        with self._change:
            if worker not in self._alive:  # closed meanwhile
                worker.kill()
                return
            if worker.usable():
                self._idle.append(worker)
            else:
                worker.kill()
                self._alive.discard(worker)
                replacement = _Worker(entry)
                self._alive.add(replacement)
                self._idle.append(replacement)
            self._change.notify()


class _Worker:
    """One process, its channel, its lifeline and the file its standard error goes to."""

    def __init__(self, entry: str):
        ours, theirs = Pipe(duplex=True)
        lifeline_in, self._lifeline = os.pipe()
        self._channel = ours
        self._errors = tempfile.TemporaryFile(mode="a+b")  # noqa: SIM115 - lives as long as we do
        self._requests = 0
        paths = [path for path in sys.path if path]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(paths),
            "OPENBLAS_NUM_THREADS": "1",  # each thread would reserve memory and find no core
            "OMP_NUM_THREADS": "1",
        }
        try:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "manufold.workers.child",
                    str(theirs.fileno()),
                    str(lifeline_in),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(theirs.fileno(), lifeline_in),
                env=environment,
            )
        finally:
            theirs.close()
            os.close(lifeline_in)
        with suppress(OSError):  # dead already: `ask` will say so with the signal
            self._channel.send((entry, None, 0.0, 0))

    def ask(self, entry: str, request: object, limit_s: float, memory_mb: int) -> object:
        """Return the answer, or kill the process and raise; see `KillablePool.run`."""
        self._requests += 1
        try:
            self._channel.send((entry, request, limit_s, memory_mb))
            self._wait(entry, LOAD_LIMIT_S, memory_mb)
            self._channel.recv()
            self._wait(entry, limit_s, memory_mb)
            kind, content = self._channel.recv()
        except (EOFError, OSError):
            raise self._crash(entry) from None
        if kind == "ok":
            return content
        if kind == "fault":
            raise content
        if kind == "memory":
            self.kill()
            raise WorkerOutOfMemory("executor.too_large", entry=entry, limit_mb=memory_mb)
        raise WorkerCrashed("executor.crashed", entry=entry, detail=content)

    def _wait(self, entry: str, limit_s: float, memory_mb: int) -> None:
        """Wait for the next message, looking at the clock and at the size of the process."""
        deadline = time.monotonic() + limit_s
        while not self._channel.poll(LOOK_S):
            if _resident_mb(self._process.pid) > memory_mb:
                self.kill()
                raise WorkerOutOfMemory("executor.too_large", entry=entry, limit_mb=memory_mb)
            if time.monotonic() > deadline:
                self.kill()
                shown = f"{limit_s:g}"
                raise WorkerTimeout("executor.too_slow", entry=entry, limit_s=shown)

    def _crash(self, entry: str) -> WorkerCrashed:
        """Return the error for a process whose channel closed; the process is reaped."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        status = self._process.poll()
        tail = self._tail()
        self.kill()
        if status is not None and status < 0:
            detail = signal.Signals(-status).name
        else:
            detail = f"exit {status}"
        if tail:
            detail = f"{detail}: {tail}"
        return WorkerCrashed("executor.crashed", entry=entry, detail=detail)

    def _tail(self) -> str:
        """Return the last line the process wrote to its standard error."""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2000))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:200] if lines else ""

    def usable(self) -> bool:
        """Whether it lives and is not due to retire; its standard error starts afresh."""
        if self._process.poll() is not None or self._requests >= REQUESTS_PER_WORKER:
            return False
        self._errors.truncate(0)
        return True

    def stab(self) -> None:
        """End the process and leave the rest to `kill`."""
        self._process.kill()

    def kill(self) -> None:
        """End the process at once and let go of everything; calling it again does nothing."""
        self._process.kill()
        self._process.wait()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
            self._channel.close()
            self._errors.close()


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / 2**20
