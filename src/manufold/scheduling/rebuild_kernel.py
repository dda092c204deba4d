"""Ruin and recreate on a whole schedule: a late job and some that stand in its way are taken out
and placed again in another order; what is not better is put back.

Every operation stays at the site it has. What is fixed stays. A kept promise stays kept, and no
set-up is left shorter than what runs before it asks for.

Placing takes the earliest stretch, which is rarely the cheapest hour. So where electricity has
hours, every other round takes out one job and asks for one of its operations to begin no sooner
than some such hour does, for the others no sooner than they did; and what others displace keeps to
its hour every other time.

Cost    a few placements a round, whatever the size of the schedule.
Source  ruin and recreate: G. Schrimpf et al., J. Comput. Phys. 159 (2000) 139-171,
        doi:10.1006/jcph.1999.6413.
"""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, Calendars
from manufold.scheduling.chance import Chance, below
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.crowd import WORTHS, Crowd
from manufold.scheduling.fit import ALT, CHANGE, END, FOUND, SEAT, SETUP_END, SHARE, START, WHO
from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.place import FIXED_END, PLACED, Ask, Found, place
from manufold.scheduling.rebuild_choice import (
    OUT_MAX,
    any_short,
    choose,
    shuffle,
    take_out,
    with_short,
)
from manufold.scheduling.rebuild_hours import hours_for
from manufold.scheduling.rebuild_worth import charge_changes, end_s, gain, value
from manufold.scheduling.routing_rows import (
    ALT_DOOR,
    ATTENDED,
    ATTENDED_SETUP,
    FAMILY,
    TOOLS,
    TOOLS_END,
    RoutingRows,
)
from manufold.scheduling.rows import COUNT, NO_SHARE, Row, Rows, insert_row
from manufold.scheduling.tariffs import Tariffs

__all__ = ["construct", "recreate", "restore"]


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
        ready = crowd.ready_s[crowd.ready_ptr[order[at]] :]
        ended, used = _place_job(
            rows, used, calendars, changes, routing, crowd, found, order[at], ready
        )
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
def recreate(
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    tariffs: Tariffs,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    worth: NDArray[np.int64],
    between: Seconds,
    movable: Seconds,
    rounds: int,
    chance: Chance,
) -> tuple[int, int, int]:
    """Play rounds; return (rounds played, of them better, rows in use).

    Args:
        worth: from `values`, kept up to date.
        between: from `changes_of`, kept up to date.
        movable: int64, the jobs that may be taken out.

    It stops early where the pool runs out of room.
    """
    rows, calendars, changes, tariffs = unowned((rows, calendars, changes, tariffs))
    routing, crowd, found, worth = unowned((routing, crowd, found, worth))
    longest, largest = _longest(crowd, movable)
    saved = np.zeros((OUT_MAX, longest, found.shape[1]), dtype=np.int64)
    out = np.zeros(OUT_MAX, dtype=np.int64)
    own = np.zeros((OUT_MAX, WORTHS), dtype=np.int64)
    more = np.zeros(WORTHS, dtype=np.int64)
    better = 0
    for played in range(rounds):
        if used + OUT_MAX * 2 * _space(rows, crowd, found, largest) > rows.columns.shape[1]:
            return played, better, used
        seeking = tariffs.seeks and below(chance, 2) == 0
        more[:] = 0
        count = choose(rows, crowd, found, worth, movable, out, chance, seeking)
        sought = out[0] if seeking else NEVER
        count = _all_out(rows, changes, tariffs, routing, crowd, found, out, count, saved, more)
        shuffle(crowd, found, out, count, chance, saved)
        placed, good, used = _placed_anew(
            rows,
            used,
            calendars,
            changes,
            tariffs,
            routing,
            crowd,
            found,
            out[:count],
            saved,
            own,
            more,
            sought,
            chance,
        )
        good = good and gain(tariffs, worth, own, more, out, count) > 0
        if good and not any_short(rows, changes, routing, crowd, saved, out, count):
            better += 1
            between += more
            for at in range(count):
                worth[out[at]] = own[at]
            continue
        for at in range(placed - 1, -1, -1):
            take_out(rows, routing, crowd, found, out[at])
        for at in range(count):
            used = _put_back(rows, used, routing, crowd, found, saved[at], out[at])
    return rounds, better, used


@compiled
def _longest(crowd: Crowd, movable: Seconds) -> tuple[int, int]:
    """Return the most operations of a movable job, and that job."""
    longest, largest = 0, movable[0]
    for job in movable:
        if crowd.first[job + 1] - crowd.first[job] > longest:
            longest, largest = crowd.first[job + 1] - crowd.first[job], job
    return longest, largest


@compiled
def _all_out(
    rows: Rows,
    changes: Changeovers,
    tariffs: Tariffs,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    out: Seconds,
    count: int,
    saved: NDArray[np.int64],
    more: Seconds,
) -> int:
    """Take out jobs and whom that leaves short of set-up; return how many, and save where each was.

    Args:
        more: what lies between neighbours, kept up to date.
    """
    for at in range(count):
        charge_changes(rows, changes, tariffs, crowd, found, out[at], -1, more)
        take_out(rows, routing, crowd, found, out[at])
    count = with_short(rows, changes, tariffs, routing, crowd, found, out, count, more)
    for at in range(count):
        first, last = crowd.first[out[at]], crowd.first[out[at] + 1]
        saved[at, : last - first] = found[first:last]
    return count


@compiled
def _placed_anew(
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    tariffs: Tariffs,
    routing: RoutingRows,
    crowd: Crowd,
    found: Found,
    out: Seconds,
    saved: NDArray[np.int64],
    own: NDArray[np.int64],
    more: Seconds,
    sought: int,
    chance: Chance,
) -> tuple[int, bool, int]:
    """Place jobs one after the other; return how many, whether all in time, and the rows in use.

    Args:
        saved: where each was.
        own: written, what each is worth.
        more: what lies between neighbours, kept up to date.
        sought: the job of which an operation goes to another hour, NEVER in an ordinary round.
    """
    for at in range(len(out)):
        job = out[at]
        ready = crowd.ready_s[crowd.ready_ptr[job] :]
        if tariffs.seeks and (sought != NEVER or below(chance, 2) == 0):
            ready = hours_for(tariffs, routing, crowd, saved[at], job, job == sought, chance)
        ended, used = _place_job(rows, used, calendars, changes, routing, crowd, found, job, ready)
        if ended != PLACED:
            return at, False, used
        charge_changes(rows, changes, tariffs, crowd, found, job, 1, more)
        value(crowd, tariffs, found, job, own[at])
        limit = crowd.limit_s[job]
        if limit != NEVER and end_s(crowd, found, job) > limit:
            return at + 1, False, used
    return len(out), True, used


@compiled
def _space(rows: Rows, crowd: Crowd, found: Found, job: int) -> int:
    """Return rows of the pool that booking a job may need: every block it touches moves."""
    longest = rows.bounds[COUNT].max()
    claims = (crowd.first[job + 1] - crowd.first[job]) * (3 + found.shape[1] - FOUND)
    return claims * (longest + claims + longest // 4 + 8)


@compiled
def _ask(crowd: Crowd, job: int, ready_s: Seconds) -> Ask:
    first, last = crowd.first[job], crowd.first[job + 1]
    return Ask(
        crowd.quantity[job],
        crowd.release_s[job],
        ready_s,
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
    ready_s: Seconds,
) -> tuple[int, int]:
    """Place one job where it fits; return how it ended and the rows in use.

    Args:
        ready_s: int64, by alternative, nothing of it starts before.
    """
    first, last = crowd.first[job], crowd.first[job + 1]
    held = np.zeros(last - first, dtype=np.int64)
    ended, _, used = place(
        rows,
        used,
        calendars,
        changes,
        _own_routing(routing, crowd, job),
        _ask(crowd, job, ready_s),
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
    """Book a job where it was, each tool on the seat it had; return the rows in use.

    Whoever chose free seats anew could find too few: what is put back before it may have chosen
    others than it had.
    """
    first = crowd.first[job]
    for op in range(first, crowd.first[job + 1]):
        found[op] = saved[op - first]
        if crowd.fixed[op, FIXED_END] != NEVER:
            continue
        one, row = found[op], crowd.row[job] + op - first
        alt, share, start, end = one[ALT], one[SHARE], one[START], one[END]
        family = routing.ops[row, FAMILY]
        own = Row(start, end, family, one[CHANGE], 1, NO_SHARE, job)
        used = insert_row(rows, used, one[SEAT], own)
        if share != NO_SHARE:
            door = Row(start, end, family, one[CHANGE], 1, share, job)
            used = insert_row(rows, used, routing.alts[ALT_DOOR, alt], door)
        if one[WHO] >= 0:
            until = one[SETUP_END] if routing.ops[row, ATTENDED] == ATTENDED_SETUP else end
            used = insert_row(rows, used, one[WHO], Row(start, until, 0, 0, 1, share, job))
        tools = FOUND
        for at in range(routing.alts[TOOLS, alt], routing.alts[TOOLS_END, alt], 3):
            for _ in range(routing.tool[at + 2]):
                held = Row(start, end, 0, 0, 1, NO_SHARE, job)
                used = insert_row(rows, used, one[tools], held)
                tools += 1
    return used
