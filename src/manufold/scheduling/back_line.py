"""The line of a step that drops back: what stands there, and what may still come as planned."""

from manufold.scheduling.back_rows import (
    PINNED,
    BackRows,
)
from manufold.scheduling.calendar_rows import (
    NEVER,
    first_above,
)
from manufold.scheduling.changeovers import (
    Changeovers,
    changeover_s,
)
from manufold.scheduling.kernel import (
    compiled,
)
from manufold.scheduling.rows import (
    ANY_S,
)
from manufold.scheduling.shift_rows import (
    END,
    FAMILY,
    FAMILY_TO,
    MATRIX,
    NEW_SETUP,
    OWN_SETUP,
    SETUP,
    START,
    FoundRows,
    ShiftRows,
)
from manufold.scheduling.shift_step import (
    set_up_behind,
    taken,
)

__all__ = ["family_before", "planned_until_s", "stand", "stood_until_s"]


@compiled
def _family(rows: ShiftRows, step: int) -> int:
    if step == NEVER:
        return NEVER
    return rows.slots[rows.step_slots[rows.step_ptr[step]], FAMILY]


@compiled
def _standing(rows: ShiftRows, back: BackRows, found: FoundRows, line: int, instant_s: int) -> int:
    """Return the first row of what stands on a line that begins after an instant."""
    low = back.ptr[line]
    high = low + back.tally[0, line]
    while low < high:
        middle = (low + high) // 2
        slot = rows.step_slots[rows.step_ptr[back.standing[middle]]]
        if found.slots[slot, START] > instant_s:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def family_before(
    rows: ShiftRows,
    back: BackRows,
    changes: Changeovers,
    found: FoundRows,
    step: int,
    instant_s: int,
) -> int:
    """Note the set-up of a step that begins at an instant, whatever will then have run before it;
    return the family that asks for it, NEVER where nothing runs before.

    What may still come as planned may as well be late, and then what stands before it counts.
    """
    line, slot = back.line[step], rows.step_slots[rows.step_ptr[step]]
    row, family, begun_s = _standing(rows, back, found, line, instant_s), NEVER, NEVER
    if row > back.ptr[line]:
        family = _family(rows, back.standing[row - 1])
        begun_s = found.slots[rows.step_slots[rows.step_ptr[back.standing[row - 1]]], START]
    set_up_behind(rows, changes, found, step, family)
    if rows.slots[slot, MATRIX] < 0:
        return family
    longest_s, low = found.slots[slot, NEW_SETUP], back.ptr[line] + back.tally[1, line]
    row = first_above(back.starts_s, low, back.ptr[line + 1], instant_s) - 1
    while row >= low and back.starts_s[row] > begun_s:
        if back.active[back.planned[row]] and back.planned[row] != step:
            other = _family(rows, back.planned[row])
            set_up_behind(rows, changes, found, step, other)
            if found.slots[slot, NEW_SETUP] > longest_s:
                longest_s, family = found.slots[slot, NEW_SETUP], other
        row -= 1
    set_up_behind(rows, changes, found, step, family)
    return family


@compiled
def _too_short(rows: ShiftRows, changes: Changeovers, step: int, behind: int, setup_s: int) -> bool:
    """Return whether the set-up of what stands behind a step would not do any more."""
    own = rows.slots[rows.step_slots[rows.step_ptr[behind]]]
    if own[MATRIX] < 0:
        return False
    change_s = changeover_s(changes, own[MATRIX], _family(rows, step), own[FAMILY_TO])
    return own[OWN_SETUP] + change_s > setup_s


@compiled
def stood_until_s(
    rows: ShiftRows, back: BackRows, changes: Changeovers, found: FoundRows, step: int
) -> int:
    """Return until when something stands in the way of a step on its line, or NEVER."""
    line, slot = back.line[step], rows.step_slots[rows.step_ptr[step]]
    start_s, end_s = found.slots[slot, START], found.slots[slot, END]
    row = _standing(rows, back, found, line, start_s)
    if row > back.ptr[line]:
        ended_s = found.slots[rows.step_slots[rows.step_ptr[back.standing[row - 1]]], END]
        if ended_s > start_s:
            return ended_s
    if row < back.ptr[line] + back.tally[0, line]:
        behind = back.standing[row]
        other = found.slots[rows.step_slots[rows.step_ptr[behind]]]
        if other[START] < end_s or _too_short(rows, changes, step, behind, other[NEW_SETUP]):
            return other[END]
    return NEVER


@compiled
def planned_until_s(
    rows: ShiftRows, back: BackRows, changes: Changeovers, found: FoundRows, step: int
) -> int:
    """Return until when something was planned that a step would push too far, or NEVER."""
    line, slot, push_s = back.line[step], rows.step_slots[rows.step_ptr[step]], back.push_s[step]
    start_s, end_s = found.slots[slot, START], found.slots[slot, END]
    high = back.ptr[line + 1]
    row = first_above(back.ends_s, back.ptr[line] + back.tally[1, line], high, start_s)
    least = PINNED if push_s == ANY_S else 1
    while row < high and (back.active[back.planned[row]] < least or back.planned[row] == step):
        row += 1
    if row == high:
        return NEVER
    if back.active[back.planned[row]] == PINNED:
        push_s = 0
    other = rows.slots[rows.step_slots[rows.step_ptr[back.planned[row]]]]
    if back.starts_s[row] <= start_s or end_s - back.starts_s[row] > push_s:
        return back.ends_s[row]
    at = _standing(rows, back, found, line, start_s)
    if at < back.ptr[line] + back.tally[0, line]:
        beside = found.slots[rows.step_slots[rows.step_ptr[back.standing[at]]], START]
        if beside < back.starts_s[row]:
            return NEVER
    if other[MATRIX] >= 0:
        change_s = changeover_s(changes, other[MATRIX], _family(rows, step), other[FAMILY_TO])
        more_s = max(0, other[OWN_SETUP] + change_s - other[SETUP])
        if more_s and end_s + more_s - back.starts_s[row] > push_s:
            return back.ends_s[row]
    return NEVER


@compiled
def stand(rows: ShiftRows, back: BackRows, found: FoundRows, step: int) -> None:
    """Let a step stand where it was put."""
    taken(rows, found, step)
    line, slot = back.line[step], rows.step_slots[rows.step_ptr[step]]
    row = _standing(rows, back, found, line, found.slots[slot, START])
    for at in range(back.ptr[line] + back.tally[0, line], row, -1):
        back.standing[at] = back.standing[at - 1]
    back.standing[row] = step
    back.tally[0, line] += 1
    back.active[step] = 0
    while (
        back.ptr[line] + back.tally[1, line] < back.ptr[line + 1]
        and not back.active[back.planned[back.ptr[line] + back.tally[1, line]]]
    ):
        back.tally[1, line] += 1
