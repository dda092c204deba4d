"""A crew: the members of a team that searches one shop, each in a process of its own.

The calling process only watches, so it keeps time whatever they do: a member that dies, grows too
large, fails, or compiles for longer than there is time is told of at the end, and what it had
posted stays on the board.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from manufold.model.errors import ManufoldError, Reason
from manufold.scheduling.shop.problem import Goal, Shop
from manufold.scheduling.shop.solve import Begun, member
from manufold.workers.pool import KillablePool
from manufold.workers.shared_shop import Layout, SharedBoard, SharedShop

__all__ = ["ProcessCrew", "search"]

#: the number of a board that nobody posts to
WATCHER = -1
ENTRY = "manufold.workers.crew:search"
#: a member that does not end by itself so long after its time is killed
GRACE_S = 10.0
#: how long before the end members stop by themselves, and how long they may take to notice it
EARLY_S, ENDING_S = 0.1, 0.3
#: between two looks of the watcher
LOOK_S = 0.1
MEMORY_MB = 16_384


class Request(NamedTuple):
    """What a member is sent.

    Args:
        layout: of the shared memory.
        number: of the member, from 0.
        seed: of the team.
        until_s: on the machine's monotonic clock, the same in every process.
    """

    layout: Layout
    number: int
    seed: int
    until_s: float


class ProcessCrew:
    """The members of a team; make it early, so that they load while the file is read."""

    def __init__(self, members: int) -> None:
        """Start the processes of all members.

        Args:
            members: how many search; >= 1.
        """
        self.members = members
        self._threads: list[threading.Thread] = []
        self._lost: list[Reason] = []
        self._ended: Sequence[Reason] | None = None
        self._shared: SharedShop | None = None
        self._board: SharedBoard | None = None
        self._pool = KillablePool(workers=members)
        for _ in range(members):
            self._pool.warm(ENTRY)

    def begin(
        self, shop: Shop, goal: Goal, first: Begun, seed: int, left_s: Callable[[], float]
    ) -> SharedBoard:
        """Let all members search; return the board that they share."""
        self._shared = SharedShop.create(shop, goal, first, self.members)
        self._board = self._shared.board(WATCHER)
        until_s = time.monotonic() + left_s() - EARLY_S
        for number in range(self.members):
            request = Request(self._shared.layout, number, seed, until_s)
            thread = threading.Thread(target=self._watch, args=(request,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self._board

    def wait(self) -> bool:
        """Wait a moment; return whether any member still searches."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(LOOK_S)
                return True
        return False

    def lost(self) -> Sequence[Reason]:
        """Return what happened to the members that are no more."""
        return tuple(self._lost)

    def end(self) -> Sequence[Reason]:
        """Stop all, by force those who do not listen; return who was lost before.

        Ending again does nothing: those who were stopped by force are not lost.
        """
        if self._ended is not None:
            return self._ended
        if self._board is not None:
            self._board.stop()
        until_s = time.monotonic() + ENDING_S
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        self._ended = self.lost()
        self._pool.close()
        if self._shared is not None:
            self._shared.close()
        return self._ended

    def _watch(self, request: Request) -> None:
        limit_s = max(0.0, request.until_s - time.monotonic()) + GRACE_S
        try:
            self._pool.run(ENTRY, request, limit_s=limit_s, memory_mb=MEMORY_MB)
        except ManufoldError as fault:
            what = str(fault.params.get("detail", fault.code))
            self._lost.append(Reason("shop.member_lost", {"member": request.number, "what": what}))


def search(request: Request) -> int:
    """Search as one member, in a process of its own; return the moves made.

    Raises:
        OSError: the process that made the shared memory is gone.
    """
    shared = SharedShop.opened(request.layout)
    board = shared.board(request.number)

    def left_s() -> float:
        return 0.0 if board.stopped() else request.until_s - time.monotonic()

    part = (request.number, request.layout.members)
    try:
        goal = request.layout.goal
        member(shared.shop(), goal, shared.first(), board, part, left_s, seed=request.seed)
        return board.moves()
    finally:
        shared.close()
