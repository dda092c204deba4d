"""The command line: a contract. `--json` prints one object on standard output, messages go to
standard error, and the exit code says who must act.

    0 done   2 the input is at fault   3 it cannot be made or promised
    4 conflict, expired or taken   5 the store   1 our fault

One module per kind of verb; importing them here is what puts their commands on the root.
"""

import sys
from collections.abc import Sequence

from manufold.answering import ended
from manufold.cli import (
    beginning,
    buying,
    describing,
    holding,
    importing,
    improving,
    keys,
    making,
    measuring,
    planning,
    proving,
    serving,
    solving,
)
from manufold.cli.root import app

__all__ = [
    "app",
    "beginning",
    "buying",
    "describing",
    "holding",
    "importing",
    "improving",
    "keys",
    "main",
    "making",
    "measuring",
    "planning",
    "proving",
    "serving",
    "solving",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return ended(app, sys.argv[1:] if arguments is None else arguments)
