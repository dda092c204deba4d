"""Verbs of a shop: what to make, and what has happened."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Home, Language, Party, app
from manufold.model.errors import InputFault
from manufold.model.party import Role

if TYPE_CHECKING:
    from manufold.services.instructions import Instructions

__all__: list[str] = []

_COMMAND_BYTES_MOST = 1_000_000


@app.command()
def instructions(
    order_id: Annotated[str, typer.Argument(help="An order with work for you.")],
    files: Annotated[Path | None, typer.Option("--files", help="Write its files there.")] = None,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Show what a shop needs to make its part of an order: design, operations, limits."""
    with opened(home, as_json, language) as m:
        from manufold.api.work_wire import instructions_answer
        from manufold.ui.console.work import print_instructions

        found = m.instructions(order_id, party=party)
        if files is not None:
            for path in _written(found, files):
                typer.echo(f"{path}", err=True)
        if as_json:
            print_json(instructions_answer(found, m.network))
        else:
            print_instructions(found, m.network)


@app.command()
def say(
    file: Annotated[Path, typer.Argument(help="A command (JSON); - reads standard input.")],
    role: Annotated[
        str | None, typer.Option("--role", help="In which role; default: the party's own.")
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="It happens now, whatever stands in at.")
    ] = False,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Say what has happened on the floor: one command of the closed list.

    When it happened stands in `at` (RFC 3339) or `at_s`, or is now with --now. Said again under
    its id, it is done once. Who says it is the party, whatever stands in `by`.
    """
    with opened(home, as_json, language) as m:
        events = m.say(_read(file), party=party, role=_role(role), now=now)
        if as_json:
            said = [{"seq": e.seq, "kind": e.kind, "at_s": e.at_s} for e in events]
            print_json({"schema": "manufold/say_answer/1", "events": said})
        else:
            kinds = ", ".join(event.kind for event in events)
            typer.echo(kinds or "said before; nothing new")


def _role(text: str | None) -> Role | None:
    from manufold.model.party import ACTOR_ROLES

    if text is not None and text not in ACTOR_ROLES:
        raise InputFault("party.role_unknown", role=text[:40], known=", ".join(ACTOR_ROLES))
    return text  # type: ignore[return-value]


def _read(file: Path) -> bytes:
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(_COMMAND_BYTES_MOST)
        with file.open("rb") as opened_file:
            return opened_file.read(_COMMAND_BYTES_MOST)
    except OSError as fault:
        raise InputFault("app.cannot_read", file=str(file)[:200], why=str(fault.strerror)) from None


def _written(found: "Instructions", folder: Path) -> list[Path]:
    """Write the files of a design under plain names; none is written over another file."""
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, file in enumerate(found.files, 1):
            kept = "".join(c if c.isalnum() or c in "._-" else "_" for c in file.name)[-80:]
            path = folder / f"{found.order_id[-8:]}-{number}-{kept}"
            with path.open("xb") as out:
                out.write(file.content)
            paths.append(path)
    except OSError as fault:
        raise InputFault("cli.cannot_write", file=str(folder), why=str(fault.strerror)) from None
    return paths
