"""What people type, as the services take it: files by their paths, commands as JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from manufold.design.contract import InputFile
from manufold.model.codec import decoded, from_json, unstamped
from manufold.model.errors import InputFault
from manufold.model.execution import Command
from manufold.model.instants import happened_s, instant_s

__all__ = ["command_of", "instant_s", "read_file"]


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


def command_of(command: bytes | Mapping[str, Any], by: str, at_s: int | None = None) -> Command:
    """Return a command as its document says it.

    Args:
        command: JSON, or read already.
        by: "party/role" of who says it, whatever stands there.
        at_s: when it happened, in place of what stands there as `at_s`, or as `at` in RFC 3339.

    Raises:
        InputFault: `codec.*` for what is no command, `execution.at_twice`,
            `app.instant_malformed`.
    """
    document: Any = from_json(command) if isinstance(command, bytes) else command
    if not isinstance(document, Mapping):
        raise InputFault("codec.type_wrong", found=type(document).__name__, wanted="command")
    fields = unstamped(document, "command", 1)
    at = fields.pop("at", None)
    if at_s is None and at is not None:
        if not isinstance(at, str):
            raise InputFault("app.instant_malformed", text=str(at)[:80])
        fields["at_s"] = happened_s(fields.get("at_s"), at)
    elif at_s is not None:
        fields["at_s"] = at_s
    return decoded(Command, {**fields, "by": by})
