"""One durable group: read what the batches touch, decide each in memory, write all in a few rows.

The writing transaction holds the only write lock of the store, so what was read cannot change
before it is written. A refused batch takes back its own steps and leaves the others as they are;
the database's own constraints stand behind every decision made here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import bindparam

from manufold.model.codec import from_json
from manufold.model.errors import Conflict, ManufoldError, OurFault, StoreFault
from manufold.model.ledger import ask_check, counts, document_text, sealed
from manufold.model.ports import Batch, Booking, Head, Project, StoredEvent
from manufold.store import tables
from manufold.store.faults import refusals
from manufold.store.touched import listed, touched

__all__ = ["Folder", "Plan"]

Place = tuple[str, str]

# built once: building a statement costs more than running it
_HEAD = select(tables.head).with_for_update()
_SET_HEAD = update(tables.head).where(tables.head.c.id == 1)
_VERSIONS = "SELECT stream, max(stream_version) FROM events WHERE stream"
_KEYS = "SELECT key FROM claimed_keys WHERE key"
_DROP_BOOKINGS = "DELETE FROM bookings WHERE booking_id"
_ADD_BOOKINGS = insert(tables.bookings)
_ADD_KEYS = insert(tables.keys)
_ADD_EVENTS = insert(tables.events)
_VIEW = select(tables.views.c.document).where(
    tables.views.c.kind == bindparam("kind"), tables.views.c.key == bindparam("key")
)
_DROP_VIEWS = delete(tables.views).where(
    tables.views.c.kind == bindparam("of"), tables.views.c.key == bindparam("named")
)


def _put_views(upsert: Any) -> Any:
    changed = {"document": upsert.excluded.document, "seq": upsert.excluded.seq}
    return upsert.on_conflict_do_update(index_elements=["kind", "key"], set_=changed)


_PUT_VIEWS = {
    "sqlite": _put_views(sqlite.insert(tables.views)),
    "postgresql": _put_views(postgresql.insert(tables.views)),
}


class Folder:
    """Views as this transaction sees them: what it wrote, else what the database holds."""

    def __init__(self, connection: Connection, project: Project | None) -> None:
        self._connection = connection
        self._project = project
        self._read: dict[Place, str | None] = {}
        self._written: dict[Place, tuple[str | None, int]] = {}

    def fold(self, fresh: Iterable[StoredEvent]) -> None:
        """Fold events in order; a projector that fails leaves the views as they were.

        Raises:
            OurFault: `store.projector_failed`.
        """
        if self._project is None:
            return
        kept = dict(self._written)
        try:
            for event in fresh:
                self._fold(self._project, event)
        except BaseException:
            self._written = kept
            raise

    def write(self) -> None:
        """Write the changed views and forget that they were changed."""
        gone = [place for place, (text, _) in self._written.items() if text is None]
        kept = [
            {"kind": kind, "key": key, "document": text, "seq": seq}
            for (kind, key), (text, seq) in self._written.items()
            if text is not None
        ]
        if gone:
            self._connection.execute(_DROP_VIEWS, [{"of": k, "named": n} for k, n in gone])
        if kept:
            self._connection.execute(_PUT_VIEWS[self._connection.dialect.name], kept)
        self._read.update({place: text for place, (text, _) in self._written.items()})
        self._written = {}

    def _fold(self, project: Project, event: StoredEvent) -> None:
        try:
            changed = project(event, self.get)
        except ManufoldError:
            raise
        except Exception as fault:
            raise OurFault(
                "store.projector_failed", kind=event.kind, seq=event.seq, what=repr(fault)[:200]
            ) from fault
        for place, document in changed.items():
            text = None
            if document is not None:
                text = document_text(document, f"view {place[0]} {place[1]}")
            self._written[place] = (text, event.seq)

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Return a document as this transaction has it by now, or None."""
        place = (kind, key)
        if place in self._written:
            text = self._written[place][0]
        else:
            if place not in self._read:
                asked = {"kind": kind, "key": key}
                with refusals():  # the database's fault must not look like the projector's
                    self._read[place] = self._connection.execute(_VIEW, asked).scalar()
            text = self._read[place]
        return None if text is None else from_json(text)


class Plan:
    """What a group of batches makes of the store.

    Args:
        connection: in a writing transaction.
        project: folds events into views.
        batches: all that will be added, so that what they touch is read at once.
    """

    def __init__(
        self, connection: Connection, project: Project | None, batches: Sequence[Batch]
    ) -> None:
        self._connection = connection
        self._folder = Folder(connection, project)
        self._head = self._read_head()
        self._versions = self._read_versions(batches)
        self._keys = self._read_keys(batches)
        self._stored = touched(connection, batches)
        self._bookings = dict(self._stored)
        self._places: dict[tuple[str, int], dict[str, Booking]] = {}
        for booking in self._stored.values():
            self._place(booking)[booking.booking_id] = booking
        self._details: dict[int, str] = {}  # by identity of the claim: its batch keeps it alive
        self._event_rows: list[dict[str, Any]] = []
        self._key_rows: list[dict[str, Any]] = []
        self._undo: list[Callable[[], object]] = []

    def add(self, batch: Batch) -> tuple[StoredEvent, ...]:
        """Return the batch's events in their places, or refuse it and take its steps back.

        Raises:
            Conflict: `store.stream_moved`, `store.key_taken`, `store.booking_gone`,
                `store.booking_exists`, `store.slot_taken`.
            InputFault: `store.data_wrong`.
        """
        self._undo = []
        try:
            self._refuse_moved(batch)
            ask_check(batch, self._folder.get)
            self._release(batch)
            for claim in batch.claims:
                self._claim(claim, batch.now_s)
            return self._append(batch)
        except BaseException:
            for step in reversed(self._undo):
                step()
            raise

    def write(self) -> bool:
        """Write all that was added, deletions first, so that a swap never meets itself.

        Returns:
            Whether there was anything to write.
        """
        execute = self._connection.execute
        gone = [i for i, b in self._stored.items() if self._bookings.get(i) is not b]
        fresh = [b for i, b in self._bookings.items() if self._stored.get(i) is not b]
        if not (gone or fresh or self._key_rows or self._event_rows):
            return False
        for _done in listed(self._connection, _DROP_BOOKINGS, gone):
            pass
        if fresh:
            execute(_ADD_BOOKINGS, [_booking_row(b, self._detail(b)) for b in fresh])
        if self._key_rows:
            execute(_ADD_KEYS, self._key_rows)
        if self._event_rows:
            execute(_ADD_EVENTS, self._event_rows)
            execute(_SET_HEAD, {"seq": self._head.seq, "hash": self._head.hash})
        self._folder.write()
        return True

    def _read_head(self) -> Head:
        row = self._connection.execute(_HEAD).one_or_none()
        if row is None:
            raise StoreFault("store.corrupt", what="the head is missing")
        return Head(row.seq, row.hash)

    def _read_versions(self, batches: Sequence[Batch]) -> dict[str, int]:
        streams = {event.stream for batch in batches for event in batch.events}
        streams.update(stream for batch in batches for stream in batch.expected)
        return {
            row[0]: row[1]
            for found in listed(self._connection, _VERSIONS, sorted(streams), "GROUP BY stream")
            for row in found
        }

    def _read_keys(self, batches: Sequence[Batch]) -> set[str]:
        asked = sorted({key for batch in batches for key in batch.unique})
        return {row[0] for found in listed(self._connection, _KEYS, asked) for row in found}

    def _refuse_moved(self, batch: Batch) -> None:
        for stream, expected in batch.expected.items():
            found = self._versions.get(stream, 0)
            if found != expected:
                raise Conflict("store.stream_moved", stream=stream, expected=expected, found=found)
        for key in batch.unique:
            if key in self._keys:
                raise Conflict("store.key_taken", key=key)

    def _release(self, batch: Batch) -> None:
        for booking_id in batch.releases:
            booking = self._bookings.get(booking_id)
            if booking is None or not counts(booking, batch.now_s):
                raise Conflict("store.booking_gone", booking=booking_id)
            self._remove(booking)
        if batch.release_groups:
            groups = frozenset(batch.release_groups)
            for booking in [b for b in self._bookings.values() if b.group in groups]:
                self._remove(booking)

    def _claim(self, claim: Booking, now_s: int) -> None:
        same = self._bookings.get(claim.booking_id)
        if same is not None:
            if counts(same, now_s):
                raise Conflict("store.booking_exists", booking=claim.booking_id)
            self._remove(same)
        for other in list(self._place(claim).values()):
            if (
                other.holder == claim.holder
                or other.from_s >= claim.to_s
                or claim.from_s >= other.to_s
            ):
                continue
            if counts(other, now_s):
                raise Conflict(
                    "store.slot_taken",
                    resource=claim.resource_id,
                    seat=claim.seat,
                    from_s=claim.from_s,
                    to_s=claim.to_s,
                )
            self._remove(other)
        self._detail(claim)
        self._put_back(claim)
        self._undo.append(lambda: self._drop(claim))

    def _detail(self, claim: Booking) -> str:
        text = self._details.get(id(claim))
        if text is None:
            text = document_text(claim.detail, f"booking {claim.booking_id}")
            self._details[id(claim)] = text
        return text

    def _append(self, batch: Batch) -> tuple[StoredEvent, ...]:
        head, versions, fresh, rows = self._head, dict[str, int](), [], []
        for new in batch.events:
            version = versions.get(new.stream, self._versions.get(new.stream, 0)) + 1
            event, text = sealed(new, head.seq + 1, version, head.hash)
            versions[new.stream] = version
            head = Head(event.seq, event.hash)
            fresh.append(event)
            rows.append(_event_row(event, text))
        answers = [
            {"key": key, "answer": document_text(answer, f"key {key}")}
            for key, answer in batch.unique.items()
        ]
        self._folder.fold(fresh)  # the last step that can refuse
        self._head = head
        self._versions.update(versions)
        self._event_rows += rows
        self._key_rows += answers
        self._keys.update(batch.unique)
        return tuple(fresh)

    def _place(self, booking: Booking) -> dict[str, Booking]:
        return self._places.setdefault((booking.resource_id, booking.seat), {})

    def _remove(self, booking: Booking) -> None:
        self._drop(booking)
        self._undo.append(lambda: self._put_back(booking))

    def _put_back(self, booking: Booking) -> None:
        self._bookings[booking.booking_id] = booking
        self._place(booking)[booking.booking_id] = booking

    def _drop(self, booking: Booking) -> None:
        del self._bookings[booking.booking_id]
        del self._place(booking)[booking.booking_id]


def _booking_row(booking: Booking, detail: str) -> dict[str, Any]:
    return {
        "booking_id": booking.booking_id,
        "resource_id": booking.resource_id,
        "seat": booking.seat,
        "from_s": booking.from_s,
        "to_s": booking.to_s,
        "holder": booking.holder,
        "booking_group": booking.group,
        "state": booking.state,
        "expires_s": booking.expires_s,
        "detail": detail,
    }


def _event_row(event: StoredEvent, data_text: str) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "stream": event.stream,
        "stream_version": event.stream_version,
        "kind": event.kind,
        "version": event.version,
        "at_s": event.at_s,
        "by": event.by,
        "data": data_text,
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }
