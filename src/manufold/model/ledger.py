"""The chain: one canonical line per event, each hash covering the line and the hash before it.

Pure text and arithmetic shared by every store, by `verify`, and by whoever holds an export and
trusts nobody: the hash of event n is sha256(hash of event n-1 + its envelope), where the envelope
is canonical JSON and the hash before the first event is the hash of nothing.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from json.encoder import encode_basestring
from typing import Any

from manufold.model.codec import canonical, from_json
from manufold.model.errors import InputFault, ManufoldError, OurFault
from manufold.model.ports import Batch, Booking, NewEvent, StoredEvent

__all__ = [
    "NOTHING_HASH",
    "ask_check",
    "checked_batch",
    "counts",
    "document_text",
    "event_hash",
    "export_line",
    "sealed",
]

#: the hash before the first event: of nothing
NOTHING_HASH = hashlib.sha256(b"").hexdigest()

_LARGEST = 2**63 - 1
_HIDDEN = "\x00"


def document_text(document: object, where: str) -> str:
    """Return the canonical text of a document, which will be readable again.

    Raises:
        InputFault: `store.data_wrong` when it is no plain JSON (a set, a NaN, a broken letter), or
            holds a number that the reader refuses.
    """
    return _written(document, where)[0]


def _written(document: object, where: str) -> tuple[str, Any]:
    try:
        text = canonical(document).decode()
        return text, from_json(text)
    except InputFault as fault:
        what = str(fault.params.get("what", fault.code))
    except (TypeError, ValueError, RecursionError, ArithmeticError) as fault:
        what = str(fault)[:120]
    raise InputFault("store.data_wrong", where=where, what=what)


def event_hash(previous_hash: str, event: StoredEvent, data_text: str) -> str:
    """Return the hash that binds an event to the one before it."""
    envelope = _line(event, data_text, hashes=False)
    return hashlib.sha256((previous_hash + envelope).encode()).hexdigest()


def export_line(event: StoredEvent, data_text: str) -> str:
    """Return the canonical line of an event, hashes included, without a line end."""
    return _line(event, data_text, hashes=True)


def sealed(
    new: NewEvent, seq: int, stream_version: int, previous_hash: str
) -> tuple[StoredEvent, str]:
    """Return the event in its place of the chain, and its data as it will be stored.

    The event's data are those that a later reader gets: exact decimals, plain lists.
    """
    text, data = _written(new.data, f"{new.stream} {new.kind}")
    bare = StoredEvent(
        seq=seq,
        stream=new.stream,
        stream_version=stream_version,
        kind=new.kind,
        version=new.version,
        data=data,
        at_s=new.at_s,
        by=new.by,
        previous_hash=previous_hash,
        hash="",
    )
    return replace(bare, hash=event_hash(previous_hash, bare, text)), text


def counts(booking: Booking, now_s: int) -> bool:
    """Return whether a booking still keeps others away at `now_s`."""
    return booking.state != "held" or booking.expires_s is None or booking.expires_s > now_s


def ask_check(batch: Batch, get: Callable[[str, str], Mapping[str, Any] | None]) -> None:
    """Ask a batch's own check, if it has one.

    Raises:
        ManufoldError: what the check refuses with.
        OurFault: `store.check_failed` when it failed in any other way.
    """
    if batch.check is None:
        return
    try:
        batch.check(get)
    except ManufoldError:
        raise
    except Exception as fault:
        raise OurFault("store.check_failed", what=repr(fault)[:200]) from fault


def checked_batch(batch: Batch) -> Batch:
    """Return the batch if every store can keep it as it is.

    Raises:
        InputFault: `store.text_wrong`, `store.number_wrong`, `store.booking_empty`, each naming
            what and where; data are checked by `document_text`.
    """
    _number(batch.now_s, "now_s", "batch")
    for event in batch.events:
        for name in ("stream", "kind", "by"):
            _text(getattr(event, name), name, f"event {event.kind}")
        _number(event.version, "version", event.kind)
        _number(event.at_s, "at_s", event.kind)
    for booking in batch.claims:
        _checked_booking(booking)
    for name, texts in (
        ("release", batch.releases),
        ("release group", batch.release_groups),
        ("expected stream", batch.expected),
        ("key", batch.unique),
    ):
        for text in texts:
            _text(text, name, "batch")
    return batch


def _checked_booking(booking: Booking) -> None:
    where = f"booking {booking.booking_id[:40]}"
    for name in ("booking_id", "resource_id", "holder", "group"):
        _text(getattr(booking, name), name, where)
    for name in ("seat", "from_s", "to_s"):
        _number(getattr(booking, name), name, where)
    if booking.expires_s is not None:
        _number(booking.expires_s, "expires_s", where)
    if booking.from_s >= booking.to_s:
        raise InputFault(
            "store.booking_empty",
            booking=booking.booking_id[:40],
            from_s=booking.from_s,
            to_s=booking.to_s,
        )


def _text(text: str, name: str, where: str) -> None:
    sound = isinstance(text, str) and text != "" and _HIDDEN not in text
    if sound and not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a letter
            sound = False
    if not sound:
        raise InputFault("store.text_wrong", name=name, found=ascii(text)[:60], where=where)


def _number(value: int, name: str, where: str) -> None:
    if type(value) is not int or not -_LARGEST <= value <= _LARGEST:
        raise InputFault("store.number_wrong", name=name, found=ascii(value)[:60], where=where)


def _line(event: StoredEvent, data_text: str, *, hashes: bool) -> str:
    parts = [
        f'{{"at_s":{event.at_s},"by":{encode_basestring(event.by)},"data":{data_text}',
        f'"kind":{encode_basestring(event.kind)}',
        f'"seq":{event.seq}',
        f'"stream":{encode_basestring(event.stream)}',
        f'"stream_version":{event.stream_version}',
        f'"version":{event.version}}}',
    ]
    if hashes:
        parts.insert(1, f'"hash":{encode_basestring(event.hash)}')
        parts.insert(3, f'"previous_hash":{encode_basestring(event.previous_hash)}')
    return ",".join(parts)
