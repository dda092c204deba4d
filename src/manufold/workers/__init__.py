"""Workers: an EDGE room; processes that may be killed, behind the port `model.ports.Executor`."""

from manufold.workers.errors import WorkerBusy, WorkerCrashed, WorkerOutOfMemory, WorkerTimeout
from manufold.workers.inline import InlineExecutor
from manufold.workers.pool import KillablePool
from manufold.workers.ray_executor import RayExecutor

__all__ = [
    "InlineExecutor",
    "KillablePool",
    "RayExecutor",
    "WorkerBusy",
    "WorkerCrashed",
    "WorkerOutOfMemory",
    "WorkerTimeout",
]
