"""Worth: what a job adds to the objective, as the kernels of improvement count it.

What lies between two neighbours of a seat belongs to both, and to neither: it is summed up apart,
as the difference that a job's rows make while they are booked. `scheduling.objective` says the
same in plain words, and a test holds the two together.
"""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, first_above
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.crowd import (
    CARBON,
    CHANGE_COST,
    ENERGY,
    FLOW,
    SET_UP,
    TARDY,
    WORTHS,
    Crowd,
)
from manufold.scheduling.fit import ALT, CHANGE, END, SEAT, SETUP, START
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.place import FIXED_END, Found
from manufold.scheduling.rows import COUNT, FAMILY_OF, GROUP, PTR, STARTS, Rows
from manufold.scheduling.tariffs import (
    ALT_EACH,
    ALT_ONCE,
    ALT_PER,
    ALT_PIECE_MJ,
    ALT_PLACES,
    ALT_POWER_W,
    ALT_TARIFF,
    ALT_WAITS,
    EMITTED,
    FROM,
    GRID,
    MOST_MWH,
    PRICE,
    PRICED,
    SPENT,
    Tariffs,
)

__all__ = [
    "charge_changes",
    "changes_of",
    "drawn_mwh",
    "end_s",
    "gain",
    "step_at",
    "value",
    "values",
]

#: a kilowatt-hour in milliwatt-hours
_KWH = 1_000_000
_MJ_PER_MWH = 3600


@compiled
def values(crowd: Crowd, tariffs: Tariffs, found: Found) -> NDArray[np.int64]:
    """Return what each job adds to the objective, int64, shape (jobs, WORTHS)."""
    worth = np.zeros((len(crowd.row), WORTHS), dtype=np.int64)
    for job in range(len(crowd.row)):
        value(crowd, tariffs, found, job, worth[job])
    return worth


@compiled
def value(crowd: Crowd, tariffs: Tariffs, found: Found, job: int, worth: Seconds) -> None:
    """Write what a job adds to the objective; what is fixed adds no set-up and no energy."""
    end = end_s(crowd, found, job)
    worth[:] = 0
    worth[FLOW] = end - crowd.since_s[job]
    if crowd.due_s[job] != NEVER:
        worth[TARDY] = crowd.weight[job] * max(0, end - crowd.due_s[job])
    for op in range(crowd.first[job], crowd.first[job + 1]):
        if crowd.fixed[op, FIXED_END] == NEVER:
            worth[SET_UP] += found[op, SETUP]
            _draw(crowd, tariffs, found[op], job, worth)


@compiled
def end_s(crowd: Crowd, found: Found, job: int) -> int:
    """Return the end of a job's last operation."""
    end = 0
    for op in range(crowd.first[job], crowd.first[job + 1]):
        fixed = crowd.fixed[op, FIXED_END]
        end = max(end, found[op, END] if fixed == NEVER else fixed)
    return end


@compiled
def drawn_mwh(tariffs: Tariffs, alt: int, quantity: int, change_s: int) -> int:
    """Return what an alternative draws."""
    power, piece = tariffs.alts[ALT_POWER_W, alt], tariffs.alts[ALT_PIECE_MJ, alt]
    if power == 0 and piece == 0:
        return 0
    per = tariffs.alts[ALT_PER, alt]
    exact = tariffs.alts[ALT_ONCE, alt] + quantity * tariffs.alts[ALT_EACH, alt]
    work = max(1, (exact + per - 1) // per)
    if not tariffs.alts[ALT_WAITS, alt]:
        work += change_s
    places = tariffs.alts[ALT_PLACES, alt]
    drawn = power * work * 1000 + places * quantity * piece
    return min(drawn // (_MJ_PER_MWH * places), MOST_MWH)


@compiled
def step_at(tariffs: Tariffs, tariff: int, instant_s: int) -> int:
    """Return the step of a tariff that an instant lies in, the first where it lies before all."""
    low, high = tariffs.ptr[tariff], tariffs.ptr[tariff + 1]
    return max(low, first_above(tariffs.steps[FROM], low, high, instant_s) - 1)


@compiled
def _draw(crowd: Crowd, tariffs: Tariffs, one: Seconds, job: int, worth: Seconds) -> None:
    """Add what the electricity of a slot costs and emits."""
    drawn = drawn_mwh(tariffs, one[ALT], crowd.quantity[job], one[CHANGE])
    if drawn == 0:
        return
    tariff, steps = tariffs.alts[ALT_TARIFF, one[ALT]], tariffs.steps
    low = tariffs.ptr[tariff]
    if tariffs.ptr[tariff + 1] - low == 1:
        worth[ENERGY] += drawn * steps[PRICE, low] // _KWH
        worth[CARBON] += drawn * steps[GRID, low] // _KWH
        return
    first, last = step_at(tariffs, tariff, one[START]), step_at(tariffs, tariff, one[END] - 1)
    high = tariffs.ptr[tariff + 1]
    into = one[START] - steps[FROM, first]
    until = one[END] - steps[FROM, last]
    if last + 1 < high:  # a slot may end in a break: only what is worked counts
        until = min(until, steps[SPENT, last + 1] - steps[SPENT, last])
    spent = steps[SPENT, last] + until - steps[SPENT, first] - into
    if spent <= 0:
        return
    priced = steps[PRICED, last] + until * steps[PRICE, last]
    priced -= steps[PRICED, first] + into * steps[PRICE, first]
    emitted = steps[EMITTED, last] + until * steps[GRID, last]
    emitted -= steps[EMITTED, first] + into * steps[GRID, first]
    # of mean prices, so that no product leaves 63 bits
    worth[ENERGY] += (drawn * (priced // spent) + drawn * (priced % spent) // spent) // _KWH
    worth[CARBON] += (drawn * (emitted // spent) + drawn * (emitted % spent) // spent) // _KWH


@compiled
def _pair(
    changes: Changeovers,
    tariffs: Tariffs,
    seat: int,
    before: int,
    after: int,
    start_s: int,
    sign: int,
    worth: Seconds,
) -> None:
    """Add what the matrix of a seat says of two families, the second from an instant on."""
    matrix = tariffs.seat_matrix[seat]
    wanted = (before << 20) | after
    low, high = changes.ptr[matrix], changes.ptr[matrix + 1]
    row = first_above(changes.pair, low, high, wanted - 1)
    if row == high or changes.pair[row] != wanted:
        return
    tariff, drawn = tariffs.seat_tariff[seat], tariffs.pair_mwh[row]
    worth[CHANGE_COST] += sign * (tariffs.pair_minor[row] * tariffs.rate_micro[tariff] // 1000)
    if drawn:
        step = step_at(tariffs, tariff, start_s)
        worth[ENERGY] += sign * (drawn * tariffs.steps[PRICE, step] // _KWH)
        worth[CARBON] += sign * (drawn * tariffs.steps[GRID, step] // _KWH)


@compiled
def charge_changes(
    rows: Rows,
    changes: Changeovers,
    tariffs: Tariffs,
    crowd: Crowd,
    found: Found,
    job: int,
    sign: int,
    worth: Seconds,
) -> None:
    """Add, `sign` times, the difference that a booked job makes to what lies between neighbours."""
    if not tariffs.pays:
        return
    columns = rows.columns
    for op in range(crowd.first[job], crowd.first[job + 1]):
        if crowd.fixed[op, FIXED_END] != NEVER:
            continue
        seat, start = found[op, SEAT], found[op, START]
        if tariffs.seat_matrix[seat] < 0:
            continue
        low = rows.bounds[PTR, seat]
        high = low + rows.bounds[COUNT, seat]
        row = first_above(columns[STARTS], low, high, start) - 1
        while columns[GROUP, row] != job:
            row -= 1
        own = columns[FAMILY_OF, row]
        if row > low:
            _pair(changes, tariffs, seat, columns[FAMILY_OF, row - 1], own, start, sign, worth)
        if row + 1 == high or columns[GROUP, row + 1] == job:
            continue
        after, then = columns[FAMILY_OF, row + 1], columns[STARTS, row + 1]
        _pair(changes, tariffs, seat, own, after, then, sign, worth)
        other = row - 1
        while other >= low and columns[GROUP, other] == job:
            other -= 1
        if other >= low:
            _pair(changes, tariffs, seat, columns[FAMILY_OF, other], after, then, -sign, worth)


@compiled
def changes_of(rows: Rows, changes: Changeovers, tariffs: Tariffs) -> Seconds:
    """Return what lies between all neighbours of all seats, int64, shape (WORTHS,)."""
    worth, columns = np.zeros(WORTHS, dtype=np.int64), rows.columns
    for seat in range(len(tariffs.seat_matrix)):
        if tariffs.seat_matrix[seat] < 0:
            continue
        low = rows.bounds[PTR, seat]
        for row in range(low + 1, low + rows.bounds[COUNT, seat]):
            before, after = columns[FAMILY_OF, row - 1], columns[FAMILY_OF, row]
            _pair(changes, tariffs, seat, before, after, columns[STARTS, row], 1, worth)
    return worth


@compiled
def gain(
    tariffs: Tariffs,
    worth: NDArray[np.int64],
    own: NDArray[np.int64],
    between: Seconds,
    out: Seconds,
    count: int,
) -> int:
    """Return how much less tardiness there is, where there is as much how much less of all else.

    Args:
        own: int64, the value of each that is out, as placed anew.
        between: int64, shape (WORTHS,), what more lies between neighbours.
    """
    late = 0
    for at in range(count):
        late += worth[out[at], TARDY] - own[at, TARDY]
    if late != 0:
        return late
    weighed = 0
    for column in range(FLOW, WORTHS):
        less = -between[column]
        for at in range(count):
            less += worth[out[at], column] - own[at, column]
        weighed += tariffs.rates[column] * less
    return weighed
