"""Promise: when one more piece can be complete on a loaded line, while nothing else moves.

One forward pass in the order of the steps: each takes, of all posts that do it, the gap in which it
ends soonest. A gap counts only when the operator can walk there and on, when the station and one of
its places are free, and when whoever follows there in the same kind of step needs no longer than is
booked: a piece of another manner between two alike would make the second one a change. The order
enters when fewer than the limit are inside from then on until it is complete.

The answer is feasible by construction and an upper bound on what a new plan could give.

Cost    O(steps x posts x gaps); no search, no randomness, no clock.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from manufold.model.calendar import Interval
from manufold.model.errors import CannotMake
from manufold.model.line import Line, LineOperator, LineOrder, LineSlot, Station, Step, span_s
from manufold.scheduling.line.loaded import Loaded, Work

__all__ = ["LinePromise", "promised"]


@dataclass(frozen=True, slots=True)
class LinePromise:
    """What one more order can be promised.

    Args:
        finish_s: when it is complete.
        entered_s: when it enters; later than it could be there where the line is full.
        slots: its own.
        loaded: the line with it.
    """

    finish_s: int
    entered_s: int
    slots: tuple[LineSlot, ...]
    loaded: Loaded


def promised(loaded: Loaded, order: LineOrder, now_s: int) -> LinePromise:
    """Return the earliest honest finish of an order that no other makes room for.

    Args:
        now_s: nothing of it happens before, nor before its release.

    Raises:
        CannotMake: `line.no_post`: nobody has a post for a step; `line.full`: it fits nowhere
            before the end of the time that is planned.
    """
    entered_s = max(now_s, order.release_s)
    while True:
        slots = _placed(loaded, order, entered_s)
        finish_s = max(slot.end_s for slot in slots)
        over_s = _over_s(loaded, entered_s, finish_s)
        if over_s is None:
            entered = {order.order_id: entered_s}
            then = loaded.with_slots((order,), slots, entered)
            return LinePromise(finish_s, entered_s, slots, then)
        entered_s = over_s


def _over_s(loaded: Loaded, entered_s: int, finish_s: int) -> int | None:
    """Return when the line last stops being full meanwhile, None where it never is."""
    most = loaded.ready.line.orders_most
    events = []
    for begins_s, ends_s in loaded.inside:
        if begins_s < finish_s and ends_s > entered_s:
            events += [(max(begins_s, entered_s), 1), (ends_s, -1)]
    now, full, found = 0, False, None
    for at_s, change in sorted(events):
        now += change
        if full and now < most:
            found = at_s
        full = now >= most
    return found


def _placed(loaded: Loaded, order: LineOrder, entered_s: int) -> tuple[LineSlot, ...]:
    line = loaded.ready.line
    found: dict[str, LineSlot] = {}
    for step in order.steps:
        best: LineSlot | None = None
        posts = list(loaded.posts(step))
        if not posts:
            raise CannotMake("line.no_post", step=step.step_id)
        for operator, station, period in posts:
            if best is not None and period[0] >= best.end_s:
                break  # periods rise: no later one ends sooner
            there_s = entered_s
            if not step.after:
                there_s += line.travel_s("", station.station_id)
            for name in step.after:
                way_s = line.travel_s(found[name].station_id, station.station_id)
                there_s = max(there_s, found[name].end_s + way_s)
            span = _soonest(loaded, operator, station, step, (max(there_s, period[0]), period[1]))
            if span is not None and (best is None or span[1] < best.end_s):
                best = LineSlot(
                    order.order_id,
                    step.step_id,
                    station.station_id,
                    operator.operator_id,
                    order.order_id,
                    span[0],
                    *span,
                )
        if best is None:
            raise CannotMake("line.full", order=order.order_id, step=step.step_id)
        found[step.step_id] = best
        loaded = loaded.with_slots((order,), (best,), {order.order_id: entered_s})
    return tuple(found.values())


def _soonest(
    loaded: Loaded, operator: LineOperator, station: Station, step: Step, within: Interval
) -> Interval | None:
    """Return the first gap of an operator for a step, begun within a period."""
    line, name = loaded.ready.line, operator.operator_id
    work = loaded.work.get(name, ())
    first = bisect_left(work, within[0], key=lambda w: w.end_s)
    for at in range(first, len(work) + 1):
        start_s = within[0]
        if at:
            start_s = max(start_s, work[at - 1].end_s + _walk_s(line, work[at - 1], station))
        opens_s = loaded.opening_s(name, start_s)
        if opens_s is None or opens_s >= within[1]:
            return None
        if at < len(work) and opens_s >= work[at].start_s:
            continue
        variant, repeats = _memory(work[:at], step)
        repeats = repeats + 1 if variant == step.variant else 0
        needed_s = span_s(step.standard_ms, operator.pace_permille[step.skill], line.extra(repeats))
        end_s = loaded.finish_s(name, opens_s, needed_s)
        if end_s is None:
            return None
        if at < len(work) and end_s + _walk_s(line, work[at], station) > work[at].start_s:
            continue
        if not loaded.free(station.station_id, opens_s, end_s):
            continue
        if _harmless(line, operator, work[at:], step, repeats):
            return opens_s, end_s
    return None


def _walk_s(line: Line, work: Work, station: Station) -> int:
    return line.walk_s if work.station_id != station.station_id else 0


def _memory(before: Sequence[Work], step: Step) -> tuple[str | None, int]:
    """Return the manner of the last pieces of this kind of step, and how often it was repeated."""
    same = (work.step for work in reversed(before) if work.step.step_id == step.step_id)
    last = next(same, None)
    if last is None:
        return None, -1
    return last.variant, _count(same, last.variant)


def _count(earlier: Iterator[Step], variant: str) -> int:
    count = 0
    for step in earlier:
        if step.variant != variant:
            break
        count += 1
    return count


def _harmless(
    line: Line, operator: LineOperator, after: Sequence[Work], step: Step, repeats: int
) -> bool:
    """Return whether all who follow in this kind of step still need no longer than is booked."""
    variant, left = step.variant, len(line.extra_permille) + 1
    for work in after:
        if work.step.step_id != step.step_id:
            continue
        repeats = repeats + 1 if work.step.variant == variant else 0
        variant = work.step.variant
        pace = operator.pace_permille[step.skill]
        if work.worked_s < span_s(work.step.standard_ms, pace, line.extra(repeats)):
            return False
        left -= 1
        if not left:
            break  # from here on nothing is left of any change, or another one has come
    return True
