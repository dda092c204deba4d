"""Ports: what the inside asks of the outside. Each has a shipped fake in `manufold.model.fakes`.

Fakes and real parts pass the same contract suites (`tests/contract/`). A `Store` belongs to one
world for good; everything it acknowledges is durable.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

__all__ = [
    "Batch",
    "Blobs",
    "Booking",
    "BookingState",
    "Check",
    "Clock",
    "Executor",
    "Head",
    "Ids",
    "NewEvent",
    "Project",
    "Store",
    "StoredEvent",
    "Views",
    "World",
]

World = Literal["live", "sim"]
BookingState = Literal["held", "firm", "started"]


class Clock(Protocol):
    """The world's clock."""

    def now_s(self) -> int:
        """Return whole seconds since the engine epoch."""


class Ids(Protocol):
    """Mints ids; deterministic in the twin."""

    def mint(self, prefix: str) -> str:
        """Return a fresh id of `model.ids.PREFIXES`."""


class Executor(Protocol):
    """Runs untrusted or heavy work apart from this process."""

    def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> Any:
        """Return what `entry` ("package.module:function") answers to a picklable request.

        Raises:
            ExecutorFault: `executor.crashed`, `executor.too_slow`, `executor.too_large`.
            ManufoldError: whatever the entry itself raised.
        """

    def warm(self, entry: str) -> None:
        """Begin to get ready for `entry`; returns at once."""

    def close(self) -> None:
        """Stop every worker; idempotent."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append.

    Args:
        stream: `kind:id` of what it happened to, e.g. "order:ord_...".
        kind: a name of the closed list `model.execution.EVENTS`, e.g. "OrderAccepted".
        version: of its shape.
        data: plain JSON values; no personal data, no file content.
        at_s: world time.
        by: "party/role" of the actor, or "manufold".
    """

    stream: str
    kind: str
    version: int
    data: Mapping[str, Any]
    at_s: int
    by: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event in the chain: `hash` covers the event and the hash of the one before."""

    seq: int
    stream: str
    stream_version: int
    kind: str
    version: int
    data: Mapping[str, Any]
    at_s: int
    by: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a store: seq 0 and the hash of nothing when empty."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Booking:
    """A stretch of one seat of one resource, for one holder.

    Two bookings of one seat that overlap in time must have one holder; the store refuses others.

    Args:
        holder: the offer while held (its options may overlap one another); the job order once
            firm, so that nothing of an accepted order may overlap anything.
        group: the offer, option or production order it is released with.
        expires_s: of a held booking; at or after that instant whoever claims deletes it.
        detail: plain JSON the scheduling needs again (operation, quantity, set-up, family).
    """

    booking_id: str
    resource_id: str
    seat: int
    from_s: int
    to_s: int
    holder: str
    group: str
    state: BookingState
    expires_s: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


#: looks at documents as the transaction sees them, and raises what refuses the batch
Check = Callable[[Callable[[str, str], Mapping[str, Any] | None]], None]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is appended together: all of it, or nothing.

    Args:
        events: in order.
        expected: stream -> the stream_version last seen (0 = must not exist); streams not named
            are appended to wherever they stand.
        claims: bookings to add.
        releases: booking ids to delete; each must exist and still count at `now_s` (a lost race,
            also against its own expiry, is a refusal).
        release_groups: groups whose remaining bookings are deleted, if any.
        unique: idempotency keys claimed for good, key -> answer (plain JSON); a key already
            claimed refuses the batch.
        now_s: world time; held bookings with expires_s <= now_s do not count and are deleted when
            they stand in the way of a claim.
        check: asked inside the transaction, after streams and keys and before any booking; what
            it sees cannot change until the batch is durable. It raises a `ManufoldError` to refuse
            (a limit that several callers must not pass together), and changes nothing.
    """

    events: tuple[NewEvent, ...] = ()
    expected: Mapping[str, int] = field(default_factory=dict)
    claims: tuple[Booking, ...] = ()
    releases: tuple[str, ...] = ()
    release_groups: tuple[str, ...] = ()
    unique: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    now_s: int = 0
    check: Check | None = None


#: folds one event into documents: (event, get) -> {(kind, key): document or None to delete}
Project = Callable[
    [StoredEvent, Callable[[str, str], Mapping[str, Any] | None]],
    Mapping[tuple[str, str], Mapping[str, Any] | None],
]


class Views(Protocol):
    """Documents folded from the log, in the transaction of their events; rebuilt at will."""

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Return one document or None."""

    def scan(self, kind: str, after: str = "", limit: int = 1000) -> Sequence[tuple[str, Any]]:
        """Return (key, document) pairs with key > `after`, sorted by key."""


class Store(Views, Protocol):
    """Event log, bookings and views of one world, in one transaction."""

    @property
    def world(self) -> World:
        """The world it belongs to."""

    def append(self, batch: Batch) -> tuple[StoredEvent, ...]:
        """Append a batch and return its events once they are durable.

        Raises:
            Conflict: `store.stream_moved`, `store.slot_taken`, `store.booking_gone`,
                `store.booking_exists`, `store.key_taken`.
            InputFault: `store.data_wrong`, `store.text_wrong`, `store.number_wrong`,
                `store.booking_empty`: what no store can keep.
            StoreFault: `store.locked`, `store.full`, `store.unreachable`, ...; after
                `store.unsure` alone the batch may be durable all the same: ask by its key.
            OurFault: `store.projector_failed`, `store.check_failed`.
            ManufoldError: whatever the batch's own check raises.
        """

    def append_many(
        self, batches: Sequence[Batch]
    ) -> Sequence["tuple[StoredEvent, ...] | Exception"]:
        """Append each batch on its own (refusals do not touch the others) in one durable group."""

    def read(
        self, after_seq: int = 0, stream: str | None = None, limit: int | None = None
    ) -> Iterator[StoredEvent]:
        """Yield events in order."""

    def head(self) -> Head:
        """Return the newest event's place in the chain."""

    def bookings(
        self,
        *,
        now_s: int,
        resources: Iterable[str] | None = None,
        group: str | None = None,
        to_after_s: int | None = None,
    ) -> Sequence[Booking]:
        """Return bookings that still count at `now_s`, sorted by resource, seat and start."""

    def claimed(self, key: str) -> Mapping[str, Any] | None:
        """Return the answer stored with an idempotency key, or None."""

    def rebuild(self) -> int:
        """Drop the views and fold them again from the log; return the events read."""

    def export(self) -> Iterator[bytes]:
        """Yield one canonical JSON line per event: equal stores, equal bytes."""

    def close(self) -> None:
        """Release files and connections; idempotent."""


class Blobs(Protocol):
    """Files and personal data: deletable, named by random ids that events may carry."""

    def put(self, blob_id: str, content: bytes, about: Mapping[str, Any]) -> str:
        """Keep bytes and what they are; return a salted digest fit for an event.

        Raises:
            Conflict: `blobs.exists`; files never change.
        """

    def get(self, blob_id: str) -> tuple[bytes, Mapping[str, Any]]:
        """Return bytes and what they are.

        Raises:
            InputFault: `blobs.gone` when it was deleted or never was.
        """

    def delete(self, blob_id: str) -> bool:
        """Delete bytes, name and salt for good; True when there was something."""
