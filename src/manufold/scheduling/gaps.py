"""Walking on one calendar: the next working second, the end of work begun, an unbroken stretch.

Units   int64 seconds since the engine epoch; `work` arrays as in `worktime.Worktime`.
Cost    O(log intervals).
"""

from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.kernel import Seconds, compiled

__all__ = ["finish_s", "unbroken_start_s", "working_start_s"]


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
