"""Turns: a lock whose holder may take it again, and that goes to whoever has waited longest.

A run of a simulated world gives the floor back after every slice and wants it again at once. An
ordinary lock would nearly always let it have it; here a planner or a shop that waits comes first.
"""

from collections import deque
from threading import Condition, get_ident
from types import TracebackType

__all__ = ["Turns"]


class Turns:
    """A fair lock for `with`; within one thread it may be taken again and again."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._queue: deque[int] = deque()
        self._holder: int | None = None
        self._depth = 0

    def __enter__(self) -> "Turns":
        me = get_ident()
        with self._changed:
            if self._holder == me:
                self._depth += 1
                return self
            self._queue.append(me)
            try:
                while self._holder is not None or self._queue[0] != me:
                    self._changed.wait()
            finally:  # also when a signal ends the wait: nobody stands in line who is not there
                self._queue.remove(me)
                self._changed.notify_all()
            self._holder, self._depth = me, 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            assert self._holder == get_ident(), "given back by whoever holds it"
            self._depth -= 1
            if not self._depth:
                self._holder = None
                self._changed.notify_all()
