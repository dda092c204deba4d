"""The floor of a scenario: a copy of the floor as it stands, changed, planned and never booked.

First everything is repaired with as few moves as will do. Then comes what only better times bring:
work moves up into an extra shift in its order, late orders are brought forward past work that can
spare the time, and a rush order takes what it needs to come by its date.

What is held for an offer stays held, but for what is in the way of work that keeps its order, as on
the live floor, and for the offer that a rush order accepts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from manufold.model.errors import Reason
from manufold.model.network import Network
from manufold.model.party import Actor
from manufold.model.schedule import Job, Slot, dispatch_lists
from manufold.scheduling.forecast import forecast
from manufold.scheduling.load import Load
from manufold.scheduling.outages import Outage, with_outages
from manufold.scheduling.promise import promise
from manufold.scheduling.repair import repair
from manufold.scheduling.rescue import rescue
from manufold.services.better import pinned_of
from manufold.services.context import Context
from manufold.services.floor import Floor
from manufold.services.scenario import Scenario
from manufold.services.what_if_asked import Asked, Rush
from manufold.services.what_if_holds import clashes, still_held

__all__ = ["Planned", "as_it_is", "planned"]

#: how often work that moves up is put behind what is held there
_UP_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Planned:
    """Where everything would stand.

    Args:
        network: with extra shifts, without outages.
        gone: groups that are not made any more.
        rushes: new orders.
        hurried_s: orders on the floor that are wanted sooner, and when, at the door or the gate.
        held: slots of offers that keep their hold.
    """

    network: Network
    slots: tuple[Slot, ...]
    jobs: Mapping[str, Job]
    outages: tuple[Outage, ...]
    gone: Mapping[str, Reason] = field(default_factory=dict)
    rushes: tuple[Rush, ...] = ()
    held: tuple[Slot, ...] = ()
    hurried_s: Mapping[str, int] = field(default_factory=dict)


def as_it_is(ctx: Context, floor: Floor, now_s: int) -> Planned:
    """Return the floor as it leads on when nothing else happens."""
    lists = dispatch_lists(floor.slots, claims=True)
    found = forecast(ctx.network, lists, floor.jobs, floor.progress, now_s, floor.outages)
    at = {(slot.holder, slot.operation_id): slot for slot in found.slots}
    slots = tuple(at[slot.holder, slot.operation_id] for slot in floor.slots)
    return Planned(ctx.network, slots, floor.jobs, floor.outages)


def planned(
    ctx: Context,
    actor: Actor,
    scenario: Scenario,
    floor: Floor,
    base: Planned,
    held: Sequence[Slot],
    now_s: int,
) -> Planned:
    """Return where everything would stand in a scenario.

    Raises:
        InputFault, Conflict: what the scenario names is unknown, or not the actor's.
        CannotMake: a rush order cannot be made.
    """
    asked = Asked(ctx, actor, floor, base.jobs, now_s)
    for change in scenario.changes:
        asked.take(change)
    pinned = pinned_of(floor)
    live = tuple(slot for slot in base.slots if slot.holder not in asked.gone)
    outages = (*base.outages, *asked.outages)
    told = (asked.jobs, floor.progress, now_s, outages)
    held = still_held(held, live, now_s)
    slots = repair(asked.network, live, *told, fewest=True, held=held, pinned=pinned).slots
    held = still_held(held, slots, now_s)
    if asked.longer:
        slots = _moved_up(asked, slots, held, pinned, outages)
    network = with_outages(asked.network, outages)
    due_s = {h: job.due_s for h, job in asked.jobs.items() if job.due_s is not None}
    helped = asked.longer or asked.gone or asked.weighed
    if helped:
        slots = _rescued(network, asked.jobs, slots, held, due_s, now_s, pinned, None)
    for rush in asked.rushes:
        job = asked.job_of(rush)
        held = tuple(slot for slot in held if slot.holder not in rush.options)
        load = Load.of(network, (), now_s).with_slots((*slots, *held))
        made = promise(load, network, job, sites=rush.sites, to_site_or_zone=rush.zone_id)
        slots = (*slots, *made.slots)
        asked.take_material(rush, made.slots)
        asked.jobs[rush.holder] = job
    if asked.wanted_s:
        safe_s = due_s | asked.wanted_s
        only = frozenset(asked.wanted_s)
        slots = _rescued(network, asked.jobs, slots, held, safe_s, now_s, pinned, only)
    return Planned(
        asked.network,
        slots,
        asked.jobs,
        outages,
        asked.gone,
        tuple(asked.rushes),
        held,
        asked.hurried_s,
    )


def _rescued(
    network: Network,
    jobs: Mapping[str, Job],
    slots: tuple[Slot, ...],
    held: Sequence[Slot],
    safe_s: Mapping[str, int],
    now_s: int,
    pinned: frozenset[tuple[str, str]],
    only: frozenset[str] | None,
) -> tuple[Slot, ...]:
    found = rescue(network, (*slots, *held), jobs, safe_s, now_s, pinned, only=only, gate_s=now_s)
    new = {(slot.holder, slot.operation_id): slot for slot in found.claim}
    return tuple(new.get((slot.holder, slot.operation_id), slot) for slot in slots)


def _moved_up(
    asked: Asked,
    slots: tuple[Slot, ...],
    held: Sequence[Slot],
    pinned: frozenset[tuple[str, str]],
    outages: Sequence[Outage],
) -> tuple[Slot, ...]:
    """Return the slots with the work of longer open units, and what follows it, moved up, but no
    further than to the end of what an offer holds."""
    follows: set[tuple[str, str]] = set()
    for job in asked.jobs.values():
        own = {slot.operation_id: slot for slot in slots if slot.holder == job.holder}
        for operation in job.plan.operations:
            slot = own.get(operation.operation_id)
            if slot is None:
                continue
            after = any((job.holder, name) in follows for name in operation.after)
            if after or slot.resource_id in asked.longer:
                follows.add((job.holder, operation.operation_id))
    agreed_s = dict.fromkeys(follows - pinned, asked.now_s)
    away = [one for one in outages if one.resource_id in asked.network.operator]
    down = [one for one in outages if one.resource_id not in asked.network.operator]
    network, lists = with_outages(asked.network, away), dispatch_lists(slots, claims=True)
    told = (asked.jobs, asked.floor.progress, asked.now_s, down)
    old_s = {(slot.holder, slot.operation_id): slot.start_s for slot in slots}
    for _round in range(_UP_ROUNDS):
        found = forecast(network, lists, *told, agreed_s)
        at = {(slot.holder, slot.operation_id): slot for slot in found.slots}
        up = tuple(at[slot.holder, slot.operation_id] for slot in slots)
        taken = clashes(up, held, asked.now_s)
        if not taken:
            return up
        for slot, other in taken:
            key = (slot.holder, slot.operation_id)
            if key in agreed_s:
                agreed_s[key] = min(old_s[key], max(agreed_s[key], other.end_s))
    return slots
