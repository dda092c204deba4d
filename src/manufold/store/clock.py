"""The clocks of the two worlds: the live one follows the machine, the simulated one stands in a
file and moves only when told to.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from manufold.model.codec import canonical, from_json, unstamped
from manufold.model.errors import InputFault, OurFault, StoreFault
from manufold.model.units import EPOCH
from manufold.store.files import disk_refusals, locked, write_whole

__all__ = ["SimClock", "SystemClock"]

_EPOCH_S = int(EPOCH.timestamp())


class SystemClock:
    """The machine's clock, in seconds since the engine epoch; never earlier than it has said."""

    def __init__(self) -> None:
        self._latest_s = 0

    def now_s(self) -> int:
        """Return whole seconds since the engine epoch."""
        self._latest_s = max(self._latest_s, int(time.time()) - _EPOCH_S)
        return self._latest_s


class SimClock:
    """The clock of a simulated world: one file, shared by all processes of its home.

    Args:
        path: of the file; made with `start_s` when absent.
        start_s: where a new world begins.
    """

    def __init__(self, path: str | Path, start_s: int = 0) -> None:
        self._path = Path(path)
        with self._alone():
            if not self._path.exists():
                self._write(start_s)
        self.now_s()

    def now_s(self) -> int:
        """Return the instant the world stands at, whichever process moved it there.

        Raises:
            StoreFault: `store.clock_damaged`.
        """
        try:
            document = unstamped(from_json(self._path.read_bytes()), "clock", 1)
            now_s = document["now_s"]
        except (OSError, InputFault, KeyError, AttributeError) as fault:
            raise StoreFault("store.clock_damaged", path=str(self._path)) from fault
        if type(now_s) is not int:
            raise StoreFault("store.clock_damaged", path=str(self._path))
        return now_s

    def advance_to(self, instant_s: int) -> int:
        """Move the world to an instant, durably, and return it.

        Raises:
            OurFault: `store.clock_backwards`.
            StoreFault: `store.clock_damaged`, `home.locked`.
        """
        with self._alone():
            now_s = self.now_s()
            if instant_s < now_s:
                raise OurFault("store.clock_backwards", now_s=now_s, asked_s=instant_s)
            if instant_s > now_s:
                self._write(instant_s)
        return instant_s

    @contextmanager
    def _alone(self) -> Iterator[None]:
        folder = self._path.parent
        lock_path = folder / f".{self._path.name}.lock"
        with disk_refusals("home.unwritable", path=str(folder)), locked(lock_path):
            yield

    def _write(self, instant_s: int) -> None:
        document = {"type": "clock", "version": 1, "now_s": instant_s}
        write_whole(self._path, canonical(document) + b"\n")
