"""Search for the shortest makespan where machines change over, workers are few, or parts meet.

One search for three shops: set-ups that depend on the sequence, operations that hold a machine
and a worker at once, and precedences of any shape (assembly). It anneals in rounds, each longer
than the one before: odd ones warm up the best plan found, even ones start hot and forget it.
The order that decides what an insertion sees (`resources_graph.reorder`) changes with the round.

Units   whole seconds. No clock; the same seed gives the same answers whatever the chunks.
Cost    a move is O(operations + alternatives of one operation x neighbours).
Source  `resources_anneal`, `resources_place`; rounds that grow: M. Luby, A. Sinclair,
        D. Zuckerman, Inf. Process. Lett. 47 (1993) 173-180, doi:10.1016/0020-0190(93)90029-9.
"""

import numpy as np

from manufold.scheduling.kernel import seconds
from manufold.scheduling.shop.problem import Answer, Goal, Shop, ends_s
from manufold.scheduling.shop.resources_anneal import anneal, construct, keep, least_s, restore
from manufold.scheduling.shop.resources_graph import copied, empty_plan, end_of, topological
from manufold.scheduling.shop.resources_place import empty_draw

__all__ = ["ResourceSearch"]

#: heats as shares of the mean shortest span of an operation
HOT, WARM, COLD = 0.5, 0.2, 0.015
#: moves of the first round: a fixed part and one per operation; how much longer each next one is
FIRST_MOVES, FIRST_MOVES_PER_OP, GROWTH = 20_000, 200, 1.4
#: weight of the path through what is moved, and how often it need not be critical; the second
#: helps where every operation may go anywhere and many paths are critical at once
PLAIN, EASY = (0.5, 0.6), (3.0, 0.2)
#: weights of earliest and latest starts in the order, round by round
ORDERS = ((1, 0), (1, 1), (0, 1))


class ResourceSearch:
    """A resumable search of a shop for its makespan; see `problem.Search`.

    Args:
        shop: as it stands; every operation has an alternative.
        goal: `makespan`.
        seed: any whole number.
        start: an answer to begin with; the one built by insertion is taken if it is better.
    """

    def __init__(self, shop: Shop, goal: Goal, seed: int, start: Answer | None = None) -> None:
        assert goal == "makespan", goal
        self.moves = 0
        self._shop = shop
        self._draw = empty_draw(shop, seed)
        self._enough = int(least_s(shop))
        fastest = np.minimum.reduceat(shop.alt_span_s, shop.alt_ptr[:-1])
        self._scale_s = max(1.0, float(fastest.mean()))
        self._plan = empty_plan(shop)
        construct(shop, self._plan, self._draw)
        self._best = copied(self._plan)
        self.value = int(end_of(self._best))
        if start is not None:
            self.take(start)
        self._round, self._done, self._length = -1, 0, 0

    @property
    def best(self) -> Answer:
        """The best answer so far."""
        return Answer(self._best.alt.copy(), self._best.head.copy())

    def go(self, moves: int) -> None:
        """Try this many moves more; stops early once the makespan meets its lower bound."""
        left = moves
        while left > 0 and self.value > self._enough:
            if self._done == self._length:
                self._next_round()
            todo = min(left, self._length - self._done)
            made = self._anneal(todo)
            self.moves += made
            self._done += made
            left -= todo
            self.value = int(end_of(self._best))

    def take(self, answer: Answer) -> None:
        """Go on from this answer if it is better than the own best."""
        if int(ends_s(self._shop, answer).max()) < self.value:
            self._restore(answer)
            end = int(end_of(self._plan))
            if end < self.value:
                keep(self._plan, self._best)
                self.value = end

    def _anneal(self, moves: int) -> int:
        hot = WARM if self._round % 2 else HOT
        ease, aside = EASY if self._round % 4 == 3 else PLAIN
        early, late = ORDERS[self._round % len(ORDERS)]
        return int(
            anneal(
                self._shop,
                self._plan,
                self._best,
                self._draw,
                self._done,
                moves,
                hot * self._scale_s,
                float((COLD / hot) ** (1.0 / self._length)),
                ease,
                aside,
                early,
                late,
                self._enough,
            )
        )

    def _next_round(self) -> None:
        self._round += 1
        first = FIRST_MOVES + FIRST_MOVES_PER_OP * len(self._shop.job_of)
        self._done, self._length = 0, int(first * GROWTH**self._round)
        if self._round % 2:
            keep(self._best, self._plan)

    def _restore(self, answer: Answer) -> None:
        """Make the plan that keeps the sequences of an answer."""
        shop = self._shop
        turn = np.zeros(len(shop.job_of), dtype=np.int64)
        turn[topological(shop)] = np.arange(len(turn))
        # an operation of no length stands before one that starts as it does
        order = np.lexsort((turn, ends_s(shop, answer), answer.start_s))
        self._plan = empty_plan(shop)
        restore(shop, self._plan, seconds(answer.alt), seconds(order))
