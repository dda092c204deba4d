"""Verbs that a vertical brings to the command line: files in, an object and files out.

They register under the entry point group `manufold.verbs`, so a trade's own tool, such as laying
pieces on cloth, comes with its folder. A verb knows no clock, no screen and no disk: it gets bytes
and answers plain values; the command line reads, writes, words and limits. Loading the entry point
is to be cheap, since `manufold --help` does it: what is heavy is imported by `run`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Literal

from manufold.design.contract import InputFile
from manufold.model.errors import InputFault, Param, Reason
from manufold.model.ports import Executor

__all__ = ["GROUP", "Answered", "Asked", "Option", "OptionKind", "Verb", "verbs"]

GROUP = "manufold.verbs"
OptionKind = Literal["number", "whole", "text", "out"]


@dataclass(frozen=True, slots=True)
class Option:
    """What may be said beside the file.

    Args:
        name: after the two dashes.
        kind: "out" = where a file of the answer goes; it is checked before anybody works.
        about: one sentence of help.
        default: None = it has to be said; of an "out" that nothing need be written: "".
        least, most: of a number, both within.
    """

    name: str
    kind: OptionKind
    about: str
    default: float | int | str | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a verb is given.

    Args:
        values: by option, checked; of an "out", whether it is wanted.
        spent_s: since the command began, its own start included.
        cores: processors it may use.
    """

    file: InputFile
    values: Mapping[str, Param]
    executor: Executor
    spent_s: Callable[[], float]
    cores: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What a verb answers.

    Args:
        told: JSON values, the object of `contracts/<verb>_answer.schema.json` but for its schema,
            file, seconds and notes.
        files: by "out" option, what is written there.
        lines: for people, worded.
        notes: what they should know beside it; on standard error.
    """

    told: Mapping[str, Any]
    lines: tuple[Reason, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Verb:
    """A command of a vertical.

    Args:
        about: one sentence of help.
        reads: what its file is, one sentence of help.
        bytes_most: of its file, unpacked.
        processes: workers it may keep busy at once; 0 = one per core.
    """

    name: str
    about: str
    reads: str
    bytes_most: int
    options: tuple[Option, ...]
    run: Callable[[Asked], Answered]
    processes: int = 1


def verbs() -> tuple[Verb, ...]:
    """Return the installed verbs by name.

    Raises:
        InputFault: `design.verb_broken` when one cannot be loaded.
    """
    found: dict[str, Verb] = {}
    for point in entry_points(group=GROUP):
        try:
            found[point.name] = point.load()
        except Exception as fault:
            why = f"{type(fault).__name__}: {fault}"[:200]
            raise InputFault(
                "design.verb_broken", verb=point.name[:80], module=point.value[:80], why=why
            ) from fault
    return tuple(found[name] for name in sorted(found))
