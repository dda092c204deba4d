"""The tables of a store, on SQLite and PostgreSQL, and how they come to be.

Both databases refuse two holders of one second of one seat by themselves, whatever wrote the row:
SQLite by a trigger inside the writing transaction, PostgreSQL by an exclusion constraint. Texts
sort by code point on both, so that pages and exports agree.
"""

import secrets
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
)
from sqlalchemy.dialects.postgresql import INT8RANGE, ExcludeConstraint
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.sql.expression import func

from manufold.model.errors import StoreFault
from manufold.model.ledger import NOTHING_HASH

__all__ = [
    "FORMAT",
    "SCHEMA_VERSION",
    "bookings",
    "events",
    "head",
    "keys",
    "made_schema",
    "meta",
    "views",
]

FORMAT = "manufold-store"
SCHEMA_VERSION = 1
_SCHEMA_LOCK = 0x6D616E75  # "manu": the advisory lock under which PostgreSQL tables are made

_TABLES = MetaData()


def _text() -> Any:
    return Text().with_variant(Text(collation="C"), "postgresql")


meta = Table(
    "meta",
    _TABLES,
    Column("name", _text(), primary_key=True),
    Column("value", Text, nullable=False),
)

#: one row; PostgreSQL's writers queue up at it
head = Table(
    "head",
    _TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)

events = Table(
    "events",
    _TABLES,
    Column(
        "seq",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("stream", _text(), nullable=False),
    Column("stream_version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at_s", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("stream", "stream_version", name="events_stream_version"),
)

bookings = Table(
    "bookings",
    _TABLES,
    Column("booking_id", _text(), primary_key=True),
    Column("resource_id", _text(), nullable=False),
    Column("seat", BigInteger, nullable=False),
    Column("from_s", BigInteger, nullable=False),
    Column("to_s", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("booking_group", _text(), nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_s", BigInteger),
    Column("detail", Text, nullable=False),
    Index("bookings_stretch", "resource_id", "seat", "to_s", "from_s"),
    Index("bookings_group", "booking_group"),
)

keys = Table(
    "claimed_keys",
    _TABLES,
    Column("key", _text(), primary_key=True),
    Column("answer", Text, nullable=False),
)

views = Table(
    "views",
    _TABLES,
    Column("kind", _text(), primary_key=True),
    Column("key", _text(), primary_key=True),
    Column("document", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)

bookings.append_constraint(
    ExcludeConstraint(
        (bookings.c.resource_id, "="),
        (bookings.c.seat, "="),
        (func.int8range(bookings.c.from_s, bookings.c.to_s, type_=INT8RANGE), "&&"),
        (bookings.c.holder, "<>"),
        name=quoted_name("bookings_one_holder", False),
        using="gist",
        deferrable=True,
        initially="IMMEDIATE",
    ).ddl_if(dialect="postgresql")
)

_STRETCH = next(one for one in bookings.indexes if one.name == "bookings_stretch")
_OLD_INDEX = "bookings_place"  # the same without `from_s`: each later row of a seat was looked at

#: how long the longest booking is, at once: none that ends later than that after a stretch meets it
_SQLITE_SPAN = "CREATE INDEX bookings_span ON bookings (to_s - from_s)"
_SQLITE_TRIGGER = """
CREATE TRIGGER {name} BEFORE {when} ON bookings
WHEN EXISTS (
    SELECT 1 FROM bookings AS other
    WHERE other.resource_id = new.resource_id AND other.seat = new.seat
      AND other.to_s > new.from_s AND other.from_s < new.to_s
      AND other.to_s < new.to_s + (SELECT max(to_s - from_s) FROM bookings)
      AND other.holder <> new.holder AND other.booking_id <> new.booking_id)
BEGIN SELECT RAISE(ABORT, 'slot_taken'); END
"""


def made_schema(connection: Connection, world: str, *, create: bool) -> dict[str, str]:
    """Return the facts of the store behind a writing connection, making its tables first if asked.

    Raises:
        StoreFault: `store.absent` (nothing there and not asked to make it), `store.foreign`
            (tables of somebody else), `store.newer`, `store.corrupt`, `store.world_differs`.
    """
    postgres = connection.dialect.name == "postgresql"
    if postgres and create:
        connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
    present = set(inspect(connection).get_table_names())
    ours = set(_TABLES.tables)
    if "meta" not in present:
        if present & ours or (present and not postgres):
            raise StoreFault("store.foreign", found=", ".join(sorted(present)[:5]))
        if not create:
            raise StoreFault("store.absent")
        _create(connection, world, postgres=postgres)
    facts = {row.name: row.value for row in connection.execute(select(meta))}
    _check(facts, world)
    if not ours <= set(inspect(connection).get_table_names()):
        raise StoreFault("store.corrupt", what="a table is missing")
    _renew_indexes(connection, postgres=postgres)
    return facts


def _renew_indexes(connection: Connection, *, postgres: bool) -> None:
    """Give a store of an earlier release the indexes that its bookings are found by today."""
    asked = "SELECT name FROM sqlite_master WHERE type = 'index'"
    if postgres:
        asked = "SELECT indexname FROM pg_indexes WHERE schemaname = ANY (current_schemas(false))"
    present = {row[0] for row in connection.exec_driver_sql(asked)}
    if _STRETCH.name not in present:
        _STRETCH.create(connection)
    if _OLD_INDEX in present:
        connection.exec_driver_sql(f"DROP INDEX {_OLD_INDEX}")
    if not postgres and "bookings_span" not in present:
        _guard_sqlite(connection)


def _guard_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(_SQLITE_SPAN)
    for name, when in (("one_holder_new", "INSERT"), ("one_holder_moved", "UPDATE")):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql(_SQLITE_TRIGGER.format(name=name, when=when))


def _check(facts: dict[str, str], world: str) -> None:
    version = facts.get("schema_version", "")
    if facts.get("format") != FORMAT or not version.isdecimal():
        raise StoreFault("store.foreign", found="meta")
    if int(version) > SCHEMA_VERSION:
        raise StoreFault("store.newer", found=int(version), newest=SCHEMA_VERSION)
    if facts.get("world") not in ("live", "sim") or not facts.get("store_id"):
        raise StoreFault("store.corrupt", what="its own facts are incomplete")
    if facts["world"] != world:
        raise StoreFault("store.world_differs", found=facts["world"], asked=world)


def _create(connection: Connection, world: str, *, postgres: bool) -> None:
    if postgres:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _TABLES.create_all(connection, checkfirst=False)
    if not postgres:
        _guard_sqlite(connection)
    connection.execute(insert(head).values(id=1, seq=0, hash=NOTHING_HASH))
    facts = {
        "format": FORMAT,
        "schema_version": str(SCHEMA_VERSION),
        "world": world,
        "store_id": secrets.token_hex(8),
    }
    connection.execute(
        insert(meta), [{"name": name, "value": value} for name, value in facts.items()]
    )
