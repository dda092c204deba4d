"""Stretches of time [from_s, to_s): united, cut out of one another, and measured by bisection."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

__all__ = ["Measured", "Stretch", "united", "without"]

Stretch = tuple[int, int]


def united(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the same seconds as sorted, disjoint stretches that do not touch."""
    joined: list[Stretch] = []
    for from_s, to_s in sorted(stretches):
        if from_s >= to_s:
            continue
        if joined and from_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], to_s))
        else:
            joined.append((from_s, to_s))
    return tuple(joined)


def without(stretches: Iterable[Stretch], cuts: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the seconds of `stretches` that lie in none of `cuts`."""
    shut = united(cuts)
    left: list[Stretch] = []
    row = 0
    for from_s, to_s in united(stretches):
        while row < len(shut) and shut[row][1] <= from_s:
            row += 1
        cursor_s, look = from_s, row
        while look < len(shut) and shut[look][0] < to_s:
            if shut[look][0] > cursor_s:
                left.append((cursor_s, shut[look][0]))
            cursor_s = max(cursor_s, shut[look][1])
            look += 1
        if cursor_s < to_s:
            left.append((cursor_s, to_s))
    return tuple(left)


class Measured:
    """Sorted, disjoint stretches with the seconds before each, so that a sum is a bisection."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before_s: list[int] = []
        total_s = 0
        for from_s, to_s in stretches:
            self._starts.append(from_s)
            self._ends.append(to_s)
            self._before_s.append(total_s)
            total_s += to_s - from_s

    def between(self, from_s: int, to_s: int) -> int:
        """Return how many of the seconds lie in [from_s, to_s)."""
        return self._until(to_s) - self._until(from_s) if from_s < to_s else 0

    def _until(self, at_s: int) -> int:
        row = bisect_right(self._starts, at_s) - 1
        if row < 0:
            return 0
        return self._before_s[row] + min(at_s, self._ends[row]) - self._starts[row]
