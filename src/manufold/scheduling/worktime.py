"""Working time of a calendar over a horizon: UTC intervals with the seconds worked before each."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from manufold.model.calendar import WorkCalendar
from manufold.model.network import Network
from manufold.model.units import DAY_S
from manufold.scheduling.kernel import Seconds, seconds

__all__ = ["Worktime", "Worktimes", "compiled_worktime", "joint_worktime"]

#: calendars are compiled in pieces of this length, kept for the life of the process
PIECE_S = 90 * DAY_S


@dataclass(frozen=True, slots=True, eq=False)
class Worktime:
    """Working intervals, sorted and disjoint, none touching the next.

    Args:
        start_s: int64, shape (n,), first working second of each interval.
        end_s: int64, shape (n,), first second after it.
        before_s: int64, shape (n,), working seconds of all earlier intervals.
        longest_s: of one interval; what cannot pause must fit into it.
        total_s: working seconds of the whole horizon.
    """

    start_s: Seconds
    end_s: Seconds
    before_s: Seconds
    longest_s: int
    total_s: int

    def worked_s(self, from_s: int, to_s: int) -> int:
        """Return the working seconds inside [from_s, to_s)."""
        return self._before(to_s) - self._before(from_s)

    def _before(self, instant_s: int) -> int:
        row = int(np.searchsorted(self.start_s, instant_s, side="right")) - 1
        if row < 0:
            return 0
        return (
            int(self.before_s[row]) + min(instant_s, int(self.end_s[row])) - int(self.start_s[row])
        )


def compiled_worktime(calendar: WorkCalendar, from_s: int, to_s: int) -> Worktime:
    """Return the working time of a calendar inside [from_s, to_s)."""
    pieces = [
        _piece(calendar, number)
        for number in range(from_s // PIECE_S, -(-to_s // PIECE_S))
        if from_s < to_s
    ]
    starts = np.concatenate([start for start, _ in pieces]) if pieces else seconds(())
    ends = np.concatenate([end for _, end in pieces]) if pieces else seconds(())
    inside = (ends > from_s) & (starts < to_s)
    starts, ends = np.maximum(starts[inside], from_s), np.minimum(ends[inside], to_s)
    seam = np.zeros(len(starts) + 1, dtype=bool)  # where one interval goes on in the next
    seam[1:-1] = ends[:-1] == starts[1:]
    starts, ends = starts[~seam[:-1]], ends[~seam[1:]]
    spans = ends - starts
    before = seconds(np.concatenate([[0], np.cumsum(spans)[:-1]]) if len(spans) else ())
    return Worktime(starts, ends, before, int(spans.max(initial=0)), int(spans.sum()))


@lru_cache(maxsize=2048)
def _piece(calendar: WorkCalendar, number: int) -> tuple[Seconds, Seconds]:
    """Return starts and ends in one piece of the time axis; compiled once, since turning
    wall times into instants is what takes the time."""
    found = calendar.intervals(number * PIECE_S, (number + 1) * PIECE_S)
    return seconds([start for start, _ in found]), seconds([end for _, end in found])


@lru_cache(maxsize=512)
def joint_worktime(one: WorkCalendar, other: WorkCalendar, from_s: int, to_s: int) -> Worktime:
    """Return when two calendars both work."""
    first, second = compiled_worktime(one, from_s, to_s), compiled_worktime(other, from_s, to_s)
    starts, ends = [], []
    at = beside = 0
    while at < len(first.start_s) and beside < len(second.start_s):
        start = max(int(first.start_s[at]), int(second.start_s[beside]))
        end = min(int(first.end_s[at]), int(second.end_s[beside]))
        if start < end:
            starts.append(start)
            ends.append(end)
        if first.end_s[at] <= second.end_s[beside]:
            at += 1
        else:
            beside += 1
    spans = seconds(ends) - seconds(starts)
    before = seconds(np.concatenate([[0], np.cumsum(spans)[:-1]]) if len(spans) else ())
    longest = int(spans.max(initial=0))
    return Worktime(seconds(starts), seconds(ends), before, longest, int(spans.sum()))


class Worktimes:
    """Working time of a network's work units over [from_s, to_s), compiled when first asked for."""

    def __init__(self, network: Network, from_s: int, to_s: int) -> None:
        self.network, self.from_s, self.to_s = network, from_s, to_s
        self._compiled: dict[tuple[str, str | None], Worktime] = {}

    def of(self, work_unit_id: str, operator_calendar_id: str | None = None) -> Worktime:
        """Return the working time of a work unit, together with an operator's where given."""
        name = self.network.work_unit[work_unit_id].calendar_id, operator_calendar_id
        if name not in self._compiled:
            unit, operator = (self.network.calendar.get(one or "") for one in name)
            assert unit is not None, work_unit_id
            self._compiled[name] = (
                compiled_worktime(unit, self.from_s, self.to_s)
                if operator in (None, unit)
                else joint_worktime(unit, operator, self.from_s, self.to_s)
            )
        return self._compiled[name]
