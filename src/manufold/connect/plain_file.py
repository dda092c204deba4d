"""Files that a command reads: .gz is unpacked; answers are written whole or not at all."""

import contextlib
import gzip
import os
import tempfile
import zlib
from pathlib import Path

from manufold.model.errors import InputFault

__all__ = ["check_place", "read_file", "write_file"]

#: nothing that fits a machine is larger, unpacked
LARGEST_BYTES = 2**31


def read_file(file: Path, bytes_most: int = LARGEST_BYTES) -> bytes:
    """Return the bytes of a file, unpacked.

    Raises:
        InputFault: `file.missing`, `file.unreadable`, `file.too_large`.
    """
    if not file.is_file():
        raise InputFault("file.missing", file=str(file))
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            text = opened.read(bytes_most + 1)
    except (OSError, EOFError, zlib.error) as fault:
        raise InputFault("file.unreadable", file=str(file), what=_worded(fault)) from None
    if len(text) > bytes_most:
        raise InputFault("file.too_large", file=str(file), limit_mb=bytes_most // 2**20)
    return text


def check_place(out: Path, file: Path) -> None:
    """Refuse a place where no answer could be written, before anybody works for it.

    Args:
        file: what is read, which is not written over.

    Raises:
        InputFault: `file.out_unwritable`.
    """
    if out.is_dir():
        raise InputFault("file.out_unwritable", out=str(out), what="it is a folder")
    if out.exists() and file.exists() and out.samefile(file):
        raise InputFault("file.out_unwritable", out=str(out), what="it is the file that is read")
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".manufold-"):
            pass
    except OSError as fault:
        raise InputFault("file.out_unwritable", out=str(out), what=_worded(fault)) from None


def write_file(out: Path, text: bytes) -> None:
    """Put an answer in its place at once: a reader sees the old file or the whole new one.

    Raises:
        InputFault: `file.out_unwritable`; what stood there stays.
    """
    aside: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=".manufold-")
        aside = Path(name)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(text)
        aside.chmod(0o666 & ~_umask())
        aside.replace(out)
    except OSError as fault:
        if aside is not None:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
        raise InputFault("file.out_unwritable", out=str(out), what=_worded(fault)) from None


def _umask() -> int:
    """Return which permissions new files lack."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _worded(fault: Exception) -> str:
    return (getattr(fault, "strerror", None) or str(fault) or type(fault).__name__)[:200]
