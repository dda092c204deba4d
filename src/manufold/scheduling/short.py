"""Short: set-ups that no longer fit what runs before them, because firm work was taken away."""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.changeovers import Changeovers, changeover_s
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.load import Load
from manufold.scheduling.rows import CHANGED, COUNT, FAMILY_OF, GROUP, PTR, STARTS, Rows

__all__ = ["Short", "short_set_ups", "short_slots"]

#: group, (resource, seat), start, changeover that is needed
Short = tuple[str, tuple[str, int], int, int]


def short_set_ups(load: Load) -> list[str]:
    """Return the groups with a set-up that is shorter than the changeover from what is before."""
    return sorted({one[0] for one in short_slots(load)})


def short_slots(load: Load) -> frozenset[Short]:
    """Return the set-ups that are too short, and how long they should be."""
    found = _short(load.pool.rows(load.bounds), load.changes, load.resources.seat_matrix)
    names = list(load.numbers)
    return frozenset(
        (str(names[group]), load.resources.names[seat], start_s, needed_s)
        for group, seat, start_s, needed_s in found.tolist()
    )


@compiled
def _short(rows: Rows, changes: Changeovers, matrices: Seconds) -> NDArray[np.int64]:
    """Return group, seat, start and changeover needed, int64, shape (n, 4)."""
    found = [(0, 0, 0, 0) for _ in range(0)]
    for seat in range(len(matrices)):
        if matrices[seat] < 0:
            continue
        low = rows.bounds[PTR, seat]
        for row in range(low + 1, low + rows.bounds[COUNT, seat]):
            before, family = rows.columns[FAMILY_OF, row - 1], rows.columns[FAMILY_OF, row]
            needed = changeover_s(changes, matrices[seat], before, family)
            if rows.columns[CHANGED, row] < needed:
                group, start = rows.columns[GROUP, row], rows.columns[STARTS, row]
                found.append((group, seat, start, needed))
    answer = np.zeros((len(found), 4), dtype=np.int64)
    for row, one in enumerate(found):
        answer[row, 0], answer[row, 1], answer[row, 2], answer[row, 3] = one
    return answer
