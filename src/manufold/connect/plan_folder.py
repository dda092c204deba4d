"""A folder of a plan: new, empty, or of an earlier plan, whose files go when the new ones stand."""

import re
from collections.abc import Mapping
from pathlib import Path

from manufold.connect.plain_file import write_file
from manufold.model.errors import InputFault

__all__ = ["check_folder", "write_folder"]

OURS = re.compile(r"plan\.json|marker-\d+\.(dxf|svg|json)")


def check_folder(out: Path) -> None:
    """Refuse a place that holds somebody else's files; make it where it is new.

    Raises:
        InputFault: `cut.out_taken`, `file.out_unwritable`.
    """
    if out.exists() and (
        not out.is_dir() or any(not OURS.fullmatch(one.name) for one in out.iterdir())
    ):
        raise InputFault("cut.out_taken", out=str(out))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        what = (fault.strerror or type(fault).__name__)[:200]
        raise InputFault("file.out_unwritable", out=str(out), what=what) from None


def write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    """Write all files, each whole, and remove those of an earlier plan.

    Raises:
        InputFault: `file.out_unwritable`.
    """
    for name, content in files.items():
        write_file(out / name, content)
    for one in out.iterdir():
        if OURS.fullmatch(one.name) and one.name not in files:
            one.unlink(missing_ok=True)
