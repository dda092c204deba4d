"""Seek: where and when in one step, as the kernels that place many jobs need it."""

from manufold.scheduling.calendar_rows import Calendars
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.kernel import Seconds, compiled, unowned
from manufold.scheduling.place import PLACED, Ask, Found, place
from manufold.scheduling.routing_rows import RoutingRows
from manufold.scheduling.rows import Rows
from manufold.scheduling.where import choose_sites

__all__ = ["seek"]


@compiled
def seek(
    rows: Rows,
    used: int,
    calendars: Calendars,
    changes: Changeovers,
    routing: RoutingRows,
    ask: Ask,
    allowed: Seconds,
    to_lane_s: Seconds,
    last: Seconds,
    site: Seconds,
    found: Found,
    held: Seconds,
    keep: bool,
) -> tuple[int, int, int]:
    """Choose the sites of a job, then place it; return (how it ended, operation, rows in use).

    Args: as `where.choose_sites` and `place.place`.
    """
    rows, calendars, changes = unowned((rows, calendars, changes))
    routing, ask, allowed, to_lane_s = unowned((routing, ask, allowed, to_lane_s))
    last, site, found, held = unowned((last, site, found, held))
    ended, at = choose_sites(rows, calendars, changes, routing, ask, allowed, to_lane_s, last, site)
    if ended != PLACED:
        return ended, at, used
    return place(rows, used, calendars, changes, routing, ask, site, found, held, keep)
