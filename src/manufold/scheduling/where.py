"""Where: the site of each operation, so that the goods arrive first.

Every operation gets, for every site that can do it, the earliest finish there, ways from its
predecessors' sites included; the best arrival is then traced back. For a routing that is a chain
this is exact, since starting later never finishes sooner. Where a routing forks, both branches
may want their common predecessor at different sites: the branch that ends later decides.

Cost    O(operations x seats + precedences x sites x sites), no search.
Source  the label-setting pass of R. Bellman, Quart. Appl. Math. 16 (1958) 87-90.
"""

import numpy as np

from manufold.scheduling.calendar_rows import NEVER, Calendars
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.fit import END, FOUND, fit
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.place import FIXED_END, NO_ROOM, PLACED, Ask, Found, after_s, way_s
from manufold.scheduling.routing_rows import (
    ALT_SITE,
    ALTS,
    ALTS_END,
    BEFORE,
    BEFORE_END,
    RoutingRows,
)
from manufold.scheduling.rows import Rows

__all__ = ["NO_WAY", "choose_sites"]

#: how else it may end: no lane leads to an operation, or to where the goods go
NO_WAY = 3

#: site of an operation that is not chosen yet
OPEN = -1


@compiled
def choose_sites(
    rows: Rows,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    ask: Ask,
    allowed: Seconds,
    to_lane_s: Seconds,
    last: Seconds,
    site: Seconds,
) -> tuple[int, int]:
    """Write the site of each operation; return (how it ended, operation).

    Args:
        allowed: int64, shape (sites,), 1 where it may be made.
        to_lane_s: int64, shape (sites,), from there to where the goods go, NEVER for no way.
        last: operations that nothing follows; all end at the site the goods leave from.
        site: int64, shape (ops,), of fixed operations already, else OPEN.
    """
    ops, sites = len(site), len(allowed)
    only = _only_site(routing, ask, allowed, site)
    if only != OPEN and to_lane_s[only] != NEVER:
        site[:] = only
        return PLACED, 0
    ends = np.full((ops, sites), NEVER, dtype=np.int64)
    origin = np.full((len(routing.before), sites), OPEN, dtype=np.int64)
    found = np.full((ops, sites, FOUND), NEVER, dtype=np.int64)
    for op in range(ops):
        if ask.fixed[op, FIXED_END] != NEVER:
            ends[op, site[op]] = ask.fixed[op, FIXED_END]
            continue
        ended = _label(rows, calendars, changes, routing, ask, allowed, op, ends, origin, found)
        if ended != PLACED:
            return ended, op
    leaves = _leaves_from(ends, to_lane_s, last)
    if leaves == OPEN:
        return NO_WAY, last[-1]
    fixed_too = site.copy()
    _trace(routing, ends, origin, last, leaves, site)
    for op in range(ops):
        for at in range(routing.ops[op, BEFORE], routing.ops[op, BEFORE_END]):
            start = site[routing.before[at]]
            if fixed_too[op] == OPEN and way_s(routing, ask, op, start, site[op]) == NEVER:
                return _whole(ends, to_lane_s, last, fixed_too, site)
    return PLACED, 0


@compiled
def _only_site(routing: RoutingRows, ask: Ask, allowed: Seconds, site: Seconds) -> int:
    """Return the only site that has a say, or OPEN."""
    only = OPEN
    for op in range(len(site)):
        if ask.fixed[op, FIXED_END] != NEVER:
            if only not in (OPEN, site[op]):
                return OPEN
            only = site[op]
            continue
        for alt in range(routing.ops[op, ALTS], routing.ops[op, ALTS_END]):
            here = routing.alts[ALT_SITE, alt]
            if allowed[here]:
                if only not in (OPEN, here):
                    return OPEN
                only = here
    return only


@compiled
def _label(
    rows: Rows,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    ask: Ask,
    allowed: Seconds,
    op: int,
    ends: Found,
    origin: Found,
    found: Found,
) -> int:
    """Find an operation's earliest finish at each site, and where it would come from."""
    reachable = False
    for alt in range(routing.ops[op, ALTS], routing.ops[op, ALTS_END]):
        here = routing.alts[ALT_SITE, alt]
        if not allowed[here]:
            continue
        ready, way = max(ask.release_s, ask.alt_ready_s[alt - ask.first_alt]), True
        for at in range(routing.ops[op, BEFORE], routing.ops[op, BEFORE_END]):
            before, soonest = routing.before[at], NEVER
            for start in range(len(allowed)):
                if ends[before, start] == NEVER:
                    continue
                after = after_s(
                    calendars, routing, ask, op, alt, before, found[before, start], start
                )
                if after != NEVER and (soonest == NEVER or after < soonest):
                    soonest, origin[at, here] = after, start
            if soonest == NEVER:
                way = False
                break
            ready = max(ready, soonest)
        if way:
            reachable = True
            fit(rows, calendars, changes, routing, op, alt, ask.quantity, ready, found[op, here])
            ends[op, here] = found[op, here, END]
    for here in range(len(allowed)):
        if ends[op, here] != NEVER:
            return PLACED
    return NO_ROOM if reachable else NO_WAY


@compiled
def _leaves_from(ends: Found, to_lane_s: Seconds, last: Seconds) -> int:
    """Return the site from which the goods arrive first when all last operations end there."""
    leaves, soonest = OPEN, 0
    for here in range(len(to_lane_s)):
        arrives = 0
        for op in last:
            arrives = (
                NEVER
                if ends[op, here] == NEVER or arrives == NEVER
                else max(arrives, ends[op, here])
            )
        if arrives == NEVER or to_lane_s[here] == NEVER:
            continue
        arrives += to_lane_s[here]
        if leaves == OPEN or arrives < soonest:
            leaves, soonest = here, arrives
    return leaves


@compiled
def _trace(
    routing: RoutingRows,
    ends: Found,
    origin: Found,
    last: Seconds,
    leaves: int,
    site: Seconds,
) -> None:
    """Go back from the last operations; whoever ends later decides for its predecessors."""
    for op in last:
        site[op] = leaves
    soonest = np.zeros(len(site), dtype=np.int64)
    for op in range(len(site)):
        least = NEVER
        for here in range(ends.shape[1]):
            if ends[op, here] != NEVER and (least == NEVER or ends[op, here] < least):
                least = ends[op, here]
        soonest[op] = least
    waiting = np.ones(len(site), dtype=np.bool_)
    for _ in range(len(site)):
        op = OPEN
        for one in range(len(site) - 1, -1, -1):
            if waiting[one] and site[one] != OPEN and (op == OPEN or soonest[one] > soonest[op]):
                op = one
        if op == OPEN:
            return
        waiting[op] = False
        for at in range(routing.ops[op, BEFORE], routing.ops[op, BEFORE_END]):
            before = routing.before[at]
            if site[before] == OPEN:
                site[before] = origin[at, site[op]]


@compiled
def _whole(
    ends: Found, to_lane_s: Seconds, last: Seconds, fixed_too: Seconds, site: Seconds
) -> tuple[int, int]:
    """Let one site make all, where the branches of a fork want their stem at different ones."""
    best, soonest = OPEN, 0
    for here in range(len(to_lane_s)):
        arrives = to_lane_s[here]
        for op in range(len(site)):
            if fixed_too[op] != OPEN or ends[op, here] == NEVER:
                arrives = NEVER
        if arrives == NEVER:
            continue
        for op in last:
            arrives = max(arrives, to_lane_s[here] + ends[op, here])
        if best == OPEN or arrives < soonest:
            best, soonest = here, arrives
    if best == OPEN:
        return NO_WAY, last[-1]
    site[:] = best
    return PLACED, 0
