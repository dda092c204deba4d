"""Shipped fakes of the ports: a store in memory, blobs, ids and clocks that repeat themselves.

They keep every promise of `model.ports` except durability, pass the same contract suites as the
real parts, and are written the slow, plain way, so that they can judge the real ones.
"""

import hashlib
import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import Any

from manufold.model.codec import from_json
from manufold.model.errors import Conflict, InputFault, ManufoldError, OurFault, StoreFault
from manufold.model.ids import checked_id, id_text
from manufold.model.ledger import (
    NOTHING_HASH,
    ask_check,
    checked_batch,
    counts,
    document_text,
    export_line,
    sealed,
)
from manufold.model.ports import Batch, Booking, Clock, Head, Project, StoredEvent, World

__all__ = ["FixedClock", "ManualClock", "MemoryBlobs", "MemoryStore", "SeededIds"]


class FixedClock:
    """A clock that stands still."""

    def __init__(self, instant_s: int = 0) -> None:
        self._instant_s = instant_s

    def now_s(self) -> int:
        """Return the one instant it knows."""
        return self._instant_s


class ManualClock:
    """A clock that moves when told to, never backwards."""

    def __init__(self, instant_s: int = 0) -> None:
        self._instant_s = instant_s

    def now_s(self) -> int:
        """Return the instant it was last advanced to."""
        return self._instant_s

    def advance_to(self, instant_s: int) -> int:
        """Move to an instant and return it.

        Raises:
            OurFault: `store.clock_backwards`.
        """
        if instant_s < self._instant_s:
            raise OurFault("store.clock_backwards", now_s=self._instant_s, asked_s=instant_s)
        self._instant_s = instant_s
        return instant_s


class SeededIds:
    """Ids that any run with the same seed and the same clock mints again.

    Args:
        seed: of the unguessable part, which is guessable here: for the twin and for tests only.
        clock: whose time the ids carry; without one they count milliseconds from zero.
    """

    def __init__(self, seed: int = 0, clock: Clock | None = None) -> None:
        self._random = random.Random(seed)
        self._clock = clock
        self._last_ms = -1

    def mint(self, prefix: str) -> str:
        """Return the next id; ids minted later sort later."""
        now_ms = 0 if self._clock is None else self._clock.now_s() * 1000
        self._last_ms = max(self._last_ms + 1, now_ms)
        return id_text(prefix, self._last_ms, self._random.getrandbits(80))


class MemoryBlobs:
    """Blobs in a dict; salts come from a seed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._kept: dict[str, tuple[bytes, str]] = {}

    def put(self, blob_id: str, content: bytes, about: Mapping[str, Any]) -> str:
        """Keep bytes and what they are; return a salted digest fit for an event.

        Raises:
            Conflict: `blobs.exists`.
        """
        checked_id(blob_id, "blb")
        about_text = document_text(about, blob_id)
        if blob_id in self._kept:
            raise Conflict("blobs.exists", blob=blob_id)
        self._kept[blob_id] = (bytes(content), about_text)
        return hashlib.sha256(self._random.randbytes(16) + content).hexdigest()

    def get(self, blob_id: str) -> tuple[bytes, Mapping[str, Any]]:
        """Return bytes and what they are.

        Raises:
            InputFault: `blobs.gone`.
        """
        checked_id(blob_id, "blb")
        if blob_id not in self._kept:
            raise InputFault("blobs.gone", blob=blob_id)
        content, about_text = self._kept[blob_id]
        return content, from_json(about_text)

    def delete(self, blob_id: str) -> bool:
        """Forget a blob; True when there was something."""
        return self._kept.pop(checked_id(blob_id, "blb"), None) is not None


class _State:
    """All that a store remembers; a batch works on a copy, so a refusal leaves no trace."""

    def __init__(self) -> None:
        self.bookings: dict[str, Booking] = {}
        self.keys: dict[str, str] = {}
        self.views: dict[tuple[str, str], str] = {}
        self.versions: dict[str, int] = {}
        self.head = Head(0, NOTHING_HASH)

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        text = self.views.get((kind, key))
        return None if text is None else from_json(text)

    def copy(self) -> "_State":
        twin = _State()
        twin.bookings = dict(self.bookings)
        twin.keys = dict(self.keys)
        twin.views = dict(self.views)
        twin.versions = dict(self.versions)
        twin.head = self.head
        return twin


class MemoryStore:
    """A `Store` in memory: everything but durability.

    Args:
        world: it belongs to.
        project: folds events into views; without one there are none.
    """

    def __init__(self, world: World = "sim", project: Project | None = None) -> None:
        self._world: World = world
        self._project = project
        self._state = _State()
        self._events: list[tuple[StoredEvent, str]] = []
        self._closed = False
        self._lock = RLock()

    @property
    def world(self) -> World:
        """The world it belongs to."""
        return self._world

    def append(self, batch: Batch) -> tuple[StoredEvent, ...]:
        """Append a batch and return its events; see `ports.Store.append`."""
        with self._lock:
            self._open()
            checked_batch(batch)
            state = self._state.copy()
            _refuse_moved(state, batch)
            ask_check(batch, state.get)
            _book(state, batch)
            fresh = [self._sealed(state, new) for new in batch.events]
            for key, answer in batch.unique.items():
                state.keys[key] = document_text(answer, f"key {key}")
            for event, _ in fresh:
                self._fold(state, event)
            self._state = state
            self._events.extend(fresh)
            return tuple(event for event, _ in fresh)

    def append_many(
        self, batches: Sequence[Batch]
    ) -> Sequence[tuple[StoredEvent, ...] | Exception]:
        """Append each batch on its own; refusals do not touch the others."""
        answers: list[tuple[StoredEvent, ...] | Exception] = []
        with self._lock:
            self._open()
            for batch in batches:
                try:
                    answers.append(self.append(batch))
                except ManufoldError as refusal:
                    answers.append(refusal)
        return answers

    def read(
        self, after_seq: int = 0, stream: str | None = None, limit: int | None = None
    ) -> Iterator[StoredEvent]:
        """Yield events in order."""
        self._open()
        left = limit
        for event, _ in self._events[max(after_seq, 0) :]:
            if left is not None and left <= 0:
                return
            if stream is None or event.stream == stream:
                left = None if left is None else left - 1
                yield event

    def head(self) -> Head:
        """Return the newest event's place in the chain."""
        self._open()
        return self._state.head

    def bookings(
        self,
        *,
        now_s: int,
        resources: Iterable[str] | None = None,
        group: str | None = None,
        to_after_s: int | None = None,
    ) -> Sequence[Booking]:
        """Return bookings that still count at `now_s`, sorted by resource, seat and start."""
        self._open()
        wanted = None if resources is None else frozenset(resources)
        found = [
            booking
            for booking in self._state.bookings.values()
            if counts(booking, now_s)
            and (wanted is None or booking.resource_id in wanted)
            and (group is None or booking.group == group)
            and (to_after_s is None or booking.to_s > to_after_s)
        ]
        return sorted(found, key=lambda b: (b.resource_id, b.seat, b.from_s, b.booking_id))

    def claimed(self, key: str) -> Mapping[str, Any] | None:
        """Return the answer stored with an idempotency key, or None."""
        self._open()
        text = self._state.keys.get(key)
        return None if text is None else from_json(text)

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Return one document or None."""
        self._open()
        text = self._state.views.get((kind, key))
        return None if text is None else from_json(text)

    def scan(self, kind: str, after: str = "", limit: int = 1000) -> Sequence[tuple[str, Any]]:
        """Return (key, document) pairs with key > `after`, sorted by key."""
        self._open()
        keys = sorted(key for of, key in self._state.views if of == kind)
        first = bisect_right(keys, after)
        page = keys[first : first + max(limit, 0)]
        return [(key, from_json(self._state.views[kind, key])) for key in page]

    def rebuild(self) -> int:
        """Drop the views and fold them again from the log; return the events read."""
        with self._lock:
            self._open()
            state = self._state.copy()
            state.views = {}
            for event, _ in self._events:
                self._fold(state, event)
            self._state = state
            return len(self._events)

    def export(self) -> Iterator[bytes]:
        """Yield one canonical JSON line per event, without line ends."""
        self._open()
        for event, text in self._events:
            yield export_line(event, text).encode()

    def close(self) -> None:
        """Refuse further work; idempotent."""
        self._closed = True

    def _open(self) -> None:
        if self._closed:
            raise StoreFault("store.closed")

    def _sealed(self, state: _State, new: Any) -> tuple[StoredEvent, str]:
        version = state.versions.get(new.stream, 0) + 1
        event, text = sealed(new, state.head.seq + 1, version, state.head.hash)
        state.versions[new.stream] = version
        state.head = Head(event.seq, event.hash)
        return event, text

    def _fold(self, state: _State, event: StoredEvent) -> None:
        if self._project is None:
            return
        try:
            changed = self._project(event, state.get)
        except ManufoldError:
            raise
        except Exception as fault:
            raise OurFault(
                "store.projector_failed", kind=event.kind, seq=event.seq, what=repr(fault)[:200]
            ) from fault
        for place, document in changed.items():
            if document is None:
                state.views.pop(place, None)
            else:
                state.views[place] = document_text(document, f"view {place[0]} {place[1]}")


def _refuse_moved(state: _State, batch: Batch) -> None:
    for stream, expected in batch.expected.items():
        found = state.versions.get(stream, 0)
        if found != expected:
            raise Conflict("store.stream_moved", stream=stream, expected=expected, found=found)
    for key in batch.unique:
        if key in state.keys:
            raise Conflict("store.key_taken", key=key)


def _book(state: _State, batch: Batch) -> None:
    for booking_id in batch.releases:
        booking = state.bookings.pop(booking_id, None)
        if booking is None or not counts(booking, batch.now_s):
            raise Conflict("store.booking_gone", booking=booking_id)
    for group in batch.release_groups:
        for booking_id in [i for i, b in state.bookings.items() if b.group == group]:
            del state.bookings[booking_id]
    for claim in batch.claims:
        _clear(state, claim, batch.now_s)
        detail = from_json(document_text(claim.detail, f"booking {claim.booking_id}"))
        state.bookings[claim.booking_id] = replace(claim, detail=detail)


def _clear(state: _State, claim: Booking, now_s: int) -> None:
    same = state.bookings.get(claim.booking_id)
    if same is not None and counts(same, now_s):
        raise Conflict("store.booking_exists", booking=claim.booking_id)
    state.bookings.pop(claim.booking_id, None)
    for other in list(state.bookings.values()):
        if not _overlaps(other, claim):
            continue
        if counts(other, now_s):
            raise Conflict(
                "store.slot_taken",
                resource=claim.resource_id,
                seat=claim.seat,
                from_s=claim.from_s,
                to_s=claim.to_s,
            )
        del state.bookings[other.booking_id]


def _overlaps(one: Booking, other: Booking) -> bool:
    return (
        one.resource_id == other.resource_id
        and one.seat == other.seat
        and one.holder != other.holder
        and one.from_s < other.to_s
        and other.from_s < one.to_s
    )
