"""The kernel of a shift: every step as early as what it waits for allows, in the order of the
lists.

Of the steps that wait for nothing more the lowest comes next; see `scheduling.shift` for the rules.

Units   int64 seconds since the engine epoch.
Cost    O(slots x (log slots + stand-ins x log turns)).
"""

import numpy as np

from manufold.scheduling.calendar_rows import NEVER, Calendars
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.kernel import compiled, unowned
from manufold.scheduling.shift_order import followers, popped, pushed
from manufold.scheduling.shift_rows import (
    BEGUN,
    CALENDAR,
    CREW,
    DOOR,
    END,
    FAMILY,
    GROUP,
    KIND,
    NAMED,
    PLACE,
    PLANNED_END,
    SEAT,
    SET_UP,
    SETUP_PLACE,
    STAND_IN,
    START,
    FoundRows,
    ShiftRows,
)
from manufold.scheduling.shift_step import agreeing, begun, noted, set_up_behind, taken
from manufold.scheduling.shift_times import (
    WHOM_IT_NAMES,
    Times,
    busy_with_s,
    calendar_of,
    ready_from_s,
    shifted,
    when_free,
)

__all__ = ["CYCLIC", "DONE", "run_shift"]

#: what a shift comes to, beside the number of a slot that fits nowhere
DONE, CYCLIC = -1, -2


@compiled
def run_shift(
    rows: ShiftRows, calendars: Calendars, changes: Changeovers, now_s: int, found: FoundRows
) -> int:
    """Shift everything; return DONE, CYCLIC, or the number of a slot that fits nowhere."""
    rows, calendars, changes, found = unowned((rows, calendars, changes, found))
    steps = len(rows.step_ptr) - 1
    ptr, after, left = followers(rows, steps)
    heap, size, placed = np.zeros(steps, dtype=np.int64), 0, 0
    for step in range(steps):
        if left[step] == 0:
            size = pushed(heap, size, step)
    while size > 0:
        step, size = popped(heap, size)
        if rows.slots[rows.step_slots[rows.step_ptr[step]], BEGUN]:
            wrong = begun(rows, calendars, now_s, found, step)
        else:
            wrong = _next(rows, calendars, changes, now_s, found, step)
        if wrong != NEVER:
            return wrong
        taken(rows, found, step)
        _held(rows, found, step)
        placed += 1
        for row in range(ptr[step], ptr[step + 1]):
            left[after[row]] -= 1
            if left[after[row]] == 0:
                size = pushed(heap, size, after[row])
    return DONE if placed == steps else CYCLIC


@compiled
def _next(
    rows: ShiftRows,
    calendars: Calendars,
    changes: Changeovers,
    now_s: int,
    found: FoundRows,
    step: int,
) -> int:
    """Put a step that has not begun where it may begin; return NEVER, or who fits nowhere."""
    low, high = rows.step_ptr[step], rows.step_ptr[step + 1]
    first, ready_s = rows.step_slots[low], 0
    set_up_behind(rows, changes, found, step, found.family[rows.slots[first, SETUP_PLACE]])
    for at in range(low, high):
        slot = rows.step_slots[at]
        found.slots[slot, CALENDAR] = rows.slots[slot, NAMED]
        own_s = ready_from_s(rows, calendars, now_s, found, slot, rows.slots[slot, NAMED])
        if own_s == NEVER:
            return slot
        ready_s = max(ready_s, own_s)
    if high - low > 1:
        return _together(rows, calendars, found, step, ready_s)
    times = when_free(rows, calendars, found, first, WHOM_IT_NAMES, ready_s)
    if times[2] == NEVER:
        return first
    return _attended(rows, calendars, now_s, found, first, times)


@compiled
def _attended(
    rows: ShiftRows, calendars: Calendars, now_s: int, found: FoundRows, slot: int, times: Times
) -> int:
    """Note when a slot runs, and who attends it: whom it names, or, where it would end later than
    planned, whoever ends it sooner; return NEVER, or the slot where it fits nowhere."""
    group, best, best_who = rows.slots[slot, GROUP], times, WHOM_IT_NAMES
    if group >= 0 and times[2] > rows.slots[slot, PLANNED_END]:
        alone_s = ready_from_s(rows, calendars, now_s, found, slot, 0)
        if alone_s == NEVER:
            return slot
        enough = shifted(rows, calendars, found, slot, 0, alone_s)
        if enough[2] == NEVER:
            return slot
        named = rows.claims[rows.claim_ptr[slot], PLACE]
        for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
            if rows.claims[row, KIND] == CREW:
                named = rows.claims[row, PLACE]
        for at in range(rows.group_ptr[group], rows.group_ptr[group + 1]):
            who = rows.group[at]
            if best[2] <= enough[2]:
                break
            if rows.crew[who, 0] == named:
                continue
            ready_s = ready_from_s(rows, calendars, now_s, found, slot, rows.crew[who, 1])
            if ready_s == NEVER:
                continue
            tried = when_free(rows, calendars, found, slot, who, ready_s)
            if tried[2] != NEVER and tried[2] < best[2]:
                best, best_who = tried, who
    noted(found, slot, best)
    found.slots[slot, STAND_IN] = best_who
    found.slots[slot, CALENDAR] = calendar_of(rows, slot, best_who)
    return NEVER


@compiled
def _together(
    rows: ShiftRows, calendars: Calendars, found: FoundRows, step: int, ready_s: int
) -> int:
    """Note when the members of a batch run, their operators and tools free; return NEVER, or who
    fits nowhere."""
    while True:
        wrong = agreeing(rows, calendars, found, step, ready_s)
        if wrong != NEVER:
            return wrong
        busy_s = NEVER
        for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
            slot = rows.step_slots[at]
            own = found.slots[slot]
            times = (own[START], own[SET_UP], own[END])
            busy_s = max(busy_s, busy_with_s(rows, found, slot, WHOM_IT_NAMES, times))
        if busy_s == NEVER:
            return NEVER
        ready_s = busy_s


@compiled
def _held(rows: ShiftRows, found: FoundRows, step: int) -> None:
    """Note until when the seats and doors of a step are held, and what they are set up for."""
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        slot = rows.step_slots[at]
        own, end_s = rows.slots[slot], found.slots[slot, END]
        found.held[own[SEAT]] = max(found.held[own[SEAT]], end_s)
        found.family[own[SETUP_PLACE]] = own[FAMILY]
        for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
            if rows.claims[row, KIND] == DOOR:
                place = rows.claims[row, PLACE]
                found.held[place] = max(found.held[place], end_s)
