"""What people type, as the services take it: files by their paths, instants by date or RFC 3339."""

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from manufold.design.contract import InputFile
from manufold.model.errors import InputFault
from manufold.model.units import DAY_S, from_rfc3339

__all__ = ["instant_s", "read_file"]

#: instants lie in the years that calendars and time zones are known for: 2020 to 2199
_YEARS_KNOWN = 180


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
    if not 0 <= found_s < _YEARS_KNOWN * 365 * DAY_S:
        raise InputFault("app.instant_outside", text=text[:40])
    return found_s


def read_file(file: str | Path | InputFile) -> InputFile:
    """Return a file with its bytes; one that was read already as it is.

    Raises:
        InputFault: `app.cannot_read`, with the system's own words.
    """
    if isinstance(file, InputFile):
        return file
    path = Path(file)
    try:
        return InputFile(path.name, path.read_bytes())
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise InputFault("app.cannot_read", file=str(path)[:200], why=why) from None
