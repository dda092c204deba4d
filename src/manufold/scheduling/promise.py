"""Promise: the earliest honest finish of new work on a loaded network.

Two passes. *Where*: the site of each operation, so that the goods arrive first. *When*: in
routing order, each operation takes the gap that finishes soonest among the work units of its
site. Booked work never moves, so the answer is feasible by construction. Each operation books
the worst changeover into its family: nothing booked or cancelled around it later can make it
infeasible.

Exact for a routing that is a chain (no maximum lags); for others an upper bound. Greedy, hence
not monotone there: more free time can, rarely, make the answer later.

Units   whole seconds since the engine epoch, on calendars compiled in the load.
Cost    O(operations x seats of capable work units x log bookings); no search, no randomness.
Source  serial schedule generation: R. Kolisch, Eur. J. Oper. Res. 90 (1996) 320-333,
        doi:10.1016/0377-2217(95)00357-6.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from manufold.model.errors import CannotMake, InputFault, Reason
from manufold.model.network import Network
from manufold.model.process_plan import ProcessPlan
from manufold.model.schedule import Job, Slot
from manufold.scheduling.assumed import assumptions
from manufold.scheduling.eligible import site_sets
from manufold.scheduling.load import Load
from manufold.scheduling.seat import SeatLoad
from manufold.scheduling.task import Choice, Found, Task, earliest, held_until_s, tasks_of
from manufold.scheduling.waits import Bounds, Placed, Wait, binding, waits
from manufold.scheduling.where import chosen_sites, past_horizon, way_s

__all__ = ["Promised", "promise", "site_sets"]

#: how often a predecessor is put off so that its successor keeps its maximum lag
LAG_RETRIES = 200


@dataclass(frozen=True, slots=True)
class Promised:
    """Slots that can be booked as they stand, and why they end when they end.

    Args:
        slots: one per operation, in routing order.
        finish_s: end of the last operation; the goods leave then.
        ships_from: site they leave from.
        arrives_s: at the destination; `finish_s` where none was asked for.
        binding: what the date hangs on most.
        waits: what each operation waited for, in routing order.
        assumptions: what was taken as given because this floor does not plan it.
    """

    slots: tuple[Slot, ...]
    finish_s: int
    ships_from: str
    arrives_s: int
    binding: Reason
    waits: tuple[Wait, ...]
    assumptions: tuple[Reason, ...]


def promise(
    load: Load,
    network: Network,
    job: Job,
    *,
    sites: frozenset[str] | None = None,
    to_site_or_zone: str | None = None,
    ready_s: Mapping[tuple[str, str], int] | None = None,
    fixed: Mapping[str, Slot] | None = None,
) -> Promised:
    """Return the earliest slots for a job and when its goods arrive.

    Args:
        network: the load's own; lanes and limits are read from it.
        sites: where it may be made, anywhere when absent.
        to_site_or_zone: where the goods go; the lane there is part of the choice of site.
        ready_s: (operation, site) -> its material is there; absent = at once.
        fixed: operations that are placed, begun or done already; their slots stay booked.

    Raises:
        CannotMake: `schedule.no_capability`, `schedule.longer_than_shift`, `schedule.no_way`,
            `schedule.max_lag`, `schedule.past_horizon`.
        InputFault: `schedule.destination_unknown`.
    """
    assert network.revision == load.network.revision  # the load's may have work units down
    to = to_site_or_zone
    if to is not None and to not in network.site and to not in network.delivery_zone:
        raise InputFault("schedule.destination_unknown", destination=to)
    wider: Load | None = load
    while True:
        try:
            return _promised(load, job, sites, to, ready_s or {}, fixed or {})
        except CannotMake as refusal:
            wider = load.extended()
            if refusal.code != "schedule.past_horizon" or wider is None:
                raise
            load = wider


def _promised(
    load: Load,
    job: Job,
    sites: frozenset[str] | None,
    to: str | None,
    ready_s: Mapping[tuple[str, str], int],
    fixed: Mapping[str, Slot],
) -> Promised:
    network, last = load.network, job.plan.last_operations
    tasks = tasks_of(load, job, sites, left_out=fixed)
    release_s = max(job.release_s, load.from_s)

    def material_s(name: str, site: str) -> int:
        return max(release_s, job.ready_s.get(name, 0), ready_s.get((name, site), 0))

    site = chosen_sites(load, tasks, material_s, to, fixed, last)
    material = {task.name: material_s(task.name, site[task.name]) for task in tasks}
    placed = _placed(load, job, tasks, site, material, fixed)
    ends = [placed[name].slot.end_s if name in placed else fixed[name].end_s for name in last]
    finish_s, leaves_from = max(ends), site[last[-1]]
    return Promised(
        tuple(one.slot for one in placed.values()),
        finish_s,
        leaves_from,
        finish_s + (0 if to is None else network.lane_s(leaves_from, to) or 0),
        binding(placed, last, finish_s),
        tuple(wait for one in placed.values() for wait in one.waits),
        assumptions(network, job, placed),
    )


def _placed(
    load: Load,
    job: Job,
    tasks: tuple[Task, ...],
    site: Mapping[str, str],
    material_s: Mapping[str, int],
    fixed: Mapping[str, Slot],
) -> dict[str, Placed]:
    """Place all operations; put predecessors off until every maximum lag is kept."""
    held_s: dict[str, int] = {}
    for _ in range(LAG_RETRIES):
        placed = _one_pass(load, job, tasks, site, material_s, fixed, held_s)
        late = _lag_broken(tasks, placed, fixed)
        if late is None:
            return placed
        before, end_s = late
        if before in fixed:
            break
        held_s[before] = end_s
    raise CannotMake("schedule.max_lag", operation=before, retries=LAG_RETRIES)


def _one_pass(
    load: Load,
    job: Job,
    tasks: tuple[Task, ...],
    site: Mapping[str, str],
    material_s: Mapping[str, int],
    fixed: Mapping[str, Slot],
    held_s: Mapping[str, int],
) -> dict[str, Placed]:
    placed: dict[str, Placed] = {}
    own: dict[tuple[str, int], SeatLoad] = {}
    forked = not _is_chain(job.plan)  # only then can its own operations want one seat at once
    for task in tasks:
        here = site[task.name]
        bounds = Bounds(max(job.release_s, load.from_s), material_s[task.name])
        for name in task.operation.after:
            before = placed[name].slot if name in placed else fixed[name]
            way = way_s(load.network, task.operation, site[name], here) or 0
            lane_s = load.network.lane_s(site[name], here) or 0
            bounds = bounds.after(name, before.end_s, lane_s, way)
        choice, found, begun_s = _best(load, task, here, bounds, held_s.get(task.name), own)
        slot = Slot(
            found.unit_id,
            found.seat,
            found.start_s,
            found.content.setup_s,
            found.end_s,
            job.holder,
            task.name,
            job.quantity,
            task.family,
        )
        if forked:
            seat = (slot.resource_id, slot.seat)
            own[seat] = own.get(seat, load.seat(*seat)).with_row((slot.start_s, slot.end_s, 0, 0))
        why = waits(task, choice, slot, bounds, begun_s)
        placed[task.name] = Placed(slot, choice, bounds, why)
    return placed


def _best(
    load: Load,
    task: Task,
    site: str,
    bounds: Bounds,
    held_s: int | None,
    own: dict[tuple[str, int], SeatLoad],
) -> tuple[Choice, Found, int]:
    """Return the choice at a site that finishes first, its gap, and when it was ready for it."""
    best: tuple[Choice, Found, int] | None = None
    for choice in task.choices:
        if choice.site_id == site:
            ready_s = held_until_s(task, choice, bounds.ready_s, held_s)
            found = earliest(load, task, choice, ready_s, own)
            if found is not None and (best is None or found < best[1]):
                best = (choice, found, ready_s)
    if best is None:
        raise past_horizon(load, task.name)
    return best


def _lag_broken(
    tasks: tuple[Task, ...], placed: Mapping[str, Placed], fixed: Mapping[str, Slot]
) -> tuple[str, int] | None:
    """Return the first predecessor that ends too early, and when it should end at least."""
    for task in tasks:
        longest_s = task.operation.max_lag_s
        for name in task.operation.after if longest_s is not None else ():
            before = placed[name].slot if name in placed else fixed[name]
            must_end_s = placed[task.name].slot.start_s - (longest_s or 0)
            if before.end_s < must_end_s:
                return name, must_end_s
    return None


def _is_chain(plan: ProcessPlan) -> bool:
    names = [operation.operation_id for operation in plan.operations]
    return all(
        operation.after == tuple(names[row - 1 : row] if row else ())
        for row, operation in enumerate(plan.operations)
    )
