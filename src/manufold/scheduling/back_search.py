"""The first time that a step which drops back may take: its seat, its people and its tools."""

from manufold.scheduling.back_line import (
    family_before,
    planned_until_s,
    stood_until_s,
)
from manufold.scheduling.back_rows import (
    PINNED,
    BackRows,
)
from manufold.scheduling.calendar_rows import (
    NEVER,
    Calendars,
    first_above,
)
from manufold.scheduling.changeovers import (
    Changeovers,
)
from manufold.scheduling.kernel import (
    compiled,
)
from manufold.scheduling.rows import (
    ANY_S,
)
from manufold.scheduling.shift_rows import (
    CALENDAR,
    CREW,
    DOOR,
    END,
    KIND,
    NEW_SETUP,
    PLACE,
    PLANNED_END,
    PLANNED_START,
    RUN,
    SET_UP,
    STAND_IN,
    START,
    TOOL,
    WHOLE,
    FoundRows,
    ShiftRows,
)
from manufold.scheduling.shift_step import (
    agreeing,
    closed,
    noted,
)
from manufold.scheduling.shift_times import (
    WHOM_IT_NAMES,
    calendar_of,
    shifted,
)
from manufold.scheduling.turns import (
    taken_until_s,
)

__all__ = ["search"]


@compiled
def search(
    rows: ShiftRows,
    back: BackRows,
    calendars: Calendars,
    changes: Changeovers,
    found: FoundRows,
    step: int,
    who: int,
    from_s: int,
    limit_s: int,
) -> int:
    """Note the first time that a step may take from an instant on; return NEVER, or who finds none
    that begins before a limit."""
    first = rows.step_slots[rows.step_ptr[step]]
    at_s, family = from_s, family_before(rows, back, changes, found, step, from_s)
    while at_s < limit_s:
        wrong = _at(rows, calendars, found, step, who, at_s)
        if wrong != NEVER:
            return wrong
        start_s = found.slots[first, START]
        before = family_before(rows, back, changes, found, step, start_s)
        if before != family:
            family, at_s = before, start_s
            continue
        until_s = max(
            stood_until_s(rows, back, changes, found, step), _taken_until_s(rows, found, step, who)
        )
        if _yields(rows, found, step):
            until_s = max(until_s, planned_until_s(rows, back, changes, found, step))
            until_s = max(until_s, _wished_until_s(rows, back, found, step, who))
        if until_s == NEVER:
            return NEVER
        at_s = _people_free_s(rows, back, found, step, who, until_s)
        family = family_before(rows, back, changes, found, step, at_s)
    return first


@compiled
def _at(
    rows: ShiftRows, calendars: Calendars, found: FoundRows, step: int, who: int, at_s: int
) -> int:
    """Note when a step would run from an instant on; return NEVER, or who fits nowhere."""
    low, high = rows.step_ptr[step], rows.step_ptr[step + 1]
    if high - low > 1:
        wrong = agreeing(rows, calendars, found, step, at_s)
        if wrong == NEVER:
            closed(rows, found, step)
        return wrong
    slot = rows.step_slots[low]
    calendar = calendar_of(rows, slot, who)
    times = shifted(rows, calendars, found, slot, calendar, at_s)
    noted(found, slot, times)
    found.slots[slot, STAND_IN], found.slots[slot, CALENDAR] = who, calendar
    return NEVER if times[2] != NEVER else slot


@compiled
def _yields(rows: ShiftRows, found: FoundRows, step: int) -> bool:
    """Return whether a step heeds what was planned for others: not where it comes as planned."""
    slot = rows.step_slots[rows.step_ptr[step]]
    own, put = rows.slots[slot], found.slots[slot]
    return put[START] != own[PLANNED_START] or put[END] > own[PLANNED_END]


@compiled
def _people_free_s(
    rows: ShiftRows, back: BackRows, found: FoundRows, step: int, who: int, from_s: int
) -> int:
    """Return an instant before which the operator of a step, or one of its tools, has no time that
    is long enough."""
    if rows.step_ptr[step + 1] - rows.step_ptr[step] > 1:
        return from_s
    slot, at_s = rows.step_slots[rows.step_ptr[step]], from_s
    own, setup_s = rows.slots[slot], found.slots[slot, NEW_SETUP]
    for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
        kind, place = rows.claims[row, KIND], rows.claims[row, PLACE]
        if kind == DOOR:
            continue
        if kind == CREW and who != WHOM_IT_NAMES:
            place = rows.crew[who, 0]
        needed_s = setup_s
        if kind == TOOL or own[WHOLE]:
            needed_s = max(1, own[RUN] + setup_s)
        if needed_s > 0:
            at_s = max(at_s, _free_s(back, found, step, place, from_s, needed_s))
    return at_s


@compiled
def _free_s(
    back: BackRows, found: FoundRows, step: int, place: int, from_s: int, needed_s: int
) -> int:
    """Return from when a person or tool is free for so long, whatever calendars say."""
    push_s, high = back.push_s[step], back.wish_ptr[place + 1]
    wish, at_s, row = back.wish, from_s, back.wish_ptr[place]
    while True:
        taken_s = taken_until_s(found.turns, found.pool, place, at_s, at_s + needed_s)
        if taken_s != NEVER:
            at_s = taken_s
            continue
        row, moved = first_above(wish[1], row, high, at_s), False
        while row < high and wish[0, row] < at_s + needed_s:
            far = wish[0, row] <= at_s or at_s + needed_s - wish[0, row] > push_s
            if wish[2, row] != step and _heeded(back, wish[2, row], far and push_s != ANY_S):
                at_s, moved = wish[1, row], True
            row += 1
        if not moved:
            return at_s


@compiled
def _claim_s(rows: ShiftRows, found: FoundRows, slot: int, row: int, who: int) -> tuple[int, int]:
    """Return the place of a claim, whoever attends, and until when it is needed; a place of
    NEVER where it is not."""
    kind, place = rows.claims[row, KIND], rows.claims[row, PLACE]
    if kind == DOOR:
        return NEVER, NEVER
    if kind == CREW and who != WHOM_IT_NAMES:
        place = rows.crew[who, 0]
    put = found.slots[slot]
    until_s = put[END] if kind == TOOL or rows.slots[slot, WHOLE] else put[SET_UP]
    return (place, until_s) if put[START] < until_s else (NEVER, NEVER)


@compiled
def _taken_until_s(rows: ShiftRows, found: FoundRows, step: int, who: int) -> int:
    """Return until when somebody else has the people or tools of a step, or NEVER."""
    busy_s = NEVER
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        slot = rows.step_slots[at]
        for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
            place, until_s = _claim_s(rows, found, slot, row, who)
            if place != NEVER:
                start_s = found.slots[slot, START]
                taken_s = taken_until_s(found.turns, found.pool, place, start_s, until_s)
                busy_s = max(busy_s, taken_s)
    return busy_s


@compiled
def _wished_until_s(rows: ShiftRows, back: BackRows, found: FoundRows, step: int, who: int) -> int:
    """Return until when people or tools were planned for others that would come too late, or
    NEVER."""
    busy_s, push_s = NEVER, back.push_s[step]
    for at in range(rows.step_ptr[step], rows.step_ptr[step + 1]):
        slot = rows.step_slots[at]
        for row in range(rows.claim_ptr[slot], rows.claim_ptr[slot + 1]):
            place, until_s = _claim_s(rows, found, slot, row, who)
            if place == NEVER:
                continue
            high = back.wish_ptr[place + 1]
            wish = first_above(back.wish[1], back.wish_ptr[place], high, found.slots[slot, START])
            while wish < high and back.wish[0, wish] < until_s:
                other = back.wish[2, wish]
                far = back.wish[0, wish] <= found.slots[slot, START]
                far = push_s != ANY_S and (far or until_s - back.wish[0, wish] > push_s)
                if other != step and _heeded(back, other, far):
                    busy_s = max(busy_s, back.wish[1, wish])
                wish += 1
    return busy_s


@compiled
def _heeded(back: BackRows, other: int, far: bool) -> bool:
    """Return whether a step heeds what was planned for another, which it would push far or not."""
    return back.active[other] == PINNED or (far and back.active[other] != 0)
