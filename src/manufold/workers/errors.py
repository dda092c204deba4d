"""What can go wrong with work done in another process; all are `ExecutorFault`s.

Engines know only `ExecutorFault` and its code: `executor.crashed`, `executor.too_slow`,
`executor.too_large`, `executor.busy`.
"""

from manufold.model.errors import ExecutorFault

__all__ = ["WorkerBusy", "WorkerCrashed", "WorkerOutOfMemory", "WorkerTimeout"]


class WorkerCrashed(ExecutorFault):
    """The worker died (a signal, an exit) or its entry raised what it should not."""


class WorkerTimeout(ExecutorFault):
    """The request took longer than its limit; the worker was killed."""


class WorkerOutOfMemory(ExecutorFault):
    """The worker grew past its limit; it was killed."""


class WorkerBusy(ExecutorFault):
    """The queue is full, or the pool is closed: nothing was tried."""
