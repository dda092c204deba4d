"""A small pool of warm processes that may crash, hang or grow without hurting us.

Processes are started as programs, never forked: a forked copy of a process that has meshed in
parallel hangs. Each loads a named entry once and then answers requests one at a time. Standard
output of a worker goes nowhere, as CAD kernels print there.

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
import time
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path

from manufold.workers.errors import WorkerCrashed, WorkerOutOfMemory, WorkerTimeout
from manufold.workers.line import Line

__all__ = ["KillablePool", "Process"]

#: how often a busy worker is looked at
LOOK_S = 0.02
#: loading an entry has its own allowance: a cold disk is not the request's fault
LOAD_LIMIT_S = 60.0
#: a worker is retired after so many requests: native kernels leak
REQUESTS_PER_WORKER = 500


class KillablePool(Line):
    """Warm, killable worker processes; every method may be called from any thread."""

    def __init__(self, workers: int = 1, *, queue_limit: int = 64, queue_wait_s: float = 120.0):
        """Start nothing yet; see `Line`."""
        super().__init__(Process, workers, queue_limit=queue_limit, queue_wait_s=queue_wait_s)


class Process:
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
        self.load(entry)

    def load(self, entry: str) -> None:
        """Let it load an entry as soon as it has nothing else to do."""
        with suppress(OSError):  # dead already: `ask` will say so with the signal
            self._channel.send((entry, None, 0.0, 0))

    def ask(self, entry: str, packed: bytes, limit_s: float, memory_mb: int) -> bytes:
        """Return the pickled answer, or kill the process and raise; see `Line.run`."""
        self._requests += 1
        try:
            self._channel.send((entry, packed, limit_s, memory_mb))
            self._wait(entry, LOAD_LIMIT_S, memory_mb)
            self._channel.recv()
            self._wait(entry, limit_s, memory_mb)
            kind, content = self._channel.recv()
        except (EOFError, OSError):
            raise self._crash(entry) from None
        if kind == "last":
            self._requests = REQUESTS_PER_WORKER
        if kind in ("ok", "last"):
            return bytes(content)
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
