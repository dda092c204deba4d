"""Instants as people in a terminal read them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from manufold.model.units import to_rfc3339

__all__ = ["day_and_hour", "moment", "short_day"]


def day_and_hour(instant_s: int | None, zone: str) -> str:
    """Return e.g. "Tue 01 Dec 14:10" in that zone, for where the zone is named; "-" for none."""
    return _shown(instant_s, zone, "%a %d %b %H:%M")


def moment(instant_s: int | None, zone: str) -> str:
    """Return e.g. "Tue 01 Dec 2026 14:10 CET"; "-" for none."""
    return _shown(instant_s, zone, "%a %d %b %Y %H:%M %Z")


def short_day(instant_s: int | None, zone: str) -> str:
    """Return e.g. "01 Dec 14:10" in that zone, for narrow columns; "-" for none."""
    return _shown(instant_s, zone, "%d %b %H:%M")


def _shown(instant_s: int | None, zone: str, form: str) -> str:
    if instant_s is None:
        return "-"
    found = datetime.fromisoformat(to_rfc3339(instant_s, zone)).astimezone(ZoneInfo(zone))
    return found.strftime(form)
