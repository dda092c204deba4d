"""A line with work on it, as a promise looks at it: who is busy when, and what is where."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from manufold.model.calendar import Interval
from manufold.model.line import LineOperator, LineOrder, LineSlot, Station, Step
from manufold.scheduling.line.plan import LinePlan, Ready
from manufold.scheduling.line.rows import worked_between_s

__all__ = ["Loaded", "Work"]


class Work(NamedTuple):
    """One stretch of work of an operator, sorted by its start."""

    start_s: int
    end_s: int
    station_id: str
    step: Step
    worked_s: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan and what was promised since; promising makes a new one, the old one stays.

    Args:
        work: of each operator, by start.
        taken: (from, to) of the work at each station, and `held` of the carriers at it.
        inside: (from, to) of every order in the line.
        hours: of each operator on the running line.
    """

    ready: Ready
    slots: tuple[LineSlot, ...]
    orders: tuple[LineOrder, ...]
    entered_s: Mapping[str, int]
    work: Mapping[str, tuple[Work, ...]]
    taken: Mapping[str, tuple[Interval, ...]]
    held: Mapping[str, tuple[Interval, ...]]
    inside: tuple[Interval, ...]
    hours: Mapping[str, tuple[Interval, ...]]

    @classmethod
    def of(cls, plan: LinePlan) -> "Loaded":
        """Return the line as a plan loads it."""
        ready = plan.ready
        rows = ready.rows
        spans = list(zip(rows.opens_s.tolist(), rows.shuts_s.tolist(), strict=True))
        hours = {
            operator.operator_id: tuple(spans[int(rows.open_ptr[at]) : int(rows.open_ptr[at + 1])])
            for at, operator in enumerate(ready.line.operators)
        }
        entered = zip(ready.orders, plan.entered_s.tolist(), strict=True)
        empty = cls(ready, (), (), {}, {}, {}, {}, (), hours)
        return empty.with_slots(
            ready.orders, plan.slots(), {order.order_id: at for order, at in entered}
        )

    def with_slots(
        self,
        orders: Iterable[LineOrder],
        slots: Iterable[LineSlot],
        entered_s: Mapping[str, int],
    ) -> "Loaded":
        """Return the line with more orders on it, whose slots are given."""
        orders, slots = tuple(orders), tuple(slots)
        steps = {(o.order_id, step.step_id): step for o in orders for step in o.steps}
        people, stations = {s.operator_id for s in slots}, {s.station_id for s in slots}
        work = {name: list(self.work.get(name, ())) for name in people}
        taken = {name: list(self.taken.get(name, ())) for name in stations}
        held = {name: list(self.held.get(name, ())) for name in stations}
        carriers: dict[tuple[str, str, str], Interval] = {}
        finish: dict[str, int] = {}
        for slot, worked_s in zip(slots, worked_between_s(self.ready.line, slots), strict=True):
            step = steps[slot.order_id, slot.step_id]
            row = Work(slot.start_s, slot.end_s, slot.station_id, step, worked_s)
            insort(work[slot.operator_id], row, key=lambda w: w.start_s)
            insort(taken[slot.station_id], (slot.start_s, slot.end_s))
            key = slot.station_id, slot.carrier_id, slot.step_id
            from_s, to_s = carriers.get(key, (slot.arrives_s, slot.end_s))
            carriers[key] = min(from_s, slot.arrives_s), max(to_s, slot.end_s)
            finish[slot.order_id] = max(finish.get(slot.order_id, 0), slot.end_s)
        for (station_id, _, _), span in carriers.items():
            held[station_id].append(span)
        inside = [(entered_s[name], end_s) for name, end_s in finish.items()]
        return Loaded(
            self.ready,
            (*self.slots, *slots),
            (*self.orders, *orders),
            {**self.entered_s, **entered_s},
            {**self.work, **{name: tuple(rows) for name, rows in work.items()}},
            {**self.taken, **{name: tuple(rows) for name, rows in taken.items()}},
            {**self.held, **{name: tuple(rows) for name, rows in held.items()}},
            tuple(sorted((*self.inside, *inside))),
            self.hours,
        )

    def posts(self, step: Step) -> Iterable[tuple[LineOperator, Station, Interval]]:
        """Yield who does a step, where, and during which period."""
        ready, line = self.ready, self.ready.line
        ends = (*ready.periods_s[1:], ready.to_s)
        for balance, from_s, to_s in zip(ready.balances, ready.periods_s, ends, strict=True):
            for post in balance.posts:
                if step.step_id in post.steps:
                    operator = line.operator[post.operator_id]
                    yield operator, line.station[post.station_id], (from_s, to_s)

    def opening_s(self, operator_id: str, instant_s: int) -> int | None:
        """Return when an operator next works on the running line, None where never."""
        for opens, shuts in self.hours[operator_id]:
            if instant_s < shuts:
                return max(instant_s, opens)
        return None

    def finish_s(self, operator_id: str, start_s: int, work_s: int) -> int | None:
        """Return when work that begins ends, breaks passed over; None behind the last hour."""
        for opens, shuts in self.hours[operator_id]:
            if shuts <= start_s:
                continue
            begins_s = max(start_s, opens)
            if begins_s + work_s <= shuts:
                return begins_s + work_s
            work_s -= shuts - begins_s
        return None

    def free(self, station_id: str, start_s: int, end_s: int) -> bool:
        """Return whether nobody works at a station meanwhile, and a place is free there."""
        taken = self.taken.get(station_id, ())
        at = bisect_left(taken, (start_s, start_s))
        if at < len(taken) and taken[at][0] < end_s:
            return False
        if at and taken[at - 1][1] > start_s:
            return False
        places = self.ready.line.station[station_id].places
        return most_at_once(self.held.get(station_id, ()), start_s, end_s) < places


def most_at_once(spans: Iterable[Interval], from_s: int, to_s: int) -> int:
    """Return the most of some spans that hold at one instant of [from_s, to_s)."""
    events = []
    for begins_s, ends_s in spans:
        if begins_s < to_s and ends_s > from_s:
            events += [(max(begins_s, from_s), 1), (ends_s, -1)]
    most = now = 0
    for _, change in sorted(events):
        now += change
        most = max(most, now)
    return most
