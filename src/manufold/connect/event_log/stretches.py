"""Stretches of time: united, measured, and how many run at once. Pairs of seconds, [from, to)."""

from collections.abc import Iterable

__all__ = ["busy_s", "seats_of", "united"]

Stretch = tuple[int, int]

#: share of a machine's busy time that may lie above its seats: reports overlap at shift ends
OVERLAP_PERCENT = 10


def united(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the same time as sorted stretches that do not touch."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def busy_s(stretches: Iterable[Stretch]) -> int:
    """Return the seconds in which at least one of the stretches runs."""
    return sum(end - start for start, end in united(stretches))


def seats_of(stretches: Iterable[Stretch]) -> tuple[int, int]:
    """Return (seats, percent): the fewest seats above which at most 10 % of the busy time lies, and
    the percent of the busy time in which more stretches than that run at once.

    Args:
        stretches: each the work of one order; what one order does at once is united before.
    """
    edges = sorted(
        edge for start, end in stretches if start < end for edge in ((start, 1), (end, -1))
    )
    at_once: dict[int, int] = {}
    level = before = 0
    for instant, step in edges:  # an end sorts before a start of the same second
        at_once[level] = at_once.get(level, 0) + instant - before
        level, before = level + step, instant
    at_once.pop(0, None)
    total_s = sum(at_once.values())
    if total_s == 0:
        return 1, 0
    seats = 1
    while True:
        above_s = sum(span_s for depth, span_s in at_once.items() if depth > seats)
        if 100 * above_s <= OVERLAP_PERCENT * total_s:
            return seats, round(100 * above_s / total_s)
        seats += 1
