"""Working time of calendars together: what works next, and when so many seconds are over.

Compiled in stretches of `TwinSettings.compiled_s` as far as anyone asks; sums of working seconds
before each interval make every answer a bisection.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from manufold.model.calendar import WorkCalendar
from manufold.twin.settings import TwinSettings

__all__ = ["WorkTime"]


class WorkTime:
    """Calendars compiled from `origin_s` on, and further back when asked for an earlier time.

    Args:
        calendars: it is working time when all of them work: the work unit's own first, then those
            of people, who stay for `stay_s` after their hours.
    """

    def __init__(
        self, calendars: tuple[WorkCalendar, ...], origin_s: int, settings: TwinSettings
    ) -> None:
        self._calendars = calendars
        self._settings = settings
        self._restart(origin_s)

    def next_working(self, at_s: int) -> int | None:
        """Return the first working instant at or after `at_s`, None when there is none."""
        row = self._row(at_s)
        return None if row is None else max(at_s, self._starts[row])

    def advance(self, at_s: int, working_s: int) -> int | None:
        """Return the instant at which `working_s` working seconds after `at_s` are over.

        It may be the end of a shift; with nothing to work it is `at_s` itself.
        """
        if working_s <= 0:
            return at_s
        target_s = self._until(at_s) + working_s
        while self._total_s < target_s:
            if not self._grow(at_s):
                return None
        row = bisect_left(self._before_s, target_s) - 1
        return self._starts[row] + target_s - self._before_s[row]

    def between(self, from_s: int, to_s: int) -> int:
        """Return the working seconds in [from_s, to_s)."""
        first_s = self._until(from_s)
        return max(0, self._until(to_s) - first_s)

    def fitting(self, at_s: int, working_s: int) -> int | None:
        """Return the first instant from which `working_s` seconds pass without a break.

        Where no stretch within `fit_limit_s` is long enough, the longest one's start.
        """
        row = self._row(at_s)
        if row is None:
            return None
        best_s, longest_s = max(at_s, self._starts[row]), 0
        while self._starts[row] < at_s + self._settings.fit_limit_s:
            begin_s = max(at_s, self._starts[row])
            while self._ends[row] == self._known_to_s < begin_s + working_s:
                self._compile()  # a stretch cut by what is compiled may go on
            room_s = self._ends[row] - begin_s
            if room_s >= working_s:
                return begin_s
            if room_s > longest_s:
                best_s, longest_s = begin_s, room_s
            while row + 1 >= len(self._starts):
                if not self._grow(at_s):
                    return best_s
            row += 1
        return best_s

    def _intervals(self, from_s: int, to_s: int) -> Sequence[tuple[int, int]]:
        first, *more = self._calendars
        found: Sequence[tuple[int, int]] = first.intervals(from_s, to_s)
        for calendar in more:
            other = self._stayed(calendar.intervals(from_s - self._settings.stay_s, to_s))
            pairs = ((max(a, c), min(b, d)) for a, b in found for c, d in other)
            found = [(start_s, end_s) for start_s, end_s in pairs if start_s < end_s]
        return found

    def _stayed(self, hours: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return hours as long as people stay; they neither come twice nor leave in between."""
        found: list[tuple[int, int]] = []
        for start_s, end_s in hours:
            if found and start_s <= found[-1][1]:
                start_s = found.pop()[0]
            found.append((start_s, end_s + self._settings.stay_s))
        return found

    def _restart(self, origin_s: int) -> None:
        self._from_s = self._known_to_s = origin_s
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before_s: list[int] = []
        self._total_s = 0

    def _row(self, at_s: int) -> int | None:
        self._until(at_s)
        while not self._ends or self._ends[-1] <= at_s:
            if not self._grow(at_s):
                return None
        return bisect_right(self._ends, at_s)

    def _until(self, at_s: int) -> int:
        if at_s < self._from_s:
            self._restart(at_s - self._settings.compiled_s)
        while self._known_to_s < at_s:
            self._compile()
        row = bisect_right(self._starts, at_s) - 1
        if row < 0:
            return 0
        return self._before_s[row] + min(at_s, self._ends[row]) - self._starts[row]

    def _grow(self, at_s: int) -> bool:
        last_s = max(at_s, self._ends[-1] if self._ends else at_s)
        if self._known_to_s - last_s > self._settings.idle_limit_s:
            return False
        self._compile()
        return True

    def _compile(self) -> None:
        to_s = self._known_to_s + max(1, self._settings.compiled_s)
        for start_s, end_s in self._intervals(self._known_to_s, to_s):
            if self._ends and self._ends[-1] == start_s:
                self._ends[-1] = end_s
            else:
                self._starts.append(start_s)
                self._ends.append(end_s)
                self._before_s.append(self._total_s)
            self._total_s += end_s - start_s
        self._known_to_s = to_s
