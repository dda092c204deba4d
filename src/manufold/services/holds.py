"""Holds: what a buyer's open offers for one design keep free, together.

Asking for ten, then for a hundred of the same part is comparing, not buying twice. A buyer's open
offers for one design share their hold: they may overlap one another and none pushes another back.
Accepting one ends the others, and says so. How much one party holds at a time is limited.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from manufold.model.errors import Conflict
from manufold.model.offer import Offer
from manufold.model.party import Actor
from manufold.model.ports import Batch, Booking, Check, NewEvent
from manufold.model.units import to_rfc3339
from manufold.scheduling.bookings import batch_holder
from manufold.services.context import Context
from manufold.services.documents import event, offer_of, sound

__all__ = [
    "RELEASED",
    "OpenOffer",
    "capped",
    "end_offer",
    "ended",
    "holder_of",
    "lost_hold",
    "open_offers",
    "refuse_lost",
    "shared",
]

#: why an offer ended that its buyer does not want
RELEASED = "hold.released"
_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An offer that still holds slots, by the groups its options hold them with."""

    offer_id: str
    options: tuple[str, ...]
    expires_s: int


def holder_of(party_id: str, design_revision: str) -> str:
    """Return who holds: one party for one design."""
    return f"{party_id}/{design_revision}"


def shared(offer: Offer, claims: Sequence[Booking]) -> tuple[Booking, ...]:
    """Return held bookings as the buyer's for this design, each naming its offer.

    What the members of an operation batch share stays the batch's.
    """
    holder = holder_of(offer.party_id, offer.design_revision)
    return tuple(
        replace(
            claim,
            holder=batch_holder(claim.detail.get("shared_as", "")) or holder,
            detail={**claim.detail, "offer": offer.offer_id},
        )
        for claim in claims
    )


def open_offers(
    ctx: Context, party_id: str, design_revision: str, now_s: int
) -> tuple[OpenOffer, ...]:
    """Return a buyer's offers for a design that hold slots at an instant."""
    document = ctx.store.get("holds", holder_of(party_id, design_revision)) or {"offers": []}
    found = (
        OpenOffer(str(one["offer"]), tuple(one["options"]), int(one["expires_s"]))
        for one in document["offers"]
    )
    return tuple(one for one in found if one.expires_s > now_s)


def ended(batch: Batch, offer: Offer, others: Sequence[OpenOffer], party_id: str) -> Batch:
    """Return the batch that accepts an offer, with the buyer's other offers for it ended."""
    rest = [other for other in others if other.offer_id != offer.offer_id]
    lost: dict[str, Mapping[str, Any]] = {
        f"accept/{other.offer_id}": {"lost": "order.other_offer_accepted", "party": party_id}
        for other in rest
    }
    events: list[NewEvent] = [
        event(
            f"offer:{other.offer_id}",
            "OfferReleased",
            {"offer_id": other.offer_id, "reason": "order.other_offer_accepted"},
            batch.now_s,
            "manufold",
        )
        for other in rest
    ]
    return replace(
        batch,
        events=(*batch.events, *events),
        release_groups=(
            *batch.release_groups,
            *(option for other in rest for option in other.options),
        ),
        unique={**batch.unique, **lost},
    )


def capped(ctx: Context, party_id: str, now_s: int) -> Check:
    """Return the check that refuses a party which holds as much as one may.

    Asked in the transaction that holds, so that no two offers pass it together.

    Raises (the check):
        Conflict: `hold.offers_most`, `hold.hours_most`.
    """
    settings = ctx.settings

    def check(get: Callable[[str, str], Mapping[str, Any] | None]) -> None:
        document = get("holding", party_id) or {"offers": []}
        held = [one for one in document["offers"] if one["expires_s"] > now_s]
        if not held:
            return  # a single offer is held, however large
        first = min(held, key=lambda one: (one["expires_s"], one["offer"]))
        ends_first, frees_at = str(first["offer"]), to_rfc3339(int(first["expires_s"]))
        if len(held) >= settings.holds_per_party:
            raise Conflict(
                "hold.offers_most",
                open=len(held),
                most=settings.holds_per_party,
                next=ends_first,
                frees_at=frees_at,
            )
        hours = sum(int(one["held_s"]) for one in held) // _HOUR_S
        if hours >= settings.held_hours_per_party:
            raise Conflict(
                "hold.hours_most",
                open=len(held),
                hours=hours,
                most=settings.held_hours_per_party,
                next=ends_first,
                frees_at=frees_at,
            )

    return check


def end_offer(ctx: Context, offer_id: str, party_id: str, actor: Actor | str, code: str) -> bool:
    """Release an offer for good; False when it was accepted or released at the same moment."""
    offer = offer_of(ctx, offer_id)
    if offer is None:
        return False
    now_s = ctx.clock.now_s()
    data = {"offer_id": offer_id, "reason": code}
    said = event(f"offer:{offer_id}", "OfferReleased", data, now_s, actor)
    groups = tuple(option.option_id for option in offer.options)
    lost = {f"accept/{offer_id}": {"lost": code, "party": party_id}}
    try:
        ctx.store.append(Batch((said,), release_groups=groups, unique=lost, now_s=now_s))
    except Conflict as fault:
        if fault.code != "store.key_taken":
            raise
        return False
    return True


def refuse_lost(ctx: Context, actor: Actor, offer_id: str) -> None:
    """Tell its own buyer that an offer lost its hold; anybody else learns nothing.

    Raises:
        Conflict: what `lost_hold` answers.
    """
    answer = ctx.store.claimed(f"accept/{offer_id}") if sound(offer_id) else None
    if answer is None or "lost" not in answer:
        return
    if actor.role == "network_operator" or actor.party_id == answer["party"]:
        raise lost_hold(answer, offer_id)


def lost_hold(answer: Mapping[str, Any], offer_id: str) -> Conflict:
    """Return the refusal of an offer that no longer holds its slots, by why it does not."""
    if answer["lost"] == "order.other_offer_accepted":
        return Conflict("order.other_offer_accepted", offer=offer_id)
    if answer["lost"] == RELEASED:
        return Conflict("hold.was_released", offer=offer_id)
    return Conflict("order.slot_lost", offer=offer_id)
