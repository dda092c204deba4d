"""What a group of batches touches of the bookings, read in a few statements.

Of a seat only the rows are read that share a second with a claim: a table of a hundred thousand
bookings costs a group no more than a small one. PostgreSQL finds them in the index of its exclusion
constraint, SQLite in the one that its trigger uses.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.sql.expression import bindparam

from manufold.model.ports import Batch, Booking
from manufold.store import tables

__all__ = ["booking_of", "chunks", "touched"]

_AT_ONCE = 5000  # values bound to one statement; both databases take over 32,000
_WINDOWS_AT_ONCE = 1000  # of four values each

_ROW = tables.bookings.c
_SEEN = [one for one in _ROW if one is not _ROW.detail]  # a decision never looks at the detail


def _some(column: Any) -> Select[Any]:
    return select(*_SEEN).where(column.in_(bindparam("some", expanding=True)))


# built once: building a statement costs more than running it
_NAMED = _some(_ROW.booking_id)
_GROUPED = _some(_ROW.booking_group)
_COLUMNS = ", ".join(f"b.{one.name}" for one in _SEEN)

#: resource, seat, from, to of a claim
Window = tuple[str, int, int, int]

# the OFFSET keeps it from reading the whole table once instead of its index for each window
_POSTGRES = f"""
SELECT found.*
FROM unnest(%s::text[], %s::int8[], %s::int8[], %s::int8[]) AS w (resource_id, seat, from_s, to_s)
CROSS JOIN LATERAL (
    SELECT {_COLUMNS} FROM bookings AS b
    WHERE b.resource_id = w.resource_id COLLATE "C" AND b.seat = w.seat
      AND int8range(b.from_s, b.to_s) && int8range(w.from_s, w.to_s)
    OFFSET 0
) AS found
"""


@lru_cache(maxsize=_WINDOWS_AT_ONCE)
def _sqlite(count: int) -> str:
    """Return the statement for that many windows; a CROSS JOIN keeps the windows outside."""
    windows = ", ".join(["(?, ?, ?, ?)"] * count)
    return f"""
WITH w (resource_id, seat, from_s, to_s) AS (VALUES {windows})
SELECT {_COLUMNS} FROM w CROSS JOIN bookings AS b
WHERE b.resource_id = w.resource_id AND b.seat = w.seat
  AND b.to_s > w.from_s AND b.from_s < w.to_s
"""


def touched(connection: Connection, batches: Sequence[Batch]) -> dict[str, Booking]:
    """Return by id, without their details, the bookings that a group's decisions depend on.

    Those it names, those of the groups it releases, and those that share a second of a seat with
    one of its claims.
    """
    claims = [claim for batch in batches for claim in batch.claims]
    named = {booking_id for batch in batches for booking_id in batch.releases}
    named.update(claim.booking_id for claim in claims)
    groups = {group for batch in batches for group in batch.release_groups}
    windows = sorted({(one.resource_id, one.seat, one.from_s, one.to_s) for one in claims})
    found: dict[str, Booking] = {}
    for row in _rows(connection, sorted(named), sorted(groups), windows):
        if row.booking_id not in found:
            found[row.booking_id] = booking_of(row, {})
    return found


def booking_of(row: Any, detail: Mapping[str, Any]) -> Booking:
    """Return the booking of a row of the bookings table."""
    return Booking(
        booking_id=row.booking_id,
        resource_id=row.resource_id,
        seat=row.seat,
        from_s=row.from_s,
        to_s=row.to_s,
        holder=row.holder,
        group=row.booking_group,
        state=row.state,
        expires_s=row.expires_s,
        detail=detail,
    )


def chunks(values: list[str]) -> list[list[str]]:
    """Return values in parts that fit into one statement."""
    return [values[i : i + _AT_ONCE] for i in range(0, len(values), _AT_ONCE)]


def _rows(
    connection: Connection, named: list[str], groups: list[str], windows: list[Window]
) -> Iterator[Any]:
    for some in chunks(named):
        yield from connection.execute(_NAMED, {"some": some})
    for some in chunks(groups):
        yield from connection.execute(_GROUPED, {"some": some})
    for first in range(0, len(windows), _WINDOWS_AT_ONCE):
        few = windows[first : first + _WINDOWS_AT_ONCE]
        if connection.dialect.name == "sqlite":
            bound = tuple(value for window in few for value in window)
            yield from connection.exec_driver_sql(_sqlite(len(few)), bound)
        else:
            yield from connection.exec_driver_sql(
                _POSTGRES, tuple(map(list, zip(*few, strict=True)))
            )
