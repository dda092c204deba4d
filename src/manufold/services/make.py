"""Make: what shops, machines and buyers say is decided upon and remembered.

One door for all of them: a command is checked against who says it, decided by `execution`, and
its events are appended with what follows for the bookings. The same command said twice by a party
is done once; its id on another command is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from manufold.execution.decide import decide
from manufold.model.codec import canonical, encoded
from manufold.model.errors import Conflict, InputFault, OurFault
from manufold.model.execution import COMMANDS, Command, OrderState
from manufold.model.party import Actor, Role
from manufold.model.ports import Batch, NewEvent, StoredEvent
from manufold.model.units import DAY_S, to_rfc3339
from manufold.scheduling.bookings import booking_ids
from manufold.services.access import SUPPLIER_ROLES, actor_of, own_sites, visible_order
from manufold.services.context import Context
from manufold.services.documents import order_of, plan_of, unit_of

__all__ = ["freed", "may_say", "say"]

#: how far ahead of the world's clock a report may lie: a shop's clock may be set to another time
#: zone, but one that is days off would keep all that truly happens meanwhile out of the order
_AHEAD_MOST_S = DAY_S

_SHOP = frozenset(
    {
        "setup_start",
        "setup_end",
        "start",
        "pause",
        "resume",
        "finish",
        "measure",
        "energy",
        "issue_material",
        "move",
        "ship",
        "breakdown",
        "repaired",
    }
)
#: role -> the commands it may say; a cancel by a planner names a job order, never a whole order
_MAY = {
    "buyer": frozenset({"amend", "cancel", "claim", "return", "receive"}),
    "operator": _SHOP,
    "quality_engineer": frozenset({"measure", "hold", "release"}),
    "planner": _SHOP | {"hold", "release", "cancel"},
    "owner": _SHOP | {"hold", "release", "cancel"},
    "network_operator": frozenset(COMMANDS),
}


def may_say(role: Role, kind: str) -> bool:
    """Return whether a role may say commands of this kind at all."""
    return kind in _MAY[role]


def say(
    ctx: Context, actor: Actor, command: Command, *, now: bool = False
) -> tuple[StoredEvent, ...]:
    """Decide a command and append what it answers; return the events, none if said before.

    Args:
        now: it was said to happen now, so its second is no part of what tells it from another.

    Raises:
        InputFault: the command makes no sense, or is not this role's to say.
        Conflict: the state does not allow it, or it moved meanwhile.
    """
    actor_of(ctx.network, actor)
    command = replace(command, by=f"{actor.party_id}/{actor.role}")
    key = f"command/{actor.party_id}/{command.command_id}"
    said = _Said(key, _digest(command), _digest(replace(command, at_s=0)), now)
    with ctx.floor:
        return _said_once(ctx, actor, command, said)


@dataclass(frozen=True, slots=True)
class _Said:
    """By which key a command is remembered, and what tells it from another of the same id.

    Args:
        timeless: digest of what it says, whenever it happens; the one that counts for a `now`.
    """

    key: str
    digest: str
    timeless: str
    now: bool

    @property
    def unique(self) -> dict[str, dict[str, str]]:
        return {self.key: {"digest": self.digest, "timeless": self.timeless}}

    def same_as(self, kept: Mapping[str, Any]) -> bool:
        """Return whether what is remembered under this key is this command."""
        if self.now and kept.get("timeless") == self.timeless:
            return True
        return bool(kept["digest"] == self.digest)


def _said_once(
    ctx: Context, actor: Actor, command: Command, said: _Said
) -> tuple[StoredEvent, ...]:
    if _said_before(ctx, said, command):
        return ()
    now_s = ctx.clock.now_s()
    if command.at_s > now_s + _AHEAD_MOST_S:
        raise InputFault(
            "execution.too_far_ahead",
            kind=command.kind,
            at_s=command.at_s,
            now_s=now_s,
            at=to_rfc3339(command.at_s),
            now=to_rfc3339(now_s),
        )
    try:
        return ctx.store.append(_decided(ctx, actor, command, said))
    except Conflict:
        if _said_before(ctx, said, command):  # said twice at once
            return ()
        raise
    except OurFault as fault:
        if fault.code != "execution.event_impossible":
            raise
        # another order took the seat in between: decide again, and say so
        return ctx.store.append(_decided(ctx, actor, command, said))


def _digest(command: Command) -> str:
    """Return the digest of what a command says; in which role its party says it is no matter."""
    return sha256(canonical(encoded(replace(command, by="")))).hexdigest()


def _said_before(ctx: Context, said: _Said, command: Command) -> bool:
    kept = ctx.store.claimed(said.key)
    if kept is not None and not said.same_as(kept):
        raise Conflict("execution.command_id_reused", command=command.command_id[:80])
    return kept is not None


def _decided(ctx: Context, actor: Actor, command: Command, said: _Said) -> Batch:
    """Return what answers a command as everything stands now."""
    if command.kind in ("breakdown", "repaired"):
        _owns_unit(ctx, actor, command.resource_id)
        stream = f"unit:{command.resource_id}"
        version = sum(1 for _event in ctx.store.read(stream=stream))
        events = decide(None, unit_of(ctx, command.resource_id), None, command)
        expected = {stream: version}
        return Batch(events, expected, unique=said.unique, now_s=command.at_s)
    order = _order_for(ctx, actor, command)
    resource = command.resource_id
    if not resource and command.job_order_id in order.jobs:
        resource = order.jobs[command.job_order_id].resource_id
    events = decide(order, unit_of(ctx, resource), plan_of(ctx, order.plan_digest), command)
    return Batch(
        events,
        {f"order:{order.order_id}": order.stream_version},
        releases=freed(order, events),
        unique=said.unique,
        now_s=command.at_s,
    )


def freed(order: OrderState, events: tuple[NewEvent, ...]) -> tuple[str, ...]:
    """Return the bookings that events set free: finished and cancelled job orders give theirs.

    What a job order holds beside its seat goes with it: operator, tools, an oven's door.
    """
    gone = [
        str(event.data["job_order_id"])
        for event in events
        if event.kind == "JobCancelled" or (event.kind == "Finished" and event.data["complete"])
    ]
    return tuple(
        dict.fromkeys(
            booking
            for name in gone
            if order.jobs[name].state not in ("finished", "cancelled")
            for booking in booking_ids(name, order.jobs[name].also)
        )
    )


def _owns_unit(ctx: Context, actor: Actor, resource_id: str) -> None:
    unit = ctx.network.work_unit.get(resource_id)
    if unit is None:
        raise InputFault("execution.unit_unknown", unit=resource_id[:80])
    if ctx.network.site_of(resource_id).site_id not in own_sites(ctx.network, actor):
        raise Conflict("access.no_such_unit", unit=resource_id[:80], party=actor.party_id)


def _order_for(ctx: Context, actor: Actor, command: Command) -> OrderState:
    """Return the order a command is about, if the actor may say that of it."""
    order = order_of(ctx, command.order_id)
    seen = visible_order(ctx.network, actor, order)
    if order is None or seen is None:
        raise Conflict("access.no_such_order", order=command.order_id[:80], party=actor.party_id)
    if command.job_order_id and command.job_order_id not in seen.jobs:
        raise Conflict("access.no_such_job", job=command.job_order_id[:80], party=actor.party_id)
    whole = command.kind == "cancel" and not command.job_order_id
    if command.kind not in _MAY[actor.role] or (whole and actor.role in ("planner", "owner")):
        raise InputFault("access.command_may_not", role=actor.role, kind=command.kind)
    if actor.role in SUPPLIER_ROLES:
        _own_part_only(ctx, actor, command)
    return order


def _own_part_only(ctx: Context, actor: Actor, command: Command) -> None:
    """Refuse what would reach the part of an order that other owners make."""
    if command.kind != "ship":
        if not command.job_order_id:
            raise InputFault("access.job_needed", kind=command.kind)
        return
    site = command.data.get("site_id")
    if site is not None and site not in own_sites(ctx.network, actor):
        raise Conflict("access.no_such_site", site=str(site)[:80], party=actor.party_id)
