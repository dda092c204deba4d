"""A step of a shift: its set-up, what it did since it began, and the members of a batch as one."""

from manufold.scheduling.calendar_rows import NEVER, OPENS, Calendars, worked_s
from manufold.scheduling.changeovers import Changeovers, changeover_s
from manufold.scheduling.kernel import compiled
from manufold.scheduling.shift_rows import (
    BEGUN,
    CALENDAR,
    CHANGE,
    CLOCK,
    CREW,
    DOOR,
    END,
    FAMILY_TO,
    FINISHED,
    FIXED,
    KIND,
    MATRIX,
    NAMED,
    NEW_CHANGE,
    NEW_SETUP,
    OWN_SETUP,
    PLACE,
    PLANNED_END,
    PLANNED_START,
    REMAINING,
    RUN,
    SET_UP,
    SETUP,
    STAND_IN,
    START,
    STARTED,
    TOOL,
    UNTIL,
    WHOLE,
    FoundRows,
    ShiftRows,
)
from manufold.scheduling.shift_times import WHOM_IT_NAMES, Times, shifted, worked_until_s
from manufold.scheduling.turns import take

__all__ = ["OVERRUN_S", "agreeing", "begun", "closed", "noted", "set_up_behind", "taken"]

#: work that should be over and is not: how much longer to expect, since nobody knows
OVERRUN_S = 900


@compiled
def set_up_behind(
    rows: ShiftRows, changes: Changeovers, found: FoundRows, step: int, family: int
) -> None:
    """Note the set-up that what ran before asks for, at least what is booked; the members of a
    batch are set up for as long as the longest of them asks for.

    Args:
        family: what ran before, NEVER where nothing did.
    """
    low, high, most_s = rows.step_ptr[step], rows.step_ptr[step + 1], 0
    for at in range(low, high):
        slot = rows.step_slots[at]
        own, put = rows.slots[slot], found.slots[slot]
        put[NEW_SETUP], put[NEW_CHANGE] = own[SETUP], own[CHANGE]
        if own[MATRIX] >= 0 and family != NEVER:
            change_s = changeover_s(changes, own[MATRIX], family, own[FAMILY_TO])
            if own[SETUP] < own[OWN_SETUP] + change_s:
                put[NEW_SETUP], put[NEW_CHANGE] = own[OWN_SETUP] + change_s, change_s
        most_s = max(most_s, put[NEW_CHANGE])
    for at in range(low, high):
        put = found.slots[rows.step_slots[at]]
        put[NEW_SETUP] += most_s - put[NEW_CHANGE]
        put[NEW_CHANGE] = most_s


@compiled
def begun(rows: ShiftRows, calendars: Calendars, now_s: int, found: FoundRows, step: int) -> int:
    """Note a step that has begun as it happened, to the end it is expected to have; return NEVER,
    or who never ends."""
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        slot = rows.step_slots[at]
        own, clock = rows.slots[slot], rows.clock[rows.slots[slot, CLOCK]]
        start_s, setup_s = own[STARTED], own[SETUP]
        found.slots[slot, NEW_SETUP], found.slots[slot, NEW_CHANGE] = setup_s, own[CHANGE]
        found.slots[slot, CALENDAR] = own[NAMED]
        found.slots[slot, STAND_IN] = WHOM_IT_NAMES
        if own[BEGUN] == FIXED:
            until_s = own[PLANNED_END]
            for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
                if rows.claims[row, KIND] == CREW:
                    until_s = rows.claims[row, UNTIL]
            noted(found, slot, (own[PLANNED_START], until_s, own[PLANNED_END]))
            continue
        if own[FINISHED] != NEVER:
            end_s = max(own[FINISHED], start_s + 1)
            noted(found, slot, (start_s, end_s, end_s))
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
        noted(found, slot, (start_s, min(end_s, set_up_s), end_s))
    return NEVER


@compiled
def closed(rows: ShiftRows, found: FoundRows, step: int) -> None:
    """Let the members of a step begin and end at once."""
    low, high = rows.step_ptr[step], rows.step_ptr[step + 1]
    first = rows.step_slots[low]
    start_s, end_s = found.slots[first, START], found.slots[first, END]
    for at in range(low, high):
        start_s = min(start_s, found.slots[rows.step_slots[at], START])
        end_s = max(end_s, found.slots[rows.step_slots[at], END])
    for at in range(low, high):
        put = found.slots[rows.step_slots[at]]
        if put[SET_UP] == put[END]:
            put[SET_UP] = end_s
        put[START], put[END] = start_s, end_s


@compiled
def taken(rows: ShiftRows, found: FoundRows, step: int) -> None:
    """Let the members of a step begin and end at once, and take their people and tools."""
    closed(rows, found, step)
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        slot = rows.step_slots[at]
        put = found.slots[slot]
        for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
            kind, place = rows.claims[row, KIND], rows.claims[row, PLACE]
            if kind == DOOR:
                continue
            if kind == CREW and put[STAND_IN] >= 0:
                place = rows.crew[put[STAND_IN], 0]
            until_s = put[END] if kind == TOOL or rows.slots[slot, WHOLE] else put[SET_UP]
            if put[START] < until_s:
                take(found.turns, found.pool, found.used, place, put[START], until_s)


@compiled
def agreeing(
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
        noted(found, slot, times)
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
def noted(found: FoundRows, slot: int, times: Times) -> None:
    """Note when a slot begins, is set up, and ends."""
    found.slots[slot, START], found.slots[slot, SET_UP] = times[0], times[1]
    found.slots[slot, END] = times[2]
