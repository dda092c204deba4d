"""Rules of a seat: one job at a time, and set-up at least as long as the real changeover."""

import numpy as np

from manufold.judge.rows import Rows
from manufold.judge.violation import Violation, violation
from manufold.model.work_content import changeover_s

__all__ = ["overlaps", "setups_too_short"]


def overlaps(rows: Rows) -> list[Violation]:
    """Return one violation per slot that begins while its seat is still taken."""
    order = rows.order
    if len(order) < 2:
        return []
    seat, start, end = rows.seat_number[order], rows.start_s[order], rows.end_s[order]
    span = int(end.max() - start.min()) + 1
    shifted = (end - start.min()) + seat * span  # later seats lie behind earlier ones
    taken_until = np.maximum.accumulate(shifted) - seat * span + start.min()
    late = np.flatnonzero((seat[1:] == seat[:-1]) & (taken_until[:-1] > start[1:])) + 1
    found = []
    for at in late:
        before, slot = rows.slots[order[at - 1]], rows.slots[order[at]]
        found.append(
            violation(
                "judge.overlap",
                slot.holder,
                slot.operation_id,
                slot.resource_id,
                seat=slot.seat,
                other=before.holder,
                overlap_s=int(taken_until[at - 1] - start[at]),
            )
        )
    return found


def setups_too_short(rows: Rows, now_s: int | None) -> list[Violation]:
    """Return the slots whose set-up is shorter than their own plus the real changeover."""
    found, contents, order = [], rows.contents(), rows.order
    for at, row in enumerate(order):
        slot, content, unit = rows.slots[row], contents[row], rows.unit(row)
        family = rows.family[row]
        if content is None or unit is None or family is None:
            continue
        if now_s is not None and slot.start_s < now_s:
            continue
        change_s = 0
        if at and rows.seat_number[order[at - 1]] == rows.seat_number[row]:
            change_s = changeover_s(rows.network, unit, rows.family[order[at - 1]], family)
        if slot.setup_s < content.setup_s + change_s:
            found.append(
                violation(
                    "judge.setup_too_short",
                    slot.holder,
                    slot.operation_id,
                    slot.resource_id,
                    setup_s=slot.setup_s,
                    needed_s=content.setup_s + change_s,
                )
            )
    return found
