"""Group commit: callers that meet at the door share one durable transaction.

There is no timer and no thread of its own. Whoever comes first leads: it commits what is waiting
(at first only its own batch), wakes those it served, and hands the lead to the next one waiting.
A lone caller therefore pays nothing; a crowd pays one synchronisation for many batches.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from manufold.model.errors import StoreFault

__all__ = ["GroupCommitter"]

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Waiting(Generic[Item, Answer]):
    def __init__(self, item: Item) -> None:
        self.item = item
        self.wake = threading.Event()
        self.leads = False
        self.answer: Answer | Exception | None = None


class GroupCommitter(Generic[Item, Answer]):
    """Gathers concurrent items into groups.

    Args:
        commit: makes a group durable and answers each item in order, with an answer or the
            exception that refuses it alone; what it raises is raised to the whole group.
        largest: items in one group.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Sequence[Answer | Exception]],
        largest: int = 256,
    ) -> None:
        self._commit = commit
        self._largest = largest
        self._gate = threading.Lock()
        self._waiting: deque[_Waiting[Item, Answer]] = deque()
        self._led = False

    def submit(self, item: Item) -> Answer:
        """Return the answer once the item's group is durable, or raise what refuses it."""
        mine: _Waiting[Item, Answer] = _Waiting(item)
        with self._gate:
            self._waiting.append(mine)
            mine.leads = not self._led
            self._led = True
        if not mine.leads:
            self._wait(mine)
        if mine.leads:
            self._lead()
        if isinstance(mine.answer, Exception):
            raise mine.answer
        assert mine.answer is not None
        return mine.answer

    def _wait(self, mine: _Waiting[Item, Answer]) -> None:
        try:
            mine.wake.wait()
        except BaseException:  # interrupted: leave the queue, and pass on the lead if it came
            with self._gate:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                if mine.leads:
                    self._hand_over()
            raise

    def _hand_over(self) -> None:
        if self._waiting:
            self._waiting[0].leads = True
            self._waiting[0].wake.set()
        else:
            self._led = False

    def _lead(self) -> None:
        """Commit the front of the queue, which holds the leader itself, then hand over."""
        with self._gate:
            count = min(len(self._waiting), self._largest)
            group = [self._waiting.popleft() for _ in range(count)]
        try:
            answers = self._commit([one.item for one in group])
            for one, answer in zip(group, answers, strict=True):
                one.answer = answer
        except Exception as fault:  # noqa: BLE001 - it is raised again by every caller
            for one in group:
                one.answer = fault
        except BaseException:  # an interrupt is the leader's own; the others must not hang
            for one in group:
                one.answer = StoreFault("store.unsure")
            raise
        finally:
            with self._gate:
                self._hand_over()
            for one in group:
                one.wake.set()
