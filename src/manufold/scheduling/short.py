"""Short: set-ups that no longer fit what runs before them, because firm work was taken away."""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.changeovers import Changeovers, changeover_s
from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.load import Load
from manufold.scheduling.rows import CHANGED, COUNT, FAMILY_OF, GROUP, PTR, Rows

__all__ = ["short_set_ups"]


def short_set_ups(load: Load) -> list[str]:
    """Return the groups with a set-up that is shorter than the changeover from what is before."""
    groups = _short(load.pool.rows(load.bounds), load.changes, load.resources.seat_matrix)
    names = list(load.numbers)
    return [str(names[number]) for number in np.unique(groups).tolist()]


@compiled
def _short(rows: Rows, changes: Changeovers, matrices: Seconds) -> NDArray[np.int64]:
    found = [0 for _ in range(0)]
    for seat in range(len(matrices)):
        if matrices[seat] < 0:
            continue
        low = rows.bounds[PTR, seat]
        for row in range(low + 1, low + rows.bounds[COUNT, seat]):
            before, family = rows.columns[FAMILY_OF, row - 1], rows.columns[FAMILY_OF, row]
            needed = changeover_s(changes, matrices[seat], before, family)
            if rows.columns[CHANGED, row] < needed:
                found.append(rows.columns[GROUP, row])
    return np.array(found, dtype=np.int64)
