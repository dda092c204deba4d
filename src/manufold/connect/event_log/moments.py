"""Times as logs write them, to engine seconds.

A time with an offset is what it says; one without is wall time of the zone told. A log older than
the engine's epoch is moved on by whole cycles of 28 years, after which dates and weekdays fall
together again (1901 to 2099), so every weekly pattern stays what it was.
"""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from manufold.model.errors import InputFault
from manufold.model.units import EPOCH

__all__ = ["CYCLE_YEARS", "DATE_ORDERS", "Moments", "cycles_on", "read_span_s"]

CYCLE_YEARS = 28
DATE_ORDERS = ("ymd", "dmy", "mdy")

_TIME = r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?"
_OFFSET = r"(?: ?(Z|z|[+-]\d{2}:?\d{2}))?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?{_TIME}{_OFFSET}", re.A)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}{_OFFSET}", re.A)
_SPAN = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d))?", re.A)
#: moved on, the dates of these years stay within those whose weekdays come round
_YEARS = (1902, 2070)


class Moments:
    """Reads the times of one log.

    Args:
        zone: IANA zone of wall times without an offset.
        date_order: "dmy" or "mdy" for days that end in the year; "ymd" refuses those.
    """

    def __init__(self, zone: str, date_order: str = "ymd") -> None:
        if date_order not in DATE_ORDERS:
            known = ", ".join(DATE_ORDERS)
            raise InputFault("log.date_order_unknown", found=date_order[:40], known=known)
        self.zone, self.order = ZoneInfo(zone), date_order

    def wall(self, text: str) -> datetime:
        """Return the moment in the log's zone, years as written.

        A wall time that the change of clocks leaves out is moved forward; one that it repeats is
        the first. A date without a time is its midnight.

        Raises:
            ValueError: it is no moment; its argument is the reason's code.
        """
        if found := _YEAR_FIRST.fullmatch(text):
            year, month, day, *rest = found.groups()
        elif found := _YEAR_LAST.fullmatch(text):
            if self.order == "ymd":
                raise ValueError("log.date_ambiguous")
            one, _, two, year, *rest = found.groups()
            day, month = (one, two) if self.order == "dmy" else (two, one)
        else:
            raise ValueError("log.time_malformed")
        hour, minute, second, offset = rest
        try:
            moment = datetime.combine(
                date(int(year), int(month), int(day)),
                time(int(hour or 0), int(minute or 0), int(second or 0)),
                tzinfo=self.zone,
            )
            if offset is not None:
                whole = "+00:00" if offset in "Zz" else offset
                stamped = f"{moment.replace(tzinfo=None).isoformat()}{whole}"
                moment = datetime.fromisoformat(stamped).astimezone(self.zone)
        except (ValueError, OverflowError):
            raise ValueError("log.time_malformed") from None
        if not _YEARS[0] <= moment.year < _YEARS[1]:
            raise ValueError("log.time_outside")
        return moment

    def engine_s(self, moment: datetime, years_on: int) -> int:
        """Return the engine instant of a moment, moved on by that many years."""
        moved = moment.replace(year=moment.year + years_on, fold=0)
        return int((moved - EPOCH).total_seconds())


def cycles_on(oldest: datetime) -> int:
    """Return the years to move a log on so that it lies after the engine's epoch, 0 if it does."""
    years = 0
    while oldest.year + years < EPOCH.year:
        years += CYCLE_YEARS
    return years


def read_span_s(text: str) -> int:
    """Return the seconds of a span written h:mm or h:mm:ss; a bare number has no unit.

    Raises:
        ValueError: it is no span; its argument is the reason's code.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError("log.span_malformed")
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + rest
