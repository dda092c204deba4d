"""Who is taken out of a schedule: a late job, some beside it, whom that leaves short of set-up."""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, first_above
from manufold.scheduling.chance import Chance, below
from manufold.scheduling.changeovers import Changeovers, changeover_s
from manufold.scheduling.crowd import FLOW, TARDY, Crowd
from manufold.scheduling.fit import ALT, FOUND, SEAT, SHARE, START, WHO
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.place import FIXED_END, Found
from manufold.scheduling.rebuild_worth import charge_changes
from manufold.scheduling.routing_rows import ALT_DOOR, ALT_MATRIX, TOOLS, TOOLS_END, RoutingRows
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
from manufold.scheduling.tariffs import Tariffs

__all__ = ["OUT_MAX", "any_short", "choose", "shuffle", "take_out", "with_short"]

#: most jobs taken out in one round, those left with too short a set-up included
RUIN_MAX = 6
OUT_MAX = 12


@compiled
def take_out(rows: Rows, routing: RoutingRows, crowd: Crowd, found: Found, job: int) -> None:
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
def choose(
    rows: Rows,
    crowd: Crowd,
    found: Found,
    worth: NDArray[np.int64],
    movable: Seconds,
    out: Seconds,
    chance: Chance,
    alone: bool,
) -> int:
    """Choose a job that is late (or long) and some beside it on its seats; return how many.

    Args:
        alone: any job, and only that one.
    """
    chosen = movable[below(chance, len(movable))]
    if alone:
        out[0] = chosen
        return 1
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
def shuffle(
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
def short_after(rows: Rows, changes: Changeovers, matrix: int, seat: int, start_s: int) -> int:
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
def with_short(
    rows: Rows,
    changes: Changeovers,
    tariffs: Tariffs,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    out: Seconds,
    count: int,
    between: Seconds,
) -> int:
    """Take out, too, whose set-up is too short once others are gone; return how many are out.

    Args:
        between: int64, shape (WORTHS,), what lies between neighbours, kept up to date.
    """
    at = 0
    while at < count:
        job = out[at]
        for op in range(crowd.first[job], crowd.first[job + 1]):
            if crowd.fixed[op, FIXED_END] != NEVER:
                continue
            matrix = routing.alts[ALT_MATRIX, found[op, ALT]]
            if matrix < 0:
                continue
            row = short_after(rows, changes, matrix, found[op, SEAT], found[op, START])
            if row != NEVER and rows.columns[GROUP, row] >= 0 and count < OUT_MAX:
                out[count] = rows.columns[GROUP, row]
                charge_changes(rows, changes, tariffs, crowd, found, out[count], -1, between)
                take_out(rows, routing, crowd, found, out[count])
                count += 1
        at += 1
    return count


@compiled
def any_short(
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
                if short_after(rows, changes, matrix, seat, start) != NEVER:
                    return True
    return False
