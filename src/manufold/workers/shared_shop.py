"""A shop and its answers in memory that several processes share: nothing of it is ever pickled.

One nameless file in memory (a temporary file where the system has none) holds the arrays of the
shop, the first answer, and a board: for each member two answers and, last of all, the number of
the one that is whole. A reader takes that one, and takes it again if the number moved meanwhile; a
member that dies while it writes leaves its last whole answer behind.
"""

import mmap
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.shop.problem import Answer, Goal, Shop
from manufold.scheduling.shop.solve import Begun

__all__ = ["Layout", "SharedBoard", "SharedShop"]

ALIGNED = 64
PROC = "/proc/"
#: times a reader tries to copy an answer that its writer keeps replacing
TRIES = 50
POSTS, MOVES, VALUE = 0, 1, 2  # columns of a member's state; two values, one per answer


class Layout(NamedTuple):
    """Where everything lies; plain values that any process can be sent.

    Args:
        path: of the shared memory, as another process opens it.
        size: bytes.
        arrays: name -> dtype, shape and offset.
        counts: machines and workers.
        goal: what is made small.
        members: of the team.
        value: objective of the first answer.
        bound: no answer is below.
    """

    path: str
    size: int
    arrays: dict[str, tuple[str, tuple[int, ...], int]]
    counts: tuple[int, int]
    goal: Goal
    members: int
    value: int
    bound: int


class SharedBoard:
    """The `Board` of one member."""

    def __init__(
        self, state: NDArray[np.int64], stop: NDArray[np.int64], slots: NDArray[np.int64], me: int
    ) -> None:
        """Look at shared arrays.

        Args:
            state: shape (members, 4), posts, moves and the values of both answers.
            stop: shape (1,), 1 when all shall end.
            slots: shape (members, 2, 2, ops), alternatives and starts of both answers.
            me: number of this member.
        """
        self._state, self._stop, self._slots, self._me = state, stop, slots, me

    def post(self, value: int, answer: Answer, moves: int) -> None:
        """Show an answer, unless this member has shown a better one."""
        mine = self._state[self._me]
        posts = int(mine[POSTS])
        mine[MOVES] = moves
        if posts and mine[VALUE + posts % 2] <= value:
            return
        side = (posts + 1) % 2
        self._slots[self._me, side, 0] = answer.alt
        self._slots[self._me, side, 1] = answer.start_s
        mine[VALUE + side] = value
        mine[POSTS] = posts + 1

    def best(self) -> tuple[int, Answer] | None:
        """Return the best answer of all members."""
        for _, member in sorted(self._values()):
            found = self._copied(member)
            if found is not None:
                return found
        return None

    def best_value(self) -> int | None:
        """Return the best value of all members."""
        return min((value for value, _ in self._values()), default=None)

    def others(self) -> Sequence[Answer]:
        """Return the latest answer of each other member."""
        members = (member for _, member in self._values() if member != self._me)
        return [found[1] for found in map(self._copied, members) if found is not None]

    def moves(self) -> int:
        """Return the moves of all members."""
        return int(self._state[:, MOVES].sum())

    def stop(self) -> None:
        """Tell all members to end."""
        self._stop[0] = 1

    def stopped(self) -> bool:
        """Whether all shall end."""
        return bool(self._stop[0])

    def _values(self) -> list[tuple[int, int]]:
        found = []
        for member, row in enumerate(self._state):
            posts = int(row[POSTS])
            if posts:
                found.append((int(row[VALUE + posts % 2]), member))
        return found

    def _copied(self, member: int) -> tuple[int, Answer] | None:
        row = self._state[member]
        for _ in range(TRIES):
            posts = int(row[POSTS])
            value = int(row[VALUE + posts % 2])
            alt, start_s = self._slots[member, posts % 2].copy()
            if row[POSTS] == posts:
                return value, Answer(alt, start_s)
        return None


class SharedShop:
    """Shared memory and the views of it; closing it frees it once every process let go."""

    def __init__(self, layout: Layout, descriptor: int) -> None:
        """Map what a descriptor holds."""
        self.layout = layout
        self._made_file = False
        self._descriptor = descriptor
        self._map = mmap.mmap(descriptor, layout.size)

    @classmethod
    def create(cls, shop: Shop, goal: Goal, first: Begun, members: int) -> "SharedShop":
        """Return shared memory that holds a shop, its first answer and an empty board."""
        ops = len(shop.job_of)
        held: dict[str, NDArray[np.generic]] = {
            name: value for name, value in shop._asdict().items() if isinstance(value, np.ndarray)
        }
        held |= {"first_alt": first.answer.alt, "first_start_s": first.answer.start_s}
        shapes = {name: (array.dtype.str, array.shape) for name, array in held.items()}
        shapes |= {
            "state": ("<i8", (members, 4)),
            "stop": ("<i8", (1,)),
            "slots": ("<i8", (members, 2, 2, ops)),
        }
        arrays, at = {}, 0
        for name, (kind, shape) in shapes.items():
            arrays[name] = (kind, shape, at)
            at += -(-int(np.prod(shape)) * np.dtype(kind).itemsize // ALIGNED) * ALIGNED
        descriptor, path = _memory(max(at, ALIGNED))
        counts = (shop.machine_count, shop.worker_count)
        layout = Layout(
            path, max(at, ALIGNED), arrays, counts, goal, members, first.value, first.bound
        )
        made = cls(layout, descriptor)
        made._made_file = not path.startswith(PROC)
        for name, array in held.items():
            made._view(name)[...] = array
        return made

    @classmethod
    def opened(cls, layout: Layout) -> "SharedShop":
        """Return the shared memory that another process made."""
        return cls(layout, os.open(layout.path, os.O_RDWR))

    def shop(self) -> Shop:
        """Return the shop; its arrays are the shared ones and stay unchanged."""
        machines, workers = self.layout.counts
        views: dict[str, Any] = {
            name: self._view(name) for name in Shop._fields if name in self.layout.arrays
        }
        return Shop(**views, machine_count=machines, worker_count=workers)

    def first(self) -> Begun:
        """Return the first answer and the bound, copied."""
        answer = Answer(self._view("first_alt").copy(), self._view("first_start_s").copy())
        return Begun(answer, self.layout.value, self.layout.bound)

    def board(self, me: int) -> SharedBoard:
        """Return the board of a member."""
        return SharedBoard(self._view("state"), self._view("stop"), self._view("slots"), me)

    def close(self) -> None:
        """Let go of the descriptor; views keep the memory as long as they live."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            if self._made_file:
                Path(self.layout.path).unlink(missing_ok=True)

    def _view(self, name: str) -> NDArray[np.int64]:
        kind, shape, at = self.layout.arrays[name]
        view: NDArray[np.int64] = np.ndarray(shape, kind, self._map, at)
        return view


def _memory(size: int) -> tuple[int, str]:
    """Return a descriptor of so many bytes of nameless memory, and its path for other processes."""
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        descriptor = os.memfd_create("manufold-shop")
        path = f"{PROC}{os.getpid()}/fd/{descriptor}"
    else:
        descriptor, path = tempfile.mkstemp(prefix="manufold-shop-")
    os.ftruncate(descriptor, size)
    return descriptor, path
