"""Instants as people in a terminal read them."""

from datetime import datetime

from manufold.model.units import to_rfc3339

__all__ = ["day_and_hour"]


def day_and_hour(instant_s: int | None, zone: str) -> str:
    """Return e.g. "Tue 01 Dec 14:10", in that zone; "-" for none."""
    if instant_s is None:
        return "-"
    return datetime.fromisoformat(to_rfc3339(instant_s, zone)).strftime("%a %d %b %H:%M")
