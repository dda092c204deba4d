"""EDGE: the event log, bookings, views and blobs of one world, on SQLite or PostgreSQL."""

from manufold.store.sql import SqlStore, open_store

__all__ = ["SqlStore", "open_store"]
