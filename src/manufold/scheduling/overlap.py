"""Overlap: when a successor may start on pieces that its predecessor hands on in lots.

A transfer lot may travel as soon as its last piece is done. The successor starts when the first
lot is there, and not so early that it would run out: each lot must have come when its turn comes.
Both operations work their pieces off evenly on their own calendars.

Cost    O(lots x log intervals).
"""

from manufold.scheduling.calendar_rows import (
    NEVER,
    OPENS,
    SHUTS,
    Calendars,
    begin_s,
    done_s,
    first_above,
    instant_at_s,
    ready_to_end_s,
    worked_s,
)
from manufold.scheduling.fit import ALT, SETUP_END
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.routing_rows import (
    ALT_CALENDAR,
    ALT_JOINT,
    ATTENDED,
    ATTENDED_ALL,
    ATTENDED_NONE,
    PAUSABLE,
    TRANSFER,
    RoutingRows,
    own_setup_s,
    work_s,
)

__all__ = ["lots_ready_s", "overlapped_ready_s"]


@compiled
def overlapped_ready_s(
    calendars: Calendars,
    routing: RoutingRows,
    quantity: int,
    before: int,
    found: Seconds,
    way_s: int,
    op: int,
    alt: int,
) -> int:
    """Return from when an alternative may start on the lots of a placed predecessor, or NEVER.

    Args:
        before: the predecessor.
        found: int64, at least FOUND long, where it is placed.
        way_s: from the end of a lot to its arrival, lags included.
    """
    setting_up = routing.alts[ALT_CALENDAR, alt]
    if routing.ops[op, ATTENDED] != ATTENDED_NONE:
        setting_up = routing.alts[ALT_JOINT, alt]
    return lots_ready_s(
        calendars,
        _running(routing, before, found[ALT]),
        found[SETUP_END],
        _run_s(routing, found[ALT], quantity),
        routing.ops[before, TRANSFER],
        quantity,
        way_s,
        _running(routing, op, alt),
        _run_s(routing, alt, quantity),
        setting_up,
        own_setup_s(routing, alt),
        routing.ops[op, PAUSABLE] == 1,
    )


@compiled
def lots_ready_s(
    calendars: Calendars,
    made_on: int,
    made_from_s: int,
    run_before_s: int,
    lot: int,
    quantity: int,
    way_s: int,
    running: int,
    run_s: int,
    setting_up: int,
    setup_s: int,
    pausable: bool,
) -> int:
    """Return from when a successor may start on lots, or NEVER.

    Args:
        made_on: calendar of the predecessor's run, which begins after `made_from_s` and takes
            `run_before_s` working seconds.
        lot: pieces handed on together.
        way_s: from the end of a lot to its arrival, lags included.
        running, setting_up: calendars of the successor's run and set-up, with their spans.
    """
    made_from = begin_s(calendars, made_on, made_from_s)
    ready = position = 0
    for done in range(0, quantity, lot):
        made = min(done + lot, quantity)
        at = done_s(calendars, made_on, made_from, max(1, -(-run_before_s * made // quantity)))
        if made_from == NEVER or at == NEVER:
            return NEVER
        if done == 0:
            ready = at + way_s
        taken = min(run_s * done // quantity, run_s - 1)  # something is done after each lot came
        position = max(position, worked_s(calendars, running, at + way_s) - taken)
    begun = instant_at_s(calendars, running, position)
    if begun == NEVER:
        return NEVER
    low = calendars.ptr[running]
    row = first_above(calendars.rows[OPENS], low, calendars.ptr[running + 1], begun) - 1
    if begun == calendars.rows[OPENS, row]:  # set-up may be over before the pause that ends there
        begun = calendars.rows[SHUTS, row - 1] if row > low else 0
    if setup_s == 0:
        return max(ready, begun)
    return max(ready, ready_to_end_s(calendars, setting_up, begun, setup_s, pausable))


@compiled
def _running(routing: RoutingRows, op: int, alt: int) -> int:
    return (
        routing.alts[ALT_JOINT, alt]
        if routing.ops[op, ATTENDED] == ATTENDED_ALL
        else (routing.alts[ALT_CALENDAR, alt])
    )


@compiled
def _run_s(routing: RoutingRows, alt: int, quantity: int) -> int:
    return work_s(routing, alt, quantity) - own_setup_s(routing, alt)
