"""What a group of batches touches of the bookings, read in a few statements.

Of a seat only the rows are read that share a second with a claim: a table of a hundred thousand
bookings costs a group no more than a small one. PostgreSQL finds them in the index of its exclusion
constraint, SQLite in the one that its trigger uses: of a seat it looks at what ends after a claim
begins, and no later after its end than the longest booking is long.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from manufold.model.ports import Batch, Booking
from manufold.store import tables

__all__ = ["booking_of", "listed", "touched"]

_AT_ONCE = 4096  # values bound to one statement; both databases take over 32,000
_WINDOWS_AT_ONCE = 1024  # of four values each

_ROW = tables.bookings.c
_SEEN = [one.name for one in _ROW if one is not _ROW.detail]  # a decision never looks at the detail
_COLUMNS = ", ".join(f"b.{name}" for name in _SEEN)
_NAMED = f"SELECT {_COLUMNS} FROM bookings AS b WHERE b.booking_id"
_GROUPED = f"SELECT {_COLUMNS} FROM bookings AS b WHERE b.booking_group"

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


@lru_cache(maxsize=16)
def _sqlite(count: int) -> str:
    """Return the statement for that many windows; a CROSS JOIN keeps the windows outside."""
    windows = ", ".join(["(?, ?, ?, ?)"] * count)
    return f"""
WITH w (resource_id, seat, from_s, to_s) AS (VALUES {windows})
SELECT {_COLUMNS} FROM w CROSS JOIN bookings AS b
WHERE b.resource_id = w.resource_id AND b.seat = w.seat
  AND b.to_s > w.from_s AND b.from_s < w.to_s
  AND b.to_s < w.to_s + (SELECT max(to_s - from_s) FROM bookings)
"""


@lru_cache(maxsize=128)
def _among(head: str, count: int, tail: str) -> str:
    marks = ", ".join(["?"] * count)
    return f"{head} IN ({marks}) {tail}"


def listed(connection: Connection, head: str, values: list[str], tail: str = "") -> Iterator[Any]:
    """Yield the results of a statement about rows of which a column is one of these values.

    Sent as text, since to have it written anew for each number of values costs more than to run
    it. Values are repeated up to a power of two, so that a database knows the statement already.

    Args:
        head: of the statement, up to the column's name.
        tail: what follows the list.
    """
    for first in range(0, len(values), _AT_ONCE):
        some = values[first : first + _AT_ONCE]
        if connection.dialect.name == "sqlite":
            bound = tuple(_padded(some))
            yield connection.exec_driver_sql(_among(head, len(bound), tail), bound)
        else:
            yield connection.exec_driver_sql(f"{head} = ANY(%s::text[]) {tail}", (some,))


def _padded(values: list[Any]) -> list[Any]:
    more = (1 << (len(values) - 1).bit_length()) - len(values)
    return values + values[-1:] * more


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


def _rows(
    connection: Connection, named: list[str], groups: list[str], windows: list[Window]
) -> Iterator[Any]:
    for head, values in ((_NAMED, named), (_GROUPED, groups)):
        for found in listed(connection, head, values):
            yield from found
    for first in range(0, len(windows), _WINDOWS_AT_ONCE):
        few = windows[first : first + _WINDOWS_AT_ONCE]
        if connection.dialect.name == "sqlite":
            few = _padded(few)
            bound = tuple(value for window in few for value in window)
            yield from connection.exec_driver_sql(_sqlite(len(few)), bound)
        else:
            columns = tuple(list(column) for column in zip(*few, strict=True))
            yield from connection.exec_driver_sql(_POSTGRES, columns)
