"""Jobs as the dispatcher's queue: their operations in columns, bound to one book of routings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manufold.model.schedule import Job, Slot
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.dispatch_kernel import Queue
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import Load
from manufold.scheduling.routing import Routing
from manufold.scheduling.routing_book import book_of
from manufold.scheduling.routing_rows import ALTS, MIN_LAG, RoutingRows

__all__ = ["Queued", "queued"]


@dataclass(frozen=True, slots=True, eq=False)
class Queued:
    """What the dispatcher reads.

    Args:
        first: entry of each job's first operation, int64, shape (jobs + 1,).
        first_alt: by job, where its routing's alternatives begin in the book.
        tools_max: most tools an operation holds.
        claims: rows that all operations book together.
        mean_s: mean working seconds of an operation on its quickest alternative.
    """

    jobs: tuple[Job, ...]
    routings: tuple[Routing, ...]
    book: RoutingRows
    queue: Queue
    first: Seconds
    first_alt: tuple[int, ...]
    tools_max: int
    claims: int
    mean_s: float


def queued(
    load: Load,
    jobs: Sequence[Job],
    sites: Mapping[str, frozenset[str]],
    fixed: Mapping[str, Mapping[str, Slot]],
) -> Queued:
    """Return jobs, each made at the one site named for it, as a queue.

    Raises:
        CannotMake: `schedule.no_capability`.
    """
    routings = tuple(load.routing(job.plan, job.quantity) for job in jobs)
    unique = {id(routing): routing for routing in routings}
    book, first_op = book_of(list(unique.values()))
    offset = dict(zip(unique, first_op.tolist(), strict=False))
    columns: dict[str, list[Seconds]] = {name: [] for name in Queue._fields}
    wall = _stretch(load)
    spans: list[float] = []
    for job, routing in zip(jobs, routings, strict=True):
        own = _Own(load, job, routing, fixed.get(job.holder, {}))
        first, count = offset[id(routing)], len(routing.sites)
        (site_id,) = sites[job.holder]
        site = np.full(count, load.resources.site_number[site_id], dtype=np.int64)
        for row, name in enumerate(own.names):
            if name in own.fixed:
                at = load.network.site_of(own.fixed[name].resource_id).site_id
                site[row] = load.resources.site_number[at]
        quickest = own.quickest_s()
        spans += quickest
        for column, values in (
            ("row", np.arange(first, first + count)),
            ("first", np.full(count, first)),
            ("quantity", np.full(count, job.quantity)),
            ("group", np.full(count, load.number(f"new {job.holder}"))),
            ("site", site),
            ("bound_s", own.bound_s()),
            ("remaining_s", own.remaining_s(quickest, wall)),
            ("due_s", np.full(count, _due_s(load, job))),
            ("weight", np.full(count, job.weight)),
            ("fixed_s", own.fixed_s()),
            ("missing", own.missing()),
        ):
            columns[column].append(values)
    counts = [len(routing.sites) for routing in routings]
    starts = seconds(np.concatenate([[0], np.cumsum(counts)]))
    after: list[list[int]] = [[] for _ in range(int(starts[-1]))]
    for begin, routing in zip(starts.tolist(), routings, strict=False):
        row_of = {o.operation_id: begin + row for row, o in enumerate(routing.plan.operations)}
        for operation in routing.plan.operations:
            for before in operation.after:
                after[row_of[before]].append(row_of[operation.operation_id])
    joined = {n: seconds(np.concatenate(v)) for n, v in columns.items() if v}
    queue = Queue(
        **joined,
        next_ptr=seconds(np.concatenate([[0], np.cumsum([len(row) for row in after])])),
        after=seconds([one for row in after for one in row]),
        lane_s=load.resources.lane_s,
    )
    return Queued(
        tuple(jobs),
        routings,
        book,
        queue,
        starts,
        tuple(int(book.ops[offset[id(one)], ALTS]) for one in routings),
        max(routing.tools_max for routing in routings),
        sum(routing.claims for routing in routings),
        float(np.mean(spans)),
    )


class _Own:
    """One job's columns."""

    def __init__(self, load: Load, job: Job, routing: Routing, fixed: Mapping[str, Slot]) -> None:
        self.load, self.job, self.routing, self.fixed = load, job, routing, fixed
        self.names = [operation.operation_id for operation in job.plan.operations]

    def bound_s(self) -> Seconds:
        """Return when each operation is ready without its predecessors."""
        release_s = max(self.job.release_s, self.load.from_s)
        return seconds([max(release_s, self.job.ready_s.get(name, 0)) for name in self.names])

    def fixed_s(self) -> Seconds:
        """Return the end of what is placed already, NEVER for the rest."""
        return seconds(
            [self.fixed[name].end_s if name in self.fixed else NEVER for name in self.names]
        )

    def missing(self) -> Seconds:
        """Return how many predecessors of each are not placed yet."""
        return seconds(
            [
                sum(before not in self.fixed for before in operation.after)
                for operation in self.job.plan.operations
            ]
        )

    def quickest_s(self) -> list[float]:
        """Return the working seconds of each operation on its quickest alternative."""
        routing, quantity = self.routing, self.job.quantity
        return [
            float(min(routing.work_s(alt, quantity) for alt in routing.alternatives_of(op)))
            for op in range(len(self.names))
        ]

    def remaining_s(self, quickest: Sequence[float], wall: float) -> Seconds:
        """Return the wall seconds from each operation's start to the job's end, at best."""
        left = [0.0] * len(self.names)
        row_of = {name: row for row, name in enumerate(self.names)}
        for row in range(len(self.names) - 1, -1, -1):
            left[row] += quickest[row] * wall
            least = left[row] + int(self.routing.rows.ops[row, MIN_LAG])
            for before in self.job.plan.operations[row].after:
                left[row_of[before]] = max(left[row_of[before]], least)
        return seconds([round(span) for span in left])


def _stretch(load: Load) -> float:
    """Return wall seconds that pass for a working second, on the mean of all calendars."""
    times = [one.total_s for one in load.clocks.worktime if one.total_s]
    return load.horizon_s / (sum(times) / len(times)) if times else 1.0


def _due_s(load: Load, job: Job) -> int:
    return load.from_s + 2 * load.horizon_s if job.due_s is None else job.due_s
