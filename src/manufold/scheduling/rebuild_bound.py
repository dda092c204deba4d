"""Bound: what every job costs at least, were it alone on the floor.

Each operation begins when its predecessors let it and runs on the alternative that ends first, as
if nothing else were booked, no changeover needed and every pair of alternatives compatible; what is
fixed stays. Lots that are handed on early bound the end of a successor, not its start. Starting
later never finishes sooner, so no schedule ends a job earlier; and none draws less than the least
drawing alternative at the lowest price there is.

What is said of single operations (`HEAD`, `WORK`) is what `scheduling.queue_bound` stands on.

Cost    O(alternatives x sites) for all jobs, no search.
"""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.calendar_rows import NEVER, Calendars
from manufold.scheduling.crowd import CARBON, ENERGY, FLOW, SET_UP, TARDY, WORTHS, Crowd
from manufold.scheduling.fit import stretch
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.place import FIXED_END
from manufold.scheduling.rebuild_worth import drawn_mwh
from manufold.scheduling.routing_rows import (
    ALT_SITE,
    ALTS,
    ALTS_END,
    BEFORE,
    BEFORE_END,
    MIN_LAG,
    TRANSFER,
    RoutingRows,
    own_setup_s,
    work_s,
)
from manufold.scheduling.tariffs import ALT_TARIFF, Tariffs

__all__ = ["FLOORS", "HEAD", "WORK", "bounds_of"]

#: columns of what an operation takes at least: before when it does not begin, working seconds
HEAD, WORK, FLOORS = range(3)
_KWH = 1_000_000


@compiled
def bounds_of(
    calendars: Calendars,
    tariffs: Tariffs,
    routing: RoutingRows,
    crowd: Crowd,
    roams: Seconds,
    floors: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return what each job adds to the objective at least, int64, shape (jobs, WORTHS).

    Args:
        roams: int64, shape (jobs,), 1 where operations may change among the sites of their job.
        floors: int64, shape (ops, FLOORS), written, NEVER where an operation is fixed.
    """
    bounds = np.zeros((len(crowd.row), WORTHS), dtype=np.int64)
    sites = crowd.lane_s.shape[0]
    longest = 0
    for job in range(len(crowd.row)):
        longest = max(longest, crowd.first[job + 1] - crowd.first[job])
    ends = np.zeros((longest, sites), dtype=np.int64)
    for job in range(len(crowd.row)):
        first, last = crowd.first[job], crowd.first[job + 1]
        own = floors[first:last]
        end = _soonest(calendars, routing, crowd, job, roams[job] == 1, ends, own)
        bounds[job, FLOW] = end - crowd.since_s[job]
        if crowd.due_s[job] != NEVER:
            bounds[job, TARDY] = crowd.weight[job] * max(0, end - crowd.due_s[job])
        _least(tariffs, routing, crowd, job, bounds[job])
    return bounds


@compiled
def _soonest(
    calendars: Calendars,
    routing: RoutingRows,
    crowd: Crowd,
    job: int,
    roams: bool,
    ends: NDArray[np.int64],
    floors: NDArray[np.int64],
) -> int:
    """Return before when no schedule ends a job; its own sites' ends are written."""
    floors[:, :] = NEVER
    first, row, done = crowd.first[job], crowd.row[job], 0
    begin, ptr = crowd.first_alt[job], crowd.ready_ptr[job]
    for op in range(crowd.first[job + 1] - first):
        ends[op, :] = NEVER
        fixed = crowd.fixed[first + op, FIXED_END]
        if fixed != NEVER:
            ends[op, crowd.site[first + op]] = fixed
            done = max(done, fixed)
            continue
        soonest = NEVER
        for alt in range(routing.ops[row + op, ALTS], routing.ops[row + op, ALTS_END]):
            site = routing.alts[ALT_SITE, alt]
            if not _may(crowd, job, op, site, roams):
                continue
            asked = max(crowd.release_s[job], crowd.ready_s[ptr + alt - begin])
            ready, least = _after(routing, crowd, job, op, site, asked, ends)
            setup = own_setup_s(routing, alt)
            whole = work_s(routing, alt, crowd.quantity[job])
            _lower(floors[op], ready, whole)
            _, _, end = stretch(calendars, routing, row + op, alt, ready, setup, whole - setup)
            if end == NEVER:
                continue
            end = max(end, least)
            if ends[op, site] == NEVER or end < ends[op, site]:
                ends[op, site] = end
            if soonest == NEVER or end < soonest:
                soonest = end
        done = max(done, soonest)
    return done if done > 0 else crowd.since_s[job]


@compiled
def _lower(floor: Seconds, head_s: int, work_s: int) -> None:
    """Keep the least of what alternatives take."""
    floor[HEAD] = head_s if floor[HEAD] == NEVER else min(floor[HEAD], head_s)
    floor[WORK] = work_s if floor[WORK] == NEVER else min(floor[WORK], work_s)


@compiled
def _after(
    routing: RoutingRows,
    crowd: Crowd,
    job: int,
    op: int,
    site: int,
    asked_s: int,
    ends: NDArray[np.int64],
) -> tuple[int, int]:
    """Return before when an operation does not begin at a site, and before when it does not end."""
    row, ready, least = crowd.row[job] + op, asked_s, asked_s
    for at in range(routing.ops[row, BEFORE], routing.ops[row, BEFORE_END]):
        before, soonest = routing.before[at], NEVER
        for other in range(crowd.lane_s.shape[0]):
            lane = crowd.lane_s[other, site]
            if ends[before, other] == NEVER or lane == NEVER:
                continue
            after = ends[before, other] + max(lane, routing.ops[row, MIN_LAG])
            if soonest == NEVER or after < soonest:
                soonest = after
        if 0 < routing.ops[crowd.row[job] + before, TRANSFER] < crowd.quantity[job]:
            least = max(least, soonest)
        else:
            ready = max(ready, soonest)
    return ready, least


@compiled
def _may(crowd: Crowd, job: int, op: int, site: int, roams: bool) -> bool:
    """Return whether an operation may be at a site."""
    if not roams:
        return bool(crowd.site[crowd.first[job] + op] == site)
    found = False
    for other in range(crowd.first[job], crowd.first[job + 1]):
        found = found or crowd.site[other] == site
    return found


@compiled
def _least(tariffs: Tariffs, routing: RoutingRows, crowd: Crowd, job: int, bound: Seconds) -> None:
    """Write the least set-up and electricity of a job's operations that are not fixed."""
    for op in range(crowd.first[job], crowd.first[job + 1]):
        if crowd.fixed[op, FIXED_END] != NEVER:
            continue
        row = crowd.row[job] + op - crowd.first[job]
        setup = priced = emitted = NEVER
        for alt in range(routing.ops[row, ALTS], routing.ops[row, ALTS_END]):
            drawn = drawn_mwh(tariffs, alt, crowd.quantity[job], 0)
            tariff = tariffs.alts[ALT_TARIFF, alt]
            cost = drawn * tariffs.least[0, tariff] // _KWH
            carbon = drawn * tariffs.least[1, tariff] // _KWH
            own = own_setup_s(routing, alt)
            setup = own if setup == NEVER else min(setup, own)
            priced = cost if priced == NEVER else min(priced, cost)
            emitted = carbon if emitted == NEVER else min(emitted, carbon)
        bound[SET_UP] += max(0, setup)
        bound[ENERGY] += max(0, priced)
        bound[CARBON] += max(0, emitted)
