"""Back: late work drops back behind others, and insists only where its date would suffer.

At first everything late yields: it goes into time that is free and planned for nobody. Jobs that
end too late for it insist in the next round: they take time that was planned for others, who
yield, or else insist in the round after. Kept is the round that misses least and, of these, moves
least.

Cost    `scheduling.drop_back` a round, at most `ROUNDS_MAX`; no randomness, no clock.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from manufold.model.network import Network
from manufold.model.schedule import Job, Slot
from manufold.model.units import DAY_S
from manufold.scheduling.back_rows import back_rows
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.drop_back import STEPS_MAX, drop_back
from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.load import HORIZON_LIMIT_S
from manufold.scheduling.rows import ANY_S
from manufold.scheduling.shift import slots_of_shift
from manufold.scheduling.shift_book import ShiftBook, shift_book
from manufold.scheduling.shift_rows import (
    END,
    PLANNED_END,
    PLANNED_START,
    START,
)
from manufold.scheduling.steps import Key, key_of
from manufold.scheduling.worktime import Worktimes

__all__ = ["ROUNDS_MAX", "dropped_back"]

#: how often jobs that miss their dates may begin to insist
ROUNDS_MAX = 2
#: how many such jobs are too many: who insists pushes others aside
INSIST_MAX = 12
#: by how much late work may push others before it looks for another place
PUSH_S = 600
#: how far beyond the last slot calendars are compiled at first
SPAN_S = 60 * DAY_S
_NO_DATE_S = 1 << 60


def dropped_back(
    network: Network,
    slots: Sequence[Slot],
    fixed: Collection[Key],
    jobs: Mapping[str, Job],
    now_s: int,
    pinned: Collection[Key] = (),
) -> tuple[Slot, ...] | None:
    """Return slots, those that cannot be where they are behind others; None where that is no way.

    Args:
        network: with its outages.
        fixed: what stands as it is: begun work, to the end expected of it, and others' holds.
        jobs: by holder, with the ends of work that keep their promises.
        pinned: what nobody pushes, and what comes no sooner.
    """
    first_s = min([now_s, *(slot.start_s for slot in slots)])
    last_s = max([now_s, *(slot.end_s for slot in slots)])
    for span_s in (SPAN_S, HORIZON_LIMIT_S):
        times = Worktimes(network, first_s, last_s + span_s)
        book = shift_book(network, jobs, {}, (), slots, {}, times, times, fixed)
        found = _in_book(book, jobs, now_s, frozenset(pinned))
        if found is not None:
            return found
    return None


def _in_book(
    book: ShiftBook, jobs: Mapping[str, Job], now_s: int, pinned: frozenset[Key]
) -> tuple[Slot, ...] | None:
    """Return the slots of a book after the best of a few rounds."""
    rows = book.rows._replace(list_ptr=seconds([0]), list_steps=seconds())
    if len(rows.step_ptr) > STEPS_MAX:
        return None
    holder, due_s, weight = _dates(book, jobs)
    stays = seconds([key_of(slot) in pinned for slot in book.slots])
    insists, best = np.zeros(len(due_s), dtype=np.int64), None
    worth: tuple[int, int] | None = None
    for _round in range(ROUNDS_MAX):
        push_s = seconds(np.where(insists[holder] == 1, ANY_S, PUSH_S))
        back = back_rows(rows, book.places, push_s, stays)
        if back is None:
            return None
        found = book.empty()
        if drop_back(rows, back, book.calendars, book.changes, now_s, found) != NEVER:
            break
        late_s = np.maximum(_last(holder, found.slots[:, END], len(due_s)) - due_s, 0)
        moved = int((found.slots[:, START] != rows.slots[:, PLANNED_START]).sum())
        reached = int((late_s * weight).sum()), moved
        if worth is None or reached < worth:
            worth, best = reached, found
        planned_s = _last(holder, rows.slots[:, PLANNED_END], len(due_s))
        suffers = (late_s > np.maximum(planned_s - due_s, 0)) & (insists == 0)
        if not suffers.any() or suffers.sum() > INSIST_MAX:
            break
        insists[suffers] = 1
    return None if best is None else slots_of_shift(book, best)


def _dates(book: ShiftBook, jobs: Mapping[str, Job]) -> tuple[Seconds, Seconds, Seconds]:
    """Return the number of each slot's holder, and of each holder its date and its weight."""
    number: dict[str, int] = {}
    holder = seconds([number.setdefault(slot.holder, len(number)) for slot in book.slots])
    known = [jobs.get(name) for name in number]
    due_s = [_NO_DATE_S if j is None or j.due_s is None else j.due_s for j in known]
    return holder, seconds(due_s), seconds([1 if j is None else j.weight for j in known])


def _last(holder: Seconds, ends_s: NDArray[np.int64], holders: int) -> Seconds:
    """Return the last end of each holder."""
    last = np.zeros(holders, dtype=np.int64)
    np.maximum.at(last, holder, ends_s)
    return last
