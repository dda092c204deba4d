"""Ids: sorted by time, and in the live world nobody can guess the next one."""

import secrets
import threading
from collections.abc import Callable
from hashlib import sha256

from manufold.model.ids import id_text
from manufold.model.ports import Clock

__all__ = ["RandomIds", "SimIds"]


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


class SimIds(RandomIds):
    """Ids of a simulated world: what is made in it repeats itself with the same seed.

    The twin's luck hangs on the ids of orders and job orders. They are drawn from the seed and
    the place in the log, so the same story told twice has the same luck; two processes that are
    at one place at once mint the same ids, and the store refuses the second. All other ids stay
    unguessable.

    Args:
        clock: whose time they carry.
        seed: the world's.
        head_seq: tells the place in the log.
    """

    _REPEATED = frozenset({"ord", "pro", "job", "lot"})

    def __init__(self, clock: Clock, seed: int, head_seq: Callable[[], int]) -> None:
        super().__init__(clock)
        self._seed = seed
        self._head_seq = head_seq
        self._place = -1
        self._count = 0

    def mint(self, prefix: str) -> str:
        """Return a fresh id."""
        if prefix not in self._REPEATED:
            return super().mint(prefix)
        with self._lock:
            place = self._head_seq()
            self._count = self._count + 1 if place == self._place else 0
            self._place = place
            drawn = sha256(f"{self._seed}/{prefix}/{place}/{self._count}".encode()).digest()
            instant_ms = self._clock.now_s() * 1000 + 999 * place // (place + 1000)
            return id_text(prefix, instant_ms, int.from_bytes(drawn[:10]))
