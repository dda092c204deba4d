"""Ruin and recreate on a whole schedule: a late job and some that stand in its way are taken out
and placed again in another order; what is not better is put back.

Every operation stays at the site it has. What is fixed stays. A kept promise stays kept, and no
set-up is left shorter than what runs before it asks for.

Cost    a few placements a round, whatever the size of the schedule.
Source  ruin and recreate: G. Schrimpf et al., J. Comput. Phys. 159 (2000) 139-171,
        doi:10.1006/jcph.1999.6413.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, Calendars, first_above
from manufold.scheduling.chance import Chance, below
from manufold.scheduling.changeovers import Changeovers, changeover_s
from manufold.scheduling.fit import ALT, END, FOUND, SEAT, SETUP, SHARE, START, WHO
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.place import FIXED_END, PLACED, TOUCHED, Ask, Found, book, place
from manufold.scheduling.routing_rows import (
    ALT_DOOR,
    ALT_MATRIX,
    TOOLS,
    TOOLS_END,
    RoutingRows,
)
from manufold.scheduling.rows import (
    CHANGED,
    COUNT,
    FAMILY_OF,
    GROUP,
    NO_SHARE,
    PTR,
    STARTS,
    Rows,
    remove_rows,
)

__all__ = ["Crowd", "construct", "recreate", "restore", "values"]

#: most jobs taken out in one round, those left with too short a set-up included
RUIN_MAX = 6
OUT_MAX = 12

#: columns of a job's value: weighted tardiness, flow time, set-up
TARDY, FLOW, SET_UP = range(3)


class Crowd(NamedTuple):
    """Jobs whose operations lie one behind the other, as in `Found`.

    Args:
        first: int64, shape (jobs + 1,), entry of each job's first operation.
        row: int64, shape (jobs,), its routing's first operation in the book.
        first_alt: int64, shape (jobs,), and first alternative.
        ready_ptr: int64, shape (jobs,), where its alternatives' material bounds begin.
        ready_s: int64, those bounds.
        quantity, release_s, due_s, weight: int64, shape (jobs,); due NEVER for nothing promised.
        limit_s: int64, shape (jobs,), end that must not be passed, NEVER for any.
        site: int64, shape (ops,), where each operation stays.
        fixed: int64, shape (ops, 2), as in `place.Ask`.
        lane_s: int64, shape (sites, sites).
    """

    first: Seconds
    row: Seconds
    first_alt: Seconds
    ready_ptr: Seconds
    ready_s: Seconds
    quantity: Seconds
    release_s: Seconds
    due_s: Seconds
    weight: Seconds
    limit_s: Seconds
    site: Seconds
    fixed: NDArray[np.int64]
    lane_s: NDArray[np.int64]


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
    begin: int,
) -> tuple[int, int, int]:
    """Place jobs in an order from one place in it on; return (next place, rows in use, ended).

    It stops early where the pool runs out of room, and where a job cannot be placed.
    """
    for at in range(begin, len(order)):
        if used + _space(rows, crowd, found, order[at]) > rows.columns.shape[1]:
            return at, used, PLACED
        ended, used = _place_job(rows, used, calendars, changes, routing, crowd, found, order[at])
        if ended != PLACED:
            return at, used, ended
    return len(order), used, PLACED


@compiled
def restore(
    rows: Rows, used: int, routing: RoutingRows, crowd: Crowd, found: Found, begin: int
) -> tuple[int, int]:
    """Book jobs where they are, from one job on; return (next job, rows in use).

    It stops early where the pool runs out of room.
    """
    for job in range(begin, len(crowd.row)):
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
        count = _choose(rows, crowd, found, worth, movable, out, chance)
        for at in range(count):
            _take_out(rows, routing, crowd, found, out[at])
        count = _with_short(rows, changes, routing, crowd, found, out, count)
        for at in range(count):
            job = out[at]
            first, last = crowd.first[job], crowd.first[job + 1]
            saved[at, : last - first] = found[first:last]
        _shuffle(crowd, found, out, count, chance, saved)
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
        good = good and not _any_short(rows, changes, routing, crowd, saved, out, count)
        if good:
            better += 1
            for at in range(count):
                worth[out[at]] = own[at]
            continue
        for at in range(placed - 1, -1, -1):
            _take_out(rows, routing, crowd, found, out[at])
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
def _take_out(rows: Rows, routing: RoutingRows, crowd: Crowd, found: Found, job: int) -> None:
    """Free all that a job's operations hold, those that are fixed excepted."""
    for op in range(crowd.first[job], crowd.first[job + 1]):
        if crowd.fixed[op, FIXED_END] != NEVER:
            continue
        start, alt = found[op, START], found[op, ALT]
        remove_rows(rows, found[op, SEAT], start, job)
        if found[op, SHARE] != NO_SHARE:
            remove_rows(rows, routing.alts[ALT_DOOR, alt], start, job)
        if found[op, WHO] >= 0:
            remove_rows(rows, found[op, WHO], start, job)
        tools = FOUND
        for at in range(routing.alts[TOOLS, alt], routing.alts[TOOLS_END, alt], 3):
            for _ in range(routing.tool[at + 2]):
                remove_rows(rows, found[op, tools], start, job)
                tools += 1


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


@compiled
def _choose(
    rows: Rows,
    crowd: Crowd,
    found: Found,
    worth: NDArray[np.int64],
    movable: Seconds,
    out: Seconds,
    chance: Chance,
) -> int:
    """Choose a job that is late (or long) and some beside it on its seats; return how many."""
    chosen = movable[below(chance, len(movable))]
    for _ in range(3):
        other = movable[below(chance, len(movable))]
        if (worth[other, TARDY], worth[other, FLOW]) > (worth[chosen, TARDY], worth[chosen, FLOW]):
            chosen = other
    out[0], count = chosen, 1
    wanted = 2 + below(chance, RUIN_MAX - 1)
    first, last = crowd.first[chosen], crowd.first[chosen + 1]
    for _ in range(4 * RUIN_MAX):
        if count >= wanted:
            break
        op = first + below(chance, last - first)
        if crowd.fixed[op, FIXED_END] != NEVER:
            continue
        seat = found[op, SEAT]
        if found[op, WHO] >= 0 and below(chance, 3) == 0:
            seat = found[op, WHO]
        low, here = rows.bounds[PTR, seat], rows.bounds[COUNT, seat]
        at = first_above(rows.columns[STARTS], low, low + here, found[op, START]) - 1
        at += below(chance, 9) - 5
        if at < low or at >= low + here:
            continue
        group = rows.columns[GROUP, at]
        fresh = group >= 0
        for known in range(count):
            fresh = fresh and out[known] != group
        if fresh:
            out[count] = group
            count += 1
    return count


@compiled
def _shuffle(
    crowd: Crowd, found: Found, out: Seconds, count: int, chance: Chance, saved: NDArray[np.int64]
) -> None:
    """Put the jobs taken out into another order; what was saved goes with them."""
    for at in range(count - 1, 0, -1):
        other = below(chance, at + 1)
        if other != at:
            out[at], out[other] = out[other], out[at]
            keep = saved[at].copy()
            saved[at] = saved[other]
            saved[other] = keep


@compiled
def _short_after(rows: Rows, changes: Changeovers, matrix: int, seat: int, start_s: int) -> int:
    """Return the row whose set-up is too short behind a place that was freed, or NEVER."""
    low = rows.bounds[PTR, seat]
    high = low + rows.bounds[COUNT, seat]
    at = first_above(rows.columns[STARTS], low, high, start_s - 1)
    if at <= low or at >= high:
        return NEVER
    before, after = rows.columns[FAMILY_OF, at - 1], rows.columns[FAMILY_OF, at]
    needed = changeover_s(changes, matrix, before, after)
    return at if rows.columns[CHANGED, at] < needed else NEVER


@compiled
def _with_short(
    rows: Rows,
    changes: Changeovers,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    out: Seconds,
    count: int,
) -> int:
    """Take out, too, whose set-up is too short once others are gone; return how many are out."""
    at = 0
    while at < count:
        job = out[at]
        for op in range(crowd.first[job], crowd.first[job + 1]):
            if crowd.fixed[op, FIXED_END] != NEVER:
                continue
            matrix = routing.alts[ALT_MATRIX, found[op, ALT]]
            if matrix < 0:
                continue
            row = _short_after(rows, changes, matrix, found[op, SEAT], found[op, START])
            if row != NEVER and rows.columns[GROUP, row] >= 0 and count < OUT_MAX:
                out[count] = rows.columns[GROUP, row]
                _take_out(rows, routing, crowd, found, out[count])
                count += 1
        at += 1
    return count


@compiled
def _any_short(
    rows: Rows,
    changes: Changeovers,
    routing: RoutingRows,
    crowd: Crowd,
    saved: NDArray[np.int64],
    out: Seconds,
    count: int,
) -> bool:
    """Return whether a set-up is too short behind a place that was freed."""
    for at in range(count):
        job = out[at]
        for op in range(crowd.first[job + 1] - crowd.first[job]):
            if crowd.fixed[crowd.first[job] + op, FIXED_END] != NEVER:
                continue
            matrix = routing.alts[ALT_MATRIX, saved[at, op, ALT]]
            if matrix >= 0:
                seat, start = saved[at, op, SEAT], saved[at, op, START]
                if _short_after(rows, changes, matrix, seat, start) != NEVER:
                    return True
    return False
