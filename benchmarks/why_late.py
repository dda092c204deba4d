"""Why do dates break? The late orders of simulated worlds, by cause, from the log alone.

    python benchmarks/why_late.py [--orders 40] [--seeds 6] [--first-seed 1]

Worlds are run as `date_holds` runs them. From the last operation of a late order the walk goes back
along what really held each one up: its predecessor, the work before it on its seat, its slot, its
material. Each step says how much of the delay behind the plan agreed upon it caused; delay that a
machine handed on from one order to the next is counted by what began it, and told as "through the
queue" beside it. The hours behind the date are then shared out in that proportion.

- breakdown: the unit was down, under the work or before it
- slower work: more working time than booked
- night, weekend: what a delay in working time cost more on the wall clock
- waiting for its slot: all was there, the slot said later: the planner's round put it off too far
- moved behind others: the seat was taken by work that had not been planned before it
- remake: pieces came out short and were made again
- carrier: the lane took longer than its standard
- material: it came later than the slot
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from time import perf_counter

from date_holds import run_world, shared_out
from row import row

from manufold.model.execution import JobOrder, OrderState
from manufold.model.units import DAY_S
from manufold.scheduling.worktime import Worktimes
from manufold.services.documents import orders_of
from manufold.world import Manufold

CAUSES = (
    "breakdown",
    "slower work",
    "night, weekend",
    "waiting for its slot",
    "moved behind others",
    "remake",
    "carrier",
    "material",
)
_DEEPEST = 60

#: cause -> (seconds on the order's own way, seconds handed on by machines)
Parts = dict[str, list[float]]


@dataclass(slots=True)
class Log:
    """What a world's log says of work, by job order.

    Args:
        agreed: (start, end) as accepted or as a remake was planned.
        downs: by work unit, [from, to) in which it was down.
        before: the job order that was on its seat before.
        arrived: (job order, site) -> when its pieces came there.
    """

    m: Manufold
    worktimes: Worktimes
    jobs: dict[str, JobOrder] = field(default_factory=dict)
    order: dict[str, OrderState] = field(default_factory=dict)
    agreed: dict[str, tuple[int, int]] = field(default_factory=dict)
    downs: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    arrived: dict[tuple[str, str], int] = field(default_factory=dict)


def main() -> None:
    """Run the worlds and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="worlds at once")
    told = parser.parse_args()
    began = perf_counter()
    seeds, counts = shared_out(told.orders, told.seeds, told.first_seed)
    total = 0
    tables: dict[str, list[tuple[int, Parts]]] = {"P90": [], "P50": []}
    with ProcessPoolExecutor(told.workers) as pool:
        for all_orders, late in pool.map(one_world, seeds, counts):
            total += all_orders
            for date, rows in late.items():
                tables[date] += rows
    what = f"{total} orders, {told.seeds} seeds from {told.first_seed}"
    print(row(what, f"{perf_counter() - began:.0f} s"))
    for date, rows in tables.items():
        late_h = sum(late_s for late_s, _ in rows) / 3600
        print(f"\nbehind {date}: {len(rows)} orders, {late_h:.0f} h\n")
        print("| cause | orders mainly | hours late | of which through the queue | share |")
        print("|---|---|---|---|---|")
        _print_causes(rows)


def _print_causes(rows: list[tuple[int, Parts]]) -> None:
    mainly: Counter[str] = Counter()
    hours: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for late_s, parts in rows:
        whole = sum(map(sum, parts.values()))
        mainly[max(parts, key=lambda cause: sum(parts[cause]))] += 1
        for cause, (own, queued) in parts.items():
            hours[cause][0] += late_s * own / whole / 3600
            hours[cause][1] += late_s * queued / whole / 3600
    all_h = sum(map(sum, hours.values()))
    for cause in sorted(hours, key=lambda name: -sum(hours[name])):
        own_h, queued_h = hours[cause]
        share = f"{100 * (own_h + queued_h) / all_h:.0f} %"
        both = f"{own_h + queued_h:.1f} | {queued_h:.1f}"
        print(f"| {cause} | {mainly[cause]} | {both} | {share} |")


def one_world(seed: int, count: int) -> tuple[int, dict[str, list[tuple[int, Parts]]]]:
    """Return how many orders there were, and of the late ones by how much and why."""
    return run_world(seed, count, late_orders)


def late_orders(
    m: Manufold, p50: Mapping[str, int]
) -> tuple[int, dict[str, list[tuple[int, Parts]]]]:
    """Return the orders of a world, and those behind each date: seconds late, and by what."""
    log = read_log(m)
    late: dict[str, list[tuple[int, Parts]]] = {"P90": [], "P50": []}
    for order_id, p50_at_s in p50.items():
        order = m.order(order_id)
        if order.actual_at_s is None:
            continue
        for date, at_s in (("P90", order.promised_at_s), ("P50", p50_at_s)):
            if order.actual_at_s > at_s:
                late[date].append((order.actual_at_s - at_s, causes_of(log, order)))
    return len(p50), late


def read_log(m: Manufold) -> Log:
    """Read what happened once."""
    orders = orders_of(m.ctx)
    first_s = min(order.accepted_at_s for order in orders)
    log = Log(m, Worktimes(m.network, first_s, m.ctx.clock.now_s() + 60 * DAY_S))
    open_since: dict[str, int] = {}
    for event in m.ctx.store.read(0):
        if event.kind in ("OrderAccepted", "RemakePlanned"):
            for told in event.data["jobs"]:
                log.agreed[told["job_order_id"]] = (told["start_s"], told["end_s"])
        elif event.kind == "Moved":
            log.arrived[event.data["job_order_id"], event.data["to_id"]] = event.at_s
        elif event.kind == "BrokeDown":
            open_since[event.data["resource_id"]] = event.at_s
        elif event.kind == "Repaired":
            unit = event.data["resource_id"]
            log.downs.setdefault(unit, []).append((open_since.pop(unit), event.at_s))
    seats: dict[tuple[str, int], list[JobOrder]] = {}
    for order in orders:
        for job in order.jobs.values():
            log.jobs[job.job_order_id], log.order[job.job_order_id] = job, order
            if job.actual_start_s is not None:
                seats.setdefault((job.resource_id, job.seat), []).append(job)
    for listed in seats.values():
        listed.sort(key=lambda job: (job.actual_start_s or 0, job.job_order_id))
        for earlier, later in pairwise(listed):
            log.before[later.job_order_id] = earlier.job_order_id
    return log


def causes_of(log: Log, order: OrderState) -> Parts:
    """Return what an order's delay behind its plan is made of."""
    last = max(order.jobs.values(), key=lambda job: job.actual_end_s or 0)
    ended_s = last.actual_end_s or 0
    first = next(iter(order.production_orders))
    parts: Parts = {}
    if last.production_order_id != first:
        whole = [j for j in order.jobs.values() if j.production_order_id == first]
        _add(parts, "remake", ended_s - max(log.agreed[j.job_order_id][1] for j in whole))
    else:
        parts = _delay(log, last, 0)
    lane_s = log.m.network.lane_s(last.site_id, order.zone_id) or 0
    _add(parts, "carrier", (order.actual_at_s or 0) - ended_s - lane_s)
    # a date may be missed by work as planned, where less was foreseen for the hand-over
    return parts or {"carrier": [1.0, 0.0]}


def _delay(log: Log, job: JobOrder, deep: int) -> Parts:
    """Return what the delay of a job order's end is made of."""
    start_s, end_s = log.agreed[job.job_order_id]
    began_s, ended_s = job.actual_start_s or start_s, job.actual_end_s or end_s
    parts = _start_delay(log, job, start_s, began_s, deep) if began_s > start_s else {}
    work = log.worktimes.of(job.resource_id)
    downs = log.downs.get(job.resource_id, ())
    down = [(max(began_s, a), min(ended_s, b)) for a, b in downs if a < ended_s and b > began_s]
    down_work_s = sum(work.worked_s(a, b) for a, b in down)
    more_s = work.worked_s(began_s, ended_s) - work.worked_s(start_s, end_s)
    _add(parts, "breakdown", down_work_s)
    _add(parts, "slower work", more_s - down_work_s)
    _add(parts, "night, weekend", (ended_s - began_s) - (end_s - start_s) - more_s)
    return parts


def _start_delay(log: Log, job: JobOrder, start_s: int, began_s: int, deep: int) -> Parts:
    """Return what the delay of a job order's start is made of."""
    parts: Parts = {}
    network, order = log.m.network, log.order[job.job_order_id]
    behind, pieces_s = None, 0
    for name in job.after:
        other = log.jobs[name]
        way_s = network.lane_s(other.site_id, job.site_id) or 0
        there_s = log.arrived.get((name, job.site_id), (other.actual_end_s or 0) + way_s)
        if there_s >= pieces_s:
            behind, pieces_s = other, there_s
    ahead = log.jobs.get(log.before.get(job.job_order_id, ""))
    seat_s = 0 if ahead is None else ahead.actual_end_s or 0
    material_s = order.ready_s.get(job.operation_id, 0) if not job.after else 0
    ready_s = max(start_s, pieces_s, seat_s, material_s)
    slot_s = min(max(job.start_s, ready_s), began_s)
    # what is down or closed while nothing else is waited for
    work, downs = log.worktimes.of(job.resource_id), log.downs.get(job.resource_id, ())
    for from_s, to_s, cause in (
        (ready_s, slot_s, "waiting for its slot"),
        (slot_s, began_s, "night, weekend"),
    ):
        down_s = sum(max(0, min(to_s, b) - max(from_s, a)) for a, b in downs)
        open_s = max(0, to_s - from_s) - down_s
        shut_s = open_s - min(open_s, work.worked_s(from_s, max(from_s, to_s)))
        _add(parts, "breakdown", down_s)
        _add(parts, "night, weekend", shut_s)
        _add(parts, cause, open_s - shut_s)
    held_s = min(ready_s, began_s) - start_s
    if held_s <= 0:
        return parts
    if ready_s == pieces_s and behind is not None:
        way_s = network.lane_s(behind.site_id, job.site_id) or 0
        slow_s = max(0, pieces_s - (behind.actual_end_s or 0) - way_s)
        _add(parts, "carrier", min(held_s, slow_s))
        _share(parts, log, behind, held_s - min(held_s, slow_s), deep, queued=False)
    elif ready_s == seat_s and ahead is not None:
        _share(parts, log, ahead, held_s, deep, queued=True)
    else:
        _add(parts, "material", held_s)
    return parts


def _share(
    parts: Parts, log: Log, culprit: JobOrder, held_s: float, deep: int, *, queued: bool
) -> None:
    """Share a wait out over what made the culprit late."""
    theirs = _delay(log, culprit, deep + 1) if deep < _DEEPEST else {}
    whole = sum(map(sum, theirs.values()))
    planned_end_s = log.agreed[culprit.job_order_id][1]
    late_s = (culprit.actual_end_s or 0) - planned_end_s
    if whole <= 0 or late_s <= 0:
        _add(parts, "moved behind others", held_s, queued=queued)
        return
    handed_s = min(held_s, late_s)
    _add(parts, "moved behind others", held_s - handed_s, queued=queued)
    for cause, (own, handed) in theirs.items():
        _add(parts, cause, handed_s * (own if not queued else 0) / whole)
        more = handed + (own if queued else 0)
        _add(parts, cause, handed_s * more / whole, queued=True)


def _add(parts: Parts, cause: str, seconds: float, *, queued: bool = False) -> None:
    if seconds > 0:
        parts.setdefault(cause, [0.0, 0.0])[queued] += seconds


if __name__ == "__main__":
    main()
