"""What is held for offers, beside slots that stand otherwise in a scenario."""

from collections.abc import Iterable, Sequence

from manufold.model.schedule import Slot

__all__ = ["clashes", "still_held"]

#: (resource, seat)
Place = tuple[str, int]
#: from, to, the name under which a batch shares it
Span = tuple[int, int, str]


def still_held(held: Sequence[Slot], slots: Iterable[Slot], now_s: int) -> tuple[Slot, ...]:
    """Return what is held without the options that slots stand in the way of.

    Args:
        held: the holder of each is its option.
    """
    lost = {one.holder for _slot, one in clashes(slots, held, now_s)}
    return tuple(one for one in held if one.holder not in lost)


def clashes(
    slots: Iterable[Slot], held: Sequence[Slot], now_s: int
) -> tuple[tuple[Slot, Slot], ...]:
    """Return each slot that is still to end beside what is held and what it takes of it."""
    there: dict[Place, list[tuple[Span, Slot]]] = {}
    for one in held:
        for place, span in _spans(one):
            there.setdefault(place, []).append((span, one))
    if not there:
        return ()
    return tuple(
        (slot, one)
        for slot in slots
        if slot.end_s > now_s
        for place, span in _spans(slot)
        for other, one in there.get(place, ())
        if _meet(span, other)
    )


def _spans(slot: Slot) -> list[tuple[Place, Span]]:
    own = ((slot.resource_id, slot.seat), (slot.start_s, slot.end_s, ""))
    return [own, *(((c.resource_id, c.seat), (c.start_s, c.end_s, c.shared_as)) for c in slot.also)]


def _meet(one: Span, other: Span) -> bool:
    shared = bool(one[2]) and one[2] == other[2]
    return one[0] < other[1] and other[0] < one[1] and not shared
