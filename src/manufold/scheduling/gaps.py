"""The earliest gap: where a stretch of work fits on one seat, beside what is booked there.

Work runs in working time only. What may pause starts in working time and goes on after each break
or night, its slot holding the pauses; what may not pause lies inside one working interval. No
booked second is touched, pauses included. Starting later never finishes sooner, so the first gap
that is long enough is the one that finishes first.

Units   int64 seconds since the engine epoch; `work` arrays as in `worktime.Worktime`.
Cost    O(log rows + rows passed x log intervals).
"""

from manufold.scheduling.kernel import Seconds, compiled

__all__ = [
    "NEVER",
    "earliest_gap",
    "finish_s",
    "latest_ready_s",
    "unbroken_start_s",
    "working_start_s",
]

#: no such instant inside the horizon
NEVER = -1


@compiled
def first_row(sorted_s: Seconds, instant_s: int) -> int:
    """Return the first row whose value is above an instant, len when none is."""
    low, high = 0, len(sorted_s)
    while low < high:
        middle = (low + high) // 2
        if sorted_s[middle] > instant_s:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def working_start_s(instant_s: int, work_start: Seconds, work_end: Seconds) -> int:
    """Return the first working second at or after an instant, or NEVER."""
    row = first_row(work_end, instant_s)
    if row == len(work_end):
        return NEVER
    return max(instant_s, int(work_start[row]))


@compiled
def finish_s(
    start_s: int, content_s: int, work_start: Seconds, work_end: Seconds, before: Seconds
) -> int:
    """Return when `content_s` working seconds begun at a working second are done, or NEVER."""
    row = first_row(work_end, start_s)
    if row == len(work_end):
        return NEVER
    target = before[row] + (start_s - work_start[row]) + content_s
    last = first_row(before, target - 1) - 1  # the interval in which the target is reached
    end = int(work_start[last] + target - before[last])
    return end if end <= work_end[last] else NEVER


@compiled
def unbroken_start_s(instant_s: int, content_s: int, work_start: Seconds, work_end: Seconds) -> int:
    """Return the first start at or after an instant with `content_s` unbroken, or NEVER."""
    row = first_row(work_end, instant_s)
    while row < len(work_end):
        start = max(instant_s, int(work_start[row]))
        if start + content_s <= work_end[row]:
            return start
        row += 1
    return NEVER


@compiled
def earliest_gap(
    ready_s: int,
    content_s: int,
    pausable: bool,
    work_start: Seconds,
    work_end: Seconds,
    before: Seconds,
    booked_start: Seconds,
    covered: Seconds,
) -> tuple[int, int]:
    """Return (start_s, end_s) of the earliest gap that holds the work, or (NEVER, NEVER).

    Args:
        ready_s: it starts at or after.
        content_s: working seconds, > 0.
        booked_start: int64, shape (n,), sorted starts of the seat's bookings.
        covered: int64, shape (n,), latest end of a booking and all before it.
    """
    row = first_row(covered, ready_s)
    instant = ready_s
    while True:
        while row < len(booked_start) and booked_start[row] < instant + content_s:
            instant = max(instant, covered[row])  # too short whatever the calendar says
            row += 1
        if pausable:
            start = working_start_s(instant, work_start, work_end)
        else:
            start = unbroken_start_s(instant, content_s, work_start, work_end)
        if start == NEVER:
            return NEVER, NEVER
        end = finish_s(start, content_s, work_start, work_end, before)
        if end == NEVER:
            return NEVER, NEVER
        if row == len(booked_start) or end <= booked_start[row]:
            return start, end
        instant = max(instant, covered[row])
        row += 1


@compiled
def latest_ready_s(
    end_s: int,
    content_s: int,
    pausable: bool,
    work_start: Seconds,
    work_end: Seconds,
    before: Seconds,
) -> int:
    """Return the earliest start that makes work end at or after `end_s`, 0 when any does.

    Work that starts there or later ends at or after `end_s`; work that starts before ends before.
    """
    if not pausable:
        return max(0, end_s - content_s)
    row = first_row(work_start, end_s - 1) - 1  # the last interval begun before end_s
    if row < 0:
        return 0
    reached = before[row] + min(end_s, work_end[row]) - work_start[row]
    if work_end[row] < end_s:
        reached += 1  # ending in the pause is ending before it: go one second beyond
    begun = reached - content_s
    if begun <= 0:
        return 0
    row = first_row(before, begun) - 1
    return int(work_start[row] + begun - before[row])
