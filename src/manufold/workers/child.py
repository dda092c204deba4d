"""The loop inside a worker process: load an entry, take a request, answer, again.

The parent speaks first: `(entry, packed | None, limit_s, memory_mb)`; a request of `None` only
loads. Answers: `("loaded",)`, then `("ok", packed)`, `("fault", ManufoldError)`,
`("memory", text)` or `("error", text)`. What is packed is pickled apart, so that who only passes
it on need not read it. `("last", packed)` is an `ok` of a process that must not be asked again: a
thread of its request still runs, as of a native solver that cannot be stopped, and would take the
next request's core.

A native kernel may hold the interpreter for ever, so nothing here depends on Python being able to
run: the kernel of the system ends us, by SIGALRM some time after the limit, and by SIGIO when
the parent is gone (its end of the lifeline pipe closes, however it died).
"""

import contextlib
import fcntl
import os
import pickle
import resource
import signal
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from manufold.model.errors import ManufoldError
from manufold.workers.entries import load_entry

__all__ = ["main"]

#: beyond the watched limit, allocations themselves fail: against a leap between two looks
HARD_LIMIT_FACTOR = 3
ALARM_GRACE_S = 5.0


def main(channel_fd: int, lifeline_fd: int) -> None:
    """Serve until the parent closes the channel.

    Args:
        channel_fd: one end of a socket pair; the other is the parent's.
        lifeline_fd: reading end of a pipe nobody writes to; its end of file is our end.
    """
    _die_with_parent(lifeline_fd)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # control-C is for the parent; it closes us
    channel = Connection(channel_fd)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            entry, packed, limit_s, memory_mb = channel.recv()
            if packed is None:
                _quietly_load(entry)
                continue
            channel.send_bytes(pickle.dumps(("loaded",)))
            channel.send_bytes(_answer(entry, packed, limit_s, memory_mb))


def _die_with_parent(lifeline_fd: int) -> None:
    """Let the system kill us when the parent's end closes: SIGIO ends a process by default."""
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline_fd, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline_fd, fcntl.F_GETFL)
    fcntl.fcntl(lifeline_fd, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        if os.read(lifeline_fd, 1) == b"":  # the parent died before we asked for the signal
            os._exit(0)


def _quietly_load(entry: str) -> None:
    try:
        load_entry(entry)
    except Exception as fault:  # noqa: BLE001 - the request that follows says it aloud
        sys.stderr.write(f"warm {entry}: {fault}\n")


def _answer(entry: str, packed: bytes, limit_s: float, memory_mb: int) -> bytes:
    """Return the pickled answer to one pickled request."""
    hard_bytes = _address_bytes() + memory_mb * HARD_LIMIT_FACTOR * 2**20
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard_bytes, most))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limit_s + ALARM_GRACE_S)
    try:
        before = threading.active_count()
        result = load_entry(entry)(pickle.loads(packed))
        kind = "last" if threading.active_count() > before else "ok"
        return pickle.dumps((kind, pickle.dumps(result, pickle.HIGHEST_PROTOCOL)))
    except ManufoldError as fault:
        return pickle.dumps(("fault", fault))
    except MemoryError as fault:
        return pickle.dumps(("memory", str(fault)))
    except Exception as fault:  # noqa: BLE001 - it is answered, and raised in the parent
        return pickle.dumps(("error", f"{type(fault).__name__}: {fault}"[:300]))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _address_bytes() -> int:
    """Return the address space in use: shared libraries map far more than they touch."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 2**30
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
