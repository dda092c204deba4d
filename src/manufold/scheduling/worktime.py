"""Working time of a calendar over a horizon: UTC intervals with the seconds worked before each."""

from dataclasses import dataclass

import numpy as np

from manufold.model.calendar import WorkCalendar
from manufold.model.network import Network
from manufold.scheduling.kernel import Seconds, seconds

__all__ = ["Worktime", "Worktimes", "compiled_worktime"]


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
    joined: list[list[int]] = []
    for start, end in calendar.intervals(from_s, to_s):
        if joined and joined[-1][1] == start:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    starts = seconds([start for start, _ in joined])
    ends = seconds([end for _, end in joined])
    spans = ends - starts
    before = seconds(np.concatenate([[0], np.cumsum(spans)[:-1]]) if joined else ())
    return Worktime(starts, ends, before, int(spans.max(initial=0)), int(spans.sum()))


class Worktimes:
    """Working time of a network's work units over [from_s, to_s), compiled when first asked for."""

    def __init__(self, network: Network, from_s: int, to_s: int) -> None:
        self.network, self.from_s, self.to_s = network, from_s, to_s
        self._compiled: dict[str, Worktime] = {}

    def of(self, work_unit_id: str) -> Worktime:
        """Return the working time of a work unit."""
        name = self.network.work_unit[work_unit_id].calendar_id
        if name not in self._compiled:
            calendar = self.network.calendar[name]
            self._compiled[name] = compiled_worktime(calendar, self.from_s, self.to_s)
        return self._compiled[name]
