"""Ids for the live world: sorted by time, and nobody can guess the next one."""

import secrets
import threading

from manufold.model.ids import id_text
from manufold.model.ports import Clock

__all__ = ["RandomIds"]


class RandomIds:
    """Mints ids with 80 bits from the system's secure source.

    Args:
        clock: whose time they carry; within one second a counter keeps them in order.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_ms = -1
        self._lock = threading.Lock()

    def mint(self, prefix: str) -> str:
        """Return a fresh id; ids minted later by this object sort later."""
        with self._lock:
            self._last_ms = max(self._last_ms + 1, self._clock.now_s() * 1000)
            return id_text(prefix, self._last_ms, secrets.randbits(80))
