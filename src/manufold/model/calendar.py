"""When work is done: shifts, breaks, holidays and maintenance of one calendar, in one zone.

A calendar is written in local wall time and compiled to UTC working intervals. A shift that
crosses a daylight-saving change keeps its wall times, so on that night it is an hour shorter or
longer; a wall time that does not exist is moved forward, one that exists twice is the first.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from manufold.model.errors import InputFault
from manufold.model.units import EPOCH

__all__ = ["DAYS", "Shift", "WorkCalendar", "checked_zone"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")

Interval = tuple[int, int]


def checked_zone(zone: str) -> str:
    """Return the IANA zone's name.

    Raises:
        InputFault: `calendar.zone_unknown`.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputFault("calendar.zone_unknown", zone=zone) from None
    return zone


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift of the week: its days, its wall times, its breaks.

    Args:
        days: days on which it starts, of `DAYS`.
        start: "HH:MM" local.
        end: "HH:MM" local, "24:00" for midnight; not later than `start` means the next day.
        breaks: ("HH:MM", "HH:MM") pairs inside the shift.
    """

    days: tuple[str, ...]
    start: str
    end: str
    breaks: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for day in self.days:
            if day not in DAYS:
                raise InputFault("calendar.day_unknown", day=day)
        if not self.days:
            raise InputFault("calendar.shift_without_days", start=self.start, end=self.end)
        for clock in (self.start, self.end, *(c for pair in self.breaks for c in pair)):
            if not _CLOCK.fullmatch(clock):
                raise InputFault("calendar.clock_malformed", clock=clock)
        span_min = self.end_min
        for begin, until in self.breaks:
            begin_min, until_min = self._inside_min(begin), self._inside_min(until)
            if not _minutes(self.start) <= begin_min < until_min <= span_min:
                raise InputFault("calendar.break_outside_shift", start=begin, end=until)

    @property
    def end_min(self) -> int:
        """Minutes from midnight of the day it starts; above 1440 when it ends the next day."""
        start_min, end_min = _minutes(self.start), _minutes(self.end)
        return end_min if end_min > start_min else end_min + 1440

    def stretches_min(self) -> tuple[Interval, ...]:
        """Return its working stretches in minutes from midnight of the day it starts."""
        edges = [_minutes(self.start)]
        for begin, until in sorted(self.breaks, key=lambda pair: self._inside_min(pair[0])):
            edges += [self._inside_min(begin), self._inside_min(until)]
        edges.append(self.end_min)
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return tuple((start, end) for start, end in pairs if start < end)

    def _inside_min(self, clock: str) -> int:
        minutes = _minutes(clock)
        return minutes if minutes >= _minutes(self.start) else minutes + 1440


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working time of a work unit or an operator.

    Args:
        calendar_id: its name in the network file.
        zone: IANA zone of all wall times.
        shifts: the week; overlapping shifts count once. Empty means: never works.
        holidays: "YYYY-MM-DD" local dates on which no shift starts.
        closures: UTC intervals [from_s, to_s) when nothing works (maintenance).
        openings: UTC intervals that are worked beside the shifts (an extra one), unless closed.
    """

    calendar_id: str
    zone: str
    shifts: tuple[Shift, ...]
    holidays: tuple[str, ...] = ()
    closures: tuple[Interval, ...] = field(default=())
    openings: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        checked_zone(self.zone)
        for day in self.holidays:
            try:
                date.fromisoformat(day)
            except ValueError:
                raise InputFault("calendar.date_malformed", date=day) from None
        for from_s, to_s in (*self.closures, *self.openings):
            if from_s >= to_s:
                raise InputFault("calendar.closure_backwards", calendar=self.calendar_id)

    def intervals(self, from_s: int, to_s: int) -> tuple[Interval, ...]:
        """Return the working intervals [start_s, end_s) inside [from_s, to_s), sorted, disjoint."""
        zone = ZoneInfo(self.zone)
        first = (EPOCH + timedelta(seconds=from_s)).astimezone(zone).date() - timedelta(days=2)
        last = (EPOCH + timedelta(seconds=to_s)).astimezone(zone).date() + timedelta(days=1)
        holidays = {date.fromisoformat(day) for day in self.holidays}
        weekly = [(set(shift.days), shift.stretches_min()) for shift in self.shifts]
        worked: list[Interval] = [*self.openings]
        day = first
        while day <= last:
            if day not in holidays:
                name = DAYS[day.weekday()]
                for days, stretches in weekly:
                    if name in days:
                        worked += (
                            (_instant_s(day, start, zone), _instant_s(day, end, zone))
                            for start, end in stretches
                        )
            day += timedelta(days=1)
        return _without(_united(worked), self.closures, from_s, to_s)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _instant_s(day: date, minute: int, zone: ZoneInfo) -> int:
    extra_days, minute = divmod(minute, 1440)
    wall = datetime.combine(
        day + timedelta(days=extra_days), time(minute // 60, minute % 60), tzinfo=zone
    )
    return int((wall - EPOCH).total_seconds())


def _united(intervals: list[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _without(
    worked: list[Interval], closures: tuple[Interval, ...], from_s: int, to_s: int
) -> tuple[Interval, ...]:
    closed = _united([*closures])
    open_intervals: list[Interval] = []
    for start, end in worked:
        cursor = max(start, from_s)
        end = min(end, to_s)
        for shut_s, reopen_s in closed:
            if reopen_s <= cursor or shut_s >= end:
                continue
            if shut_s > cursor:
                open_intervals.append((cursor, shut_s))
            cursor = max(cursor, reopen_s)
        if cursor < end:
            open_intervals.append((cursor, end))
    return tuple(open_intervals)
