"""What people type, as the services take it: files by their paths."""

from pathlib import Path

from manufold.design.contract import InputFile
from manufold.model.errors import InputFault
from manufold.model.instants import instant_s

__all__ = ["instant_s", "read_file"]


def read_file(file: str | Path | InputFile) -> InputFile:
    """Return a file with its bytes; one that was read already as it is.

    Raises:
        InputFault: `app.cannot_read`, with the system's own words.
    """
    if isinstance(file, InputFile):
        return file
    path = Path(file)
    try:
        return InputFile(path.name, path.read_bytes())
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise InputFault("app.cannot_read", file=str(path)[:200], why=why) from None
