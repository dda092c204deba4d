"""What commands share: the root command, options that mean the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

from manufold import __version__

__all__ = ["AsJson", "Everything", "Home", "Language", "Party", "app"]

app = typer.Typer(
    name="manufold",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help needs a third of the time
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Manufacturing as a service: offers that bind, dates that hold, goods that prove it.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Home = Annotated[
    Path | None,
    typer.Option("--home", help="State folder; default MANUFOLD_HOME, else ~/.manufold."),
]
Party = Annotated[str | None, typer.Option("--party", help="Who acts; default: the only one fit.")]
Language = Annotated[str | None, typer.Option("--language", help="en or zh.")]
Everything = Annotated[bool, typer.Option("--all", help="Show all, not the first few.")]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"manufold {__version__}")
        raise typer.Exit


_Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which one.")
]


@app.callback()
def start(version: _Version = False) -> None:
    """Every command takes --json and prints one object on standard output."""
