"""The same port without a process: for tests and small tools; it can neither kill nor survive."""

from manufold.model.errors import ManufoldError
from manufold.workers.entries import load_entry
from manufold.workers.errors import WorkerCrashed, WorkerOutOfMemory

__all__ = ["InlineExecutor"]


class InlineExecutor:
    """Run each entry in this process, at once; limits are taken and not enforced."""

    def warm(self, entry: str) -> None:
        """Load the entry now."""
        load_entry(entry)

    def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> object:
        """Return `entry(request)`; see `Line.run`."""
        try:
            return load_entry(entry)(request)
        except ManufoldError:
            raise
        except MemoryError:
            raise WorkerOutOfMemory("executor.too_large", entry=entry, limit_mb=memory_mb) from None
        except Exception as fault:
            detail = f"{type(fault).__name__}: {fault}"
            raise WorkerCrashed("executor.crashed", entry=entry, detail=detail[:300]) from fault

    def close(self) -> None:
        """Nothing runs, so nothing ends."""
