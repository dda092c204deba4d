"""Rates: a token bucket for each key and each address, in a bounded memory."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

__all__ = ["Buckets"]

#: callers remembered; whoever came longest ago is forgotten first, and starts with a full bucket
_CALLERS_MOST = 20_000


class Buckets:
    """Token buckets by name; used from one thread, the event loop's.

    Args:
        per_minute: tokens that come back in a minute.
        burst: tokens of a full bucket.
        clock: monotonic seconds.
    """

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_s = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Take a token; return 0.0 when there was one, else the seconds until the next."""
        now = self._clock()
        left, at = self._left.pop(name, (float(self._burst), now))
        left = min(float(self._burst), left + (now - at) * self._per_s)
        short = left < 1
        self._left[name] = (left if short else left - 1, now)
        if len(self._left) > _CALLERS_MOST:
            self._left.popitem(last=False)
        return (1 - left) / self._per_s if short else 0.0

    def give_back(self, name: str) -> None:
        """Give a token back: somebody else pays."""
        if name in self._left:
            left, at = self._left[name]
            self._left[name] = (min(float(self._burst), left + 1), at)
