"""Holds: what a buyer's open offers for one design keep free, together.

Asking for ten, then for a hundred of the same part is comparing, not buying twice. A buyer's open
offers for one design share their hold: they may overlap one another and none pushes another back.
Accepting one ends the others, and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from manufold.model.offer import Offer
from manufold.model.ports import Batch, Booking, NewEvent
from manufold.scheduling.bookings import batch_holder
from manufold.services.context import Context
from manufold.services.documents import event

__all__ = ["OpenOffer", "ended", "holder_of", "open_offers", "shared"]


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
