"""Checks that need no home: of a network file, and of a vertical."""

from pathlib import Path
from typing import Any

from manufold.api.wire import worded
from manufold.connect.network_file import check_network
from manufold.design.conformance import faults as vertical_faults
from manufold.design.contract import verticals
from manufold.model.errors import InputFault
from manufold.workers.pool import KillablePool

__all__ = ["check_vertical", "network_answer"]


def network_answer(file: Path, language: str) -> dict[str, Any]:
    """Return every fault of a network file, with file, line and remedy."""
    found = check_network(file)
    errors = sum(fault.severity == "error" for fault in found)
    return {
        "schema": "manufold/network_check_answer/1",
        "file": str(file),
        "errors": errors,
        "warnings": len(found) - errors,
        "faults": [
            {"file": fault.file, "line": fault.line, "severity": fault.severity}
            | worded([fault.reason], language)[0]
            for fault in found
        ],
    }


def check_vertical(name: str, language: str) -> dict[str, Any]:
    """Return what a vertical breaks of the contract, and of its own rules where it has some.

    A vertical that has a method `own_faults` is asked for what lies deeper than the contract, such
    as what designers publish within it.

    Raises:
        InputFault: `design.vertical_unknown`.
    """
    found = verticals()
    if name not in found:
        known = ", ".join(sorted(found))
        raise InputFault("design.vertical_unknown", vertical=name[:80], known=known)
    pool = KillablePool()
    try:
        faults = vertical_faults(name, found[name], pool)
        faults += getattr(found[name], "own_faults", tuple)()
    finally:
        pool.close()
    return {
        "schema": "manufold/vertical_check_answer/1",
        "vertical": name,
        "level": found[name].level,
        "faults": [{"where": f.where} | worded([f.reason], language)[0] for f in faults],
    }
