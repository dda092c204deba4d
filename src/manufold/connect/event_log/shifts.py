"""Shifts mined from when work was really done.

Method. The week has 336 half hours of wall time. Each gets the time worked in it over all weeks of
the log; the half hours that together hold 95 % of that time, the busiest first, are open, and so
are those worked as much as the last of them. Holes of up to an hour are closed, since a meal is no
end of a shift; what then is shorter than an hour was overtime and is left out. A machine seen for
less than 20 hours or on fewer than 5 days says too little: it gets the shifts of the whole shop,
mined the same way. A day on which the shop otherwise works and nobody did is a closure. These are
shifts as they were worked, with their overtime and without their idle hours; the ones on the wall
may differ.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from manufold.connect.event_log.stretches import Stretch, united
from manufold.model.calendar import DAYS, Shift
from manufold.model.units import EPOCH

__all__ = ["HELD_PERCENT", "closed_days", "enough", "shifts_of", "weekly_s"]

HELD_PERCENT = 95
BIN_S = 1800
BINS = 7 * 48
HOLE_BINS = 2
SHORTEST_BINS = 2
LEAST_WORKED_S = 20 * 3600
LEAST_DAYS = 5

_WEEK_S = BINS * BIN_S
#: a Monday, from whose midnight wall seconds are counted here
_MONDAY = datetime(2019, 12, 30)  # noqa: DTZ001


def _wall_s(instant_s: int, zone: ZoneInfo) -> int:
    wall = (EPOCH + timedelta(seconds=instant_s)).astimezone(zone).replace(tzinfo=None)
    return int((wall - _MONDAY).total_seconds())


def weekly_s(stretches: Iterable[Stretch], zone: str) -> list[int]:
    """Return the seconds worked in each half hour of the week, summed over all weeks."""
    known = ZoneInfo(zone)
    worked = [0] * BINS
    for start_s, end_s in united(stretches):
        start, end = _wall_s(start_s, known), _wall_s(end_s, known)
        weeks, rest = divmod(max(0, end - start), _WEEK_S)
        if weeks:
            worked = [one + weeks * BIN_S for one in worked]
        end = start + rest
        while start < end:
            until = min(end, start - start % BIN_S + BIN_S)
            worked[start // BIN_S % BINS] += until - start
            start = until
    return worked


def enough(stretches: Sequence[Stretch], zone: str) -> bool:
    """Return whether a machine was seen often enough to have shifts of its own."""
    known = ZoneInfo(zone)
    whole = united(stretches)
    days = {_wall_s(start_s, known) // 86400 for start_s, _ in whole}
    return sum(end - start for start, end in whole) >= LEAST_WORKED_S and len(days) >= LEAST_DAYS


def shifts_of(worked_s: Sequence[int]) -> tuple[Shift, ...]:
    """Return the shifts of a week in which that much was worked by half hour; empty if nothing was.

    A shift that runs through midnight is written as two, which is the same time.
    """
    total_s, held_s, least_s = sum(worked_s), 0, 1
    for one_s in sorted(worked_s, reverse=True):
        if 100 * held_s >= HELD_PERCENT * total_s:
            break
        held_s += one_s
        least_s = max(1, one_s)
    is_open = [one_s >= least_s for one_s in worked_s]  # what is worked alike is open alike
    is_open = _without_runs(is_open, False, HOLE_BINS)
    kept = _without_runs(is_open, True, SHORTEST_BINS - 1)
    return _written(kept if any(kept) else is_open)


def closed_days(stretches: Iterable[Stretch], shifts: Sequence[Shift], zone: str) -> list[str]:
    """Return the dates, inside the log, of weekdays with a shift on which nobody worked."""
    known = ZoneInfo(zone)
    whole = united(stretches)
    if not whole:
        return []
    seen: set[int] = set()
    for start_s, end_s in whole:
        first, last = _wall_s(start_s, known) // 86400, _wall_s(end_s - 1, known) // 86400
        seen.update(range(first, last + 1))
    worked = {day for shift in shifts for day in shift.days}
    return [
        (_MONDAY + timedelta(days=day)).date().isoformat()
        for day in range(min(seen), max(seen) + 1)
        if day not in seen and DAYS[day % 7] in worked
    ]


def _without_runs(flags: list[bool], kind: bool, longest: int) -> list[bool]:
    """Return the flags with runs of one kind that are no longer than that turned, the week being
    a circle."""
    if all(flag == kind for flag in flags) or not any(flag == kind for flag in flags):
        return flags
    begin = next(at for at in range(BINS) if flags[at] != kind)
    turned, run = list(flags), []
    for step in range(BINS + 1):
        at = (begin + step) % BINS
        if flags[at] == kind and step < BINS:
            run.append(at)
            continue
        if len(run) <= longest:
            for one in run:
                turned[one] = not kind
        run = []
    return turned


def _written(is_open: Sequence[bool]) -> tuple[Shift, ...]:
    days: dict[tuple[int, int], list[str]] = {}
    for number, day in enumerate(DAYS):
        bins = is_open[48 * number : 48 * number + 48]
        start = None
        for at, flag in enumerate([*bins, False]):
            if flag and start is None:
                start = at
            elif not flag and start is not None:
                days.setdefault((start, at), []).append(day)
                start = None
    return tuple(
        Shift(tuple(names), _clock(start), _clock(end))
        for (start, end), names in sorted(days.items())
    )


def _clock(half_hours: int) -> str:
    return f"{half_hours // 2:02}:{30 * (half_hours % 2):02}"
