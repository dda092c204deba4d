"""The slow truth about chains: every work unit, seat and start tried on a grid of minutes.

Shares nothing with the planner but the network. What runs before a start decides the changeover;
where nothing does, the worst is booked. All times of its shops are whole minutes, so an
earliest finish on the grid is an earliest finish.
"""

import itertools
from collections.abc import Sequence

from manufold.model.network import Network, WorkUnit
from manufold.model.ports import Booking
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job
from manufold.model.work_content import (
    changeover_s,
    setup_family,
    work_content,
    worst_changeover_s,
)

MINUTE_S = 60


class Grid:
    """Minutes of a network: who works when, and what is taken."""

    def __init__(self, network: Network, bookings: Sequence[Booking], until_s: int) -> None:
        self.network = network
        self.minutes = until_s // MINUTE_S
        self.working = {}
        for calendar in network.calendars:
            row = [False] * self.minutes
            for start, end in calendar.intervals(0, until_s):
                for minute in range(start // MINUTE_S, end // MINUTE_S):
                    row[minute] = True
            self.working[calendar.calendar_id] = row
        self.taken: dict[tuple[str, int], list[bool]] = {}
        self.bookings = bookings
        for booking in bookings:
            row = self.taken.setdefault((booking.resource_id, booking.seat), [False] * self.minutes)
            last = min(self.minutes, -(-booking.to_s // MINUTE_S))
            for minute in range(booking.from_s // MINUTE_S, last):
                row[minute] = True

    def changeover_s(self, unit: WorkUnit, seat: int, start: int, family: str) -> int:
        """Return the changeover into a family for what starts at a minute."""
        rows = [
            one
            for one in self.bookings
            if (one.resource_id, one.seat) == (unit.work_unit_id, seat)
            and one.to_s <= start * MINUTE_S
        ]
        if not rows:
            return worst_changeover_s(self.network, unit, family)
        last = max(rows, key=lambda one: one.from_s)
        return changeover_s(self.network, unit, last.detail["family"], family)

    def finish(
        self, unit: WorkUnit, seat: int, content: int, ready: int, pausable: bool, family: str
    ) -> int | None:
        """Return the earliest finish in minutes of `content` minutes of work and its changeover
        begun at or after `ready`."""
        working = self.working[unit.calendar_id]
        taken = self.taken.get((unit.work_unit_id, seat), [False] * self.minutes)
        for start in range(ready, self.minutes):
            if not working[start] or taken[start]:
                continue
            left = content + self.changeover_s(unit, seat, start, family) // MINUTE_S
            minute = start
            while left and minute < self.minutes and not taken[minute]:
                if working[minute]:
                    left -= 1
                elif not pausable:
                    break
                minute += 1
            if not left:
                return minute
        return None


def best_arrival_s(
    network: Network, bookings: Sequence[Booking], job: Job, until_s: int, to: str | None = None
) -> int | None:
    """Return the earliest arrival of a chain's goods over all assignments to work units."""
    grid = Grid(network, bookings, until_s)
    able = [_able(network, operation) for operation in job.plan.operations]
    best: int | None = None
    for units in itertools.product(*able):
        at = _one_assignment(grid, job, units)
        if at is None:
            continue
        lane_s = 0 if to is None else network.lane_s(_site(network, units[-1]), to)
        if lane_s is not None and (best is None or at + lane_s < best):
            best = at + lane_s
    return best


def _able(network: Network, operation: Operation) -> list[WorkUnit]:
    return [u for u in network.work_units if u.capability(operation.capability) is not None]


def _site(network: Network, unit: WorkUnit) -> str:
    return network.work_center[unit.work_center_id].site_id


def _one_assignment(grid: Grid, job: Job, units: Sequence[WorkUnit]) -> int | None:
    network = grid.network
    end = -(-job.release_s // MINUTE_S)
    before: WorkUnit | None = None
    for operation, unit in zip(job.plan.operations, units, strict=True):
        capability = unit.capability(operation.capability)
        assert capability is not None
        if before is not None:
            lane_s = network.lane_s(_site(network, before), _site(network, unit))
            if lane_s is None:
                return None
            end += max(lane_s, operation.min_lag_s) // MINUTE_S
        family = setup_family(job.plan, operation)
        content_s = work_content(operation, capability, job.quantity).total_s
        assert content_s % MINUTE_S == 0, content_s
        end = max(end, job.ready_s.get(operation.operation_id, 0) // MINUTE_S)
        ends = [
            found
            for seat in range(unit.seats)
            if (
                found := grid.finish(
                    unit, seat, content_s // MINUTE_S, end, operation.pausable, family
                )
            )
            is not None
        ]
        if not ends:
            return None
        end, before = min(ends), unit
    return end * MINUTE_S
