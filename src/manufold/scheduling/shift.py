"""Shift: every slot as early as what it waits for allows, in the order the lists have.

A slot waits for its predecessors in the routing and, on its seat and at an oven's door, for whoever
is before it there. Its operator and its tools must be free; where somebody else of the site with
the skill would have it done sooner, that one takes the operator's place: work that slips past the
end of a shift would otherwise wait for the same person a day later, and all behind it with it. The
members of a batch are one step: they begin and end together. Who was not there when the door closed
comes after them.
"""

from dataclasses import replace

from manufold.model.errors import CannotMake, InputFault
from manufold.model.schedule import Claim, Slot
from manufold.model.units import DAY_S
from manufold.scheduling.load import HORIZON_LIMIT_S
from manufold.scheduling.shift_book import ShiftBook
from manufold.scheduling.shift_kernel import CYCLIC, DONE, run_shift
from manufold.scheduling.shift_rows import CREW, END, KIND, WHOLE, FoundRows
from manufold.scheduling.steps import renamed

__all__ = ["shifted_slots"]


def shifted_slots(book: ShiftBook, now_s: int) -> tuple[Slot, ...]:
    """Return the slots of a book, shifted; those that stay are the very same.

    Raises:
        InputFault: `schedule.sequence_cyclic`.
        CannotMake: `schedule.past_horizon`.
    """
    found = book.empty()
    came_to = run_shift(book.rows, book.calendars, book.changes, now_s, found)
    if came_to == CYCLIC:
        waiting = [
            (slot.holder, slot.operation_id)
            for slot, end_s in zip(book.slots, found.slots[:, END].tolist(), strict=True)
            if end_s < 0
        ]
        holder, name = min(waiting)
        raise InputFault("schedule.sequence_cyclic", job=holder, operation=name)
    if came_to != DONE:
        days = HORIZON_LIMIT_S // DAY_S
        name = book.slots[came_to].operation_id
        raise CannotMake("schedule.past_horizon", operation=name, days=days)
    return slots_of_shift(book, found)


def slots_of_shift(book: ShiftBook, found: FoundRows) -> tuple[Slot, ...]:
    """Return slots where rows say that they are."""
    whole = book.rows.slots[:, WHOLE].tolist()
    ptr, kinds = book.rows.claim_ptr.tolist(), book.rows.claims[:, KIND].tolist()
    made = []
    for row, (slot, put) in enumerate(zip(book.slots, found.slots.tolist(), strict=True)):
        start_s, set_up_s, end_s, setup_s, change_s, stand_in, _calendar = put
        also = slot.also
        if also:
            crew_until_s = end_s if whole[row] else set_up_s
            who = book.operators[stand_in] if stand_in >= 0 else None
            also = tuple(
                _claim(claim, kind == CREW, who, start_s, crew_until_s, end_s)
                for claim, kind in zip(also, kinds[ptr[row] : ptr[row + 1]], strict=True)
                if kind != CREW or start_s < crew_until_s
            )
            if also == slot.also:
                also = slot.also
        if setup_s != slot.setup_s:
            made.append(
                replace(
                    slot,
                    start_s=start_s,
                    setup_s=setup_s,
                    end_s=end_s,
                    changeover_s=change_s,
                    also=also,
                )
            )
        elif (start_s, end_s) == (slot.start_s, slot.end_s) and also is slot.also:
            made.append(slot)
        else:
            made.append(replace(slot, start_s=start_s, end_s=end_s, also=also))
    return tuple(made)


def _claim(
    claim: Claim, crew: bool, who: str | None, start_s: int, crew_until_s: int, end_s: int
) -> Claim:
    """Return a claim of a slot at its new times, a stand-in's where there is one."""
    until_s = crew_until_s if crew else end_s
    name = claim.resource_id if not crew or who is None else who
    same = (name, start_s, until_s) == (claim.resource_id, claim.start_s, claim.end_s)
    if same and not claim.shared_as:
        return claim
    shared = renamed(claim.shared_as, start_s, end_s)
    return Claim(name, claim.seat, start_s, until_s, shared)
