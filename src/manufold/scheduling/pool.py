"""The pool of rows that loads share: arrays that grow, and how far they are filled.

Blocks in use are never written again, so every load that knows their bounds can go on reading
them. One caller at a time fills what lies behind.
"""

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.rows import COUNT, WIDTH, Rows, packed

__all__ = ["Bounds", "Pool"]

_LEAST = 1024

#: int64, shape (3, seats), as in `rows.Rows`
Bounds = NDArray[np.int64]


class Pool:
    """Rows of all loads that came from one another.

    Attributes:
        used: rows in use; what lies behind is nobody's.
        lock: held by whoever writes there, also for a moment.
    """

    __slots__ = ("_columns", "lock", "used")

    def __init__(self, rows: int = 0) -> None:
        self.used, self.lock = 0, Lock()
        self._columns = _made(rows)

    def rows(self, bounds: Bounds, more: int = 0) -> Rows:
        """Return the rows at these bounds, with room for so many more behind those in use."""
        if self.used + more > self._columns.shape[1]:
            longer = _made(self.used + more + self.used // 2)
            longer[:, : self.used] = self._columns[:, : self.used]
            self._columns = longer
        return Rows(bounds, self._columns)

    def wasteful(self, live: int) -> bool:
        """Return whether most of it is blocks that only older loads know."""
        return self.used > 4 * live + 64 * _LEAST

    def packed(self, bounds: Bounds, *, spare: int = 0, more: int = 0) -> tuple["Pool", Bounds]:
        """Return a pool of its own for the rows at these bounds.

        Args:
            spare: room for more rows in every block, so that they may be written in place.
            more: rows behind them.
        """
        live = int(bounds[COUNT].sum()) + spare * bounds.shape[1]
        fresh, own = Pool(live + more), np.zeros_like(bounds)
        fresh.used = int(packed(self.rows(bounds), fresh.rows(own), spare))
        return fresh, own


def _made(rows: int) -> NDArray[np.int64]:
    return np.zeros((WIDTH, max(rows, _LEAST)), dtype=np.int64)
