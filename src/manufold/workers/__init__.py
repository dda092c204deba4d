"""Workers: an EDGE room; processes that may be killed, behind the port `model.ports.Executor`."""

from manufold.workers.errors import WorkerBusy, WorkerCrashed, WorkerOutOfMemory, WorkerTimeout
from manufold.workers.inline import InlineExecutor
from manufold.workers.pool import KillablePool

__all__ = [
    "InlineExecutor",
    "KillablePool",
    "WorkerBusy",
    "WorkerCrashed",
    "WorkerOutOfMemory",
    "WorkerTimeout",
]
