"""The kernel of a shift: every step as early as what it waits for allows, in the order of the
lists.

Of the steps that wait for nothing more the lowest comes next; see `scheduling.shift` for the rules.

Units   int64 seconds since the engine epoch.
Cost    O(slots x (log slots + stand-ins x log turns)).
"""

import numpy as np

from manufold.scheduling.calendar_rows import NEVER, OPENS, Calendars, worked_s
from manufold.scheduling.changeovers import Changeovers, changeover_s
from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.shift_rows import (
    BEGUN,
    CALENDAR,
    CHANGE,
    CLOCK,
    CREW,
    DOOR,
    END,
    FAMILY,
    FAMILY_TO,
    FINISHED,
    GROUP,
    KIND,
    MATRIX,
    NAMED,
    NEW_CHANGE,
    NEW_SETUP,
    OWN_SETUP,
    PLACE,
    PLANNED_END,
    REMAINING,
    RUN,
    SEAT,
    SET_UP,
    SETUP,
    SETUP_PLACE,
    STAND_IN,
    START,
    STARTED,
    TOOL,
    WHOLE,
    FoundRows,
    ShiftRows,
)
from manufold.scheduling.shift_times import (
    WHOM_IT_NAMES,
    Times,
    busy_with_s,
    calendar_of,
    ready_from_s,
    shifted,
    when_free,
    worked_until_s,
)
from manufold.scheduling.turns import take

__all__ = ["CYCLIC", "DONE", "OVERRUN_S", "run_shift"]

#: work that should be over and is not: how much longer to expect, since nobody knows
OVERRUN_S = 900
#: what a shift comes to, beside the number of a slot that fits nowhere
DONE, CYCLIC = -1, -2


@compiled
def run_shift(
    rows: ShiftRows, calendars: Calendars, changes: Changeovers, now_s: int, found: FoundRows
) -> int:
    """Shift everything; return DONE, CYCLIC, or the number of a slot that fits nowhere."""
    rows, calendars, changes, found = unowned((rows, calendars, changes, found))
    steps = len(rows.step_ptr) - 1
    ptr, after, left = _followers(rows, steps)
    heap, size, placed = np.zeros(steps, dtype=np.int64), 0, 0
    for step in range(steps):
        if left[step] == 0:
            size = _push(heap, size, step)
    while size > 0:
        step, size = _pop(heap, size)
        if rows.slots[rows.step_slots[rows.step_ptr[step]], BEGUN]:
            wrong = _begun(rows, calendars, now_s, found, step)
        else:
            wrong = _next(rows, calendars, changes, now_s, found, step)
        if wrong != NEVER:
            return wrong
        _taken(rows, found, step)
        placed += 1
        for row in range(ptr[step], ptr[step + 1]):
            left[after[row]] -= 1
            if left[after[row]] == 0:
                size = _push(heap, size, after[row])
    return DONE if placed == steps else CYCLIC


@compiled
def _followers(rows: ShiftRows, steps: int) -> tuple[Seconds, Seconds, Seconds]:
    """Return per step where its followers stand, these, and how many steps it waits for."""
    ptr, left = np.zeros(steps + 1, dtype=np.int64), np.zeros(steps, dtype=np.int64)
    after = np.zeros(len(rows.list_steps) + len(rows.before), dtype=np.int64)
    for pas in range(2):
        for listed in range(len(rows.list_ptr) - 1):
            for row in range(rows.list_ptr[listed] + 1, rows.list_ptr[listed + 1]):
                first, second = rows.list_steps[row - 1], rows.list_steps[row]
                _follows(pas, first, second, ptr, after, left)
        for slot in range(len(rows.slots)):
            for row in range(rows.before_ptr[slot], rows.before_ptr[slot + 1]):
                first = rows.step_of[rows.before[row, 0]]
                _follows(pas, first, rows.step_of[slot], ptr, after, left)
        if pas == 0:  # each pointer at the end of its own, to be counted down
            for step in range(steps):
                ptr[step + 1] += ptr[step]
    return ptr, after, left


@compiled
def _follows(
    pas: int, first: int, second: int, ptr: Seconds, after: Seconds, left: Seconds
) -> None:
    if first == second:
        return
    if pas == 0:
        ptr[first] += 1
        left[second] += 1
    else:
        ptr[first] -= 1
        after[ptr[first]] = second


@compiled
def _push(heap: Seconds, size: int, step: int) -> int:
    at = size
    while at > 0 and heap[(at - 1) // 2] > step:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = step
    return size + 1


@compiled
def _pop(heap: Seconds, size: int) -> tuple[int, int]:
    """Return the lowest step, and how many are left."""
    lowest, last, size, at = heap[0], heap[size - 1], size - 1, 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= last:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = last
    return lowest, size


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
    most_s = ready_s = 0
    for at in range(low, high):
        slot = rows.step_slots[at]
        _set_up(rows, changes, found, slot)
        most_s = max(most_s, found.slots[slot, NEW_CHANGE])
    for at in range(low, high):
        slot = rows.step_slots[at]
        found.slots[slot, NEW_SETUP] += most_s - found.slots[slot, NEW_CHANGE]
        found.slots[slot, NEW_CHANGE] = most_s
        found.slots[slot, CALENDAR] = rows.slots[slot, NAMED]
        own_s = ready_from_s(rows, calendars, now_s, found, slot, rows.slots[slot, NAMED])
        if own_s == NEVER:
            return slot
        ready_s = max(ready_s, own_s)
    if high - low > 1:
        return _together(rows, calendars, found, step, ready_s)
    slot = rows.step_slots[low]
    times = when_free(rows, calendars, found, slot, WHOM_IT_NAMES, ready_s)
    if times[2] == NEVER:
        return slot
    return _attended(rows, calendars, now_s, found, slot, times)


@compiled
def _set_up(rows: ShiftRows, changes: Changeovers, found: FoundRows, slot: int) -> None:
    """Note the set-up that what ran before asks for, at least what is booked."""
    own = rows.slots[slot]
    found.slots[slot, NEW_SETUP], found.slots[slot, NEW_CHANGE] = own[SETUP], own[CHANGE]
    before = found.family[own[SETUP_PLACE]]
    if own[MATRIX] < 0 or before == NEVER:
        return
    change_s = changeover_s(changes, own[MATRIX], before, own[FAMILY_TO])
    if own[SETUP] < own[OWN_SETUP] + change_s:
        found.slots[slot, NEW_SETUP] = own[OWN_SETUP] + change_s
        found.slots[slot, NEW_CHANGE] = change_s


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
    _note(found, slot, best)
    found.slots[slot, STAND_IN] = best_who
    found.slots[slot, CALENDAR] = calendar_of(rows, slot, best_who)
    return NEVER


@compiled
def _note(found: FoundRows, slot: int, times: Times) -> None:
    found.slots[slot, START], found.slots[slot, SET_UP] = times[0], times[1]
    found.slots[slot, END] = times[2]


@compiled
def _together(
    rows: ShiftRows, calendars: Calendars, found: FoundRows, step: int, ready_s: int
) -> int:
    """Note when the members of a batch run, their operators and tools free; return NEVER, or who
    fits nowhere."""
    while True:
        wrong = _agreeing(rows, calendars, found, step, ready_s)
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
def _agreeing(
    rows: ShiftRows, calendars: Calendars, found: FoundRows, step: int, ready_s: int
) -> int:
    """Note when members run from an instant on, all of them at once; return NEVER, or who fits
    nowhere.

    Where their hours differ, a later start is looked for at which they agree; where there is none,
    the first will do.
    """
    latest_s = ready_s
    while True:
        wrong, least_s, most_s, alike = _all_shifted(rows, calendars, found, step, latest_s)
        if wrong != NEVER and latest_s == ready_s:
            return wrong
        if wrong == NEVER and alike:
            return NEVER
        latest_s = most_s if wrong == NEVER else NEVER
        if wrong == NEVER and least_s == most_s:
            latest_s = _opens_s(rows, calendars, step, most_s)
        if latest_s == NEVER:
            return _all_shifted(rows, calendars, found, step, ready_s)[0]


@compiled
def _all_shifted(
    rows: ShiftRows, calendars: Calendars, found: FoundRows, step: int, ready_s: int
) -> tuple[int, int, int, bool]:
    """Note when members run from an instant on; return NEVER or who fits nowhere, the first and
    the last start, and whether all begin and end at once."""
    low, high = rows.step_ptr[step], rows.step_ptr[step + 1]
    least_s = most_s = end_s = NEVER
    alike = True
    for at in range(low, high):
        slot = rows.step_slots[at]
        times = shifted(rows, calendars, found, slot, rows.slots[slot, NAMED], ready_s)
        if times[2] == NEVER:
            return slot, NEVER, NEVER, False
        _note(found, slot, times)
        if at == low:
            least_s, most_s, end_s = times[0], times[0], times[2]
        alike = alike and least_s == most_s == times[0] and end_s == times[2]
        least_s, most_s = min(least_s, times[0]), max(most_s, times[0])
    return NEVER, least_s, most_s, alike


@compiled
def _opens_s(rows: ShiftRows, calendars: Calendars, step: int, instant_s: int) -> int:
    """Return when the first of the calendars of a step opens after an instant, or NEVER."""
    first_s = NEVER
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        own = rows.slots[rows.step_slots[at]]
        clock = rows.clock[own[CLOCK]]
        for calendar in (clock[own[NAMED]], clock[own[NAMED]] if own[WHOLE] else clock[0]):
            for row in range(calendars.ptr[calendar], calendars.ptr[calendar + 1]):
                if calendars.rows[OPENS, row] > instant_s:
                    opens_s = calendars.rows[OPENS, row]
                    first_s = opens_s if first_s == NEVER else min(first_s, opens_s)
                    break
    return first_s


@compiled
def _begun(rows: ShiftRows, calendars: Calendars, now_s: int, found: FoundRows, step: int) -> int:
    """Note a step that has begun as it happened, to the end it is expected to have; return NEVER,
    or who never ends."""
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        slot = rows.step_slots[at]
        own, clock = rows.slots[slot], rows.clock[rows.slots[slot, CLOCK]]
        start_s, setup_s = own[STARTED], own[SETUP]
        found.slots[slot, NEW_SETUP], found.slots[slot, NEW_CHANGE] = setup_s, own[CHANGE]
        found.slots[slot, CALENDAR] = own[NAMED]
        found.slots[slot, STAND_IN] = WHOM_IT_NAMES
        if own[FINISHED] != NEVER:
            end_s = max(own[FINISHED], start_s + 1)
            _note(found, slot, (start_s, end_s, end_s))
            continue
        setting_up = clock[own[NAMED]]
        left_s = own[REMAINING]
        if left_s == NEVER:
            worked = worked_s(calendars, clock[0], now_s) - worked_s(calendars, clock[0], start_s)
            left_s = max(1, own[RUN] + setup_s) - worked
        if left_s <= 0:
            left_s = OVERRUN_S
        running = setting_up if own[WHOLE] else clock[0]
        end_s = worked_until_s(calendars, running, max(now_s, start_s), left_s)
        set_up_s = worked_until_s(calendars, setting_up, start_s, setup_s)
        if end_s == NEVER or set_up_s == NEVER:
            return slot
        _note(found, slot, (start_s, min(end_s, set_up_s), end_s))
    return NEVER


@compiled
def _taken(rows: ShiftRows, found: FoundRows, step: int) -> None:
    """Let the members of a step begin and end at once, and note what they hold until when."""
    low, high = rows.step_ptr[step], rows.step_ptr[step + 1]
    first = rows.step_slots[low]
    start_s, end_s = found.slots[first, START], found.slots[first, END]
    for at in range(low, high):
        start_s = min(start_s, found.slots[rows.step_slots[at], START])
        end_s = max(end_s, found.slots[rows.step_slots[at], END])
    for at in range(low, high):
        slot = rows.step_slots[at]
        own, put = rows.slots[slot], found.slots[slot]
        if put[SET_UP] == put[END]:
            put[SET_UP] = end_s
        put[START], put[END] = start_s, end_s
        found.held[own[SEAT]] = max(found.held[own[SEAT]], end_s)
        found.family[own[SETUP_PLACE]] = own[FAMILY]
        for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
            kind, place = rows.claims[row, KIND], rows.claims[row, PLACE]
            if kind == DOOR:
                found.held[place] = max(found.held[place], end_s)
                continue
            if kind == CREW and put[STAND_IN] >= 0:
                place = rows.crew[put[STAND_IN], 0]
            until_s = end_s if kind == TOOL or own[WHOLE] else put[SET_UP]
            if start_s < until_s:
                take(found.turns, found.pool, found.used, place, start_s, until_s)
