"""Several searches of one shop: each goes on by itself and shows the others what it found.

A *board* is where members post answers and look at those of others; whoever owns processes brings
one that they share (`manufold.workers.crew`), a lone member has its own. Whoever has a clock
hands in `left_s`; nothing here knows the time.

A search may bring `meet(answers)`: it is then shown the latest answer of every other member, and
makes of them what it likes (a family that gives each member a share of the shop puts the shares
together); a search without one takes the best answer, if it is better than its own.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from manufold.scheduling.shop.problem import Answer, Search

__all__ = ["Board", "LoneBoard", "Meeting", "Pace", "Progress", "work"]


class Progress(NamedTuple):
    """How far a search is.

    Args:
        value: of the best answer so far.
        bound: no answer is below.
        moves: tried by this member.
        left_s: seconds left.
    """

    value: int
    bound: int
    moves: int
    left_s: float


class Pace(NamedTuple):
    """How often a member looks up from its work.

    Args:
        chunk_s: between two looks at the clock, as near as moves can be counted.
        exchange_s: between two looks at the board.
        chunk_moves: moves of the first chunk, and of every one where `moves_most` counts.
        moves_most: stop after so many, whatever the clock says; 0 for no limit.
    """

    chunk_s: float = 0.1
    exchange_s: float = 2.0
    chunk_moves: int = 16
    moves_most: int = 0


class Board(Protocol):
    """Where members show what they found; none may see a half written answer."""

    def post(self, value: int, answer: Answer, moves: int) -> None:
        """Show an answer of one's own."""

    def best(self) -> tuple[int, Answer] | None:
        """Return the best answer that anybody showed."""

    def best_value(self) -> int | None:
        """Return its value without reading it."""

    def others(self) -> Sequence[Answer]:
        """Return the latest answer of each other member that showed one."""


@runtime_checkable
class Meeting(Protocol):
    """A search that puts the answers of others together in its own way."""

    def meet(self, answers: Sequence[Answer]) -> None:
        """Look at the latest answer of every other member."""


class LoneBoard:
    """The board of a member without others."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: tuple[int, Answer] | None = None

    def post(self, value: int, answer: Answer, moves: int) -> None:
        """Keep an answer that is better than the one before."""
        if self._kept is None or value < self._kept[0]:
            self._kept = value, answer

    def best(self) -> tuple[int, Answer] | None:
        """Return what was kept."""
        return self._kept

    def best_value(self) -> int | None:
        """Return the value of what was kept."""
        return None if self._kept is None else self._kept[0]

    def others(self) -> Sequence[Answer]:
        """Return nothing: there are none."""
        return ()


def work(
    search: Search,
    board: Board,
    bound: int,
    left_s: Callable[[], float],
    *,
    pace: Pace,
    told: Callable[[Progress], None] | None = None,
) -> None:
    """Let a member search until time, moves or better answers run out.

    Args:
        search: of this member.
        board: what it shares.
        bound: no answer is below.
        left_s: seconds left, asked between chunks; at most 0 ends the work.
        pace: how often it looks up.
        told: called after each chunk.
    """
    moves, shown, idle = pace.chunk_moves, None, 0
    before_s = left_s()
    looked_s = before_s
    while before_s > 0 and idle < 2:
        if pace.moves_most:
            moves = min(moves, pace.moves_most - search.moves)
            if moves <= 0:
                break
        done = search.moves
        search.go(moves)
        now_s = left_s()
        idle = idle + 1 if search.moves == done else 0
        if shown is None or search.value < shown:
            shown = search.value
            board.post(shown, search.best, search.moves)
        if told is not None:
            told(Progress(board.best_value() or shown, bound, search.moves, now_s))
        if (board.best_value() or 0) <= bound:
            break
        if looked_s - now_s >= pace.exchange_s or idle:
            looked_s = now_s
            idle = 0 if _looked(search, board) else idle
        if not pace.moves_most:
            spent_s = max(before_s - now_s, 1e-4)
            wanted_s = max(0.01, min(pace.chunk_s, now_s))
            moves = max(1, min(4 * moves, int(moves * wanted_s / spent_s)))
        before_s = now_s


def _looked(search: Search, board: Board) -> bool:
    """Look at the board; return whether the search goes on from something else."""
    value = search.value
    if isinstance(search, Meeting):
        search.meet(board.others())
    else:
        best_value = board.best_value()
        if best_value is not None and best_value < value:
            best = board.best()
            if best is not None:
                search.take(best[1])
    return search.value < value
