"""A row of RESULTS.md: when, which commit, which machine, what was measured."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["commit", "machine", "row"]


def commit() -> str:
    """Return the short hash of the commit that is measured, with + where the tree differs."""
    root = Path(__file__).parent.parent
    run = ["git", "-C", str(root)]
    head = subprocess.run([*run, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    dirty = subprocess.run(
        [*run, "status", "--porcelain", "-uno"], capture_output=True, text=True
    ).stdout.strip()
    return (head.stdout.strip() or "-") + ("+" if dirty else "")


#: as the run began: a long one may end after others have committed
_BEGAN = commit()


def machine() -> str:
    """Return processors and Python of this machine."""
    return f"{os.cpu_count()} cores {platform.machine()}, Python {platform.python_version()}"


def row(*values: object) -> str:
    """Return a Markdown row that begins with date, commit and machine."""
    today = datetime.now(UTC).date().isoformat()
    return "| " + " | ".join(map(str, (today, _BEGAN, machine(), *values))) + " |"
