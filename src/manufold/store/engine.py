"""Connections that keep the store's promises, whatever the database's own defaults are."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from manufold.model.errors import InputFault, StoreFault

__all__ = ["made_engine", "made_url", "writing"]

_CONNECT_S = 5
_POOL = 16  # connections kept; as many again may be open for a while
_HEADER_BYTES = 100
_WRITES = "manufold_writes"


def made_url(where: str | Path) -> URL:
    """Return the database URL of a path or of a URL text.

    Raises:
        InputFault: `store.url_wrong` for a database other than SQLite or PostgreSQL.
    """
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    url = make_url(where)
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not url.database or url.database == ":memory:":
        raise InputFault("store.url_wrong", what=url.render_as_string(hide_password=True))
    return url.set(drivername="sqlite")


def made_engine(where: str | Path, *, busy_s: float, create: bool) -> Engine:
    """Return an engine whose every connection is set up for durable, patient work.

    Raises:
        StoreFault: `store.absent` when a SQLite file is not there and not to be made,
            `store.corrupt` when it is too short to be one.
    """
    url = made_url(where)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        if not create and not path.exists():
            raise StoreFault("store.absent")
        _refuse_cut(path)
        return _sqlite_engine(url, busy_s)
    return _postgres_engine(url, busy_s)


def _refuse_cut(path: Path) -> None:
    """Refuse a file that ends before its last page.

    SQLite would start anew on one shorter than its header, and in write-ahead mode reads a page
    that is not all there as zeros. A log that stands beside it may hold what is missing.

    Only SQLite itself may open the file. A process that closes any other descriptor of it loses
    all its locks on it (POSIX), and then another process takes the log away from under it.
    """
    log = path.with_name(f"{path.name}-wal")
    if not path.is_file() or (log.exists() and log.stat().st_size > 0):
        return
    size = path.stat().st_size
    if size == 0:
        return
    page = _page_bytes(path)
    if size < _HEADER_BYTES or page == 0 or (page > 0 and size % page):
        raise StoreFault("store.corrupt", what="the file is cut short")


def _page_bytes(path: Path) -> int:
    """Return the bytes of a page; 0 when pages are missing, -1 when SQLite cannot say now."""
    place = f"file:{quote(str(path.absolute()))}?mode=rw"
    try:
        with closing(sqlite3.connect(place, uri=True, timeout=0)) as found:
            found.execute("PRAGMA page_count").fetchone()  # reads the header, and compares it
            return int(found.execute("PRAGMA page_size").fetchone()[0])
    except sqlite3.DatabaseError as fault:
        return 0 if fault.sqlite_errorcode == sqlite3.SQLITE_CORRUPT else -1


@contextmanager
def writing(connection: Connection) -> Iterator[Connection]:
    """Give the connection for one writing transaction; undone unless the block commits it."""
    writer = connection.execution_options(**{_WRITES: True})
    transaction = writer.begin()
    try:
        yield writer
    except BaseException:  # whatever state it is in, nobody inherits it; closing undoes it
        writer.invalidate()
        raise
    finally:
        if transaction.is_active:
            transaction.rollback()


def _sqlite_engine(url: URL, busy_s: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": busy_s, "check_same_thread": False},
        pool_size=_POOL,
        max_overflow=_POOL,
        pool_timeout=max(busy_s, 1.0) * 6,
    )

    @event.listens_for(engine, "connect")
    def set_up(raw: sqlite3.Connection, _: Any) -> None:
        raw.isolation_level = None  # begin below, not where the driver guesses
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA trusted_schema=OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: URL, busy_s: float) -> Engine:
    query = {"connect_timeout": str(_CONNECT_S), **url.query}
    engine = create_engine(
        url.set(query=query),
        pool_size=_POOL,
        max_overflow=_POOL,
        pool_timeout=max(busy_s, 1.0) * 6,
        pool_pre_ping=True,
    )

    @event.listens_for(engine, "connect")
    def set_up(raw: Any, _: Any) -> None:
        with raw.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {max(1, int(busy_s * 1000))}")
            cursor.execute("SET synchronous_commit = on")
            cursor.execute("SET client_encoding = 'UTF8'")
        raw.commit()

    return engine
