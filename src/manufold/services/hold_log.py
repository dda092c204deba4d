"""Hold log: who held what, from when to when, and how it ended; from the log of events alone.

A buyer sees its own holds. Suppliers see what was held at their own sites, not for whom, nor what
became of it elsewhere; the network operator sees all.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from manufold.model.errors import InputFault
from manufold.model.network import Network
from manufold.model.party import Actor
from manufold.model.ports import StoredEvent
from manufold.model.units import DAY_S, to_rfc3339
from manufold.services.access import actor_of, may_act, own_sites
from manufold.services.context import Context
from manufold.services.holds import RELEASED
from manufold.services.project import risen

__all__ = ["HOLDS_MOST", "Hold", "Longer", "Stretch", "show_holds"]

#: holds told at once, the newest
HOLDS_MOST = 1000
_DEFAULT_S = 7 * DAY_S
_MARK = 500  # events between two places that are remembered
_AHEAD_S = DAY_S  # of the clock, more than any report may be
_SUPPLIERS = ("planner", "operator", "quality_engineer", "owner", "network_operator")

#: why an offer was released -> how its hold ended
_ENDINGS: Mapping[str, str] = {
    RELEASED: "hold.released",
    "change.forgotten": "hold.forgotten",
    "order.other_offer_accepted": "hold.other_accepted",
    "schedule.hold_lost": "hold.lost_to_floor",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one seat, and the options that held it."""

    resource_id: str
    seat: int
    from_s: int
    to_s: int
    site_id: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Longer:
    """A hold was extended: when, by whom, until when."""

    at_s: int
    by: str
    expires_s: int


@dataclass(frozen=True, slots=True)
class Hold:
    """What one offer held.

    Args:
        party_id: for whom. What the actor may not know is empty: of a supplier, which knows a
            hold by its reservation, that is the offer, the buyer, and an order made elsewhere.
        by: "party/role" of who asked; `ended_by` of who ended it.
        expires_s: as it stood last.
        how: code of how it ended, or `hold.open`.
        ended_s: when nothing was held any more, None while it is open.
        order_id: that came of it, from the option `accepted`.
        options: option id -> its name.
    """

    offer_id: str
    reservation_id: str
    party_id: str
    by: str
    made_s: int
    expires_s: int
    stretches: tuple[Stretch, ...]
    longer: tuple[Longer, ...] = ()
    how: str = "hold.open"
    ended_s: int | None = None
    ended_by: str = ""
    order_id: str = ""
    accepted: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Marks:
    """Places in the log with the latest time up to there, to begin a window at."""

    seq: int = 0
    latest_s: int = 0
    at_s: list[int] = field(default_factory=list)
    seqs: list[int] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def before(self, ctx: Context, from_s: int) -> int:
        """Return a place in the log before which no hold of the window was made."""
        with self.lock:
            for event in ctx.store.read(self.seq):
                self.latest_s, self.seq = max(self.latest_s, event.at_s), event.seq
                if event.seq % _MARK == 0:
                    self.at_s.append(self.latest_s)
                    self.seqs.append(event.seq)
            found = bisect_left(self.at_s, from_s)
            return self.seqs[found - 1] if found else 0


def show_holds(
    ctx: Context,
    actor: Actor,
    *,
    from_s: int | None = None,
    to_s: int | None = None,
    site: str | None = None,
    only_open: bool = False,
) -> tuple[Hold, ...]:
    """Return the holds that were made in a window and that the actor may see, oldest first.

    Args:
        from_s, to_s: default the last seven days up to the world's clock.
        site: only what was held there.
        only_open: only what is held now.

    Raises:
        InputFault: `hold.window_empty`, `schedule.site_unknown`, `access.role_may_not` for a buyer
            that asks for a site, and what `access.actor_of` raises.
    """
    actor_of(ctx.network, actor)
    if site is not None:
        may_act(ctx.network, actor, *_SUPPLIERS)
        if site not in ctx.network.site:
            known = ", ".join(sorted(ctx.network.site))
            raise InputFault("schedule.site_unknown", site=site[:80], known=known)
    now_s = ctx.clock.now_s()
    end_s = now_s + 1 if to_s is None else to_s
    begin_s = min(end_s, now_s) - _DEFAULT_S if from_s is None else from_s
    if begin_s >= end_s or begin_s > now_s:
        raise InputFault(
            "hold.window_empty", asked_from=to_rfc3339(begin_s), asked_to=to_rfc3339(end_s)
        )
    sites = own_sites(ctx.network, actor)
    wanted = None if site is None else sites & {site}
    found = []
    for hold in _made(ctx, begin_s, end_s).values():
        seen = _visible(actor, _as_of(hold, now_s), sites, wanted)
        if seen is not None and not (only_open and seen.how != "hold.open"):
            found.append(seen)
    return tuple(found[-HOLDS_MOST:])


def _visible(
    actor: Actor, hold: Hold, sites: frozenset[str], wanted: frozenset[str] | None
) -> Hold | None:
    """Return what the actor may see of a hold, None for nothing.

    Args:
        sites: the actor's own.
        wanted: those of them that it asked for, None = whatever it may see.
    """
    if actor.role == "buyer":
        return hold if hold.party_id == actor.party_id else None
    if actor.role == "network_operator" and wanted is None:
        return hold
    here = sites if wanted is None else wanted
    own = tuple(one for one in hold.stretches if one.site_id in here)
    if not own:
        return None
    if actor.role == "network_operator":
        return replace(hold, stretches=own)
    made_here = any(hold.accepted in one.options for one in hold.stretches if one.site_id in sites)
    elsewhere = hold.how == "hold.accepted" and not made_here
    return replace(
        hold,
        offer_id="",
        party_id="",
        by="",
        ended_by="",
        stretches=own,
        longer=tuple(replace(one, by="") for one in hold.longer),
        order_id="" if elsewhere else hold.order_id,
        accepted="" if elsewhere else hold.accepted,
        how="hold.accepted_elsewhere" if elsewhere else hold.how,
    )


def _made(ctx: Context, from_s: int, to_s: int) -> dict[str, Hold]:
    """Return the holds made in a window, as the log tells of them, with all that followed."""
    marks: _Marks = ctx.kept.setdefault("hold_marks", _Marks())
    holds: dict[str, Hold] = {}
    last_s = to_s
    for event in ctx.store.read(marks.before(ctx, from_s)):
        if event.at_s > last_s + _AHEAD_S:
            break  # all of the window are over
        if event.kind == "OfferMade" and from_s <= event.at_s < to_s:
            made = _begun(ctx.network, risen(event))
            holds[made.offer_id] = made
        elif event.kind in ("OfferExtended", "OfferReleased", "OrderAccepted"):
            hold = holds.get(str(event.data.get("offer_id", "")))
            if hold is None:
                continue
            made = holds[hold.offer_id] = _after(hold, event)
        else:
            continue
        last_s = max(last_s, made.expires_s)
    return holds


def _begun(network: Network, event: StoredEvent) -> Hold:
    offer = event.data["offer"]
    options: dict[tuple[str, int, int, int], list[str]] = {}
    for option in offer["options"]:
        for slot in option["slots"]:
            place = (slot["resource_id"], slot["seat"], slot["start_s"], slot["end_s"])
            options.setdefault(place, []).append(option["name"])
    stretches = tuple(
        Stretch(*place, _site_of(network, place[0]), tuple(dict.fromkeys(names)))
        for place, names in sorted(options.items())
    )
    reservation = offer["reservation"]
    return Hold(
        offer["offer_id"],
        reservation["reservation_id"],
        offer["party_id"],
        event.by,
        event.at_s,
        reservation["expires_s"],
        stretches,
        options={option["option_id"]: option["name"] for option in offer["options"]},
    )


def _site_of(network: Network, resource_id: str) -> str:
    """Return the site of a work unit; "" of one that the network has no more."""
    return network.site_of(resource_id).site_id if resource_id in network.work_unit else ""


def _after(hold: Hold, event: StoredEvent) -> Hold:
    """Return a hold after an event of its offer."""
    data: Mapping[str, Any] = event.data
    if event.kind == "OfferExtended":
        until_s = int(data["expires_s"])
        longer = Longer(event.at_s, event.by, until_s)
        return replace(hold, expires_s=until_s, longer=(*hold.longer, longer))
    if hold.ended_s is not None:
        return hold
    if event.kind == "OrderAccepted":
        return replace(
            hold,
            how="hold.accepted",
            ended_s=event.at_s,
            ended_by=event.by,
            order_id=str(data["order_id"]),
            accepted=hold.options.get(str(data["option_id"]), ""),
        )
    if event.at_s >= hold.expires_s:
        return hold  # it had expired; what came later was clearing up
    how = _ENDINGS.get(str(data["reason"]), "hold.released")
    return replace(hold, how=how, ended_s=event.at_s, ended_by=event.by)


def _as_of(hold: Hold, now_s: int) -> Hold:
    """Return a hold that ran out as expired."""
    if hold.ended_s is None and hold.expires_s <= now_s:
        return replace(hold, how="hold.expired", ended_s=hold.expires_s)
    return hold
