"""Instants as people write them: a day, or an instant with its offset."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from manufold.model.errors import InputFault
from manufold.model.units import DAY_S, from_rfc3339

__all__ = ["KNOWN_UNTIL_S", "happened_s", "instant_s"]

#: instants lie in the years that calendars and time zones are known for: 2020 to 2199
KNOWN_UNTIL_S = 180 * 365 * DAY_S


def instant_s(text: str, zone: str) -> int:
    """Return the engine instant of a date (its end, in that zone) or of an RFC 3339 text.

    Raises:
        InputFault: `app.instant_malformed`, `app.instant_outside`.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            found_s = from_rfc3339(text)
        except InputFault:
            raise InputFault("app.instant_malformed", text=text[:80]) from None
    else:
        moment = datetime.combine(day, time(23, 59, 59), tzinfo=ZoneInfo(zone))
        found_s = from_rfc3339(moment.isoformat())
    if not 0 <= found_s < KNOWN_UNTIL_S:
        raise InputFault("app.instant_outside", text=text[:40])
    return found_s


def happened_s(at_s: int | None, at: str | None) -> int:
    """Return when something happened, told as engine seconds or as RFC 3339: in one way.

    Raises:
        InputFault: `execution.at_twice`, `execution.at_missing`, `app.instant_malformed`.
    """
    if at is None:
        if at_s is None:
            raise InputFault("execution.at_missing")
        return at_s
    if at_s is not None:
        raise InputFault("execution.at_twice")
    try:
        found_s = from_rfc3339(at)
    except InputFault:
        raise InputFault("app.instant_malformed", text=at[:80]) from None
    if not 0 <= found_s < KNOWN_UNTIL_S:
        raise InputFault("app.instant_outside", text=at[:40])
    return found_s
