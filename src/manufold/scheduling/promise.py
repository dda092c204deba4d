"""Promise: the earliest honest finish of new work on a loaded network.

Two passes. *Where* (`scheduling.where`): the site of each operation, so that the goods arrive
first. *When* (`scheduling.place`): in routing order, each operation takes the stretch that finishes
soonest among the work units of its site (`scheduling.fit`), together with the operator who attends
it and the tools it holds; on lots of its predecessor where that hands on lots. Booked work never
moves, so the answer is feasible by construction. A set-up is booked as long as any of the
neighbours it may come to have asks for (`scheduling.changeovers`), so nothing that is inserted or
expires later makes it too short.

Exact for a routing that is a chain (no maximum lags); for others an upper bound. Greedy, hence
not monotone there: more free time can, rarely, make the answer later.

Units   whole seconds since the engine epoch, on calendars compiled in the load.
Cost    O(operations x seats of capable work units x log bookings); no search, no randomness.
Source  serial schedule generation: R. Kolisch, Eur. J. Oper. Res. 90 (1996) 320-333,
        doi:10.1016/0377-2217(95)00357-6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from manufold.model.errors import CannotMake, InputFault, Reason
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.scheduling.asked import Asked, asked_of
from manufold.scheduling.assumed import assumptions
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.eligible import site_sets
from manufold.scheduling.fit import FOUND
from manufold.scheduling.kernel import Seconds
from manufold.scheduling.load import Load
from manufold.scheduling.place import PLACED, Found
from manufold.scheduling.refusals import refusal_of
from manufold.scheduling.seek import seek
from manufold.scheduling.slots import slots_of
from manufold.scheduling.waits import Wait, binding_of, waits_of

__all__ = ["Promised", "promise", "site_sets"]


@dataclass(frozen=True)
class Promised:
    """Slots that can be booked as they stand, and why they end when they end.

    Args:
        finish_s: end of the last operation; the goods leave then.
        ships_from: site they leave from.
        arrives_s: at the destination; `finish_s` where none was asked for.
    """

    finish_s: int
    ships_from: str
    arrives_s: int
    _asked: Asked = field(compare=False, repr=False)
    _found: Found = field(compare=False, repr=False)
    _site: Seconds = field(compare=False, repr=False)
    _held_s: Seconds = field(compare=False, repr=False)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """One per operation that was not fixed, in routing order; made when first asked for."""
        return slots_of(self._asked.load, self._asked.job, self._asked.routing, self._found)

    @cached_property
    def waits(self) -> tuple[Wait, ...]:
        """What each operation waited for, in routing order; worked out when first asked for."""
        return waits_of(self._asked, self._found, self._site, self._held_s)

    @cached_property
    def binding(self) -> Reason:
        """What the date hangs on most."""
        return binding_of(self._asked, self._found, self._site, self.waits)

    @cached_property
    def assumptions(self) -> tuple[Reason, ...]:
        """What was taken as given because nobody said it."""
        return assumptions(self._asked, self._found)


def promise(
    load: Load,
    network: Network,
    job: Job,
    *,
    sites: frozenset[str] | None = None,
    to_site_or_zone: str | None = None,
    ready_s: Mapping[tuple[str, str], int] | None = None,
    fixed: Mapping[str, Slot] | None = None,
) -> Promised:
    """Return the earliest slots for a job and when its goods arrive.

    Args:
        network: the load's own; lanes and limits are read from it.
        sites: where it may be made, anywhere when absent.
        to_site_or_zone: where the goods go; the lane there is part of the choice of site.
        ready_s: (operation, site) -> its material is there; absent = at once.
        fixed: operations that are placed, begun or done already; their slots stay booked.

    Raises:
        CannotMake: `schedule.no_capability`, `schedule.longer_than_shift`, `schedule.no_way`,
            `schedule.max_lag`, `schedule.past_horizon`, `schedule.operator_never_works`.
        InputFault: `schedule.destination_unknown`.
    """
    assert network.revision == load.network.revision  # the load's may have work units down
    to = to_site_or_zone
    if to is not None and to not in load.resources.to_lane_s:
        raise InputFault("schedule.destination_unknown", destination=to)
    wider: Load | None = load
    while True:
        try:
            return _promised(asked_of(load, job, sites, to, ready_s, fixed))
        except CannotMake as refusal:
            wider = load.extended()
            if refusal.code != "schedule.past_horizon" or wider is None:
                raise
            load = wider


def _promised(asked: Asked) -> Promised:
    """Choose sites, place the operations, and read the answer off."""
    load, routing = asked.load, asked.routing
    count = len(routing.sites)
    site = asked.fixed_site.copy()
    found = np.full((count, FOUND + routing.tools_max), NEVER, dtype=np.int64)
    held = np.zeros(count, dtype=np.int64)
    with load.pool.lock:
        ended, at, _used = seek(
            load.pool.rows(load.bounds, asked.space),
            load.pool.used,
            load.clocks.rows,
            load.changes,
            routing.rows,
            asked.ask,
            asked.allowed,
            asked.to_lane_s,
            routing.last,
            site,
            found,
            held,
            False,
        )
    if ended != PLACED:
        raise refusal_of(asked, ended, at)
    finish_s = int(asked.ends_s(found)[routing.last].max())
    leaves = int(site[routing.last[-1]])
    return Promised(
        finish_s,
        asked.site_names[leaves],
        finish_s + int(asked.to_lane_s[leaves]),
        asked,
        found,
        site,
        held,
    )
