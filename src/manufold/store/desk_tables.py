"""The desk's own tables, beside those of the store in one database, with a version of their own.

They hold nothing that a rebuild, an export or `verify` looks at. A home from before there was a
desk gets them when something is first asked of its desk.
"""

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
from sqlalchemy.sql.expression import func

from manufold.model.errors import StoreFault

__all__ = ["DESK_VERSION", "answers", "deliveries", "keys", "made_desk", "stands", "webhooks"]

DESK_VERSION = 1
_DESK_LOCK = 0x6465736B  # "desk": the advisory lock under which PostgreSQL tables are made

_TABLES = MetaData()


def _text() -> Any:
    return Text().with_variant(Text(collation="C"), "postgresql")


_meta = Table("desk_meta", _TABLES, Column("version", Integer, nullable=False))

keys = Table(
    "desk_keys",
    _TABLES,
    Column("key_id", _text(), primary_key=True),
    Column("digest", Text, nullable=False),
    Column("party_id", _text(), nullable=False),
    Column("role", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("made_at_s", BigInteger, nullable=False),
    Column("revoked_at_s", BigInteger),
)

webhooks = Table(
    "desk_webhooks",
    _TABLES,
    Column("webhook_id", _text(), primary_key=True),
    Column("party_id", _text(), nullable=False),
    Column("role", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("made_at_s", BigInteger, nullable=False),
    Column("after_seq", BigInteger, nullable=False),
)

deliveries = Table(
    "desk_deliveries",
    _TABLES,
    Column("delivery_id", _text(), primary_key=True),
    Column("webhook_id", _text(), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", _text(), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_s", BigInteger, nullable=False),
    Column("answer", Text, nullable=False),
    UniqueConstraint("webhook_id", "seq", name="desk_deliveries_place"),
    Index("desk_deliveries_waiting", "state", "webhook_id", "seq"),
)

answers = Table(
    "desk_answers",
    _TABLES,
    Column("key", _text(), primary_key=True),
    Column("digest", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("kept_until_s", BigInteger, nullable=False),
    Column("claimed_at_s", BigInteger, nullable=False),
    Index("desk_answers_until", "kept_until_s"),
)


def stands(connection: Connection) -> bool:
    """Say whether the desk's tables are there and of a version that this code knows.

    Raises:
        StoreFault: `store.newer`, `store.corrupt`.
    """
    present = set(inspect(connection).get_table_names())
    if _meta.name not in present:
        return False
    found = connection.execute(select(_meta.c.version)).scalar()
    if found is None or not set(_TABLES.tables) <= present:
        raise StoreFault("store.corrupt", what="the desk is not whole")
    if found > DESK_VERSION:
        raise StoreFault("store.newer", found=found, newest=DESK_VERSION)
    return True


def made_desk(connection: Connection) -> None:
    """Make the desk's tables in a writing transaction, unless another process was first.

    Raises:
        StoreFault: `store.absent` where there is no store, `store.newer`, `store.corrupt`.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_DESK_LOCK)))
    if stands(connection):
        return
    if not inspect(connection).has_table("meta"):
        raise StoreFault("store.absent")  # a desk alone would pass for somebody else's database
    _TABLES.create_all(connection, checkfirst=False)
    connection.execute(insert(_meta).values(version=DESK_VERSION))
