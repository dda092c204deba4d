"""Events, bookings and a projector that the tests of every store share."""

from collections.abc import Callable, Mapping
from typing import Any

from manufold.model.ports import Booking, NewEvent, StoredEvent

__all__ = ["booking", "counted", "event"]


def event(stream: str = "order:1", kind: str = "OrderAccepted", **data: Any) -> NewEvent:
    """Return an event to append."""
    return NewEvent(stream, kind, 1, data, 1000, "acme/buyer")


def booking(name: str, from_s: int, to_s: int, holder: str, **more: Any) -> Booking:
    """Return a firm booking of seat 0 of resource `mill`, held if it says when it expires."""
    state = "held" if "expires_s" in more else "firm"
    fields = {"resource_id": "mill", "seat": 0, "group": f"group of {holder}", "state": state}
    return Booking(name, from_s=from_s, to_s=to_s, holder=holder, **{**fields, **more})


def counted(
    event: StoredEvent, get: Callable[[str, str], Mapping[str, Any] | None]
) -> dict[tuple[str, str], Mapping[str, Any] | None]:
    """Project: per stream the number of its events; `Forget` deletes it, `Break` fails."""
    if event.kind == "Break":
        raise ZeroDivisionError("a projector with a fault")
    if event.kind == "Forget":
        return {("count", event.stream): None}
    before = get("count", event.stream) or {"n": 0}
    total = get("total", "all") or {"n": 0}
    return {
        ("count", event.stream): {"n": before["n"] + 1, "last": event.data},
        ("total", "all"): {"n": total["n"] + 1},
    }
