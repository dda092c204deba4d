"""Rules of a seat: one job at a time, and set-up at least as long as the real changeover.

Operators, tools and the doors of batching work units are seats, too."""

from collections.abc import Collection, Iterator

import numpy as np

from manufold.judge.rows import Rows
from manufold.judge.violation import Violation, violation
from manufold.model.schedule import Claim, Slot
from manufold.model.work_content import changeover_s

__all__ = ["overlaps", "setups_too_short"]


def overlaps(rows: Rows) -> list[Violation]:
    """Return one violation per stretch that begins while its seat, operator or tool is taken.

    Claims of one name are one stretch: the members of a batch share its door and its operator.
    """
    held = _stretches(rows)
    if len(held) < 2:
        return []
    numbers: dict[tuple[str, int], int] = {}
    for claim, _ in held:
        numbers.setdefault((claim.resource_id, claim.seat), len(numbers))
    start = np.array([claim.start_s for claim, _ in held], dtype=np.int64)
    end = np.array([claim.end_s for claim, _ in held], dtype=np.int64)
    seat = np.array([numbers[c.resource_id, c.seat] for c, _ in held], dtype=np.int64)
    order = np.lexsort((start, seat))
    start, end, seat = start[order], end[order], seat[order]
    span = int(end.max() - start.min()) + 1
    shifted = (end - start.min()) + seat * span  # later seats lie behind earlier ones
    taken_until = np.maximum.accumulate(shifted) - seat * span + start.min()
    late = np.flatnonzero((seat[1:] == seat[:-1]) & (taken_until[:-1] > start[1:])) + 1
    found = []
    for at in late:
        (_, before), (claim, slot) = held[order[at - 1]], held[order[at]]
        found.append(
            violation(
                "judge.overlap",
                slot.holder,
                slot.operation_id,
                claim.resource_id,
                seat=claim.seat,
                other=before.holder,
                overlap_s=int(taken_until[at - 1] - start[at]),
            )
        )
    return found


def _runs_before(rows: Rows) -> Iterator[tuple[int, Collection[str | None]]]:
    """Yield each row with the families of what runs before it; an oven is set up as a whole."""
    ovens: dict[str, dict[int, list[int]]] = {}
    for at, row in enumerate(rows.order):
        unit = rows.unit(row)
        if unit is not None and unit.batches:
            batches = ovens.setdefault(rows.slots[row].resource_id, {})
            batches.setdefault(rows.slots[row].start_s, []).append(row)
            continue
        before = rows.order[at - 1]
        same = at > 0 and rows.seat_number[before] == rows.seat_number[row]
        yield row, (rows.family[before],) if same else ()
    for batches in ovens.values():
        families: set[str | None] = set()
        for _start_s, members in sorted(batches.items()):
            for row in members:
                yield row, families
            families = {rows.family[row] for row in members}


def _stretches(rows: Rows) -> list[tuple[Claim, Slot]]:
    """Return what slots hold, their own seats first; shared claims once."""
    held = [(Claim(s.resource_id, s.seat, s.start_s, s.end_s), s) for s in rows.slots]
    shared: dict[tuple[str, int, str], tuple[Claim, Slot]] = {}
    for slot in rows.slots:
        for claim in slot.also:
            if claim.shared_as:
                key = (claim.resource_id, claim.seat, claim.shared_as)
                if key not in shared or shared[key][0].end_s < claim.end_s:
                    shared[key] = claim, slot
            else:
                held.append((claim, slot))
    return [*held, *shared.values()]


def setups_too_short(rows: Rows) -> list[Violation]:
    """Return the slots whose set-up is shorter than their own plus the real changeover."""
    found, contents = [], rows.contents()
    for row, families in _runs_before(rows):
        slot, content, unit = rows.slots[row], contents[row], rows.unit(row)
        family = rows.family[row]
        if content is None or unit is None or family is None:
            continue
        if rows.past[row]:
            continue
        changes_s = (changeover_s(rows.network, unit, before, family) for before in families)
        change_s = max(changes_s, default=0)
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
