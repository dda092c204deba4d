"""Plan a line's days: read its files, balance, search, judge, say for each order why then.

The plan is judged twice before anybody sees it: by the judge of networks and by the judge of lines.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from manufold.judge.line_rules import line_violations
from manufold.judge.violations import violations
from manufold.model.calendar import Interval
from manufold.model.errors import InputFault, OurFault, Reason
from manufold.model.line import LineSlot
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.line.booked import line_jobs, line_network, network_slots
from manufold.scheduling.line.figures import Figures, figures
from manufold.scheduling.line.improve import Pace
from manufold.scheduling.line.lots import lots_of
from manufold.scheduling.line.plan import LinePlan, Ready, planned, prepared
from manufold.services.line_tables import LineFile, first_and_last_s, read_line, read_line_orders

__all__ = ["LineDay", "Released", "planned_line"]

#: days behind the last due date in which what is late may be made
DAYS_AFTER = 28
#: who is away for longer is not on a break
BREAK_MOST_S = HOUR_S
#: a wait before entering that is worth a word
WAITED_S = 300


@dataclass(frozen=True, slots=True)
class Released:
    """An order of the release list: when it enters, when it is complete, and why so."""

    order_id: str
    style: str
    release_s: int
    enters_s: int
    finish_s: int
    due_s: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class LineDay:
    """A judged plan.

    Args:
        released: all orders, in the order in which they enter.
        in_lots: what the same line comes to in lots, None where nobody asked.
        stations: of each station, who tends it at first; empty for nobody.
        slots: sorted by station and begin.
    """

    file: LineFile
    plan: LinePlan
    figures: Figures
    released: tuple[Released, ...]
    stations: Mapping[str, str]
    slots: tuple[LineSlot, ...]
    in_lots: Figures | None = None


def planned_line(
    line_text: bytes,
    orders_text: bytes,
    *,
    seed: int = 1,
    plans_most: int | None = None,
    lots: int = 0,
    left_s: Callable[[], float] = lambda: 0.0,
) -> LineDay:
    """Return a judged plan of all orders of a table on the line of a file.

    Args:
        plans_most: that are tried, the same answer for the same seed; None = until the time is up.
        lots: plan lots of so many, too, to compare; 0 = do not. They get as much search, and a
            line that takes as many pieces as its stations have places for lots.
        left_s: seconds left.

    Raises:
        InputFault: what is wrong in a file, with its place.
        CannotMake: a step has nobody or no station, or not all fits into the time.
    """
    file = read_line(line_text)
    orders = read_line_orders(orders_text, file)
    if not orders:
        raise InputFault("line.no_orders")
    from_s, last_s = first_and_last_s(orders)
    to_s = last_s + DAYS_AFTER * DAY_S
    ready = prepared(file.line, orders, periods_s=_periods_s(file, from_s, to_s), to_s=to_s)
    pace = Pace() if plans_most is None else Pace(plans_most)
    half_s = left_s() / 2 if lots else 0.0
    left = (lambda: left_s() - half_s) if plans_most is None else (lambda: 1.0)
    plan = planned(ready, seed=seed, pace=pace, left_s=left)
    slots = tuple(sorted(plan.slots(), key=lambda s: (s.station_id, s.start_s)))
    _judge(plan, slots)
    first = ready.balances[_period_of(ready.periods_s, int(plan.entered_s.min()))]
    tended = {post.station_id: post.operator_id for post in first.posts}
    stations = {s.station_id: tended.get(s.station_id, "") for s in file.line.stations}
    in_lots = None
    if lots:
        left = left_s if plans_most is None else (lambda: 1.0)
        in_lots = _in_lots(ready, lots, seed, pace, left)
    return LineDay(file, plan, figures(plan), _released(plan), stations, slots, in_lots)


def _in_lots(
    ready: Ready, size: int, seed: int, pace: Pace, left_s: Callable[[], float]
) -> Figures:
    """Return what the line comes to when orders of one style wait for one another."""
    places = sum(station.places for station in ready.line.stations)
    line = replace(ready.line, orders_most=max(ready.line.orders_most, size * places))
    lots = lots_of(ready.orders, size)
    other = prepared(line, ready.orders, periods_s=ready.periods_s, to_s=ready.to_s, lots=lots)
    return figures(planned(other, seed=seed, pace=pace, left_s=left_s))


def _periods_s(file: LineFile, from_s: int, to_s: int) -> tuple[int, ...]:
    """Return when other people are there than before: shifts begin and end, breaks left out."""
    line = file.line
    found, before = [from_s - from_s % HOUR_S], None
    runs = line.calendar.intervals(found[0], to_s)
    hours = [_stays(o.calendar.intervals(found[0], to_s)) for o in line.operators]
    edges = sorted({edge for own in hours for span in own for edge in span})
    for begins_s, ends_s in pairwise(edges):
        there = frozenset(
            at
            for at, own in enumerate(hours)
            if any(start <= begins_s and ends_s <= end for start, end in own)
        )
        running = any(start < ends_s and begins_s < end for start, end in runs)
        if not there or not running:
            continue
        if before is not None and there != before:
            found.append(begins_s)
        before = there
    return tuple(found)


def _stays(hours: Iterable[Interval]) -> list[Interval]:
    """Return hours with the breaks closed: nobody takes another post for a break."""
    found: list[Interval] = []
    for begins_s, ends_s in hours:
        if found and begins_s - found[-1][1] <= BREAK_MOST_S:
            found[-1] = found[-1][0], ends_s
        else:
            found.append((begins_s, ends_s))
    return found


def _period_of(periods_s: tuple[int, ...], instant_s: int) -> int:
    return max(0, sum(begin_s <= instant_s for begin_s in periods_s) - 1)


def _judge(plan: LinePlan, slots: tuple[LineSlot, ...]) -> None:
    line, orders = plan.ready.line, plan.ready.orders
    named = zip(orders, plan.entered_s.tolist(), strict=True)
    entered = {order.order_id: at for order, at in named}
    found = [
        *line_violations(line, orders, slots, entered_s=entered),
        *violations(network_slots(line, orders, slots), line_network(line), line_jobs(orders)),
    ]
    if found:
        raise OurFault("line.misjudged", rule=found[0].code, order=found[0].holder)


def _released(plan: LinePlan) -> tuple[Released, ...]:
    rows = []
    for order, enters_s, finish_s in zip(
        plan.ready.orders, plan.entered_s.tolist(), plan.finish_s.tolist(), strict=True
    ):
        reasons = []
        if enters_s - order.release_s >= WAITED_S:
            waited = {"minutes": (enters_s - order.release_s) // 60}
            reasons.append(Reason("line.waits_to_enter", waited))
        left_min = (order.due_s - finish_s) // 60
        if left_min < 0:
            reasons.append(Reason("line.late", {"minutes": -left_min}))
        else:
            reasons.append(Reason("line.in_time", {"minutes": left_min}))
        rows.append(
            Released(
                order.order_id,
                order.style,
                order.release_s,
                enters_s,
                finish_s,
                order.due_s,
                tuple(reasons),
            )
        )
    return tuple(sorted(rows, key=lambda r: (r.enters_s, r.finish_s, r.order_id)))
