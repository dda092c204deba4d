"""Repair: after a breakdown, move as little as possible, and say what moved and why.

First the order of work is kept and everything late is pushed on. Only where a promised finish is
then missed, single operations that wait for a work unit that is down go to another one, one at a
time, each kept only if the promises miss less. An order stays at the sites it was given to, and
what works on goods that are made already stays at the site they went to.

Cost    one forecast per move tried, at most `TRIES_MAX`; no randomness.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.errors import CannotMake, Reason
from manufold.model.network import Network
from manufold.model.process_plan import Operation
from manufold.model.schedule import DispatchList, Job, Slot, dispatch_lists
from manufold.scheduling.forecast import Forecast, Progress, forecast
from manufold.scheduling.load import Load
from manufold.scheduling.objective import objective
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.promise import promise

__all__ = ["Repaired", "repair"]

#: most moves tried; each costs a forecast
TRIES_MAX = 60

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The schedule after the repair.

    Args:
        slots: all of them, begun and finished ones as they happened.
        moved: what changed and why, moves to another seat first.
        at_risk: holders whose promised finish is still missed, by how many seconds.
    """

    slots: tuple[Slot, ...]
    moved: tuple[Reason, ...]
    at_risk: tuple[tuple[str, int], ...]


def repair(
    network: Network,
    slots: Sequence[Slot],
    jobs: Mapping[str, Job],
    progress: Mapping[Key, Progress],
    now_s: int,
    outages: Sequence[Outage],
    agreed_s: Mapping[Key, int] | None = None,
) -> Repaired:
    """Return a schedule that lives with the outages, by as few moves as keep the promises.

    Args:
        agreed_s: as `forecast`.

    Raises:
        InputFault, CannotMake: as `forecast`.
    """
    down = with_outages(network, outages)
    listed = list(slots)
    agreed = dict(agreed_s or {})
    best = forecast(
        network, dispatch_lists(listed, claims=True), jobs, progress, now_s, outages, agreed
    )
    value = objective(best.slots, jobs)
    moved: list[Reason] = []
    refused: set[Key] = set()
    for _ in range(TRIES_MAX):
        key = _next(best, jobs, progress, outages, refused)
        if key is None:
            break
        refused.add(key)
        other = _elsewhere(down, best.slots, jobs, progress, now_s, key)
        if other is None:
            continue
        tried = [other if (s.holder, s.operation_id) == key else s for s in listed]
        shown = [other if (s.holder, s.operation_id) == key else s for s in best.slots]
        left = {one: at_s for one, at_s in agreed.items() if one != key}
        after = forecast(network, _lists(tried, shown), jobs, progress, now_s, outages, left)
        if objective(after.slots, jobs) < value and _misses(after) < _misses(best):
            moved.append(_said(best.slots, other))
            listed, best, value = tried, after, objective(after.slots, jobs)
            agreed = left
    return Repaired(best.slots, (*moved, *_kept(slots, best.slots)), best.at_risk)


def _lists(planned: Sequence[Slot], shown: Sequence[Slot]) -> tuple[DispatchList, ...]:
    """Return dispatch lists of planned slots, in the order in which a forecast shows them."""
    by_key = {(slot.holder, slot.operation_id): slot for slot in planned}
    return tuple(
        replace(listed, slots=tuple(by_key[s.holder, s.operation_id] for s in listed.slots))
        for listed in dispatch_lists(shown, claims=True)
    )


def _misses(found: Forecast) -> int:
    return sum(late_s for _, late_s in found.at_risk)


def _next(
    found: Forecast,
    jobs: Mapping[str, Job],
    progress: Mapping[Key, Progress],
    outages: Sequence[Outage],
    refused: set[Key],
) -> Key | None:
    """Return the first operation of the heaviest missed promise that waits for a unit down."""
    broken = {outage.resource_id for outage in outages}
    heaviest = sorted(found.at_risk, key=lambda risk: (-risk[1] * jobs[risk[0]].weight, risk[0]))
    for holder, _ in heaviest:
        for operation, unit_id, _late_s in found.delays.get(holder, ()):
            key = (holder, operation)
            if unit_id in broken and key not in progress and key not in refused:
                return key
    return None


def _elsewhere(
    down: Network,
    slots: Sequence[Slot],
    jobs: Mapping[str, Job],
    progress: Mapping[Key, Progress],
    now_s: int,
    key: Key,
) -> Slot | None:
    """Return the operation in the gap that finishes first on another seat, if sooner."""
    holder, name = key
    job = jobs[holder]
    own = {slot.operation_id: slot for slot in slots if slot.holder == holder}
    here, operation = own[name], job.plan.operation[name]
    rest = [s for s in slots if s is not here and s.end_s > now_s]
    load = Load.of(down, from_s=now_s).with_slots(rest)
    begun = any((holder, before) in progress for before in operation.after)
    sites = frozenset(_site(down, slot) for slot in ([here] if begun else own.values()))
    fixed = {other: slot for other, slot in own.items() if other != name}
    after = [o for o in job.plan.operations if name in o.after]
    if not after:
        sites = frozenset({_site(down, here)})  # otherwise it would leave from elsewhere
    best: Slot | None = None
    for site in sorted(sites):
        ways = [way_s(down, o, site, _site(down, own[o.operation_id])) for o in after]
        if None in ways:
            continue
        try:
            found = promise(load, down, job, sites=frozenset({site}), fixed=fixed)
        except CannotMake:
            continue
        (slot,) = found.slots
        if slot.end_s < (here if best is None else best).end_s:
            best = slot
    return best


def way_s(network: Network, operation: Operation, start: str, end: str) -> int | None:
    """Return the least seconds from a predecessor's end to an operation's start, None for none."""
    lane_s = network.lane_s(start, end)
    if lane_s is None or (operation.max_lag_s is not None and lane_s > operation.max_lag_s):
        return None
    return max(lane_s, operation.min_lag_s)


def _site(network: Network, slot: Slot) -> str:
    return network.site_of(slot.resource_id).site_id


def _said(slots: Sequence[Slot], other: Slot) -> Reason:
    key = (other.holder, other.operation_id)
    old = next(slot for slot in slots if (slot.holder, slot.operation_id) == key)
    return Reason(
        "schedule.moved_to",
        {
            "job": other.holder,
            "operation": other.operation_id,
            "from_unit": old.resource_id,
            "to_unit": other.resource_id,
            "gain_s": old.end_s - other.end_s,
        },
    )


def _kept(before: Sequence[Slot], after: Sequence[Slot]) -> tuple[Reason, ...]:
    """Return how many slots only moved in time."""
    old = {(slot.holder, slot.operation_id): slot for slot in before}
    later = [
        slot
        for slot in after
        if (was := old[slot.holder, slot.operation_id]).start_s < slot.start_s
        and (was.resource_id, was.seat) == (slot.resource_id, slot.seat)
    ]
    return (Reason("schedule.kept_sequence", {"count": len(later)}),) if later else ()
