"""Slots kept as bookings: one for the seat, one for each claim, and how they are read again.

The store refuses two holders of one second of one seat. The members of an operation batch share a
door and an operator; there the batch itself is the holder, while each member's booking keeps its
own group, by which it is released.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from manufold.model.ports import Booking, BookingState
from manufold.model.schedule import Claim, Slot

__all__ = [
    "batch_holder",
    "booked_slots",
    "booking_ids",
    "bookings_of",
    "is_claim",
    "slot_of",
]


def bookings_of(
    slot: Slot,
    booking_id: str,
    group: str,
    state: BookingState,
    *,
    holder: str | None = None,
    expires_s: int | None = None,
) -> tuple[Booking, ...]:
    """Return what books a slot: its seat first, then each of its claims.

    Args:
        booking_id: of the seat; those of the claims follow from it, see `booking_ids`.
        holder: the slot's own when absent; a shared claim is held by its batch.
    """
    own = slot.holder if holder is None else holder
    first, *rest = booking_ids(booking_id, slot.also)
    seat = Booking(
        first,
        slot.resource_id,
        slot.seat,
        slot.start_s,
        slot.end_s,
        own,
        group,
        state,
        expires_s,
        _detail(slot),
    )
    claims = (
        Booking(
            name,
            claim.resource_id,
            claim.seat,
            claim.start_s,
            claim.end_s,
            batch_holder(claim.shared_as) or own,
            group,
            state,
            expires_s,
            _claim_detail(slot, claim, booking_id),
        )
        for name, claim in zip(rest, slot.also, strict=True)
    )
    return (seat, *claims)


def booking_ids(booking_id: str, also: Iterable[Claim]) -> tuple[str, ...]:
    """Return the ids that `bookings_of` gives: the seat's own, then one for each claim."""
    return (booking_id, *(f"{booking_id}/{number}" for number, _claim in enumerate(also, 1)))


def batch_holder(shared_as: str) -> str:
    """Return who holds what the members of a batch share, "" for no batch."""
    return f"batch/{shared_as}" if shared_as else ""


def is_claim(booking: Booking) -> bool:
    """Return whether a booking is what a slot holds beside its seat, and no slot of its own."""
    return "claim_of" in booking.detail


def slot_of(booking: Booking, claims: Iterable[Booking] = ()) -> Slot:
    """Return the slot that the booking of a seat stands for; its holder is the group.

    Args:
        claims: bookings of what it holds beside its seat, in the order of their ids.
    """
    detail = booking.detail
    change_s = detail.get("changeover_s")
    return Slot(
        booking.resource_id,
        booking.seat,
        booking.from_s,
        int(detail["setup_s"]),
        booking.to_s,
        booking.group,
        str(detail["operation"]),
        int(detail["quantity"]),
        detail["family"],
        None if change_s is None else int(change_s),
        tuple(_claim_of(claim) for claim in claims),
    )


def booked_slots(bookings: Iterable[Booking]) -> tuple[Slot, ...]:
    """Return the slots that bookings stand for, each with its claims that are among them."""
    seats: list[Booking] = []
    claims: dict[str, list[Booking]] = {}
    for booking in bookings:
        if is_claim(booking):
            claims.setdefault(str(booking.detail["claim_of"]), []).append(booking)
        else:
            seats.append(booking)
    for found in claims.values():
        found.sort(key=lambda claim: int(claim.booking_id.rpartition("/")[2]))
    return tuple(slot_of(seat, claims.get(seat.booking_id, ())) for seat in seats)


def _detail(slot: Slot) -> Mapping[str, Any]:
    return {
        "operation": slot.operation_id,
        "quantity": slot.quantity,
        "setup_s": slot.setup_s,
        "changeover_s": slot.changeover_s,
        "family": slot.setup_family,
    }


def _claim_detail(slot: Slot, claim: Claim, booking_id: str) -> Mapping[str, Any]:
    return {
        "claim_of": booking_id,
        "operation": slot.operation_id,
        "changeover_s": slot.changeover_s,
        "family": slot.setup_family,
        "shared_as": claim.shared_as,
    }


def _claim_of(booking: Booking) -> Claim:
    shared_as = str(booking.detail["shared_as"])
    return Claim(booking.resource_id, booking.seat, booking.from_s, booking.to_s, shared_as)
