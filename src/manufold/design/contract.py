"""What a vertical is: files in, a design out, plans out; found by entry point, ours and others'.

A vertical lives in one folder (or an outside package) and registers an object under the entry
point group `manufold.verticals`. It knows no network, no clock and no store: it takes bytes and an
Executor for heavy or dangerous work. Its folder carries `vertical.toml` (name, level, sources),
`words/` (its sentences, a file per language) and `demo/`. `design.conformance.faults` checks all
that; `manufold vertical check` runs it; docs/verticals.md shows how to write one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Literal, Protocol

from manufold.model.codec import canonical
from manufold.model.design import Design
from manufold.model.errors import InputFault, Param
from manufold.model.ports import Executor
from manufold.model.process_plan import ProcessPlan

__all__ = [
    "GROUP",
    "Field",
    "FieldKind",
    "Form",
    "InputFile",
    "Level",
    "Vertical",
    "chosen",
    "filled",
    "verticals",
]

GROUP = "manufold.verticals"
Level = Literal["bronze", "silver", "gold"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file as it was handed in: a name that is never trusted, and its bytes."""

    name: str
    content: bytes


FieldKind = Literal["number", "choice", "text"]


@dataclass(frozen=True, slots=True)
class Field:
    """A value that a person may give by hand, where a form asks for it.

    Args:
        name: ends in its unit where it has one, e.g. "chest_girth_mm"; its label is the sentence
            `<vertical>.field.<name>`, those of choices are `<vertical>.<name>.<choice>`, both of
            the vertical's own catalogue.
        kind: "number" is a whole number of the unit.
        to: "file" = written into the file that `filled` makes; "parameter" = a parameter of
            `Vertical.design`.
        least, most: of a number, both within; beyond them a form asks again.
        choices: of a choice; left blank where not required, the vertical decides and says so.
        required: whether nobody can do without.
        example: a value that works, together with the other examples; of a choice that is not
            required it may be blank.
    """

    name: str
    kind: FieldKind
    to: Literal["file", "parameter"]
    example: str
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What a vertical takes: files by suffix, and fields that a person may fill in.

    People read the trade itself as the sentence `<vertical>.trade`, and each of its demos as
    `<vertical>.demo.<name>`; without them, by their plain names.

    Args:
        suffixes: of files it reads, e.g. ".step"; empty = only what is filled in by hand.
        fields: in the order a person is asked.
    """

    suffixes: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def by_hand(self) -> bool:
        """True when a design can be given without any file of one's own."""
        return any(field.to == "file" for field in self.fields)


class Vertical(Protocol):
    """A trade: how its designs are read and made."""

    @property
    def name(self) -> str:
        """One word, the entry point's name."""

    @property
    def level(self) -> Level:
        """bronze = valid plans, silver = sourced times, gold = compared with real work."""

    @property
    def form(self) -> Form:
        """What it takes, for pages and for documents."""

    def accepts(self, files: Sequence[InputFile]) -> float:
        """Return 0..1: how sure it is that these files are of its trade; cheap, never raises."""

    def design(
        self,
        files: Sequence[InputFile],
        parameters: Mapping[str, Param],
        executor: Executor,
    ) -> Design:
        """Return the design read from the files; what is a person's own stands in `personal`.

        Args:
            parameters: the buyer's choices; "material" is common to all verticals.

        Raises:
            InputFault: names the file, the fault and the remedy.
        """

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Return every sensible way to make the design in this quantity; empty when blocked.

        Pure: same design and quantity, same plans. Plans are written into the log for good, so
        they hold nothing of `Design.personal`: round, and measure deviations instead of sizes.
        """

    def warm(self, executor: Executor) -> None:
        """Begin to get ready for `design`; returns at once."""


def verticals() -> dict[str, Vertical]:
    """Return the installed verticals by name; ours come through the same door as strangers'.

    Raises:
        InputFault: `design.vertical_broken` when one cannot be loaded; `design.vertical_twice`
            when two packages bring one of the same name.
    """
    found: dict[str, Vertical] = {}
    for point in entry_points(group=GROUP):
        if point.name in found:
            raise InputFault("design.vertical_twice", vertical=point.name[:80])
        try:
            found[point.name] = point.load()
        except Exception as fault:
            why = f"{type(fault).__name__}: {fault}"[:200]
            raise InputFault(
                "design.vertical_broken", vertical=point.name[:80], module=point.value[:80], why=why
            ) from fault
    return found


def filled(vertical: str, values: Mapping[str, str | int]) -> InputFile:
    """Return what a person filled in by hand as the file that the vertical reads.

    Args:
        values: of the form's fields that go to the file, numbers as integers.
    """
    document = {"type": vertical, "version": 1, **values}
    return InputFile(f"{vertical}.json", canonical(document))


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
