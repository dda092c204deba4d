"""Describe a network, see the verticals; both are checked here."""

from pathlib import Path
from typing import Annotated

import typer

from manufold.answering import answering, print_json
from manufold.cli.root import AsJson, Home, Language, app
from manufold.model.errors import InputFault

__all__: list[str] = []


network_app = typer.Typer(no_args_is_help=True, help="Describe and check a network of factories.")
vertical_app = typer.Typer(no_args_is_help=True, help="See and check the installed verticals.")
app.add_typer(network_app, name="network")
app.add_typer(vertical_app, name="vertical")


@network_app.command("check")
def network_check(
    file: Annotated[Path, typer.Argument(help="A network file (TOML).")],
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Name every fault of a network file, with file, line and remedy."""
    from manufold.checking import network_answer

    with answering(as_json, language):
        answer = network_answer(file, language or "en")
        if as_json:
            print_json(answer)
        else:
            for fault in answer["faults"]:
                place = f"{fault['file']}:{fault['line']}" if fault["line"] else fault["file"]
                typer.echo(f"{place}: {fault['severity']}: {fault['text']}", err=True)
            found = [_counted(answer[f"{kind}s"], kind) for kind in ("error", "warning")]
            typer.echo(f"{file}: {', '.join(found)}")
        if answer["errors"]:
            raise typer.Exit(InputFault.exit_code)


@network_app.command("use")
def network_use(
    file: Annotated[Path, typer.Argument(help="A network file (TOML).")],
    world: Annotated[
        str | None, typer.Option("--world", help="sim or live, for good; a new home is sim.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="PostgreSQL URL; default SQLite.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Make a home for a network, or give a home a new revision of it."""
    from manufold.app import use_network

    with answering(as_json, language):
        answer = use_network(home, file, world=world, database=database)
        if as_json:
            print_json(answer)
        else:
            typer.echo(f"{answer['home']}: {answer['network']}, {answer['world']} world")


@vertical_app.command("list")
def vertical_list(as_json: AsJson = False, language: Language = None) -> None:
    """List the installed verticals."""
    from manufold.design.contract import verticals

    with answering(as_json, language):
        found = {name: vertical.level for name, vertical in sorted(verticals().items())}
        if as_json:
            print_json({"schema": "manufold/verticals_answer/1", "verticals": found})
        else:
            for name, level in found.items():
                typer.echo(f"{name:16} {level}")


@vertical_app.command("check")
def vertical_check(
    name: Annotated[str, typer.Argument(help="An installed vertical.")],
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Run the shipped conformance checks on a vertical."""
    from manufold.checking import check_vertical

    with answering(as_json, language):
        answer = check_vertical(name, language or "en")
        if as_json:
            print_json(answer)
        else:
            for fault in answer["faults"]:
                typer.echo(f"{fault['where']}: {fault['text']}", err=True)
            faults = _counted(len(answer["faults"]), "fault")
            typer.echo(f"{name}: {answer['level']}, {faults}")
        if answer["faults"]:
            raise typer.Exit(InputFault.exit_code)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
