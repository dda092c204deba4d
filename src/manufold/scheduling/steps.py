"""Steps of a shift: what moves together, a slot or the members of a batch, and how it stays alike.

Members that have begun and those that have not are two steps: the door was closed without them.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from manufold.model.schedule import Claim, Slot
from manufold.scheduling.batch_names import share_name

__all__ = ["Key", "Step", "alike", "key_of", "one_batch", "renamed", "steps_of"]

#: (holder, operation)
Key = tuple[str, str]
#: what moves together: a slot, or the members of a batch
Step = tuple[Key, ...]


def key_of(slot: Slot) -> Key:
    """Return by what a slot is known."""
    return slot.holder, slot.operation_id


def alike(slots: list[Slot]) -> list[Slot]:
    """Return the members of a batch with one changeover, the longest of theirs."""
    most_s = max(slot.changeover_s or 0 for slot in slots)
    return [
        slot
        if (slot.changeover_s or 0) == most_s
        else replace(
            slot,
            setup_s=slot.setup_s - (slot.changeover_s or 0) + most_s,
            changeover_s=most_s,
        )
        for slot in slots
    ]


def one_batch(slots: list[Slot]) -> list[Slot]:
    """Return slots behind one door: from when the first began to when the last is done."""
    start_s, end_s = min(s.start_s for s in slots), max(s.end_s for s in slots)
    if all((slot.start_s, slot.end_s) == (start_s, end_s) for slot in slots):
        return slots
    return [
        replace(
            slot,
            start_s=start_s,
            end_s=end_s,
            also=tuple(_claim_from(claim, slot, start_s, end_s) for claim in slot.also),
        )
        for slot in slots
    ]


def _claim_from(claim: Claim, slot: Slot, start_s: int, end_s: int) -> Claim:
    """Return a claim of a slot that lasts from and until other instants."""
    until_s = end_s if claim.end_s == slot.end_s else claim.end_s
    return Claim(
        claim.resource_id,
        claim.seat,
        start_s if claim.start_s == slot.start_s else claim.start_s,
        until_s,
        renamed(claim.shared_as, start_s, end_s),
    )


def renamed(shared_as: str, start_s: int, end_s: int) -> str:
    """Return the name of a batch that moved."""
    if not shared_as:
        return shared_as
    _span, unit_id, family = shared_as.split(" ", 2)
    return share_name(unit_id, family, start_s, end_s)


def steps_of(planned: Iterable[Slot], progress: Collection[Key]) -> dict[Key, Step]:
    """Return the step of each slot: the members of one batch share theirs, once begun or not."""
    together: dict[tuple[str, bool], list[Key]] = {}
    found: dict[Key, Step] = {}
    for slot in planned:
        shared = next((claim.shared_as for claim in slot.also if claim.shared_as), "")
        if shared:
            together.setdefault((shared, key_of(slot) in progress), []).append(key_of(slot))
        else:
            found[key_of(slot)] = (key_of(slot),)
    for keys in together.values():
        step = tuple(sorted(keys))
        found |= dict.fromkeys(keys, step)
    return found
