"""EDGE: the event log, bookings, views, blobs, clock and keys of one world, and their home."""

from manufold.store.blobs import FileBlobs
from manufold.store.clock import SimClock, SystemClock
from manufold.store.desk import SqlDesk
from manufold.store.heads import (
    SignedHead,
    SigningKey,
    VerifyReport,
    public_keys,
    read_heads,
    sign_head,
    verify,
)
from manufold.store.home import Home, create_home, open_home
from manufold.store.ids import RandomIds
from manufold.store.sql import SqlStore, open_store

__all__ = [
    "FileBlobs",
    "Home",
    "RandomIds",
    "SignedHead",
    "SigningKey",
    "SimClock",
    "SqlDesk",
    "SqlStore",
    "SystemClock",
    "VerifyReport",
    "create_home",
    "open_home",
    "open_store",
    "public_keys",
    "read_heads",
    "sign_head",
    "verify",
]
