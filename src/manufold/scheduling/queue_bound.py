"""Queue bound: what jobs add to one another because they must pass the same work units.

Alone on the floor (`scheduling.rebuild_bound`) no job waits. Here all work that only the work
units of a group can do is handed to one imagined machine: as fast as all their free seats together,
shut when they are shut or pinned work has the seat, able to break off at any second, needing no
changeover, nobody and no tool. A job brings what it needs of the group as one piece: no sooner than
its first operation there may begin, and what follows the last one takes its time behind it.
Shortest remaining work first ends, for every k, the k-th job of such a machine no later than
anything else could; so no schedule has an earlier sum of ends. Of tardiness, the k-th end against
the k-th date is the least there is where all weigh the same; weights are peeled off in layers, and
in each only the jobs count that weigh so much.

Where a job stands otherwise than any placing would have it, what stands bounds it instead. Of
groups that share a job only the one that says more counts; what no group says is bounded by job.

Cost    O(n log n) a group and layer; the groups with most work by seat, as long as `VISITS_MOST`
        lasts.
Source  1|r,pmtn|sum C by SRPT: L. Schrage, Oper. Res. 16 (1968) 687-690,
        doi:10.1287/opre.16.3.687; of sum T: C. Chu, Nav. Res. Logist. 39 (1992) 265-283,
        doi:10.1002/1520-6750(199203)39:2<265::AID-NAV3220390209>3.0.CO;2-L.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from manufold.model.schedule import Slot
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.crowd import FLOW, TARDY
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import Load
from manufold.scheduling.rebuild import Rebuild
from manufold.scheduling.rebuild_bound import HEAD, WORK
from manufold.scheduling.routing_rows import ALT_SITE, MIN_LAG, TRANSFER
from manufold.scheduling.worktime import Worktime

__all__ = ["queue_bound"]

#: groups looked at, and operations in all of them and all layers
GROUPS_MOST, VISITS_MOST = 24, 200_000
#: layers of weights; what lies between two counts as the lower
LAYERS_MOST = 6

#: work units by name
Group = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Step:
    """What an operation takes at least: as it could be placed, and as it stands."""

    job: int
    head_s: int
    work_s: int
    tail_s: int
    stands: Slot
    stands_work_s: int


def queue_bound(
    search: Rebuild,
    floors: NDArray[np.int64],
    roams: Sequence[int],
    standing: Sequence[Mapping[str, Slot]],
    own: NDArray[np.int64],
) -> tuple[int, int]:
    """Return how much weighted tardiness and flow time there is at least above all jobs' own.

    Args:
        floors, roams: of `Rebuild.bound`.
        standing: by job, operation -> the slot it has.
        own: int64, shape (jobs, WORTHS), what each job adds at least.
    """
    open_at = _Open(search.load)
    found = _groups(search, floors, roams, standing, open_at)
    late: list[tuple[int, frozenset[int]]] = []
    flow: list[tuple[int, frozenset[int]]] = []
    visits = 0
    for group in _fullest(found, open_at):
        steps = [step for units, here in found.items() if units <= group for step in here]
        queue = _Queue(search, steps, standing, open_at.machine(group))
        visits += len(steps) * (1 + len(queue.layers))
        if visits > VISITS_MOST:
            break
        jobs = frozenset(queue.jobs.tolist())
        mine = own[queue.jobs]
        late.append((queue.tardiness_s() - int(mine[:, TARDY].sum()), jobs))
        flow.append((queue.flow_s() - int(mine[:, FLOW].sum()), jobs))
    return _apart(late), _apart(flow)


def _groups(
    search: Rebuild,
    floors: NDArray[np.int64],
    roams: Sequence[int],
    standing: Sequence[Mapping[str, Slot]],
    open_at: "_Open",
) -> dict[Group, list[_Step]]:
    """Return what may move, by who can do it."""
    known: dict[tuple[int, int, frozenset[int]], Group] = {}
    disturbed = _disturbed(search, standing)
    found: dict[Group, list[_Step]] = {}
    for job, routing in enumerate(search.routings):
        first, last = search.first[job : job + 2].tolist()
        sites = search.crowd.site[first:last].tolist()
        tails = _tails_s(search, job, floors[first:last, WORK].tolist())
        for row, operation in enumerate(search.jobs[job].plan.operations):
            head, work = floors[first + row, [HEAD, WORK]].tolist()
            if head == NEVER:
                continue
            where = frozenset(sites if roams[job] else sites[row : row + 1])
            key = (id(routing), row, where)
            if key not in known:
                known[key] = frozenset(
                    routing.alternatives[alt].eligible.unit.work_unit_id
                    for alt in routing.alternatives_of(row)
                    if int(routing.rows.alts[ALT_SITE, alt]) in where
                )
            slot = standing[job][operation.operation_id]
            stood_s = 0 if slot in disturbed else open_at.worked_s(slot)
            step = _Step(job, head, work, tails[row], slot, stood_s)
            found.setdefault(known[key], []).append(step)
    return found


def _disturbed(search: Rebuild, standing: Sequence[Mapping[str, Slot]]) -> set[Slot]:
    """Return what may move and overlaps something on its seat, as no placing would have it."""
    seats: dict[tuple[str, int], list[tuple[int, int, Slot | None]]] = {}
    for at, slots in enumerate(standing):
        for slot in slots.values():
            if slot.operation_id not in search.fixed[at]:
                row = (slot.start_s, slot.end_s, slot)
                seats.setdefault((slot.resource_id, slot.seat), []).append(row)
    found: set[Slot] = set()
    for (unit, seat), rows in seats.items():
        starts, ends = search.load.booked(unit, seat)
        pinned = zip(starts.tolist(), ends.tolist(), strict=True)
        rows += ((start_s, end_s, None) for start_s, end_s in pinned)
        until_s = NEVER
        last: Slot | None = None
        for start_s, end_s, mine in sorted(rows, key=lambda row: row[:2]):
            if start_s < until_s:
                found |= {one for one in (last, mine) if one is not None}
            if end_s > until_s:
                until_s, last = end_s, mine
    return found


def _tails_s(search: Rebuild, job: int, works: Sequence[int]) -> list[int]:
    """Return by operation of a job what the work behind it takes at least, breaks left out."""
    routing, quantity = search.routings[job], search.jobs[job].quantity
    operations = routing.plan.operations
    at = {operation.operation_id: row for row, operation in enumerate(operations)}
    tails = [0] * len(operations)
    for row in range(len(operations) - 1, -1, -1):
        lag_s = int(routing.rows.ops[row, MIN_LAG])
        for before in (at[name] for name in operations[row].after):
            handed_on = 0 < int(routing.rows.ops[before, TRANSFER]) < quantity
            span_s = 0 if handed_on else lag_s + max(0, works[row])
            tails[before] = max(tails[before], span_s + tails[row])
    return tails


def _fullest(found: Mapping[Group, Sequence[_Step]], open_at: "_Open") -> list[Group]:
    """Return the groups with most work by seat, the fullest first."""

    def full(group: Group) -> tuple[float, list[str]]:
        work_s = sum(step.work_s for step in found[group])
        return -work_s / open_at.seats(group), sorted(group)

    return sorted((group for group in found if len(found[group]) > 1), key=full)[:GROUPS_MOST]


def _apart(found: Sequence[tuple[int, frozenset[int]]]) -> int:
    """Return the sum of what groups say that have no job in common, the most telling first."""
    total, used = 0, set[int]()
    for more, jobs in sorted(found, key=lambda one: (-one[0], sorted(one[1]))):
        if more > 0 and used.isdisjoint(jobs):
            total += more
            used |= jobs
    return total


class _Queue:
    """The jobs that must pass a group, each in one piece.

    Attributes:
        jobs: their numbers, ascending.
        layers: weights, ascending, each what the next lower does not cover.
    """

    def __init__(
        self,
        search: Rebuild,
        steps: Sequence[_Step],
        standing: Sequence[Mapping[str, Slot]],
        machine: "_Machine",
    ) -> None:
        own: dict[int, list[_Step]] = {}
        for step in steps:
            own.setdefault(step.job, []).append(step)
        self.jobs = seconds(sorted(own))
        self.machine = machine
        rows = [self._piece(own[job], standing[job]) for job in sorted(own)]
        self.head_s, self.work_s, self.tail_s = seconds(rows).T
        crowd = search.crowd
        self.since_s, self.due_s = crowd.since_s[self.jobs], crowd.due_s[self.jobs]
        self.weight = np.where(self.due_s == NEVER, 0, crowd.weight[self.jobs])
        weights = np.unique(self.weight[self.weight > 0])
        thinned = np.linspace(0, len(weights) - 1, min(len(weights), LAYERS_MOST)).astype(np.int64)
        self.layers: list[int] = weights[np.unique(thinned)].tolist()

    def flow_s(self) -> int:
        """Return the least flow time of all of them."""
        ends = self.machine.ends_s(self.head_s, self.work_s)
        return int((ends.sum() + self.tail_s.sum()) - self.since_s.sum())

    def tardiness_s(self) -> int:
        """Return the least weighted tardiness of all of them."""
        total = below = 0
        for weight in self.layers:
            heavy = self.weight >= weight
            ends = self.machine.ends_s(self.head_s[heavy], self.work_s[heavy])
            dates = np.sort(self.due_s[heavy] - self.tail_s[heavy])
            total += (weight - below) * int(np.maximum(0, ends - dates).sum())
            below = weight
        return total

    @staticmethod
    def _piece(steps: Sequence[_Step], standing: Mapping[str, Slot]) -> tuple[int, int, int]:
        """Return head, work and tail of a job at the group: the least of as it may and as it is."""
        ends_s = max(slot.end_s for slot in standing.values())
        last_s = max(step.stands.end_s for step in steps)
        return (
            min(min(step.head_s, step.stands.start_s) for step in steps),
            min(sum(step.work_s for step in steps), sum(step.stands_work_s for step in steps)),
            min(*(step.tail_s for step in steps), ends_s - last_s),
        )


class _Machine:
    """Free seats together: their speed in steps, and the work done before each step.

    Args:
        from_s, speed: int64, shape (steps,); the last goes on for ever.
    """

    def __init__(self, from_s: Seconds, speed: Seconds) -> None:
        self.from_s, self.speed = from_s, speed
        self.done = seconds(np.concatenate([[0], np.cumsum(np.diff(from_s) * speed[:-1])]))

    def ends_s(self, head_s: Seconds, work_s: Seconds) -> Seconds:
        """Return when the first, second, third ... of some pieces ends at best, int64."""
        at = np.maximum(0, np.searchsorted(self.from_s, head_s, side="right") - 1)
        into = np.maximum(0, head_s - self.from_s[at])
        ready = self.done[at] + into * self.speed[at]
        done = seconds(_shortest_first(ready.tolist(), work_s.tolist()))
        step = np.searchsorted(self.done, done, side="left")
        before = np.maximum(0, step - 1)
        left, speed = done - self.done[before], np.maximum(1, self.speed[before])
        sharp = np.append(self.done, NEVER)[step] == done
        exact = np.append(self.from_s, NEVER)[step]
        return np.where(sharp, exact, self.from_s[before] - (-left // speed))


def _shortest_first(ready: Sequence[int], work: Sequence[int]) -> list[int]:
    """Return the ends, ascending, where the shortest remaining work is always done first."""
    order = sorted(zip(ready, work, strict=True))
    ends: list[int] = []
    left: list[int] = []
    at = now = 0
    while at < len(order) or left:
        if not left:
            now = max(now, order[at][0])
        while at < len(order) and order[at][0] <= now:
            heappush(left, order[at][1])
            at += 1
        shortest = heappop(left)
        if at == len(order) or now + shortest <= order[at][0]:
            now += shortest
            ends.append(now)
        else:
            heappush(left, shortest - (order[at][0] - now))
            now = order[at][0]
    return ends


class _Open:
    """When seats are open and nothing pinned has them."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self._steps: dict[str, tuple[Seconds, Seconds]] = {}

    def seats(self, group: Group) -> int:
        """Return how many seats a group has."""
        return sum(self.load.network.work_unit[unit].seats for unit in group)

    def worked_s(self, slot: Slot) -> int:
        """Return the seconds of a slot in which its work unit works."""
        return self._worktime(slot.resource_id).worked_s(slot.start_s, slot.end_s)

    def machine(self, group: Group) -> _Machine:
        """Return the free seats of a group together; behind the horizon all are open."""
        seats = [self._seats(unit) for unit in sorted(group)]
        until_s = self.load.from_s + self.load.horizon_s
        until_s = max([until_s, *(int(at.max()) for at, _ in seats if len(at))]) + 1
        at = np.concatenate([[self.load.from_s, until_s], *(at for at, _ in seats)])
        change = np.concatenate([[0, self.seats(group)], *(change for _, change in seats)])
        steps, row = np.unique(at, return_inverse=True)
        speed = np.zeros(len(steps), dtype=np.int64)
        np.add.at(speed, row, change)
        return _Machine(steps, np.cumsum(speed))

    def _worktime(self, unit: str) -> Worktime:
        clocks = self.load.clocks
        calendar = self.load.network.work_unit[unit].calendar_id
        return clocks.worktime[clocks.number[calendar, None]]

    def _seats(self, unit: str) -> tuple[Seconds, Seconds]:
        """Return when how many more seats of a work unit are free, and by how many."""
        if unit not in self._steps:
            open_s = self._worktime(unit)
            found = []
            for seat in range(self.load.network.work_unit[unit].seats):
                found.append(_free(open_s.start_s, open_s.end_s, *self.load.booked(unit, seat)))
            at = np.concatenate([part for pair in found for part in pair])
            ones = [sign * np.ones(len(pair[0]), np.int64) for pair in found for sign in (1, -1)]
            self._steps[unit] = at, np.concatenate(ones)
        return self._steps[unit]


def _free(
    opens: Seconds, shuts: Seconds, starts: Seconds, ends: Seconds
) -> tuple[Seconds, Seconds]:
    """Return what is left of intervals, begins and ends, where others lie over them."""
    at = np.concatenate([opens, shuts, starts, ends])
    open_by = np.repeat([1, -1, 0, 0], [len(opens), len(shuts), len(starts), len(ends)])
    taken_by = np.repeat([0, 0, 1, -1], [len(opens), len(shuts), len(starts), len(ends)])
    steps, row = np.unique(at, return_inverse=True)
    opened, taken = np.zeros(len(steps), np.int64), np.zeros(len(steps), np.int64)
    np.add.at(opened, row, open_by)
    np.add.at(taken, row, taken_by)
    free = (np.cumsum(opened) > 0) & (np.cumsum(taken) == 0)
    edges = np.diff(np.concatenate([[0], free.astype(np.int64), [0]]))
    return steps[edges[:-1] > 0], steps[edges[:-1] < 0]
