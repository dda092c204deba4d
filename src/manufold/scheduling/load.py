"""Load: what is booked on each seat of the network, on compiled calendars, over a horizon.

A load never changes; `with_slots` and `without_group` return another that shares all seats they
do not touch, so that a service can try, throw away and try again. `seq` is the place in the log
it was read at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from manufold.model.network import Network, WorkUnit
from manufold.model.ports import Booking
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S
from manufold.scheduling.seat import FREE, Row, SeatLoad, seat_load
from manufold.scheduling.worktime import Worktime, compiled_worktime

__all__ = ["HORIZON_LIMIT_S", "HORIZON_S", "Load"]

#: how far calendars are compiled at first: beyond any usual lead time of material and work
HORIZON_S = 180 * DAY_S
#: how far at most: a date years ahead on today's calendars and rates is no honest promise
HORIZON_LIMIT_S = 720 * DAY_S

Seat = tuple[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Bookings and working time from `from_s` on; build one by `Load.of`.

    Args:
        from_s: nothing is planned before.
        horizon_s: span over which calendars are compiled.
        worktime: by calendar id.
        booked: by (resource, seat); a seat that is absent is free.
        units: work units by the name of a capability.
        numbers: names of groups and families as the kernels know them; only ever grows.
        seq: of the newest event it stands on.
    """

    network: Network
    from_s: int
    horizon_s: int
    worktime: Mapping[str, Worktime]
    booked: Mapping[Seat, SeatLoad]
    units: Mapping[str, tuple[WorkUnit, ...]]
    numbers: dict[str | None, int]
    seq: int = 0

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
        numbers: dict[str | None, int] = {}
        rows: dict[Seat, list[Row]] = {}
        for booking in bookings:
            if booking.to_s > from_s:
                group = numbers.setdefault(booking.group, len(numbers))
                family = numbers.setdefault(booking.detail.get("family"), len(numbers))
                rows.setdefault((booking.resource_id, booking.seat), []).append(
                    (booking.from_s, booking.to_s, group, family)
                )
        units: dict[str, tuple[WorkUnit, ...]] = {}
        for unit in network.work_units:
            for capability in unit.capabilities:
                units[capability.name] = (*units.get(capability.name, ()), unit)
        return cls(
            network,
            from_s,
            horizon_s,
            _worktime(network, from_s, horizon_s),
            {seat: seat_load(found) for seat, found in rows.items()},
            units,
            numbers,
            seq,
        )

    def seat(self, resource_id: str, seat: int) -> SeatLoad:
        """Return what is booked on a seat."""
        return self.booked.get((resource_id, seat), FREE)

    def worktime_of(self, work_unit_id: str) -> Worktime:
        """Return the working time of a work unit."""
        return self.worktime[self.network.work_unit[work_unit_id].calendar_id]

    def worktime_over(self, work_unit_id: str, from_s: int, to_s: int) -> Worktime:
        """Return the working time of a work unit from `from_s` to long after `to_s`, whatever the
        load's own horizon is: work may be promised, and be late, beyond it."""
        calendar = self.network.calendar[self.network.work_unit[work_unit_id].calendar_id]
        return compiled_worktime(calendar, from_s, to_s + 2 * (to_s - from_s) + 30 * DAY_S)

    def with_slots(
        self, slots: Iterable[Slot], *, group: str | None = None, seq: int | None = None
    ) -> "Load":
        """Return the load with these slots booked too.

        Args:
            group: the name they are released by, each slot's holder when absent.
        """
        rows: dict[Seat, list[Row]] = {}
        for slot in slots:
            released_by = self.number(slot.holder if group is None else group)
            rows.setdefault((slot.resource_id, slot.seat), []).append(
                (slot.start_s, slot.end_s, released_by, self.number(slot.setup_family))
            )
        booked = dict(self.booked)
        for seat, more in rows.items():
            booked[seat] = booked.get(seat, FREE).with_rows(more)
        return replace(self, booked=booked, seq=self.seq if seq is None else seq)

    def without_group(self, group: str, *, seq: int | None = None) -> "Load":
        """Return the load without what is booked by that group."""
        number = self.numbers.get(group)
        booked = self.booked
        if number is not None:
            booked = {seat: rows.without(number) for seat, rows in booked.items()}
        return replace(self, booked=booked, seq=self.seq if seq is None else seq)

    def extended(self) -> "Load | None":
        """Return the load over twice its horizon, None when that is beyond the limit."""
        horizon_s = min(2 * self.horizon_s, HORIZON_LIMIT_S)
        if horizon_s <= self.horizon_s:
            return None
        worktime = _worktime(self.network, self.from_s, horizon_s)
        return replace(self, horizon_s=horizon_s, worktime=worktime)

    def number(self, name: str | None) -> int:
        """Return the kernels' number of a group or a family."""
        return self.numbers.setdefault(name, len(self.numbers))


def _worktime(network: Network, from_s: int, horizon_s: int) -> dict[str, Worktime]:
    used = sorted({unit.calendar_id for unit in network.work_units})
    return {
        name: compiled_worktime(network.calendar[name], from_s, from_s + horizon_s) for name in used
    }
