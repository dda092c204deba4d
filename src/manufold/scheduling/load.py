"""Load: what is booked on each seat of the network, on compiled calendars, over a horizon.

A load never changes; `with_slots` and `without_group` return another that shares all seats they
do not touch, so that a service can try, throw away and try again. `seq` is the place in the log
it was read at.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from manufold.model.calendar import WorkCalendar
from manufold.model.network import Network
from manufold.model.ports import Booking
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Claim, Slot
from manufold.model.units import DAY_S
from manufold.scheduling.batch_names import share_number
from manufold.scheduling.changeovers import Changeovers
from manufold.scheduling.clocks import Clocks, clocks_of
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.pool import Bounds, Pool
from manufold.scheduling.resources import Resources, resources_of
from manufold.scheduling.routing import Routing, routing_of
from manufold.scheduling.rows import (
    ANY_S,
    COUNT,
    ENDS,
    FAMILY_OF,
    NO_SHARE,
    PTR,
    STARTS,
    insert_sorted,
    without_group,
)
from manufold.scheduling.worktime import Worktime, compiled_worktime

__all__ = ["HORIZON_LIMIT_S", "HORIZON_S", "Load", "changeovers_of"]

#: how far calendars are compiled at first: beyond any usual lead time of material and work
HORIZON_S = 180 * DAY_S
#: how far at most: a date years ahead on today's calendars and rates is no honest promise
HORIZON_LIMIT_S = 720 * DAY_S

#: (number of the seat, start, end, family, changeover, firm, share, group)
RowNumbers = tuple[int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Bookings and working time from `from_s` on; build one by `Load.of`.

    Args:
        from_s: nothing is planned before.
        horizon_s: span over which calendars are compiled.
        bounds: where the rows of each seat lie in the pool.
        longest: most rows of one seat.
        numbers: names of groups and families as the kernels know them; only ever grows.
        seq: of the newest event it stands on.
    """

    network: Network
    from_s: int
    horizon_s: int
    resources: Resources
    clocks: Clocks
    changes: Changeovers
    bounds: Bounds
    pool: Pool
    numbers: dict[str | None, int]
    seq: int = 0
    longest: int = 0
    routings: dict[tuple[int, int], Routing] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        network: Network,
        bookings: Iterable[Booking] = (),
        from_s: int = 0,
        horizon_s: int = HORIZON_S,
        *,
        seq: int = 0,
    ) -> "Load":
        """Return the load of a network with these bookings; those over by `from_s` are left out.

        Args:
            horizon_s: span from `from_s`; `extended` doubles it when work does not fit.
        """
        resources = resources_of(network)
        numbers: dict[str | None, int] = {None: 0}
        empty = cls(
            network,
            from_s,
            horizon_s,
            resources,
            clocks_of(network, from_s, from_s + horizon_s),
            changeovers_of(network, numbers),
            np.zeros((3, len(resources.names)), dtype=np.int64),
            Pool(),
            numbers,
            seq,
        )
        found = [row for one in bookings if one.to_s > from_s for row in empty._of_booking(one)]
        return empty._with(found)

    def worktime_of(self, work_unit_id: str) -> Worktime:
        """Return the working time of a work unit over the horizon."""
        calendar_id = self.network.work_unit[work_unit_id].calendar_id
        return self.clocks.worktime[self.clocks.number[calendar_id, None]]

    def worktime_over(self, work_unit_id: str, from_s: int, to_s: int) -> Worktime:
        """Return the working time of a work unit from `from_s` to long after `to_s`, whatever the
        load's own horizon is: work may be promised, and be late, beyond it."""
        return compiled_worktime(
            self._calendar(work_unit_id), from_s, to_s + 2 * (to_s - from_s) + 30 * DAY_S
        )

    def booked(self, resource_id: str, seat: int) -> tuple[Seconds, Seconds]:
        """Return starts and ends of what is booked on a seat, in the order of starts."""
        number = self.resources.number[resource_id, seat]
        low = int(self.bounds[PTR, number])
        block = slice(low, low + int(self.bounds[COUNT, number]))
        rows = self.pool.rows(self.bounds)
        return rows.columns[STARTS, block].copy(), rows.columns[ENDS, block].copy()

    def with_slots(
        self,
        slots: Iterable[Slot],
        *,
        group: str | None = None,
        seq: int | None = None,
        firm: bool = True,
    ) -> "Load":
        """Return the load with these slots booked too, and all they claim.

        Args:
            group: the name they are released by, each slot's holder when absent.
            firm: whether they stay; a hold may vanish, which set-ups before and behind allow for.
        """
        found: list[RowNumbers] = []
        for slot in slots:
            released_by = self.number(slot.holder if group is None else group)
            found += self._of_slot(slot, released_by, int(firm))
        return self._with(found, seq)

    def closed(self, resources: Container[str]) -> "Load":
        """Return the load with each seat of these resources taken to the end of its last booking.

        What comes behind finds it set up for what runs last there.
        """
        group, rows = self.number("closed"), self.pool.rows(self.bounds)
        found: list[RowNumbers] = []
        for number, (resource_id, _) in enumerate(self.resources.names):
            low, count = self.bounds[[PTR, COUNT], number].tolist()
            if resource_id not in resources or not count:
                continue
            last = low + int(np.argmax(rows.columns[ENDS, low : low + count]))
            end_s, family = int(rows.columns[ENDS, last]), int(rows.columns[FAMILY_OF, last])
            if end_s > self.from_s:
                # it starts last, so that it is the one that stands before what comes
                begins_s = max(self.from_s, int(rows.columns[STARTS, low + count - 1]))
                for start_s in {self.from_s, begins_s}:
                    found.append((number, start_s, end_s, family, ANY_S, 1, NO_SHARE, group))
        return self._with(found)

    def without_group(self, group: str, *, seq: int | None = None) -> "Load":
        """Return the load without what is booked by that group."""
        number = self.numbers.get(group)
        seq = self.seq if seq is None else seq
        if number is None:
            return replace(self, seq=seq)
        with self.pool.lock:
            bounds = self.bounds.copy()
            rows = self.pool.rows(bounds, int(bounds[COUNT].sum()))
            self.pool.used = int(without_group(rows, self.pool.used, number))
        return replace(self, bounds=bounds, seq=seq)

    def extended(self) -> "Load | None":
        """Return the load over twice its horizon, None when that is beyond the limit."""
        horizon_s = min(2 * self.horizon_s, HORIZON_LIMIT_S)
        if horizon_s <= self.horizon_s:
            return None
        clocks = clocks_of(self.network, self.from_s, self.from_s + horizon_s)
        return replace(self, horizon_s=horizon_s, clocks=clocks)

    def number(self, name: str | None) -> int:
        """Return the kernels' number of a group or a family."""
        return self.numbers.setdefault(name, len(self.numbers))

    def routing(self, plan: ProcessPlan, quantity: int) -> Routing:
        """Return a plan bound to this network, compiled when first asked for.

        Raises:
            CannotMake: `schedule.no_capability`.
        """
        found = self.routings.get((id(plan), 0)) or self.routings.get((id(plan), quantity))
        if found is None or found.plan is not plan:
            found = routing_of(
                self.network, self.resources, self.clocks, plan, self.numbers, quantity
            )
            if len(self.routings) >= ROUTINGS_MAX:
                self.routings.clear()
            self.routings[id(plan), 0 if found.any_quantity else quantity] = found
        return found

    def _with(self, found: Sequence[RowNumbers], seq: int | None = None) -> "Load":
        seq = self.seq if seq is None else seq
        if not found:
            return replace(self, seq=seq)
        ordered = seconds(sorted(found))
        seats = np.unique(ordered[:, 0])
        shared, bounds = self.pool, self.bounds.copy()
        with self.pool.lock:
            if shared.wasteful(int(bounds[COUNT].sum())):
                shared, bounds = shared.packed(bounds)
            rows = shared.rows(bounds, int(bounds[COUNT, seats].sum()) + len(found))
            shared.used = int(insert_sorted(rows, shared.used, ordered, seats))
        longest = max(self.longest, int(bounds[COUNT, seats].max()))
        return replace(self, bounds=bounds, pool=shared, seq=seq, longest=longest)

    def _of_booking(self, booking: Booking) -> list[RowNumbers]:
        number = self.resources.number.get((booking.resource_id, booking.seat))
        if number is None:
            return []
        change_s = booking.detail.get("changeover_s")
        shared = booking.detail.get("shared_as", "")
        return [
            (
                number,
                booking.from_s,
                booking.to_s,
                self.number(booking.detail.get("family")),
                ANY_S if change_s is None else int(change_s),
                int(booking.state != "held"),
                share_number(self, shared),
                self.number(booking.group),
            )
        ]

    def _of_slot(self, slot: Slot, group: int, firm: int) -> list[RowNumbers]:
        number, family = self.resources.number, self.number(slot.setup_family)
        change_s = ANY_S if slot.changeover_s is None else slot.changeover_s
        seat = number.get((slot.resource_id, slot.seat))
        if seat is None:
            return []
        own = (seat, slot.start_s, slot.end_s, family, change_s, firm, NO_SHARE, group)
        return [own, *(self._of_claim(claim, family, change_s, firm, group) for claim in slot.also)]

    def _of_claim(
        self, claim: Claim, family: int, change_s: int, firm: int, group: int
    ) -> RowNumbers:
        seat = self.resources.number[claim.resource_id, claim.seat]
        share = share_number(self, claim.shared_as)
        return (seat, claim.start_s, claim.end_s, family, change_s, firm, share, group)

    def _calendar(self, work_unit_id: str) -> WorkCalendar:
        return self.network.calendar[self.network.work_unit[work_unit_id].calendar_id]


#: plans kept bound to one load; a plan is bound in well under a millisecond
ROUTINGS_MAX = 20_000


def changeovers_of(network: Network, numbers: dict[str | None, int]) -> Changeovers:
    """Return the setup matrices of a network; families it does not know yet get a number."""
    ptr, pairs, spans, defaults = [0], [], [], []
    for matrix in network.setup_matrices:
        listed: dict[int, int] = {}
        for before, after, span_s, _cost, _energy in matrix.entries:
            first = numbers.setdefault(before, len(numbers))
            second = numbers.setdefault(after, len(numbers))
            listed.setdefault(first << 20 | second, span_s)
        for pair in sorted(listed):
            pairs.append(pair)
            spans.append(listed[pair])
        ptr.append(len(pairs))
        defaults.append(matrix.default_s)
    return Changeovers(*map(seconds, (ptr, pairs, spans, defaults)))
