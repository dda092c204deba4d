"""One seat of one work unit: what is booked there, in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manufold.scheduling.kernel import Seconds, seconds

__all__ = ["FREE", "Row", "SeatLoad", "seat_load"]

#: (start_s, end_s, number of its group, number of its setup family)
Row = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class SeatLoad:
    """Bookings of a seat, sorted by start; those of one holder may overlap.

    Args:
        start_s: int64, shape (n,).
        end_s: int64, shape (n,).
        covered_s: int64, shape (n,), latest end of a booking and all before it.
        group: int64, shape (n,), number of the name it is released by.
        family: int64, shape (n,), number of its setup family.
    """

    start_s: Seconds
    end_s: Seconds
    covered_s: Seconds
    group: Seconds
    family: Seconds

    def with_row(self, row: Row) -> "SeatLoad":
        """Return a copy with one more booking."""
        start_s, end_s, group, family = row
        at = int(np.searchsorted(self.start_s, start_s, side="right"))
        ends = _put(self.end_s, at, end_s)
        return SeatLoad(
            _put(self.start_s, at, start_s),
            ends,
            np.maximum.accumulate(ends),
            _put(self.group, at, group),
            _put(self.family, at, family),
        )

    def with_rows(self, rows: Sequence[Row]) -> "SeatLoad":
        """Return a copy with more bookings, sorted once."""
        if len(rows) == 1:
            return self.with_row(rows[0])
        own = (self.start_s, self.end_s, self.group, self.family)
        more = zip(*rows, strict=True)
        columns = [np.concatenate([old, seconds(new)]) for old, new in zip(own, more, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        start_s, end_s, group, family = (column[order] for column in columns)
        return SeatLoad(start_s, end_s, np.maximum.accumulate(end_s), group, family)

    def without(self, group: int) -> "SeatLoad":
        """Return a copy without a group's bookings, itself when there are none."""
        kept = self.group != group
        if kept.all():
            return self
        ends = self.end_s[kept]
        return SeatLoad(
            self.start_s[kept],
            ends,
            np.maximum.accumulate(ends),
            self.group[kept],
            self.family[kept],
        )


def _put(column: Seconds, at: int, value: int) -> Seconds:
    """Return the column with one more value; `numpy.insert` takes ten times as long."""
    longer = np.zeros(len(column) + 1, dtype=np.int64)
    longer[:at], longer[at], longer[at + 1 :] = column[:at], value, column[at:]
    return longer


def seat_load(rows: Sequence[Row]) -> SeatLoad:
    """Return a seat with these bookings, in any order."""
    columns = seconds(sorted(rows)).reshape(-1, 4).T
    start_s, end_s, group, family = (np.ascontiguousarray(column) for column in columns)
    return SeatLoad(start_s, end_s, np.maximum.accumulate(end_s), group, family)


#: a seat with nothing booked
FREE = seat_load(())
