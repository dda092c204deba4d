"""Ruin and recreate on a whole schedule: a late job and some that stand in its way are taken out
and placed again in another order; what is not better is put back.

Every operation stays at the site it has. What is fixed stays. A kept promise stays kept, and no
set-up is left shorter than what runs before it asks for.

Cost    a few placements a round, whatever the size of the schedule.
Source  ruin and recreate: G. Schrimpf et al., J. Comput. Phys. 159 (2000) 139-171,
        doi:10.1006/jcph.1999.6413.
"""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, Calendars
from manufold.scheduling.chance import Chance
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.crowd import FLOW, SET_UP, TARDY, Crowd
from manufold.scheduling.fit import END, FOUND, SETUP
from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.place import FIXED_END, PLACED, TOUCHED, Ask, Found, book, place
from manufold.scheduling.rebuild_choice import (
    OUT_MAX,
    any_short,
    choose,
    shuffle,
    take_out,
    with_short,
)
from manufold.scheduling.routing_rows import (
    RoutingRows,
)
from manufold.scheduling.rows import (
    COUNT,
    Rows,
)

__all__ = ["construct", "recreate", "restore", "values"]


@compiled
def construct(
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    order: Seconds,
    first_at: int,
) -> tuple[int, int, int]:
    """Place jobs in an order from one place in it on; return (next place, rows in use, ended).

    It stops early where the pool runs out of room, and where a job cannot be placed.
    """
    rows, calendars, changes = unowned((rows, calendars, changes))
    routing, crowd, found = unowned((routing, crowd, found))
    for at in range(first_at, len(order)):
        if used + _space(rows, crowd, found, order[at]) > rows.columns.shape[1]:
            return at, used, PLACED
        ended, used = _place_job(rows, used, calendars, changes, routing, crowd, found, order[at])
        if ended != PLACED:
            return at, used, ended
    return len(order), used, PLACED


@compiled
def restore(
    rows: Rows, used: int, routing: RoutingRows, crowd: Crowd, found: Found, first_at: int
) -> tuple[int, int]:
    """Book jobs where they are, from one job on; return (next job, rows in use).

    It stops early where the pool runs out of room.
    """
    rows, routing, crowd, found = unowned((rows, routing, crowd, found))
    for job in range(first_at, len(crowd.row)):
        if used + _space(rows, crowd, found, job) > rows.columns.shape[1]:
            return job, used
        first, last = crowd.first[job], crowd.first[job + 1]
        used = _put_back(rows, used, routing, crowd, found, found[first:last].copy(), job)
    return len(crowd.row), used


@compiled
def values(crowd: Crowd, found: Found) -> NDArray[np.int64]:
    """Return what each job adds to the objective, int64, shape (jobs, 3)."""
    worth = np.zeros((len(crowd.row), 3), dtype=np.int64)
    for job in range(len(crowd.row)):
        _value(crowd, found, job, worth[job])
    return worth


@compiled
def recreate(
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    worth: NDArray[np.int64],
    movable: Seconds,
    rounds: int,
    chance: Chance,
) -> tuple[int, int, int]:
    """Play rounds; return (rounds played, of them better, rows in use).

    Args:
        worth: from `values`, kept up to date.
        movable: int64, the jobs that may be taken out.

    It stops early where the pool runs out of room.
    """
    rows, calendars, changes = unowned((rows, calendars, changes))
    routing, crowd, found = unowned((routing, crowd, found))
    width = found.shape[1]
    longest, largest = 0, movable[0]
    for job in movable:
        if crowd.first[job + 1] - crowd.first[job] > longest:
            longest, largest = crowd.first[job + 1] - crowd.first[job], job
    saved = np.zeros((OUT_MAX, longest, width), dtype=np.int64)
    out = np.zeros(OUT_MAX, dtype=np.int64)
    own = np.zeros((OUT_MAX, 3), dtype=np.int64)
    better = 0
    for played in range(rounds):
        space = _space(rows, crowd, found, largest)
        if used + OUT_MAX * 2 * space > rows.columns.shape[1]:
            return played, better, used
        count = choose(rows, crowd, found, worth, movable, out, chance)
        for at in range(count):
            take_out(rows, routing, crowd, found, out[at])
        count = with_short(rows, changes, routing, crowd, found, out, count)
        for at in range(count):
            job = out[at]
            first, last = crowd.first[job], crowd.first[job + 1]
            saved[at, : last - first] = found[first:last]
        shuffle(crowd, found, out, count, chance, saved)
        placed, good = 0, True
        for at in range(count):
            ended, used = _place_job(rows, used, calendars, changes, routing, crowd, found, out[at])
            if ended != PLACED:
                good = False
                break
            placed += 1
            _value(crowd, found, out[at], own[at])
            limit = crowd.limit_s[out[at]]
            if limit != NEVER and _end_s(crowd, found, out[at]) > limit:
                good = False
                break
        good = good and _gain(worth, own, out, count) > 0
        good = good and not any_short(rows, changes, routing, crowd, saved, out, count)
        if good:
            better += 1
            for at in range(count):
                worth[out[at]] = own[at]
            continue
        for at in range(placed - 1, -1, -1):
            take_out(rows, routing, crowd, found, out[at])
        for at in range(count):
            used = _put_back(rows, used, routing, crowd, found, saved[at], out[at])
    return rounds, better, used


@compiled
def _space(rows: Rows, crowd: Crowd, found: Found, job: int) -> int:
    """Return rows of the pool that booking a job may need: every block it touches moves."""
    longest = rows.bounds[COUNT].max()
    claims = (crowd.first[job + 1] - crowd.first[job]) * (3 + found.shape[1] - FOUND)
    return claims * (longest + claims + longest // 4 + 8)


@compiled
def _ask(crowd: Crowd, job: int) -> Ask:
    first, last = crowd.first[job], crowd.first[job + 1]
    return Ask(
        crowd.quantity[job],
        crowd.release_s[job],
        crowd.ready_s[crowd.ready_ptr[job] :],
        crowd.first_alt[job],
        crowd.lane_s,
        crowd.fixed[first:last],
        job,
    )


@compiled
def _own_routing(routing: RoutingRows, crowd: Crowd, job: int) -> RoutingRows:
    row, count = crowd.row[job], crowd.first[job + 1] - crowd.first[job]
    return RoutingRows(
        routing.ops[row : row + count], routing.alts, routing.before, routing.who, routing.tool
    )


@compiled
def _place_job(
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    job: int,
) -> tuple[int, int]:
    """Place one job where it fits; return how it ended and the rows in use."""
    first, last = crowd.first[job], crowd.first[job + 1]
    held = np.zeros(last - first, dtype=np.int64)
    ended, _, used = place(
        rows,
        used,
        calendars,
        changes,
        _own_routing(routing, crowd, job),
        _ask(crowd, job),
        crowd.site[first:last],
        found[first:last],
        held,
        True,
    )
    return ended, used


@compiled
def _put_back(
    rows: Rows,
    used: int,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    saved: Found,
    job: int,
) -> int:
    """Book a job where it was; return the rows in use."""
    touched = np.zeros((3 + found.shape[1], TOUCHED), dtype=np.int64)
    first = crowd.first[job]
    for op in range(first, crowd.first[job + 1]):
        found[op] = saved[op - first]
        if crowd.fixed[op, FIXED_END] == NEVER:
            row = crowd.row[job] + op - first
            used, _ = book(rows, used, routing, row, found[op], job, 1, touched, 0)
    return used


@compiled
def _end_s(crowd: Crowd, found: Found, job: int) -> int:
    end = 0
    for op in range(crowd.first[job], crowd.first[job + 1]):
        fixed = crowd.fixed[op, FIXED_END]
        end = max(end, found[op, END] if fixed == NEVER else fixed)
    return end


@compiled
def _value(crowd: Crowd, found: Found, job: int, worth: Seconds) -> None:
    """Write what a job adds to the objective."""
    end = _end_s(crowd, found, job)
    worth[FLOW] = end - crowd.release_s[job]
    worth[TARDY] = 0
    if crowd.due_s[job] != NEVER:
        worth[TARDY] = crowd.weight[job] * max(0, end - crowd.due_s[job])
    worth[SET_UP] = 0
    for op in range(crowd.first[job], crowd.first[job + 1]):
        if crowd.fixed[op, FIXED_END] == NEVER:
            worth[SET_UP] += found[op, SETUP]


@compiled
def _gain(worth: NDArray[np.int64], own: NDArray[np.int64], out: Seconds, count: int) -> int:
    """Return how much less there is of the first field that differs."""
    for field in range(3):
        gain = 0
        for at in range(count):
            gain += worth[out[at], field] - own[at, field]
        if gain != 0:
            return gain
    return 0
