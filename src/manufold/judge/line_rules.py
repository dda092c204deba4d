"""Rules of a line, found broken by code that plans nothing.

The judge of networks sees stations, operators, skills, calendars and precedence, yet not what a
line has beside them: travel round the loop, places at a station, orders inside, lots that move
whole, walking, and how long a step takes this operator after what he or she did before. All of that
is worked out here anew from the line, the orders and the slots alone.

Cost    sorts of whole lists: forty thousand slots take about a second.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

import numpy as np

from manufold.judge.violation import Violation, violation
from manufold.model.calendar import WorkCalendar
from manufold.model.line import Line, LineOperator, LineOrder, LineSlot, Step, span_s

__all__ = ["line_violations"]

Placed = tuple[LineSlot, LineOrder, Step]


def line_violations(
    line: Line,
    orders: Sequence[LineOrder],
    slots: Iterable[LineSlot],
    *,
    entered_s: Mapping[str, int] | None = None,
    exact: bool = True,
) -> tuple[Violation, ...]:
    """Return everything wrong with the slots of a line, by kind, then order and step.

    Args:
        entered_s: when each order entered; None = as late as its first arrival allows.
        exact: whether a step may take no longer than it needs; else it may only take no less.
    """
    known = {order.order_id: order for order in orders}
    steps = {order.order_id: {step.step_id: step for step in order.steps} for order in orders}
    rows = tuple(slots)
    found = list(_counted(known, steps, rows))
    if found:  # what follows reads one slot of every step
        return _sorted(found)
    placed = [(s, known[s.order_id], steps[s.order_id][s.step_id]) for s in rows]
    found += _able(line, placed)
    if found:  # what follows works out paces and ways
        return _sorted(found)
    found += _ways(line, placed, entered_s)
    found += _alone(line, rows)
    found += _lengths(line, placed, exact)
    found += _crowded(line, rows)
    found += _inside(line, placed, entered_s)
    found += _whole(known, rows)
    return _sorted(found)


def _sorted(found: Iterable[Violation]) -> tuple[Violation, ...]:
    return tuple(sorted(found, key=lambda v: (v.reason.code, v.holder, v.operation_id)))


def _of(code: str, slot: LineSlot, **params: int | str) -> Violation:
    return violation(code, slot.order_id, slot.step_id, slot.station_id, **params)


def _counted(
    known: Mapping[str, LineOrder],
    steps: Mapping[str, Mapping[str, Step]],
    rows: Sequence[LineSlot],
) -> Iterator[Violation]:
    """Look whether every step has one slot, and no slot is of anything else."""
    times: dict[tuple[str, str], int] = {}
    for slot in rows:
        if slot.step_id not in steps.get(slot.order_id, {}):
            yield _of("line.judged_unknown", slot)
        key = slot.order_id, slot.step_id
        times[key] = times.get(key, 0) + 1
    for order in known.values():
        for step in order.steps:
            count = times.get((order.order_id, step.step_id), 0)
            if count != 1:
                yield violation("line.judged_count", order.order_id, step.step_id, "", count=count)


def _able(line: Line, placed: Iterable[Placed]) -> Iterator[Violation]:
    """Look at machine, attachment and skill."""
    for slot, _, step in placed:
        station, operator = line.station.get(slot.station_id), line.operator.get(slot.operator_id)
        if station is None or not station.fits(step):
            yield _of("line.judged_station", slot, machine=step.machine)
        if operator is None or step.skill not in operator.pace_permille:
            yield _of("line.judged_skill", slot, operator=slot.operator_id, skill=step.skill)


def _ways(
    line: Line, placed: Sequence[Placed], entered_s: Mapping[str, int] | None
) -> Iterator[Violation]:
    """Look whether a carrier can be where it is: released, complete, and brought round the loop."""
    complete: dict[tuple[str, str], tuple[int, str]] = {}
    own = {(slot.order_id, slot.step_id): slot for slot, _, _ in placed}
    for slot, _, _ in placed:
        key = slot.carrier_id, slot.step_id
        end_s, _ = complete.get(key, (slot.end_s, ""))
        complete[key] = max(end_s, slot.end_s), slot.station_id
    for slot, order, step in placed:
        begins_s = order.release_s
        if entered_s is not None:
            begins_s = max(begins_s, entered_s[order.order_id])
        there_s = begins_s + line.travel_s("", slot.station_id) if not step.after else begins_s
        for before in step.after:
            alone = own[slot.order_id, before]
            whole = alone.end_s, alone.station_id  # on another carrier than before it is alone
            end_s, station = complete.get((slot.carrier_id, before), whole)
            there_s = max(there_s, end_s + line.travel_s(station, slot.station_id))
        if slot.arrives_s < there_s:
            yield _of("line.judged_way", slot, early_s=there_s - slot.arrives_s)
        if not slot.arrives_s <= slot.start_s < slot.end_s:
            yield _of("line.judged_arrival", slot, early_s=slot.arrives_s - slot.start_s)


def _alone(line: Line, rows: Sequence[LineSlot]) -> Iterator[Violation]:
    """Look whether stations and operators do one thing at a time, with time to walk between."""
    for who in ("station_id", "operator_id"):
        ordered = sorted(rows, key=lambda s: (getattr(s, who), s.start_s, s.end_s))
        for one, other in pairwise(ordered):
            if getattr(one, who) != getattr(other, who):
                continue
            if other.start_s < one.end_s:
                over_s = one.end_s - other.start_s
                yield _of("line.judged_overlap", other, who=getattr(one, who), over_s=over_s)
            elif one.station_id != other.station_id and who == "operator_id":
                short_s = line.walk_s - (other.start_s - one.end_s)
                if short_s > 0:
                    yield _of("line.judged_walk", other, who=one.operator_id, short_s=short_s)


def _lengths(line: Line, placed: Sequence[Placed], exact: bool) -> Iterator[Violation]:
    """Look whether each step takes as long as it takes this operator after the ones before."""
    ordered = sorted(placed, key=lambda p: (p[0].operator_id, p[0].start_s))
    for name, group in groupby(ordered, key=lambda p: p[0].operator_id):
        own = list(group)
        starts = np.array([slot.start_s for slot, _, _ in own], dtype=np.int64)
        ends = np.array([slot.end_s for slot, _, _ in own], dtype=np.int64)
        hours = _Hours(line.calendar, line.operator[name], int(starts.min()), int(ends.max()))
        worked = (hours.before(ends) - hours.before(starts)).tolist()
        inside = (hours.works_at(starts) & hours.works_at(ends - 1)).tolist()
        memory: dict[str, tuple[str, int]] = {}
        for at, (slot, _, step) in enumerate(own):
            variant, repeats = memory.get(step.step_id, ("", -1))
            repeats = repeats + 1 if repeats >= 0 and variant == step.variant else 0
            memory[step.step_id] = step.variant, repeats
            pace = line.operator[name].pace_permille[step.skill]
            needed_s = span_s(step.standard_ms, pace, line.extra(repeats))
            if worked[at] < needed_s or (exact and worked[at] != needed_s):
                yield _of("line.judged_length", slot, worked_s=worked[at], needed_s=needed_s)
            if not inside[at]:
                yield _of("line.judged_hours", slot, operator=name)


class _Hours:
    """When an operator and the line both work."""

    def __init__(
        self, calendar: WorkCalendar, operator: LineOperator, from_s: int, to_s: int
    ) -> None:
        span = from_s - 1, to_s + 1
        both = [
            (max(one, start), min(other, end))
            for one, other in operator.calendar.intervals(*span)
            for start, end in calendar.intervals(*span)
            if max(one, start) < min(other, end)
        ]
        self.opens, self.shuts = np.array(both, dtype=np.int64).reshape(-1, 2).T
        self.gone = np.concatenate([[0], np.cumsum(self.shuts - self.opens)])

    def before(self, instant_s: np.ndarray) -> np.ndarray:
        """Return the working seconds before instants."""
        at = np.searchsorted(self.opens, instant_s, side="right")
        last = np.maximum(at - 1, 0)
        if not len(self.opens):
            return np.zeros_like(instant_s)
        part = np.clip(instant_s - self.opens[last], 0, self.shuts[last] - self.opens[last])
        return np.asarray(self.gone[last] + np.where(at > 0, part, 0))

    def works_at(self, instant_s: np.ndarray) -> np.ndarray:
        """Return whether work goes on at instants."""
        return self.before(instant_s + 1) > self.before(instant_s)


def _crowded(line: Line, rows: Iterable[LineSlot]) -> Iterator[Violation]:
    """Look at the places of each station: a carrier holds one from its arrival to its last end."""
    held: dict[tuple[str, str, str], tuple[int, int, LineSlot]] = {}
    for slot in rows:
        key = slot.station_id, slot.carrier_id, slot.step_id
        from_s, to_s, _ = held.get(key, (slot.arrives_s, slot.end_s, slot))
        held[key] = min(from_s, slot.arrives_s), max(to_s, slot.end_s), slot
    changes: dict[str, list[tuple[int, int, LineSlot]]] = {}
    for (station_id, _, _), (from_s, to_s, slot) in held.items():
        changes.setdefault(station_id, []).extend(((from_s, 1, slot), (to_s, -1, slot)))
    for station_id, events in changes.items():
        places = line.station[station_id].places
        for slot, most in _most(events, places):
            yield _of("line.judged_places", slot, places=places, found=most)


def _most(events: list[tuple[int, int, LineSlot]], allowed: int) -> Iterator[tuple[LineSlot, int]]:
    """Yield the first moment of each time with more inside than allowed."""
    inside, over = 0, False
    for _, change, slot in sorted(events, key=lambda e: (e[0], e[1])):
        inside += change
        if inside > allowed and not over:
            yield slot, inside
        over = inside > allowed


def _inside(
    line: Line, placed: Iterable[Placed], entered_s: Mapping[str, int] | None
) -> Iterator[Violation]:
    """Look at how many orders are inside at once."""
    spans: dict[str, tuple[int, int, LineSlot]] = {}
    for slot, _, step in placed:
        first_s = slot.arrives_s
        if not step.after:
            first_s -= line.travel_s("", slot.station_id)
        from_s, to_s, _ = spans.get(slot.order_id, (first_s, slot.end_s, slot))
        spans[slot.order_id] = min(from_s, first_s), max(to_s, slot.end_s), slot
    events = []
    for name, (from_s, to_s, slot) in spans.items():
        begins_s = from_s if entered_s is None else entered_s[name]
        events += [(begins_s, 1, slot), (to_s, -1, slot)]
    for slot, most in _most(events, line.orders_most):
        yield _of("line.judged_inside", slot, orders=line.orders_most, found=most)


def _whole(known: Mapping[str, LineOrder], rows: Iterable[LineSlot]) -> Iterator[Violation]:
    """Look whether a lot is of one style and stays together at every step."""
    first: dict[tuple[str, str], LineSlot] = {}
    for slot in rows:
        one = first.setdefault((slot.carrier_id, slot.step_id), slot)
        together = (one.station_id, one.operator_id, one.arrives_s)
        if (slot.station_id, slot.operator_id, slot.arrives_s) != together or known[
            one.order_id
        ].style != known[slot.order_id].style:
            yield _of("line.judged_lot", slot, carrier=slot.carrier_id)
