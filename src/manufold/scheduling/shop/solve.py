"""Solve a shop of the literature: a first answer, then a search of its kind until time is up.

Anytime: whatever ends it (time, moves, a proof, the user), the best answer so far is returned, and
so it is when the search itself fails. A run that moves end is the same for the same seed.
"""

from collections.abc import Callable
from typing import NamedTuple

from manufold.scheduling.shop.bound import lower_bound
from manufold.scheduling.shop.dispatch import first_answer
from manufold.scheduling.shop.problem import Answer, Goal, Shop, value_of
from manufold.scheduling.shop.searches import Order, family_of
from manufold.scheduling.shop.team import Board, LoneBoard, Pace, Progress, work

__all__ = ["Begun", "Solved", "begun", "member", "solve"]

#: seeds of the members of one team lie this far apart
SEED_STEP = 1_000_003


class Begun(NamedTuple):
    """What every member of a team begins with.

    Args:
        answer: a feasible first one.
        value: its objective.
        bound: no answer is below.
    """

    answer: Answer
    value: int
    bound: int


class Solved(NamedTuple):
    """The best answer found.

    Args:
        answer: feasible.
        value: its objective.
        bound: no answer is below; where both are equal the answer is optimal.
        family: the kind of search.
        fault: why the search ended before its time, empty when it did not.
    """

    answer: Answer
    value: int
    bound: int
    family: str
    fault: str


def begun(shop: Shop, goal: Goal) -> Begun:
    """Return the first answer and the bound of a shop."""
    answer = first_answer(shop, goal)
    return Begun(answer, value_of(shop, answer, goal), lower_bound(shop, goal))


def solve(
    shop: Shop,
    goal: Goal,
    *,
    left_s: Callable[[], float],
    seed: int = 1,
    pace: Pace | None = None,
    first: Begun | None = None,
    told: Callable[[Progress], None] | None = None,
) -> Solved:
    """Return the best answer that can be found while time is left.

    Args:
        shop: to schedule.
        goal: what is made small.
        left_s: seconds left; a callable that always returns 1.0 leaves it to the moves.
        seed: the same seed and number of moves give the same answer.
        pace: how often to look up, and after how many moves to stop.
        first: what to begin with, where somebody has it already.
        told: called after each chunk of moves.
    """
    first = begun(shop, goal) if first is None else first
    board = LoneBoard()
    board.post(first.value, first.answer, 0)
    if told is not None:
        told(Progress(first.value, first.bound, 0, left_s()))
    fault = ""
    try:
        member(shop, goal, first, board, (0, 1), left_s, seed=seed, pace=pace, told=told)
    except KeyboardInterrupt:
        fault = "interrupted"
    except Exception as failed:  # noqa: BLE001 - said in the answer; what was found is kept
        fault = f"{type(failed).__name__}: {failed}"
    value, answer = board.best() or (first.value, first.answer)
    if value > first.value:
        value, answer = first.value, first.answer
    return Solved(answer, value, first.bound, family_of(shop, goal).name, fault)


def member(
    shop: Shop,
    goal: Goal,
    first: Begun,
    board: Board,
    part: tuple[int, int],
    left_s: Callable[[], float],
    *,
    seed: int,
    pace: Pace | None = None,
    told: Callable[[Progress], None] | None = None,
) -> None:
    """Let one member of a team search; its finds stand on the board.

    Args:
        shop: to schedule.
        goal: what is made small.
        first: what every member begins with.
        board: what it shares.
        part: number of this member, and how many there are.
        left_s: seconds left.
        seed: of the team.
        pace: how often it looks up.
        told: called after each chunk.
    """
    if first.value <= first.bound or left_s() <= 0:
        return
    order = Order(shop, goal, seed + SEED_STEP * part[0], first.answer, first.bound, part)
    search = family_of(shop, goal).make(order)
    work(search, board, first.bound, left_s, pace=pace or Pace(), told=told)
