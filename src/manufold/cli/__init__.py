"""The command line: a contract. `--json` prints one object on standard output, messages go to
standard error, and the exit code says who must act.

    0 done   2 the input is at fault   3 it cannot be made or promised
    4 conflict, expired or taken   5 the store   1 our fault

One module per kind of verb; importing them here is what puts their commands on the root.
"""

import sys
from collections.abc import Callable, Sequence

import typer

from manufold.answering import answering, ended
from manufold.cli import (
    beginning,
    buying,
    cutting,
    describing,
    holding,
    importing,
    improving,
    keys,
    lining,
    making,
    measuring,
    planning,
    proving,
    serving,
    solving,
    trades,
)
from manufold.cli.root import app

__all__ = [
    "app",
    "beginning",
    "buying",
    "cutting",
    "describing",
    "holding",
    "importing",
    "improving",
    "keys",
    "lining",
    "main",
    "making",
    "measuring",
    "planning",
    "proving",
    "serving",
    "solving",
    "trades",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    said = sys.argv[1:] if arguments is None else arguments
    known = {command.name or _named(command.callback) for command in app.registered_commands}
    known |= {group.name for group in app.registered_groups if isinstance(group.name, str)}
    if not said or said[0] not in known:  # finding what is installed takes as long as starting
        try:
            with answering("--json" in said, None):
                trades.put_verbs()
        except typer.Exit as refused:
            return refused.exit_code
    return ended(app, said)


def _named(callback: Callable[..., object] | None) -> str:
    """Return what typer calls a command that was given no name."""
    return callback.__name__.replace("_", "-") if callback else ""
