"""Rows of a shift: all that is known of slots, their claims and their order, as arrays.

Built once for a schedule (`scheduling.shift_book`), read by `scheduling.shift_kernel`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds

__all__ = [
    "AGREED",
    "BEGUN",
    "BOUND",
    "CALENDAR",
    "CHANGE",
    "CLOCK",
    "CREW",
    "DOOR",
    "END",
    "FAMILY",
    "FAMILY_TO",
    "FINISHED",
    "FIXED",
    "GROUP",
    "KIND",
    "LOT",
    "MATRIX",
    "NAMED",
    "NEW_CHANGE",
    "NEW_SETUP",
    "OWN_SETUP",
    "PAUSABLE",
    "PLACE",
    "PLANNED_END",
    "PLANNED_START",
    "QUANTITY",
    "REMAINING",
    "RUN",
    "SEAT",
    "SETUP",
    "SETUP_PLACE",
    "SET_UP",
    "STAND_IN",
    "START",
    "STARTED",
    "TOOL",
    "UNTIL",
    "USUAL",
    "WHOLE",
    "FoundRows",
    "ShiftRows",
    "found_rows",
]

#: columns of `ShiftRows.slots`: from when it may start; when it was to end; working seconds of the
#: set-up, of its changeover, of the set-up without one, of the run; the place of its seat and of
#: what is changed over for it; its setup matrix or -1, into which family, which it leaves behind;
#: whether it may pause, whether it is attended to its end; what bounds its start; pieces, and how
#: many are handed on together, 0 for all; rows of its work unit in both tables of clocks; calendar
#: of whom it names, 0 for nobody; who may stand in, or -1; whether it has begun, when it started
#: and finished, and what remains of it, each -1 where unknown; when it was to start
(
    AGREED, PLANNED_END, SETUP, CHANGE, OWN_SETUP, RUN, SEAT, SETUP_PLACE, MATRIX, FAMILY_TO,
    FAMILY, PAUSABLE, WHOLE, BOUND, QUANTITY, LOT, CLOCK, USUAL, NAMED, GROUP, BEGUN, STARTED,
    FINISHED, REMAINING, PLANNED_START,
) = range(25)  # fmt: skip
#: columns of `ShiftRows.claims`; kinds of claims
PLACE, KIND, UNTIL = range(3)
TOOL, CREW, DOOR = range(3)
#: instead of 1 in the column of what has begun: it stands as it is
FIXED = 2
#: columns of `FoundRows.slots`: start, end of set-up, end, working seconds of the set-up and of
#: its changeover, who stands in or -1, the calendar of whoever attends
START, SET_UP, END, NEW_SETUP, NEW_CHANGE, STAND_IN, CALENDAR = range(7)


class ShiftRows(NamedTuple):
    """Slots by number, grouped into steps, and the order they have; all int64.

    Args:
        slots: shape (slots, 25), columns as above.
        claim_ptr, claims: per slot what else it holds: place, of which kind that is, and until
            when it was planned to.
        before_ptr, before: per slot its predecessors: slot, and seconds of the way from it.
        step_of: shape (slots,), the step of each.
        step_ptr, step_slots: the slots of each step; of free steps the lowest comes next.
        list_ptr, list_steps: per seat or door its steps in their order.
        crew: shape (operators, 2): place, column in the tables of clocks.
        group_ptr, group: per group of stand-ins its operators, who is asked first first.
        clock, usual: shape (unit calendars, operator calendars + 1), numbers of calendars, -1
            where nobody needs one; with outages and without.
    """

    slots: NDArray[np.int64]
    claim_ptr: Seconds
    claims: NDArray[np.int64]
    before_ptr: Seconds
    before: NDArray[np.int64]
    step_of: Seconds
    step_ptr: Seconds
    step_slots: Seconds
    list_ptr: Seconds
    list_steps: Seconds
    crew: NDArray[np.int64]
    group_ptr: Seconds
    group: Seconds
    clock: NDArray[np.int64]
    usual: NDArray[np.int64]


class FoundRows(NamedTuple):
    """Where everything was put, and what is held until when; all int64.

    Args:
        slots: shape (slots, 7), columns as above; the end is NEVER until it is known.
        held: per place, until when.
        family: per place, what it was last set up for, NEVER where nothing ran.
        turns: shape (3, places): first row, rows, room of each place in the pool of turns.
        pool: shape (2, room): starts and ends of turns.
        used: shape (1,), rows of the pool in use.
    """

    slots: NDArray[np.int64]
    held: Seconds
    family: Seconds
    turns: NDArray[np.int64]
    pool: NDArray[np.int64]
    used: Seconds


def found_rows(slots: int, places: int, claims: int) -> FoundRows:
    """Return rows of which nothing is known yet."""
    made = np.full((slots, 7), -1, dtype=np.int64)
    room = 8 * claims + 1
    return FoundRows(
        made,
        np.zeros(places, dtype=np.int64),
        np.full(places, -1, dtype=np.int64),
        np.zeros((3, places), dtype=np.int64),
        np.zeros((2, room), dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )
