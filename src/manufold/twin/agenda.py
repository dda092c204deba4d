"""What will happen in the simulated world, in order of time; and what has been said so far."""

from collections import deque
from collections.abc import Mapping
from enum import IntEnum
from heapq import heappop, heappush

from manufold.model.execution import Command, CommandKind
from manufold.twin.luck import Luck

__all__ = ["Agenda", "What"]


class What(IntEnum):
    """What happens; at one instant, in this order."""

    REPAIRED = 0
    GOES_ON = 1
    HANDS_ON = 2
    PHASE_ENDS = 3
    LOT_ARRIVES = 4
    ARRIVES = 5
    RECEIVED = 6
    FAILS = 7
    LOOKS = 8


class Agenda:
    """A heap of what is to come, and a queue of the commands said by what has come.

    Equal instants are told apart by what happens and to whom, never by the order of asking, so
    that the same world says the same however it was entered.
    """

    def __init__(self, luck: Luck, now_s: int) -> None:
        self.now_s = now_s
        self.said: deque[Command] = deque()
        self._luck = luck
        self._heap: list[tuple[int, What, str, int]] = []
        self._pending = 0

    @property
    def idle(self) -> bool:
        """Whether nothing will happen of itself; failures of what nobody uses do not count."""
        return not self._pending and not self.said

    def put(self, at_s: int, what: What, whom: str, turn: int = 0) -> None:
        """Note something for later; what lies in the past happens now."""
        heappush(self._heap, (max(at_s, self.now_s), what, whom, turn))
        self._pending += what is not What.FAILS

    def take(self, until_s: int) -> tuple[int, What, str, int] | None:
        """Return what happens next, not later than `until_s`; None when only failures could."""
        if not self._pending or self._heap[0][0] > until_s:
            return None
        entry = heappop(self._heap)
        self._pending -= entry[1] is not What.FAILS
        self.now_s = max(self.now_s, entry[0])
        return entry

    def say(
        self,
        kind: CommandKind,
        at_s: int,
        by: str,
        *,
        order_id: str = "",
        job_order_id: str = "",
        resource_id: str = "",
        detail: str = "",
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Queue a command; its id follows from the seed, the instant and what it is about."""
        about = f"{kind}/{job_order_id or order_id or resource_id}/{detail}"
        self.said.append(
            Command(
                self._luck.command_id(about, at_s),
                kind,
                at_s,
                by,
                order_id,
                job_order_id,
                resource_id,
                data or {},
            )
        )
