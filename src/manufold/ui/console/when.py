"""Instants as people in a terminal read them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from manufold.model.units import to_rfc3339
from manufold.words import term

__all__ = ["day_and_hour", "moment", "short_day"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day_and_hour(
    instant_s: int | None, zone: str, language: str = "en", *, year: bool = False
) -> str:
    """Return e.g. "Tue 01 Dec 14:10" in that zone, for where the zone is named; "-" for none.

    Args:
        year: whether the year is told, as for a date that binds.
    """
    if language != "en":
        return _told(instant_s, zone, language, "%Y-%m-%d" if year else "%m-%d", "%H:%M")
    return _shown(instant_s, zone, "%a %d %b %Y %H:%M" if year else "%a %d %b %H:%M")


def moment(instant_s: int | None, zone: str, language: str = "en") -> str:
    """Return e.g. "Tue 01 Dec 2026 14:10 CET"; "-" for none."""
    if language != "en":
        return _told(instant_s, zone, language, "%Y-%m-%d", "%H:%M %Z")
    return _shown(instant_s, zone, "%a %d %b %Y %H:%M %Z")


def short_day(instant_s: int | None, zone: str) -> str:
    """Return e.g. "01 Dec 14:10" in that zone, for narrow columns; "-" for none."""
    return _shown(instant_s, zone, "%d %b %H:%M")


def _shown(instant_s: int | None, zone: str, form: str) -> str:
    return "-" if instant_s is None else _there(instant_s, zone).strftime(form)


def _told(instant_s: int | None, zone: str, language: str, day: str, hour: str) -> str:
    """Return an instant with the day of the week in a language that puts the year first."""
    if instant_s is None:
        return "-"
    there = _there(instant_s, zone)
    weekday = term("day", _DAYS[there.weekday()], language)
    return f"{there.strftime(day)} {weekday} {there.strftime(hour)}"


def _there(instant_s: int, zone: str) -> datetime:
    return datetime.fromisoformat(to_rfc3339(instant_s, zone)).astimezone(ZoneInfo(zone))
