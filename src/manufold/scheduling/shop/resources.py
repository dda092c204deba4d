"""Search for the shortest makespan where machines change over, workers are few, or parts meet.

One search for three shops: set-ups that depend on the sequence, operations that hold a machine
and a worker at once, and precedences of any shape (assembly). It ruins and recreates in rounds,
each longer than the one before: odd ones warm up the best plan found, even ones go on from where
they are, and now and then begin anew. How many operations are lifted out changes with the rounds.

Units   whole seconds. No clock; the same seed gives the same answers whatever the chunks.
Cost    a move is some times O(operations + alternatives of one operation x neighbours).
Source  `resources_ruin`, `resources_place`; rounds that grow: M. Luby, A. Sinclair,
        D. Zuckerman, Inf. Process. Lett. 47 (1993) 173-180, doi:10.1016/0020-0190(93)90029-9.
"""

from typing import NamedTuple

import numpy as np

from manufold.scheduling.kernel import seconds
from manufold.scheduling.shop.problem import Answer, Goal, Shop, ends_s
from manufold.scheduling.shop.resources_begin import construct, least_s, restore
from manufold.scheduling.shop.resources_graph import (
    Plan,
    copied,
    empty_plan,
    end_of,
    keep,
    topological,
)
from manufold.scheduling.shop.resources_place import empty_draw
from manufold.scheduling.shop.resources_ruin import recreate

__all__ = ["ResourceSearch"]


class Style(NamedTuple):
    """How a round ruins and recreates; see `resources_ruin.recreate`.

    Args:
        few: operations lifted out together, at least.
        many: at most.
        heat: of the places, as a share of the mean shortest span of an operation.
        ease: weight of the path through what is moved.
    """

    few: int
    many: int
    heat: float
    ease: float


#: each is used in two rounds running, once hot and once from the best
STYLES = (
    Style(2, 6, 0.05, 2.0),
    Style(3, 9, 0.3, 4.0),
    Style(3, 9, 0.05, 4.0),
    Style(5, 14, 0.15, 4.0),
)
#: what a plan may be worse, as shares of the mean shortest span, from the first move to the last
HOT, COLD = 0.2, 0.02
#: heat of the places when a plan is made anew, which is done once all styles had their turn
FRESH = 0.5
#: moves for each operation in the first round; how much longer each next round is: patient members
#: of a team and hasty ones, because some shops yield to long rounds and some to many
PATIENT, HASTY = (200, 1.2), (50, 1.1)


class ResourceSearch:
    """A resumable search of a shop for its makespan; see `problem.Search`.

    Args:
        shop: as it stands; every operation has an alternative.
        goal: `makespan`.
        seed: any whole number.
        start: an answer to better; one built by insertion comes first, and this one in its turn.
        hasty: many short rounds instead of long ones.
    """

    def __init__(
        self,
        shop: Shop,
        goal: Goal,
        seed: int,
        start: Answer | None = None,
        *,
        hasty: bool = False,
    ) -> None:
        assert goal == "makespan", goal
        self.moves = 0
        self._shop = shop
        self._draw = empty_draw(shop, seed)
        self._enough = int(least_s(shop))
        fastest = np.minimum.reduceat(shop.alt_span_s, shop.alt_ptr[:-1])
        self._scale_s = max(1.0, float(fastest.mean()))
        self._plan = empty_plan(shop)
        construct(shop, self._plan, self._draw, 0.0)
        self._best, self._kept = copied(self._plan), copied(self._plan)
        self.value = int(end_of(self._best))
        if start is not None:
            self.take(start)
        self._round, self._done, self._length = -1, 0, 0
        self._first_per_op, self._growth = HASTY if hasty else PATIENT

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
            made = self._recreate(todo)
            self.moves += made
            self._done += made
            left -= todo
            self.value = int(end_of(self._best))

    def take(self, answer: Answer) -> None:
        """Warm up this answer in later rounds if it is better than the own best.

        The plan at hand goes on: what it leads to may lie far from what others found.
        """
        if int(ends_s(self._shop, answer).max()) < self.value:
            plan = self._restored(answer)
            end = int(end_of(plan))
            if end < self.value:
                self._best, self.value = plan, end

    def _recreate(self, moves: int) -> int:
        style = STYLES[self._round // 2 % len(STYLES)]
        return int(
            recreate(
                self._shop,
                self._plan,
                self._kept,
                self._best,
                self._draw,
                self._done,
                moves,
                style.few,
                style.many,
                HOT * self._scale_s,
                float((COLD / HOT) ** (1.0 / self._length)),
                style.heat * self._scale_s,
                style.ease,
                self._enough,
            )
        )

    def _next_round(self) -> None:
        self._round += 1
        first = self._first_per_op * len(self._shop.job_of)
        self._done, self._length = 0, int(first * self._growth**self._round)
        if self._round % 2:
            keep(self._best, self._plan)
        elif self._round and self._round % (2 * len(STYLES)) == 0:
            self._plan = empty_plan(self._shop)
            construct(self._shop, self._plan, self._draw, FRESH * self._scale_s)

    def _restored(self, answer: Answer) -> Plan:
        """Return the plan that keeps the sequences of an answer."""
        shop = self._shop
        turn = np.zeros(len(shop.job_of), dtype=np.int64)
        turn[topological(shop)] = np.arange(len(turn))
        # an operation of no length stands before one that starts as it does
        order = np.lexsort((turn, ends_s(shop, answer), answer.start_s))
        plan = empty_plan(shop)
        restore(shop, plan, seconds(answer.alt), seconds(order))
        return plan
