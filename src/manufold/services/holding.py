"""Holding: a buyer has an offer held for longer, or says that it is not wanted.

Both are one transaction with their event. Whoever else is at the offer at the same moment (an
acceptance, a release, the floor that needs the slots) comes before or after, never in between.
"""

from dataclasses import replace

from manufold.model.errors import Conflict
from manufold.model.offer import Offer
from manufold.model.party import Actor
from manufold.model.ports import Batch
from manufold.model.units import to_rfc3339
from manufold.services.access import may_act, visible_offer
from manufold.services.context import Context
from manufold.services.documents import event, offer_of, sound
from manufold.services.holds import RELEASED, end_offer, lost_hold, refuse_lost
from manufold.services.loads import booked_load

__all__ = ["extend_offer", "extensions_left", "release_offer"]

_TRIES = 10  # of two that extend at once, one looks again


def extend_offer(ctx: Context, actor: Actor, offer_id: str) -> Offer:
    """Return an offer after it was held for another `hold_s`, counted from when it would end.

    Raises:
        Conflict: `access.no_such_offer`, `order.offer_expired`, `order.offer_accepted`,
            `order.other_offer_accepted`, `order.slot_lost`, `hold.was_released`,
            `hold.extended_enough`, `hold.busy`.
    """
    may_act(ctx.network, actor, "buyer", "network_operator")
    with ctx.standing():
        for _try in range(_TRIES):
            seen = _times(ctx, offer_id)  # before the offer, which must not be older than it
            longer = _extended(ctx, actor, _open(ctx, actor, offer_id), *seen)
            if longer is not None:
                return longer
    raise Conflict("hold.busy", offer=offer_id)


def extensions_left(ctx: Context, offer: Offer) -> int:
    """Return how often an offer may still be extended."""
    return max(0, ctx.settings.hold_extensions_max - _times(ctx, offer.offer_id)[0])


def release_offer(ctx: Context, actor: Actor, offer_id: str) -> None:
    """End an offer that is not wanted: its slots go free at once; said twice, it is done once.

    Its files stay for a while (`forget.sweep`), or are deleted by `forget.forget_offer`.

    Raises:
        Conflict: `access.no_such_offer`, `order.offer_accepted`, `order.other_offer_accepted`,
            `order.slot_lost`.
    """
    may_act(ctx.network, actor, "buyer", "network_operator")
    with ctx.standing():
        if _released_before(ctx, actor, offer_id):
            return
        offer = _open(ctx, actor, offer_id)
        if end_offer(ctx, offer_id, offer.party_id, actor, RELEASED):
            return
        if not _released_before(ctx, actor, offer_id):
            _open(ctx, actor, offer_id)  # knows what came before
            raise Conflict("hold.busy", offer=offer_id)


def _open(ctx: Context, actor: Actor, offer_id: str) -> Offer:
    """Return an offer that is neither accepted nor ended; it may have expired."""
    found = offer_of(ctx, offer_id)
    if found is None:
        refuse_lost(ctx, actor, offer_id)
    offer = visible_offer(ctx.network, actor, found, offer_id)
    answer = ctx.store.claimed(f"accept/{offer_id}")
    if answer is None:
        return offer
    if "lost" in answer:
        raise lost_hold(answer, offer_id)
    raise Conflict("order.offer_accepted", offer=offer_id)


def _extended(ctx: Context, actor: Actor, offer: Offer, times: int, version: int) -> Offer | None:
    """Return the offer as extended; None when somebody was at it in between."""
    now_s, before_s = ctx.clock.now_s(), offer.reservation.expires_s
    if now_s >= before_s:
        raise Conflict("order.offer_expired", offer=offer.offer_id, expired_at=to_rfc3339(before_s))
    if times >= ctx.settings.hold_extensions_max:
        raise Conflict(
            "hold.extended_enough",
            offer=offer.offer_id,
            times=times,
            most=ctx.settings.hold_extensions_max,
            expires_at=to_rfc3339(before_s),
        )
    until_s = before_s + ctx.settings.hold_s
    held = [
        booking
        for option in offer.options
        for booking in ctx.store.bookings(now_s=now_s, group=option.option_id)
    ]
    if not held:
        return None  # accepted or ended since we looked
    stream = f"offer:{offer.offer_id}"
    data = {"offer_id": offer.offer_id, "before_s": before_s, "expires_s": until_s}
    batch = Batch(
        (event(stream, "OfferExtended", data, now_s, actor),),
        {stream: version},
        tuple(replace(booking, expires_s=until_s) for booking in held),
        tuple(booking.booking_id for booking in held),
        now_s=now_s,
    )
    try:
        stored = ctx.store.append(batch)
    except Conflict as fault:
        if fault.code not in ("store.stream_moved", "store.booking_gone", "store.booking_exists"):
            raise
        return None
    booked_load(ctx, (), stored[-1].seq, until_s)  # it stands where it stood
    return replace(offer, reservation=replace(offer.reservation, expires_s=until_s))


def _times(ctx: Context, offer_id: str) -> tuple[int, int]:
    """Return how often an offer was extended, and the version of its stream."""
    said = list(ctx.store.read(stream=f"offer:{offer_id}")) if sound(offer_id) else []
    return sum(one.kind == "OfferExtended" for one in said), len(said)


def _released_before(ctx: Context, actor: Actor, offer_id: str) -> bool:
    """Return whether an offer of the actor's was released like this already."""
    answer = ctx.store.claimed(f"accept/{offer_id}") if sound(offer_id) else None
    if answer is None or answer.get("lost") != RELEASED:
        return False
    return actor.role == "network_operator" or actor.party_id == answer["party"]
