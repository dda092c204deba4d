"""Drop back: what is late goes into free time behind others, and these stay where they are.

The second kernel over the rows of a shift. Steps are taken up in the order in which they are
ready. One that comes as planned takes what was planned for it. One that is late takes the first
time that is free on its seat, of its people and tools: if it *yields*, time that was not planned
for anybody who may still come as planned, and where whoever is next keeps the set-up it has; if it
*insists*, time that nobody stands in yet, and who is pushed aside is late then. Nobody waits for
who is first on a list. The time planned for what is known to be late is free for others.

Whoever stands behind a place that was left, and is set up too short for what now precedes it, is
set up longer, out of free time before it where there is some.

Units   int64 seconds since the engine epoch.
Cost    O(steps x log steps), and a look at each gap that is too short for a late step.
Source  reserving the time of whatever is not affected: M. S. Akturk, E. Gorgulu, European Journal
        of Operational Research 112 (1999) 81-97, doi:10.1016/S0377-2217(97)00396-2 (match-up);
        R. J. Abumaizar, J. A. Svestka, International Journal of Production Research 35 (1997)
        2065-2082, doi:10.1080/002075497195074 (affected operations).
"""

import numpy as np

from manufold.model.units import HOUR_S
from manufold.scheduling.back_line import (
    family_before,
    stand,
)
from manufold.scheduling.back_rows import (
    PINNED,
    BackRows,
)
from manufold.scheduling.back_search import (
    search,
)
from manufold.scheduling.calendar_rows import (
    NEVER,
    Calendars,
)
from manufold.scheduling.changeovers import (
    Changeovers,
)
from manufold.scheduling.kernel import (
    Seconds,
    compiled,
    unowned,
)
from manufold.scheduling.rows import (
    ANY_S,
)
from manufold.scheduling.shift_order import (
    followers,
    popped,
    pushed,
)
from manufold.scheduling.shift_rows import (
    BEGUN,
    BOUND,
    CALENDAR,
    END,
    GROUP,
    LOT,
    NAMED,
    NEW_SETUP,
    PLANNED_END,
    PLANNED_START,
    RUN,
    SETUP,
    START,
    FoundRows,
    ShiftRows,
)
from manufold.scheduling.shift_step import (
    begun,
)
from manufold.scheduling.shift_times import (
    WHOM_IT_NAMES,
    calendar_of,
    ready_from_s,
)

__all__ = ["STEPS_MAX", "drop_back"]

#: a step's number stands in the low bits of its key
_BITS = 22
#: how much sooner than planned is tried first, and at most
SOONER_S, SOONER_MOST_S = 900, 16 * HOUR_S
#: most steps that can be told apart
STEPS_MAX = 1 << _BITS


@compiled
def drop_back(
    rows: ShiftRows,
    back: BackRows,
    calendars: Calendars,
    changes: Changeovers,
    now_s: int,
    found: FoundRows,
) -> int:
    """Put everything where it yields or insists to stand; return NEVER, or who fits nowhere.

    Args:
        rows: without lists: no step waits for another but in its routing.
    """
    rows, back, calendars, changes, found = unowned((rows, back, calendars, changes, found))
    steps = len(back.line)
    ptr, after, left = followers(rows, steps)
    heap, size = np.zeros(steps, dtype=np.int64), 0
    for step in range(steps):
        if rows.slots[rows.step_slots[rows.step_ptr[step]], BEGUN]:
            wrong = begun(rows, calendars, now_s, found, step)
            if wrong != NEVER:
                return wrong
            stand(rows, back, found, step)
            for row in range(ptr[step], ptr[step + 1]):
                left[after[row]] -= 1
    for step in range(steps):
        if rows.slots[rows.step_slots[rows.step_ptr[step]], BEGUN]:
            _give_up(rows, back, found, ptr, after, step)
        elif left[step] == 0:
            wrong, key = _key(rows, back, calendars, now_s, found, step)
            if wrong != NEVER:
                return wrong
            size = pushed(heap, size, key)
    while size > 0:
        key, size = popped(heap, size)
        step, ready_s = key & (STEPS_MAX - 1), key >> _BITS
        wrong = _put(rows, back, calendars, changes, now_s, found, step, ready_s)
        if wrong != NEVER:
            return wrong
        stand(rows, back, found, step)
        _give_up(rows, back, found, ptr, after, step)
        for row in range(ptr[step], ptr[step + 1]):
            left[after[row]] -= 1
            if left[after[row]] == 0:
                wrong, key = _key(rows, back, calendars, now_s, found, after[row])
                if wrong != NEVER:
                    return wrong
                size = pushed(heap, size, key)
    return NEVER


@compiled
def _key(
    rows: ShiftRows,
    back: BackRows,
    calendars: Calendars,
    now_s: int,
    found: FoundRows,
    step: int,
) -> tuple[int, int]:
    """Return NEVER or who fits nowhere, and by what a step is sorted: from when it may begin."""
    ready_s = 0
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        slot = rows.step_slots[at]
        named = rows.slots[slot, NAMED]
        found.slots[slot, NEW_SETUP] = rows.slots[slot, SETUP]
        found.slots[slot, CALENDAR] = named
        own_s = ready_from_s(rows, calendars, now_s, found, slot, named)
        if own_s == NEVER:
            return slot, NEVER
        ready_s = max(ready_s, own_s)
        if ready_s > rows.slots[slot, PLANNED_START]:
            back.active[step] = 0
    return NEVER, (ready_s << _BITS) | step


@compiled
def _give_up(
    rows: ShiftRows, back: BackRows, found: FoundRows, ptr: Seconds, after: Seconds, step: int
) -> None:
    """Note which later steps of a routing cannot come as planned any more: their time is free."""
    stack, soonest_s, size = np.zeros(64, dtype=np.int64), np.zeros(64, dtype=np.int64), 1
    stack[0] = step
    slot = rows.step_slots[rows.step_ptr[step]]
    soonest_s[0] = found.slots[slot, END]
    while size > 0:
        size -= 1
        one, end_s = stack[size], soonest_s[size]
        lots = rows.slots[rows.step_slots[rows.step_ptr[one]], LOT] > 0
        for row in range(ptr[one], ptr[one + 1]):
            later = after[row]
            own = rows.slots[rows.step_slots[rows.step_ptr[later]]]
            if lots or not back.active[later] or end_s <= own[PLANNED_START]:
                continue
            back.active[later] = 0
            if size < len(stack):
                stack[size], soonest_s[size] = later, end_s + max(1, own[RUN] + own[SETUP])
                size += 1


@compiled
def _put(
    rows: ShiftRows,
    back: BackRows,
    calendars: Calendars,
    changes: Changeovers,
    now_s: int,
    found: FoundRows,
    step: int,
    ready_s: int,
) -> int:
    """Put a step where all it needs is free from an instant on; attended by whom it names or,
    where it would end later than planned, whoever ends it sooner. Return NEVER, or who fits
    nowhere.

    Who could come as planned, but for a longer set-up or for want of an operator, comes sooner
    where that can be.
    """
    free, back.active[step] = back.active[step] != PINNED, 0
    low = rows.step_ptr[step]
    slot = rows.step_slots[low]
    own, put = rows.slots[slot], found.slots[slot]
    from_s = _from_s(rows, back, calendars, changes, now_s, found, step, WHOM_IT_NAMES, ready_s)
    wrong = slot
    if from_s != NEVER:
        wrong = search(rows, back, calendars, changes, found, step, WHOM_IT_NAMES, from_s, ANY_S)
    if rows.step_ptr[step + 1] - low > 1 or (wrong == NEVER and put[END] <= own[PLANNED_END]):
        return wrong
    best, group = put.copy(), own[GROUP]
    in_time = free and ready_s <= own[PLANNED_START]
    if in_time and _sooner(rows, back, calendars, changes, now_s, found, step, group):
        return NEVER
    low, high = _able(rows, group)
    for at in range(low, high):
        who = rows.group[at]
        limit_s = ANY_S if wrong != NEVER else best[END]
        from_s = _from_s(rows, back, calendars, changes, now_s, found, step, who, ready_s)
        if from_s == NEVER:
            continue
        tried = search(rows, back, calendars, changes, found, step, who, from_s, limit_s)
        if tried == NEVER and (wrong != NEVER or put[END] < best[END]):
            wrong, best = NEVER, put.copy()
            if best[START] <= ready_s:
                break
    found.slots[slot] = best
    return wrong


@compiled
def _sooner(
    rows: ShiftRows,
    back: BackRows,
    calendars: Calendars,
    changes: Changeovers,
    now_s: int,
    found: FoundRows,
    step: int,
    group: int,
) -> bool:
    """Put a step where it begins sooner than planned and ends no later; return whether it can be.

    Looked for is a start a little sooner first, and whom it names before others.
    """
    slot = rows.step_slots[rows.step_ptr[step]]
    own, soonest_s, more_s = rows.slots[slot], max(now_s, rows.slots[slot, BOUND]), SOONER_S
    for row in range(rows.before_ptr[slot], rows.before_ptr[slot + 1]):
        before = rows.before[row, 0]
        if rows.slots[before, LOT] > 0:
            return False
        soonest_s = max(soonest_s, found.slots[before, END] + rows.before[row, 1])
    low, high = _able(rows, group)
    while own[PLANNED_START] > soonest_s and more_s <= SOONER_MOST_S:
        from_s = max(soonest_s, own[PLANNED_START] - more_s)
        for at in range(low - 1, high):
            who = WHOM_IT_NAMES if at < low else rows.group[at]
            family_before(rows, back, changes, found, step, from_s)
            limit_s = own[PLANNED_END]
            tried = search(rows, back, calendars, changes, found, step, who, from_s, limit_s)
            if tried == NEVER and found.slots[slot, END] <= own[PLANNED_END]:
                return True
        if from_s == soonest_s:
            return False
        more_s *= 2
    return False


@compiled
def _from_s(
    rows: ShiftRows,
    back: BackRows,
    calendars: Calendars,
    changes: Changeovers,
    now_s: int,
    found: FoundRows,
    step: int,
    who: int,
    ready_s: int,
) -> int:
    """Note the set-up of a step that is ready at an instant; return from when it may begin, sooner
    by what its set-up takes longer, or NEVER."""
    family_before(rows, back, changes, found, step, ready_s)
    from_s = 0
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        slot = rows.step_slots[at]
        calendar = calendar_of(rows, slot, who)
        own_s = ready_from_s(rows, calendars, now_s, found, slot, calendar)
        if own_s == NEVER:
            return NEVER
        from_s = max(from_s, own_s)
    return from_s


@compiled
def _able(rows: ShiftRows, group: int) -> tuple[int, int]:
    """Return where a group of stand-ins begins and ends, nobody for none."""
    return (rows.group_ptr[group], rows.group_ptr[group + 1]) if group >= 0 else (0, 0)
