"""The store of one world on a SQLite file or a PostgreSQL database, through SQLAlchemy Core.

Writers queue up, one group at a time: on SQLite by BEGIN IMMEDIATE, on PostgreSQL by locking the
head row; within a process callers share groups (`store.group`). SQLite runs in write-ahead mode
with full synchronisation, PostgreSQL with synchronous_commit on: acknowledged means durable.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import DBAPIError

from manufold.model.codec import from_json
from manufold.model.errors import Conflict, InputFault, ManufoldError, OurFault, StoreFault
from manufold.model.ledger import NOTHING_HASH, checked_batch, export_line
from manufold.model.ports import Batch, Booking, Head, Project, StoredEvent, World
from manufold.store import tables
from manufold.store.engine import made_engine, writing
from manufold.store.faults import refusals, translated
from manufold.store.group import GroupCommitter
from manufold.store.plan import Folder, Plan
from manufold.store.touched import booking_of

__all__ = ["SqlStore", "open_store"]

_PAGE = 500  # events read in one short transaction, so that a slow reader holds nothing
_LARGEST_GROUP = 256
_HEAD = select(tables.head)  # asked with every promise, so written once
_RESERVED = frozenset({"format", "schema_version", "world", "store_id"})

Answer = tuple[StoredEvent, ...] | ManufoldError


def open_store(
    where: str | Path,
    world: World,
    project: Project | None = None,
    *,
    create: bool = True,
    check: bool = True,
    busy_s: float = 5.0,
) -> "SqlStore":
    """Open the store of a world, making it first if it is not there.

    Args:
        where: a path of a SQLite file, or a URL: `sqlite:///path`, `postgresql://host/database`.
        world: the store's, for good.
        project: folds events into views, in their transaction.
        create: make an absent store; otherwise absence is refused.
        check: refuse a store whose newest event is not its head; `verify` looks closer without.
        busy_s: how long to wait for another writer before `store.locked`.

    Raises:
        InputFault: `store.url_wrong`.
        StoreFault: `store.absent`, `store.foreign`, `store.newer`, `store.corrupt`,
            `store.world_differs`, `store.locked`, `store.unreachable`, `store.unwritable`.
    """
    with refusals():
        engine = made_engine(where, busy_s=busy_s, create=create)
    try:
        deadline_s = time.monotonic() + busy_s
        while True:
            try:
                return SqlStore(engine, world, project, create=create, check=check)
            except StoreFault as fault:  # two that make one store at once get in each other's way
                if fault.code != "store.locked" or time.monotonic() > deadline_s:
                    raise
                time.sleep(0.01)
    except BaseException:
        engine.dispose()
        raise


class SqlStore:
    """A `Store` on SQLite or PostgreSQL; made by `open_store`."""

    def __init__(
        self,
        engine: Engine,
        world: World,
        project: Project | None = None,
        *,
        create: bool,
        check: bool,
    ) -> None:
        self._engine = engine
        self._world: World = world
        self._project = project
        self._closed = False
        with self._transaction() as connection:
            facts = tables.made_schema(connection, world, create=create)
            connection.commit()
        self._store_id = facts["store_id"]
        if check:
            self._check_head()
        self._group: GroupCommitter[Batch, tuple[StoredEvent, ...]] = GroupCommitter(
            self._commit_group, _LARGEST_GROUP
        )

    @property
    def world(self) -> World:
        """The world it belongs to."""
        return self._world

    @property
    def store_id(self) -> str:
        """A random name given once, so that nobody mistakes one store for another."""
        return self._store_id

    def append(self, batch: Batch) -> tuple[StoredEvent, ...]:
        """Append a batch and return its events once durable; see `ports.Store.append`."""
        return self._group.submit(checked_batch(batch))

    def append_many(
        self, batches: Sequence[Batch]
    ) -> Sequence[tuple[StoredEvent, ...] | Exception]:
        """Append each batch on its own in as few durable groups as their number allows."""
        self._open()
        answers: list[Answer] = []
        sound: list[tuple[int, Batch]] = []
        for i, batch in enumerate(batches):
            answers.append(())
            try:
                sound.append((i, checked_batch(batch)))
            except ManufoldError as refusal:
                answers[i] = refusal
        for first in range(0, len(sound), _LARGEST_GROUP):
            some = sound[first : first + _LARGEST_GROUP]
            committed: Sequence[Answer]
            try:
                committed = self._commit_group([batch for _, batch in some])
            except ManufoldError as fault:  # earlier groups stand; this one does not
                committed = [fault] * len(some)
            for (i, _), answer in zip(some, committed, strict=True):
                answers[i] = answer
        return answers

    def read(
        self, after_seq: int = 0, stream: str | None = None, limit: int | None = None
    ) -> Iterator[StoredEvent]:
        """Yield events in order; a gap in the log is `store.corrupt`, never skipped."""
        before: StoredEvent | None = None
        for row in self._stored(after_seq, stream, limit):
            event = _event(row, _document(row.data))
            if stream is None and not _follows(before, event, after_seq):
                raise StoreFault("store.corrupt", what=f"event {event.seq} does not follow")
            before = event
            yield event

    def head(self) -> Head:
        """Return the newest event's place in the chain."""
        with self._reading() as connection:
            row = connection.execute(_HEAD).one_or_none()
        if row is None:
            raise StoreFault("store.corrupt", what="the head is missing")
        return Head(row.seq, row.hash)

    def bookings(
        self,
        *,
        now_s: int,
        resources: Iterable[str] | None = None,
        group: str | None = None,
        to_after_s: int | None = None,
    ) -> Sequence[Booking]:
        """Return bookings that still count at `now_s`, sorted by resource, seat and start."""
        row = tables.bookings.c
        statement = select(tables.bookings).where(
            (row.state != "held") | row.expires_s.is_(None) | (row.expires_s > now_s)
        )
        if resources is not None:
            statement = statement.where(row.resource_id.in_(sorted(set(resources))))
        if group is not None:
            statement = statement.where(row.booking_group == group)
        if to_after_s is not None:
            statement = statement.where(row.to_s > to_after_s)
        order = (row.resource_id, row.seat, row.from_s, row.booking_id)
        with self._reading() as connection:
            found = connection.execute(statement.order_by(*order)).all()
        return list(map(booking_of, found, _documents([stored.detail for stored in found])))

    def claimed(self, key: str) -> Mapping[str, Any] | None:
        """Return the answer stored with an idempotency key, or None."""
        statement = select(tables.keys.c.answer).where(tables.keys.c.key == key)
        with self._reading() as connection:
            text = connection.execute(statement).scalar()
        return None if text is None else _document(text)

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Return one document or None."""
        views = tables.views.c
        statement = select(views.document).where(views.kind == kind, views.key == key)
        with self._reading() as connection:
            text = connection.execute(statement).scalar()
        return None if text is None else _document(text)

    def scan(self, kind: str, after: str = "", limit: int = 1000) -> Sequence[tuple[str, Any]]:
        """Return (key, document) pairs with key > `after`, sorted by key."""
        views = tables.views.c
        statement = (
            select(views.key, views.document)
            .where(views.kind == kind, views.key > after)
            .order_by(views.key)
            .limit(max(limit, 0))
        )
        with self._reading() as connection:
            found = connection.execute(statement).all()
        return [(row.key, _document(row.document)) for row in found]

    def rebuild(self) -> int:
        """Drop the views and fold them again from the log, in one transaction."""
        count = 0
        with self._transaction() as connection:
            connection.execute(select(tables.head).with_for_update())
            connection.execute(delete(tables.views))
            folder = Folder(connection, self._project)
            while page := _page(connection, count, None, _PAGE):
                folder.fold(_event(row, _document(row.data)) for row in page)
                folder.write()
                count += len(page)
            connection.commit()
        return count

    def export(self) -> Iterator[bytes]:
        """Yield one canonical JSON line per event, without line ends, exactly as stored."""
        for row in self._stored(0, None, None):
            yield export_line(_event(row, {}), row.data).encode()

    def damage(self) -> str:
        """Return what an embedded database finds wrong with its own pages; "" for nothing."""
        if self._engine.dialect.name != "sqlite":
            return ""
        with self._reading() as connection:
            found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        return "" if found == "ok" else found.splitlines()[-1][:160]

    def fact(self, name: str) -> str | None:
        """Return a fact noted in the store, e.g. the revision of the network it runs on."""
        statement = select(tables.meta.c.value).where(tables.meta.c.name == name)
        with self._reading() as connection:
            return cast("str | None", connection.execute(statement).scalar())

    def note_fact(self, name: str, value: str) -> None:
        """Note a fact, in place of an earlier one of that name."""
        if name in _RESERVED:
            raise OurFault("store.misused", what=f"{name} is not to be changed")
        with self._transaction() as connection:
            connection.execute(select(tables.head).with_for_update())
            connection.execute(delete(tables.meta).where(tables.meta.c.name == name))
            connection.execute(insert(tables.meta).values(name=name, value=value))
            connection.commit()

    def close(self) -> None:
        """Release files and connections; idempotent."""
        self._closed = True
        with refusals():
            self._engine.dispose()

    def _commit_group(self, batches: Sequence[Batch]) -> Sequence[Answer]:
        try:
            return self._commit_once(batches)
        except Conflict as refusal:  # the database itself refused what we had allowed
            if len(batches) == 1:
                return [refusal]
            return [self._commit_group([batch])[0] for batch in batches]

    def _commit_once(self, batches: Sequence[Batch]) -> Sequence[Answer]:
        answers: list[Answer] = []
        with self._transaction() as connection:
            plan = Plan(connection, self._project, batches)
            for batch in batches:
                try:
                    answers.append(plan.add(batch))
                except StoreFault:
                    raise
                except ManufoldError as refusal:
                    answers.append(refusal)
            if plan.write():
                self._commit(connection)
        return answers

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except DBAPIError as error:
            fault = translated(error)
            if fault is not None and fault.code == "store.unreachable":
                raise StoreFault("store.unsure") from error  # it may be durable all the same
            raise

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A writing transaction; rolled back unless the block commits."""
        self._open()
        with refusals(), self._engine.connect() as plain, writing(plain) as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self._open()
        with refusals(), self._engine.connect() as connection:
            yield connection

    def _open(self) -> None:
        if self._closed:
            raise StoreFault("store.closed")

    def _stored(self, after_seq: int, stream: str | None, limit: int | None) -> Iterator[Any]:
        left = limit
        while left is None or left > 0:
            size = _PAGE if left is None else min(left, _PAGE)
            with self._reading() as connection:
                page = _page(connection, after_seq, stream, size)
            yield from page
            if len(page) < size:
                return
            after_seq = page[-1].seq
            left = None if left is None else left - len(page)

    def _check_head(self) -> None:
        head = self.head()
        seq, text = tables.events.c.seq, tables.events.c.hash
        with self._reading() as connection:
            last = connection.execute(select(seq, text).order_by(seq.desc()).limit(1)).one_or_none()
        found = Head(0, NOTHING_HASH) if last is None else Head(last.seq, last.hash)
        if found != head and self.head() == head:  # otherwise somebody has just appended
            what = f"the newest event is {found.seq}, the head says {head.seq}"
            raise StoreFault("store.corrupt", what=what)


def _page(connection: Connection, after_seq: int, stream: str | None, size: int) -> Sequence[Any]:
    seq = tables.events.c.seq
    statement = select(tables.events).where(seq > after_seq).order_by(seq).limit(size)
    if stream is not None:
        statement = statement.where(tables.events.c.stream == stream)
    return connection.execute(statement).all()


def _event(row: Any, data: Mapping[str, Any]) -> StoredEvent:
    return StoredEvent(
        seq=row.seq,
        stream=row.stream,
        stream_version=row.stream_version,
        kind=row.kind,
        version=row.version,
        data=data,
        at_s=row.at_s,
        by=row.by,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def _document(text: str) -> Any:
    try:
        return from_json(text)
    except (InputFault, TypeError) as fault:
        raise StoreFault("store.corrupt", what=str(fault)[:160]) from fault


def _documents(texts: Sequence[str]) -> Sequence[Any]:
    """Return many documents, read at once: a hundred thousand one by one take seconds."""
    try:
        found = from_json("[" + ",".join(texts) + "]")
    except (InputFault, TypeError):
        found = ()
    if len(found) == len(texts):
        return cast(Sequence[Any], found)
    return [_document(text) for text in texts]  # says which one it is about


def _follows(before: StoredEvent | None, event: StoredEvent, after_seq: int) -> bool:
    if before is None:
        first = max(after_seq, 0) + 1
        return event.seq == first and (first > 1 or event.previous_hash == NOTHING_HASH)
    return event.seq == before.seq + 1 and event.previous_hash == before.hash
