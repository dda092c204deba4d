"""Rebuild: a schedule as the kernels improve it, and read back as slots.

Jobs lie in one book of routings; what is pinned is booked in the load and belongs to nobody.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from manufold.model.errors import CannotMake
from manufold.model.schedule import Job, Slot
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.chance import chance_of
from manufold.scheduling.crowd import WORTHS, Crowd
from manufold.scheduling.fit import ALT, END, FOUND
from manufold.scheduling.found import found_of
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import Load
from manufold.scheduling.objective import Objective, weighed
from manufold.scheduling.place import PLACED, Found
from manufold.scheduling.rebuild_bound import FLOORS, bounds_of
from manufold.scheduling.rebuild_kernel import construct, recreate, restore
from manufold.scheduling.rebuild_worth import changes_of, values
from manufold.scheduling.refusals import no_room
from manufold.scheduling.routing import Routing
from manufold.scheduling.routing_book import book_of
from manufold.scheduling.routing_rows import ALTS
from manufold.scheduling.rows import COUNT, GROUP, Rows
from manufold.scheduling.slots import slots_of
from manufold.scheduling.tariffs import tariffs_of
from manufold.scheduling.weights import Weights

__all__ = ["Rebuild"]

#: rows that a block can take before it moves
_SPARE = 4
#: group of what belongs to no job here
_PINNED = -2


class Rebuild:
    """A schedule under improvement.

    Attributes:
        rounds, better: played so far, and how many of them were better.
    """

    def __init__(
        self,
        load: Load,
        jobs: Sequence[Job],
        sites: Sequence[Mapping[str, str]],
        fixed: Sequence[Mapping[str, Slot]],
        limit_s: Sequence[int | None],
        *,
        seed: int = 0,
        weights: Weights | None = None,
        since_s: Sequence[int] | None = None,
    ) -> None:
        """Bind jobs to a load that has booked all that stays.

        Args:
            sites: by job, operation -> the site it stays at.
            fixed: by job, operation -> the slot it keeps.
            limit_s: by job, an end that it must not pass.
            weights: of what counts beside dates, default `Weights()`.
            since_s: by job, from when its flow time counts, default its release.
        """
        self.load, self.jobs, self.fixed = load, tuple(jobs), tuple(fixed)
        self.routings = tuple(load.routing(job.plan, job.quantity) for job in jobs)
        unique = {id(routing): routing for routing in self.routings}
        self.book, first_op = book_of(list(unique.values()))
        offset = dict(zip(unique, first_op.tolist(), strict=False))
        self.row = [offset[id(routing)] for routing in self.routings]
        self.first_alt = [int(self.book.ops[row, ALTS]) for row in self.row]
        counts = [len(routing.sites) for routing in self.routings]
        self.first = seconds(np.concatenate([[0], np.cumsum(counts)]))
        self.width = FOUND + max(routing.tools_max for routing in self.routings)
        since = [job.release_s for job in jobs] if since_s is None else since_s
        self.crowd = self._crowd(sites, limit_s, since)
        self.tariffs = tariffs_of(load, list(unique.values()), weights or Weights())
        self.found: Found = np.full((int(self.first[-1]), self.width), NEVER, dtype=np.int64)
        self.movable = seconds(
            [
                at
                for at, (job, kept) in enumerate(zip(self.jobs, self.fixed, strict=True))
                if len(kept) < len(job.plan.operations)
            ]
        )
        self.chance = chance_of(seed)
        self.rounds = self.better = 0
        self.pool, self.bounds = load.pool.packed(load.bounds, spare=_SPARE)
        self.pool.rows(self.bounds).columns[GROUP, : self.pool.used] = _PINNED
        self.worth = np.zeros((len(self.jobs), WORTHS), dtype=np.int64)
        self.between = np.zeros(WORTHS, dtype=np.int64)

    def stand(self, slots: Sequence[Mapping[str, Slot]]) -> None:
        """Begin with a schedule that there is.

        Args:
            slots: by job, operation -> slot of what is not fixed.

        Raises:
            ValueError: when a slot is not as the load would place it.
        """
        for at, (job, routing) in enumerate(zip(self.jobs, self.routings, strict=True)):
            for row, operation in enumerate(job.plan.operations):
                slot = slots[at].get(operation.operation_id)
                if slot is not None and operation.operation_id not in self.fixed[at]:
                    own = found_of(self.load, routing, row, slot, self.width)
                    own[ALT] += self.first_alt[at]
                    self.found[self.first[at] + row] = own
        begin = 0
        while begin < len(self.jobs):
            rows = self._roomy()
            begin, used = restore(rows, self.pool.used, self.book, self.crowd, self.found, begin)
            self.pool.used = int(used)
        self._count()

    def construct(self, order: Sequence[int]) -> None:
        """Place all jobs anew, one after the other.

        Raises:
            CannotMake: what `promise` would say of the first that cannot be placed.
        """
        at, them = 0, seconds(order)
        while at < len(them):
            rows = self._roomy()
            clocks, changes = self.load.clocks.rows, self.load.changes
            at, used, ended = construct(
                rows, self.pool.used, clocks, changes, self.book, self.crowd, self.found, them, at
            )
            self.pool.used = int(used)
            if ended != PLACED:
                raise self._refusal(int(them[at]))
        self._count()

    def play(self, rounds: int) -> int:
        """Play rounds of ruin and recreate; return how many were better."""
        if not len(self.movable):
            return 0
        left, better = rounds, 0
        while left:
            played, good, used = recreate(
                self._roomy(),
                self.pool.used,
                self.load.clocks.rows,
                self.load.changes,
                self.tariffs,
                self.book,
                self.crowd,
                self.found,
                self.worth,
                self.between,
                self.movable,
                left,
                self.chance,
            )
            self.pool.used = int(used)
            left -= int(played)
            better += int(good)
        self.rounds += rounds
        self.better += better
        return better

    def objective(self) -> Objective:
        """Return the objective of all jobs here, of what is fixed the end alone."""
        return weighed(self.worth.sum(axis=0) + self.between, self.tariffs.rates)

    def bound(self, roams: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return what each job adds at least to the objective, int64, shape (jobs, WORTHS), and
        what each operation takes at least, int64, shape (ops, FLOORS).

        Args:
            roams: by job, 1 where its operations may change among its sites, else 0.
        """
        own, floors = seconds(roams), np.zeros((len(self.found), FLOORS), dtype=np.int64)
        clocks = self.load.clocks.rows
        return bounds_of(clocks, self.tariffs, self.book, self.crowd, own, floors), floors

    def slots(self) -> list[tuple[Slot, ...]]:
        """Return the slots of each job that are not fixed."""
        made = []
        for at, (job, routing) in enumerate(zip(self.jobs, self.routings, strict=True)):
            own = self.found[self.first[at] : self.first[at + 1]].copy()
            own[own[:, END] != NEVER, ALT] -= self.first_alt[at]
            made.append(slots_of(self.load, job, routing, own))
        return made

    def _count(self) -> None:
        """Count anew what the schedule is worth."""
        self.worth = values(self.crowd, self.tariffs, self.found)
        rows = self.pool.rows(self.bounds)
        self.between = changes_of(rows, self.load.changes, self.tariffs)

    def _crowd(
        self,
        sites: Sequence[Mapping[str, str]],
        limit_s: Sequence[int | None],
        since_s: Sequence[int],
    ) -> Crowd:
        load, number = self.load, self.load.resources.site_number
        site = np.zeros(int(self.first[-1]), dtype=np.int64)
        fixed = np.full((len(site), 2), NEVER, dtype=np.int64)
        ready: list[Seconds] = []
        for at, (job, routing) in enumerate(zip(self.jobs, self.routings, strict=True)):
            for row, operation in enumerate(job.plan.operations):
                name, entry = operation.operation_id, self.first[at] + row
                site[entry] = number[sites[at][name]]
                kept = self.fixed[at].get(name)
                if kept is not None:
                    fixed[entry] = kept.start_s, kept.end_s
            ready.append(_ready_s(job, routing))
        lengths = np.cumsum([len(one) for one in ready])
        return Crowd(
            self.first,
            seconds(self.row),
            seconds(self.first_alt),
            seconds([0, *lengths[:-1]]),
            seconds(np.concatenate(ready)),
            seconds([job.quantity for job in self.jobs]),
            seconds([max(job.release_s, load.from_s) for job in self.jobs]),
            seconds(since_s),
            seconds([NEVER if job.due_s is None else job.due_s for job in self.jobs]),
            seconds([job.weight for job in self.jobs]),
            seconds([NEVER if limit is None else limit for limit in limit_s]),
            site,
            fixed,
            load.resources.lane_s,
        )

    def _roomy(self) -> Rows:
        """Return the rows with room for many changes; blocks that nobody uses are given up."""
        live = int(self.bounds[COUNT].sum())
        widest = int(np.diff(self.first).max()) * (3 + self.width - FOUND)
        more = 4 * live + 64 * widest * (2 * int(self.bounds[COUNT].max()) + widest + 64)
        if self.pool.used > 2 * live + more // 2:
            self.pool, self.bounds = self.pool.packed(self.bounds, spare=_SPARE)
        return self.pool.rows(self.bounds, more)

    def _refusal(self, at: int) -> CannotMake:
        job, routing = self.jobs[at], self.routings[at]
        own = self.found[self.first[at] : self.first[at + 1]]
        row = next((row for row in range(len(own)) if own[row, END] == NEVER), 0)
        return no_room(self.load, job, routing, row)


def _ready_s(job: Job, routing: Routing) -> Seconds:
    """Return when the material of each alternative is there."""
    if not job.ready_s:
        return routing.ready_s
    return seconds([job.ready_s.get(one.operation.operation_id, 0) for one in routing.alternatives])
