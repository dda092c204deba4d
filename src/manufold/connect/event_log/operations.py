"""From events to operations: what each order really went through, in order.

The reports of an order are taken in the order of their starts. Reports of one activity on one
machine that follow each other are one operation, unless another order had the machine in between:
then the work was really broken off there, and may be again. Its length is the time in which at
least one of its reports runs, so two people at one machine do not make it twice as long. An
operation follows the one before it in the order's chain.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from manufold.connect.event_log.reading import LogEvent
from manufold.connect.event_log.stretches import busy_s

__all__ = ["Done", "DoneOrder", "done_orders"]


@dataclass(frozen=True, slots=True)
class Done:
    """An operation that was really done.

    Args:
        start_s: of its first report.
        end_s: of its last.
        setup_s: time in which only set-up was reported.
        run_s: time in which work was reported.
    """

    activity: str
    resource: str
    start_s: int
    end_s: int
    setup_s: int
    run_s: int
    workers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoneOrder:
    """An order that was really made.

    Args:
        release_s: start of its first report: nothing tells when it could have begun.
        finish_s: end of its last.
        quantity: of pieces, None where the log does not say.
        due_s: None where the log does not say.
        overlaps: operations that really began before the one before them had ended.
    """

    name: str
    operations: tuple[Done, ...]
    release_s: int
    finish_s: int
    quantity: int | None
    due_s: int | None
    product: str | None
    overlaps: int
    quantities: int


def done_orders(events: Sequence[LogEvent]) -> tuple[DoneOrder, ...]:
    """Return the orders of a log by their release; breakdowns are no operations."""
    worked = [event for event in events if event.kind != "down"]
    cut = _Interruptions(worked)
    by_case: dict[str, list[LogEvent]] = {}
    for event in worked:
        by_case.setdefault(event.case, []).append(event)
    orders = [_order(case, rows, cut) for case, rows in by_case.items()]
    return tuple(sorted(orders, key=lambda order: (order.release_s, order.name)))


class _Interruptions:
    """Whether another order began on a machine in a stretch of time."""

    def __init__(self, events: Sequence[LogEvent]) -> None:
        rows: dict[str, list[tuple[int, str]]] = {}
        for event in events:
            if event.clocked:
                rows.setdefault(event.resource, []).append((event.start_s, event.case))
        self.starts: dict[str, list[int]] = {}
        self.cases: dict[str, list[str]] = {}
        self.change: dict[str, list[int]] = {}
        for resource, found in rows.items():
            found.sort()
            self.starts[resource] = [start for start, _ in found]
            self.cases[resource] = [case for _, case in found]
            change = [len(found)] * len(found)  # the next row of another case
            for at in range(len(found) - 2, -1, -1):
                same = found[at][1] == found[at + 1][1]
                change[at] = change[at + 1] if same else at + 1
            self.change[resource] = change

    def between(self, resource: str, case: str, from_s: int, to_s: int) -> bool:
        starts = self.starts.get(resource, [])
        at = bisect_left(starts, from_s)
        if at < len(starts) and self.cases[resource][at] == case:
            at = self.change[resource][at]
        return at < len(starts) and starts[at] < to_s


def _order(case: str, rows: list[LogEvent], cut: _Interruptions) -> DoneOrder:
    rows.sort(key=lambda event: (event.order_s, event.start_s, event.end_s, event.where))
    groups: list[list[LogEvent]] = []
    end_s = 0
    for event in rows:
        head = groups[-1][0] if groups else None
        if (
            head is not None
            and (head.activity, head.resource) == (event.activity, event.resource)
            and not cut.between(event.resource, case, end_s, event.start_s)
        ):
            groups[-1].append(event)
            end_s = max(end_s, event.end_s)
        else:
            groups.append([event])
            end_s = event.end_s
    done = tuple(_done(group) for group in groups)
    told = [event.quantity for event in rows if event.quantity is not None]
    dues = [event.due_s for event in rows if event.due_s is not None]
    return DoneOrder(
        case,
        done,
        min(event.start_s for event in rows),
        max(event.end_s for event in rows),
        max(told) if told else None,
        dues[-1] if dues else None,
        next((event.product for event in rows if event.product is not None), None),
        sum(after.start_s < before.end_s for before, after in pairwise(done)),
        len(set(told)),
    )


def _done(group: list[LogEvent]) -> Done:
    whole_s = busy_s((event.start_s, event.end_s) for event in group)
    run_s = busy_s((event.start_s, event.end_s) for event in group if event.kind == "run")
    return Done(
        group[0].activity,
        group[0].resource,
        min(event.start_s for event in group),
        max(event.end_s for event in group),
        whole_s - run_s,
        run_s,
        tuple(dict.fromkeys(event.worker for event in group if event.worker is not None)),
    )
