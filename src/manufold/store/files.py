"""Small files that are whole or not there: written aside, synchronised, then renamed."""

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from manufold.model.errors import Param, StoreFault

__all__ = ["disk_refusals", "locked", "sync_folder", "write_whole"]


@contextmanager
def disk_refusals(code: str, **params: Param) -> Iterator[None]:
    """Tell what the operating system refuses under a code of ours, with `what` added."""
    try:
        yield
    except OSError as fault:
        params["what"] = fault.strerror or repr(fault)
        raise StoreFault(code, faults=(), **params) from fault


def write_whole(path: Path, content: bytes, *, private: bool = False, replace: bool = True) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a part.

    Args:
        path: in a folder that exists.
        content: all of it.
        private: only its owner may read it.
        replace: otherwise an existing file is a FileExistsError.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    mode = 0o600 if private else 0o644
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            aside.replace(path)
        else:
            os.link(aside, path)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, wait_s: float = 10.0) -> Iterator[None]:
    """Hold a lock file for the block; the system frees it when the process dies.

    Raises:
        StoreFault: `home.locked` after waiting in vain.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline_s = time.monotonic() + wait_s
        while not _try_lock(descriptor):
            if time.monotonic() > deadline_s:
                raise StoreFault("home.locked", path=str(path.parent))
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
