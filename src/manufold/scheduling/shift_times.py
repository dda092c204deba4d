"""Times of a shift: from when a slot may begin, until when it runs, and who is in its way.

Units   int64 seconds since the engine epoch.
"""

from manufold.scheduling.calendar_rows import (
    NEVER,
    Calendars,
    begin_s,
    done_s,
    unbroken_s,
    worked_s,
)
from manufold.scheduling.kernel import compiled
from manufold.scheduling.overlap import lots_ready_s
from manufold.scheduling.shift_rows import (
    AGREED,
    BOUND,
    CALENDAR,
    CLOCK,
    CREW,
    DOOR,
    END,
    KIND,
    LOT,
    NAMED,
    NEW_CHANGE,
    NEW_SETUP,
    PAUSABLE,
    PLACE,
    QUANTITY,
    RUN,
    SEAT,
    SETUP,
    START,
    TOOL,
    USUAL,
    WHOLE,
    FoundRows,
    ShiftRows,
)
from manufold.scheduling.turns import taken_until_s

__all__ = [
    "NOBODY",
    "WHOM_IT_NAMES",
    "Times",
    "busy_with_s",
    "calendar_of",
    "ready_from_s",
    "shifted",
    "when_free",
    "worked_until_s",
]

#: instead of a number of an operator: whom the slot names; and nobody at all
WHOM_IT_NAMES, NOBODY = -1, -2

#: start, end of set-up, end; the end is NEVER where there is no room
Times = tuple[int, int, int]


@compiled
def ready_from_s(
    rows: ShiftRows, calendars: Calendars, now_s: int, found: FoundRows, slot: int, calendar: int
) -> int:
    """Return from when a slot may begin that is attended by somebody of a calendar, or NEVER."""
    own = rows.slots[slot]
    agreed_s = own[AGREED] - (found.slots[slot, NEW_SETUP] - own[SETUP])
    ready_s = max(agreed_s, now_s, own[BOUND], found.held[own[SEAT]])
    for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
        if rows.claims[row, KIND] == DOOR:
            ready_s = max(ready_s, found.held[rows.claims[row, PLACE]])
    for row in range(rows.before_ptr[slot], rows.before_ptr[slot + 1]):
        before, way_s = rows.before[row, 0], rows.before[row, 1]
        if found.slots[before, END] == NEVER:
            continue
        handed_s = _handed_s(rows, calendars, found, before, way_s, slot, calendar)
        if handed_s == NEVER:
            return NEVER
        ready_s = max(ready_s, handed_s)
    return ready_s


@compiled
def _handed_s(
    rows: ShiftRows,
    calendars: Calendars,
    found: FoundRows,
    before: int,
    way_s: int,
    slot: int,
    calendar: int,
) -> int:
    """Return from when a predecessor lets a slot begin, on its lots or when all is made, or
    NEVER."""
    made, own = rows.slots[before], rows.slots[slot]
    start_s, end_s = found.slots[before, START], found.slots[before, END]
    if made[LOT] == 0 or made[LOT] >= own[QUANTITY]:
        return end_s + way_s
    clock = rows.usual[made[USUAL]]
    setting_up = clock[found.slots[before, CALENDAR]]
    made_on = setting_up if made[WHOLE] else clock[0]
    from_s = worked_until_s(calendars, setting_up, start_s, found.slots[before, NEW_SETUP])
    if from_s == NEVER:
        return NEVER
    from_s = min(end_s - 1, from_s)
    run_s = worked_s(calendars, made_on, end_s) - worked_s(calendars, made_on, from_s)
    now = rows.clock[own[CLOCK]]
    setup_s, change_s = found.slots[slot, NEW_SETUP], found.slots[slot, NEW_CHANGE]
    ready_s = lots_ready_s(
        calendars,
        made_on,
        from_s,
        max(1, run_s),
        made[LOT],
        own[QUANTITY],
        way_s,
        now[calendar] if own[WHOLE] else now[0],
        max(1, own[RUN] + setup_s) - setup_s,
        now[calendar],
        setup_s - change_s,
        own[PAUSABLE] == 1,
    )
    return max(start_s + way_s, ready_s)


@compiled
def worked_until_s(calendars: Calendars, calendar: int, from_s: int, content_s: int) -> int:
    """Return when working seconds from an instant on are done, or NEVER."""
    if content_s == 0:
        return from_s
    begun_s = begin_s(calendars, calendar, from_s)
    return NEVER if begun_s == NEVER else done_s(calendars, calendar, begun_s, content_s)


@compiled
def shifted(
    rows: ShiftRows, calendars: Calendars, found: FoundRows, slot: int, calendar: int, ready_s: int
) -> Times:
    """Return when a slot runs from an instant on, attended by somebody of a calendar."""
    own, clock = rows.slots[slot], rows.clock[rows.slots[slot, CLOCK]]
    setting_up = clock[calendar]
    running = setting_up if own[WHOLE] else clock[0]
    setup_s = found.slots[slot, NEW_SETUP]
    total_s = max(1, own[RUN] + setup_s)
    if own[PAUSABLE]:
        start_s = begin_s(calendars, setting_up if setup_s else running, ready_s)
        if start_s == NEVER:
            return NEVER, NEVER, NEVER
        set_up_s = worked_until_s(calendars, setting_up, start_s, setup_s)
        if set_up_s == NEVER:
            return NEVER, NEVER, NEVER
        return start_s, set_up_s, worked_until_s(calendars, running, set_up_s, total_s - setup_s)
    start_s = ready_s
    while start_s != NEVER:
        start_s = unbroken_s(calendars, running, start_s, total_s)
        if start_s == NEVER or not setup_s:
            break
        attended_s = unbroken_s(calendars, setting_up, start_s, setup_s)
        if attended_s == start_s:
            break
        start_s = attended_s
    if start_s == NEVER:
        return NEVER, NEVER, NEVER
    return start_s, start_s + setup_s, start_s + total_s


@compiled
def busy_with_s(rows: ShiftRows, found: FoundRows, slot: int, who: int, times: Times) -> int:
    """Return until when somebody else takes an operator or a tool that is needed then, or NEVER
    where all are free."""
    busy_s = NEVER
    if who == NOBODY:
        return busy_s
    for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
        kind, place = rows.claims[row, KIND], rows.claims[row, PLACE]
        if kind == DOOR:
            continue
        if kind == CREW and who != WHOM_IT_NAMES:
            place = rows.crew[who, 0]
        until_s = times[2] if kind == TOOL or rows.slots[slot, WHOLE] else times[1]
        if times[0] < until_s:
            taken_s = taken_until_s(found.turns, found.pool, place, times[0], until_s)
            busy_s = max(busy_s, taken_s)
    return busy_s


@compiled
def when_free(
    rows: ShiftRows, calendars: Calendars, found: FoundRows, slot: int, who: int, ready_s: int
) -> Times:
    """Return when a slot runs from an instant on at which its operators and tools are free."""
    calendar = calendar_of(rows, slot, who)
    while True:
        times = shifted(rows, calendars, found, slot, calendar, ready_s)
        if times[2] == NEVER:
            return times
        busy_s = busy_with_s(rows, found, slot, who, times)
        if busy_s == NEVER:
            return times
        ready_s = busy_s


@compiled
def calendar_of(rows: ShiftRows, slot: int, who: int) -> int:
    """Return the column of the calendar of whoever attends."""
    if who == NOBODY:
        return 0
    return rows.slots[slot, NAMED] if who == WHOM_IT_NAMES else rows.crew[who, 1]
