"""Names of a stranger's log as ids and lines of a network file, each its own."""

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["ids_of", "shown_name", "work_name"]

_LONGEST_ID = 48
_MACHINE = re.compile(
    r"(machine|maschine|mach\.?|m/c|station|设备|机台|机器)\s*[-#.:]?\s*\w*\d\w*", re.IGNORECASE
)


def ids_of(names: Iterable[str], prefix: str) -> dict[str, str]:
    """Return an id for each name: its letters and digits, or the prefix and a number.

    Names that come to the same id get a number each, in the order given.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    again: dict[str, int] = {}
    for number, name in enumerate(dict.fromkeys(names), start=1):
        plain = unicodedata.normalize("NFKD", name.replace("&", " and "))
        kept = re.sub(r"[^A-Za-z0-9]+", "-", plain.encode("ascii", "ignore").decode())
        lost = any(letter.isalnum() and not letter.isascii() for letter in plain)
        one = kept.strip("-").lower()[:_LONGEST_ID].strip("-")
        if lost or not one:
            one = f"{prefix}-{number}"
        base = one
        while one in taken:
            again[base] = again.get(base, 1) + 1
            one = f"{base}-{again[base]}"
        taken.add(one)
        found[name] = one
    return found


def shown_name(name: str) -> str:
    """Return a name as one line that a network file may hold."""
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in name)
    return " ".join(plain.split())[:200] or "-"


def work_name(activity: str, resource: str) -> str:
    """Return an activity without a machine in its name: "Turning - Machine 4" is "Turning".

    Args:
        resource: that did it; a part with a digit that stands in its name is the machine too.
    """
    parts = re.split(r"\s+[-–—/|:]\s+|\s*[()（）]\s*", activity)
    kept = [part for part in parts if part.strip() and not _names_machine(part, resource)]
    return " - ".join(part.strip() for part in kept) or activity


def _names_machine(part: str, resource: str) -> bool:
    if _MACHINE.fullmatch(part.strip()):
        return True
    folded = _folded(part)
    return any(letter.isdigit() for letter in folded) and folded in _folded(resource)


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
