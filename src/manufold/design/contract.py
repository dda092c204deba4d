"""What a vertical is: files in, a design out, plans out; found by entry point, ours and others'.

A vertical lives in one folder (or an outside package) and registers an object under the entry
point group `manufold.verticals`. It knows no network, no clock and no store: it takes bytes and an
Executor for heavy or dangerous work. Its folder carries `vertical.toml` (name, level, sources) and
`demo/`. `design.conformance.faults` checks all that; `manufold vertical check` runs it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Literal, Protocol

from manufold.model.design import Design
from manufold.model.errors import InputFault, Param
from manufold.model.ports import Executor
from manufold.model.process_plan import ProcessPlan

__all__ = ["GROUP", "InputFile", "Level", "Vertical", "chosen", "verticals"]

GROUP = "manufold.verticals"
Level = Literal["bronze", "silver", "gold"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file as it was handed in: a name that is never trusted, and its bytes."""

    name: str
    content: bytes


class Vertical(Protocol):
    """A trade: how its designs are read and made."""

    @property
    def name(self) -> str:
        """One word, the entry point's name."""

    @property
    def level(self) -> Level:
        """bronze = valid plans, silver = sourced times, gold = compared with real work."""

    def accepts(self, files: Sequence[InputFile]) -> float:
        """Return 0..1: how sure it is that these files are of its trade; cheap, never raises."""

    def design(
        self,
        files: Sequence[InputFile],
        parameters: Mapping[str, Param],
        executor: Executor,
    ) -> Design:
        """Return the design read from the files.

        Args:
            parameters: the buyer's choices; "material" is common to all verticals.

        Raises:
            InputFault: names the file, the fault and the remedy.
        """

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Return every sensible way to make the design in this quantity; empty when blocked.

        Pure: same design and quantity, same plans.
        """

    def warm(self, executor: Executor) -> None:
        """Begin to get ready for `design`; returns at once."""


def verticals() -> dict[str, Vertical]:
    """Return the installed verticals by name; ours come through the same door as strangers'."""
    return {point.name: point.load() for point in entry_points(group=GROUP)}


def chosen(
    found: Mapping[str, Vertical], files: Sequence[InputFile], wanted: str | None = None
) -> Vertical:
    """Return the vertical asked for, or the surest one.

    Raises:
        InputFault: `design.vertical_unknown`; `design.not_recognised` when none accepts the files;
            `design.vertical_ambiguous` when two are equally sure.
    """
    known = ", ".join(sorted(found))
    if wanted is not None:
        if wanted not in found:
            raise InputFault("design.vertical_unknown", vertical=wanted[:80], known=known)
        return found[wanted]
    names = ", ".join(file.name[:80] for file in files)
    sure = sorted(((v.accepts(files), name) for name, v in found.items()), reverse=True)
    if not sure or sure[0][0] <= 0:
        raise InputFault("design.not_recognised", files=names, known=known)
    if len(sure) > 1 and sure[0][0] == sure[1][0]:
        raise InputFault("design.vertical_ambiguous", files=names, one=sure[0][1], other=sure[1][1])
    return found[sure[0][1]]
