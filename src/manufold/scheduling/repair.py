"""Repair: live with what has happened by moving as little as possible, and say what moved and why.

Something is down, somebody is away, material comes later, work runs on. Two ways are tried:

in order   everything late is pushed on and the order of work is kept (`scheduling.forecast`);
around     what cannot stand where it stands goes into a gap, all else stays (`scheduling.around`);
           what is late for it drops back behind others on its seat (`scheduling.back`).

Work that is late after going around is brought forward past work that can spare the time
(`scheduling.rescue`). The second way is only walked where the first makes promises miss more than
they did; then the one is taken that misses less, then the one that moves less. Usually the order of
work is kept where that harms nobody; with `fewest`, as little moves as will do. An order stays at
the sites it was given to, and what works on goods that are made already stays at the site they
went to.

Rush orders and what scrap left short are new work: `promise` places it, `rescue` makes room.

Cost    a forecast a way, and promises for what goes elsewhere; no randomness. Work is brought
        forward only where no more jobs are late than `rescue` looks at.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from manufold.model.errors import CannotMake, InputFault, Reason
from manufold.model.network import Network
from manufold.model.schedule import DispatchList, Job, Slot, dispatch_lists
from manufold.scheduling.around import around
from manufold.scheduling.forecast import Progress, forecast
from manufold.scheduling.moves import Movement, movement_of
from manufold.scheduling.objective import finishes_s
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.rescue import JOBS_MAX, rescue

__all__ = ["Repaired", "repair"]

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The schedule after the repair.

    Args:
        slots: all of them, begun and finished ones as they happened.
        moved: what changed and why, moves to another seat first.
        at_risk: holders whose promised finish is still missed, by how many seconds, worst first.
        movement: how much moved.
    """

    slots: tuple[Slot, ...]
    moved: tuple[Reason, ...]
    at_risk: tuple[tuple[str, int], ...]
    movement: Movement


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be repaired.

    Args:
        network: without the operators who are away.
        down: without the work units that are down, too.
        outages: of work units.
        out: of operators, too.
        held: slots of offers, which stay.
        pinned: what is not brought forward, nor gives way to it.
    """

    network: Network
    down: Network
    slots: tuple[Slot, ...]
    jobs: Mapping[str, Job]
    progress: Mapping[Key, Progress]
    now_s: int
    outages: tuple[Outage, ...]
    out: tuple[Outage, ...]
    held: tuple[Slot, ...]
    pinned: frozenset[Key]


def repair(
    network: Network,
    slots: Sequence[Slot],
    jobs: Mapping[str, Job],
    progress: Mapping[Key, Progress],
    now_s: int,
    outages: Sequence[Outage],
    agreed_s: Mapping[Key, int] | None = None,
    *,
    fewest: bool = False,
    held: Sequence[Slot] = (),
    pinned: Collection[Key] = (),
) -> Repaired:
    """Return a schedule that lives with what has happened, by few moves that keep the promises.

    Args:
        outages: of work units and of operators.
        agreed_s: as `forecast`.
        fewest: whether the order of work may go where fewer operations move that way.
        held: slots of offers, which stay where they are when work goes elsewhere.
        pinned: (holder, operation) that is not brought forward, nor gives way to what is: begun
            work, and what else the caller knows of.

    Raises:
        InputFault: as `forecast`.
        CannotMake: as `forecast`, where there is no other way either.
    """
    away = [outage for outage in outages if outage.resource_id in network.operator]
    there = with_outages(network, away)
    units = tuple(outage for outage in outages if outage.resource_id not in network.operator)
    asked = _Asked(
        there,
        with_outages(there, units),
        tuple(slots),
        jobs,
        progress,
        now_s,
        units,
        tuple(outages),
        tuple(held),
        frozenset(progress) | frozenset(pinned),
    )
    ways: list[tuple[Slot, ...]] = []
    refused: CannotMake | None = None
    least = (_missed_s(asked.slots, jobs), Movement(0, 0, 0))  # nothing can be less
    for way in (_around, _in_order) if fewest else (_in_order, _around):
        try:
            found = way(asked, dict(agreed_s or {}))
        except CannotMake as fault:
            refused = refused or fault
            continue
        if found is not None:
            ways.append(found)
            if _missed_s(found, jobs) <= least[0]:
                break
    if not ways:
        assert refused is not None
        raise refused

    def moved(way: tuple[Slot, ...]) -> tuple[int, Movement]:
        return _missed_s(way, jobs), movement_of(slots, way)

    best = min(ways, key=moved)
    return Repaired(best, _told(slots, best), _at_risk(best, jobs), movement_of(slots, best))


def _in_order(asked: _Asked, agreed_s: Mapping[Key, int]) -> tuple[Slot, ...]:
    """Return the slots pushed on in their order; what is late for it goes elsewhere, and those
    behind it close up."""
    told = (asked.jobs, asked.progress, asked.now_s, asked.outages)
    lists = dispatch_lists(asked.slots, claims=True)
    pushed = forecast(asked.network, lists, *told, agreed_s)
    old = {_key(slot): slot for slot in asked.slots}
    late = {holder for holder, _late_s in pushed.at_risk}
    broken = {outage.resource_id for outage in asked.out}
    hit = {
        slot.holder
        for slot in pushed.slots
        if slot.holder in late and slot.end_s > old[_key(slot)].end_s and _uses(slot, broken)
    }
    if not hit or len(hit) > JOBS_MAX:
        return pushed.slots
    forward = _brought_forward(asked, pushed.slots, hit)
    went = {
        _key(new): new for was, new in zip(pushed.slots, forward, strict=True) if was is not new
    }
    if not went:
        return pushed.slots
    planned = [went.get(key, slot) for key, slot in old.items()]
    left = {key: at_s for key, at_s in agreed_s.items() if key not in went}
    ways = [forward, pushed.slots]
    try:
        ways.insert(0, forecast(asked.network, _lists(planned, forward), *told, left).slots)
    except InputFault as fault:
        if fault.code != "schedule.sequence_cyclic":  # of members that left their batch
            raise
    return min(ways, key=lambda way: _missed_s(way, asked.jobs))


def _around(asked: _Asked, agreed_s: Mapping[Key, int]) -> tuple[Slot, ...] | None:
    """Return the slots with those elsewhere that cannot stand, the late ones brought forward."""
    begun = [slot for slot in asked.slots if _key(slot) in asked.progress]
    told = (asked.jobs, asked.progress, asked.now_s, asked.outages)
    ended = forecast(asked.network, dispatch_lists(begun), *told).slots
    found = around(
        asked.down,
        asked.slots,
        {_key(slot): slot for slot in ended},
        asked.jobs,
        asked.now_s,
        asked.out,
        asked.held,
        asked.pinned,
    )
    if found is None:
        return None
    late = {name for name, _late_s in _at_risk(found, asked.jobs)}
    return _brought_forward(asked, found, late) if late and len(late) <= JOBS_MAX else found


def _brought_forward(
    asked: _Asked, slots: tuple[Slot, ...], late: Collection[str]
) -> tuple[Slot, ...]:
    """Return the slots with these jobs brought forward, the very same where none can be."""
    due_s = {h: at_s for h, job in asked.jobs.items() if (at_s := job.due_s) is not None}
    found = rescue(
        asked.down,
        (*slots, *asked.held),
        asked.jobs,
        due_s,
        asked.now_s,
        asked.pinned,
        only=late,
        gate_s=asked.now_s,
    )
    if not found.claim:
        return slots
    new = {_key(slot): slot for slot in found.claim}
    return tuple(new.get(_key(slot), slot) for slot in slots)


def _at_risk(slots: Sequence[Slot], jobs: Mapping[str, Job]) -> tuple[tuple[str, int], ...]:
    found = [
        (holder, end_s - due_s)
        for holder, end_s in finishes_s(slots).items()
        if holder in jobs and (due_s := jobs[holder].due_s) is not None and end_s > due_s
    ]
    return tuple(sorted(found, key=lambda risk: (-risk[1], risk[0])))


def _missed_s(slots: Sequence[Slot], jobs: Mapping[str, Job]) -> int:
    return sum(late_s * jobs[holder].weight for holder, late_s in _at_risk(slots, jobs))


def _lists(planned: Sequence[Slot], shown: Sequence[Slot]) -> tuple[DispatchList, ...]:
    """Return dispatch lists of planned slots, in the order in which they are shown elsewhere."""
    by_key = {_key(slot): slot for slot in planned}
    return tuple(
        replace(listed, slots=tuple(by_key[_key(s)] for s in listed.slots))
        for listed in dispatch_lists(shown, claims=True)
    )


def _told(before: Sequence[Slot], after: Sequence[Slot]) -> tuple[Reason, ...]:
    """Return each move to another seat, and how many only moved in time."""
    old = {_key(slot): slot for slot in before}
    gone: list[Reason] = []
    later = 0
    for slot in after:
        was = old[_key(slot)]
        if (was.resource_id, was.seat) != (slot.resource_id, slot.seat):
            gone.append(_moved_to(was, slot))
        elif was.start_s < slot.start_s:
            later += 1
    if later:
        gone.append(Reason("schedule.kept_sequence", {"count": later}))
    return tuple(gone)


def _moved_to(was: Slot, slot: Slot) -> Reason:
    return Reason(
        "schedule.moved_to",
        {
            "job": slot.holder,
            "operation": slot.operation_id,
            "from_unit": was.resource_id,
            "to_unit": slot.resource_id,
        },
    )


def _uses(slot: Slot, broken: Collection[str]) -> bool:
    return slot.resource_id in broken or any(c.resource_id in broken for c in slot.also)


def _key(slot: Slot) -> Key:
    return slot.holder, slot.operation_id
