"""Slots kept as bookings: what a booking's detail must carry for scheduling to read it again."""

from collections.abc import Mapping
from typing import Any

from manufold.model.ports import Booking, BookingState
from manufold.model.schedule import Slot

__all__ = ["booking_detail", "booking_of", "slot_of"]


def booking_detail(slot: Slot) -> Mapping[str, Any]:
    """Return the plain JSON that a slot's booking carries in `Booking.detail`."""
    return {
        "operation": slot.operation_id,
        "quantity": slot.quantity,
        "setup_s": slot.setup_s,
        "family": slot.setup_family,
    }


def booking_of(
    slot: Slot,
    booking_id: str,
    group: str,
    state: BookingState,
    *,
    holder: str | None = None,
    expires_s: int | None = None,
) -> Booking:
    """Return the booking that claims a slot; its holder is the slot's unless another is named."""
    return Booking(
        booking_id,
        slot.resource_id,
        slot.seat,
        slot.start_s,
        slot.end_s,
        holder if holder is not None else slot.holder,
        group,
        state,
        expires_s,
        booking_detail(slot),
    )


def slot_of(booking: Booking) -> Slot:
    """Return the slot that a booking made by `booking_of` claims; its holder is the group."""
    detail = booking.detail
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
    )
