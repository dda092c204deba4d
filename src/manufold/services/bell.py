"""The bell: rung after each append of this process, so that listeners need not look all the time.

`Ringing` is the store of a served world: everything goes to the store within, and the bell rings
once what was appended is durable. Appends of other processes ring nothing; who must know of them
looks now and then.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from manufold.model.ports import Batch, Booking, Head, Store, StoredEvent, World

__all__ = ["Bell", "Ringing"]


class Bell:
    """Who is called when the log has moved on; listeners must be quick and never raise."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: dict[int, Callable[[], None]] = {}
        self._next = 0

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` at every ring, in the thread that rings; return what ends that."""
        with self._lock:
            self._next += 1
            number = self._next
            self._listeners[number] = listener

        def leave() -> None:
            with self._lock:
                self._listeners.pop(number, None)

        return leave

    def ring(self) -> None:
        """Call everybody who listens."""
        with self._lock:
            listeners = tuple(self._listeners.values())
        for listener in listeners:
            listener()


class Ringing:
    """A `Store` that rings a bell after each append."""

    def __init__(self, inner: Store, bell: Bell) -> None:
        self.inner = inner
        self.bell = bell

    @property
    def world(self) -> World:
        """The world it belongs to."""
        return self.inner.world

    def append(self, batch: Batch) -> tuple[StoredEvent, ...]:
        """Append, then ring; see `ports.Store.append`."""
        stored = self.inner.append(batch)
        self.bell.ring()
        return stored

    def append_many(
        self, batches: Sequence[Batch]
    ) -> Sequence[tuple[StoredEvent, ...] | Exception]:
        """Append each batch on its own, then ring once."""
        answers = self.inner.append_many(batches)
        self.bell.ring()
        return answers

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """Return one document or None."""
        return self.inner.get(kind, key)

    def scan(self, kind: str, after: str = "", limit: int = 1000) -> Sequence[tuple[str, Any]]:
        """Return (key, document) pairs with key > `after`, sorted by key."""
        return self.inner.scan(kind, after, limit)

    def read(
        self, after_seq: int = 0, stream: str | None = None, limit: int | None = None
    ) -> Iterator[StoredEvent]:
        """Yield events in order."""
        return self.inner.read(after_seq, stream, limit)

    def head(self) -> Head:
        """Return the newest event's place in the chain."""
        return self.inner.head()

    def bookings(
        self,
        *,
        now_s: int,
        resources: Iterable[str] | None = None,
        group: str | None = None,
        to_after_s: int | None = None,
    ) -> Sequence[Booking]:
        """Return bookings that still count at `now_s`."""
        return self.inner.bookings(
            now_s=now_s, resources=resources, group=group, to_after_s=to_after_s
        )

    def claimed(self, key: str) -> Mapping[str, Any] | None:
        """Return the answer stored with an idempotency key, or None."""
        return self.inner.claimed(key)

    def rebuild(self) -> int:
        """Drop the views and fold them again from the log."""
        return self.inner.rebuild()

    def export(self) -> Iterator[bytes]:
        """Yield one canonical JSON line per event."""
        return self.inner.export()

    def close(self) -> None:
        """Release the store within."""
        self.inner.close()
