"""The same port on Ray: as many workers as asked for, on this machine or on those of a cluster.

Each worker is an actor that keeps a killable process of `workers.pool` beside it and passes
requests and answers on unread. So a crash, a limit of time and a limit of memory are what they are
on one machine, even where a kernel holds the interpreter; when the actor or its machine is lost,
the caller gets a named error and another actor takes its place.

Without an address a cluster of this machine alone is started: it listens on loopback only, asks for
a token that only this process and its workers know, has no dashboard, reports nothing to anybody,
and its folder goes when it is closed. The machines of a cluster that is joined have this package,
of the same version, where their Python finds it; what Ray itself is told by its environment
(RAY_AUTH_MODE, say) is told by whoever runs it.

Units   one worker is one CPU of the cluster.
Cost    a local cluster starts in 2-3 s; a request above 100 kB lies in Ray's memory once.
"""

import importlib
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from manufold.model.errors import ExecutorFault, InputFault, ManufoldError
from manufold.workers.errors import WorkerBusy, WorkerCrashed
from manufold.workers.line import Line
from manufold.workers.pool import LOAD_LIMIT_S, Process

__all__ = ["RayExecutor"]

#: how long a cluster may take to give a worker its CPU
ROOM_LIMIT_S = 60.0
#: how long a cluster's door may take to open
KNOCK_LIMIT_S = 5.0
#: beyond the limits that the process at work is held to, what an actor may need to say so
WORD_LIMIT_S = 30.0
#: Ray's sockets lie in its folder, and a socket's name has at most 107 bytes
FOLDER_LENGTH_MAX = 40
#: what a local cluster keeps of requests and answers
OBJECT_STORE_BYTES = 2**30
#: read by Ray when it is imported or started: nothing reported, loopback only, no advice
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # what makes it keep to loopback on any system
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
#: Ray remembers the first token that a process has, and would else leave one in the user's home
TOKEN = secrets.token_hex(32)


class RayExecutor(Line):
    """Workers that Ray places; every method may be called from any thread."""

    def __init__(
        self,
        workers: int = 1,
        *,
        address: str = "",
        queue_limit: int = 64,
        queue_wait_s: float = 120.0,
    ):
        """Start a cluster of this machine, or join one.

        Args:
            address: of a running cluster, `host:port` or `auto`; empty to start one that ends when
                this is closed. A process that is in a cluster already stays in it.
            queue_limit, queue_wait_s: as in `Line`.

        Raises:
            InputFault: `executor.no_ray`: the extra is not installed; `executor.no_cluster`.
        """
        self._here_alone = not address
        self._ray, self._folder = _joined(workers, address)
        super().__init__(self._placed, workers, queue_limit=queue_limit, queue_wait_s=queue_wait_s)

    def close(self) -> None:
        """Kill every worker now, and the cluster if it was started here; idempotent."""
        super().close()
        folder, self._folder = self._folder, None
        if folder is not None:
            self._left()  # whoever still waits for an answer must hear of it before Ray goes
            self._ray.shutdown()
            if folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _placed(self, entry: str) -> "_Far":
        # paths mean something to processes that see the same files
        return _Far(self._ray, entry, [path for path in sys.path if path and self._here_alone])


class _Far:
    """An actor, and what was heard of it."""

    def __init__(self, ray: Any, entry: str, paths: Sequence[str]) -> None:
        self._ray = ray
        self._here = False
        self._dead = False
        self._ends = threading.Lock()
        placed = ray.remote(num_cpus=1, max_restarts=0)(Shepherd)
        self._actor = placed.remote(entry, tuple(paths))

    def ask(self, entry: str, packed: bytes, limit_s: float, memory_mb: int) -> bytes:
        """Return the pickled answer; see `Line.run`."""
        faults = self._ray.exceptions
        whole_s = LOAD_LIMIT_S + limit_s + WORD_LIMIT_S
        try:
            if not self._here:
                self._ray.get(self._actor.here.remote(), timeout=ROOM_LIMIT_S)
                self._here = True
            asked = self._actor.ask.remote(entry, packed, limit_s, memory_mb)
            kind, content = self._ray.get(asked, timeout=whole_s)
        except faults.GetTimeoutError:
            self.kill()
            if not self._here:
                waited_s = int(ROOM_LIMIT_S)
                raise WorkerBusy("executor.no_room", entry=entry, waited_s=waited_s) from None
            detail = f"no word from Ray for {whole_s:g} s"
            raise WorkerCrashed("executor.crashed", entry=entry, detail=detail) from None
        except faults.RayError as fault:
            self.kill()
            lines = str(fault).strip().splitlines() or [type(fault).__name__]
            detail = f"Ray: {lines[-1]}"[:300]
            raise WorkerCrashed("executor.crashed", entry=entry, detail=detail) from None
        if kind == "fault":
            raise content
        return bytes(content)

    def load(self, entry: str) -> None:
        """Let it load an entry as soon as it has nothing else to do."""
        self._actor.load.remote(entry)

    def usable(self) -> bool:
        """Whether it has not been lost: it looks after the process at work itself."""
        return not self._dead

    def stab(self) -> None:
        """End the actor; the process at work ends with it."""
        self.kill()

    def kill(self) -> None:
        """End the actor; calling it again does nothing."""
        with self._ends:
            dead, self._dead = self._dead, True
        if not dead:
            with suppress(self._ray.exceptions.RayError, ValueError):
                self._ray.kill(self._actor)


class Shepherd:
    """What Ray runs: it keeps one process at work, and starts another when that is lost."""

    def __init__(self, entry: str, paths: Sequence[str]) -> None:
        """Start the process.

        Args:
            paths: where modules are looked for beside this machine's own.
        """
        sys.path.extend(path for path in paths if path not in sys.path)
        self._process = Process(entry)

    def here(self) -> bool:
        """Say so, once there is room for it."""
        return True

    def load(self, entry: str) -> None:
        """Let the process load an entry."""
        self._process.load(entry)

    def ask(
        self, entry: str, packed: bytes, limit_s: float, memory_mb: int
    ) -> tuple[str, bytes | ManufoldError]:
        """Return ("ok", pickled answer) or ("fault", refusal)."""
        if not self._process.usable():
            self._process.kill()
            self._process = Process(entry)
        try:
            return "ok", self._process.ask(entry, packed, limit_s, memory_mb)
        except ManufoldError as fault:
            return "fault", fault


def _joined(workers: int, address: str) -> tuple[Any, str | None]:
    """Return Ray, and the folder of the cluster started here: empty where one was joined, None
    where this process had a cluster already."""
    with _told(address):
        try:
            ray = importlib.import_module("ray")
        except ImportError:
            raise InputFault("executor.no_ray") from None
        if ray.is_initialized() and address in ("", ray.get_runtime_context().gcs_address):
            return ray, None
        return ray, _begun(ray, workers, address)


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Tell Ray by the environment, the only way it takes some things, and put that back."""
    told = QUIET | {"RAY_AUTH_TOKEN": os.environ.get("RAY_AUTH_TOKEN", TOKEN)}
    if address or "RAY_AUTH_TOKEN_PATH" in os.environ:
        del told["RAY_AUTH_TOKEN"]
    if address:
        del told["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"]
    names = (*told, "RAY_AUTH_MODE")  # which Ray itself sets
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _knock(address: str) -> None:
    """Raise OSError where nobody listens: Ray itself would try for minutes, and not in silence."""
    host, _, port = address.rpartition("//")[2].rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), KNOCK_LIMIT_S).close()


def _begun(ray: Any, workers: int, address: str) -> str:
    """Start or join a cluster; return the folder of what was started."""
    told = {"log_to_driver": False, "logging_level": logging.ERROR, "namespace": "manufold"}
    if address:
        try:
            _knock(address)
            if ray.is_initialized():
                raise ConnectionError("this process is in another cluster already")
            ray.init(address=address, **told)
        except (ConnectionError, ImportError, OSError, RuntimeError, ValueError) as fault:
            lines = str(fault).strip().splitlines() or [type(fault).__name__]
            raise InputFault(
                "executor.no_cluster", address=address, detail=lines[0][:200]
            ) from None
        return ""
    folder = tempfile.mkdtemp(prefix="mf-ray-")
    if len(folder) > FOLDER_LENGTH_MAX:
        shutil.rmtree(folder)
        folder = tempfile.mkdtemp(prefix="mf-ray-", dir="/tmp")
    try:
        ray.init(
            num_cpus=workers,
            num_gpus=0,
            include_dashboard=False,
            object_store_memory=OBJECT_STORE_BYTES,
            _temp_dir=folder,
            **told,
        )
    except (OSError, RuntimeError, ValueError) as fault:
        shutil.rmtree(folder, ignore_errors=True)
        detail = f"{type(fault).__name__}: {fault}"[:300]
        raise ExecutorFault("executor.crashed", entry="ray", detail=detail) from None
    return folder
