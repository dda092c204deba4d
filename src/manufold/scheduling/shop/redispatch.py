"""A search for every kind of shop: shake the order of the best answer a little, dispatch anew.

Slow beside searches that know their kind of shop, but it keeps every rule that dispatching keeps,
so no shop is without one.
"""

import numpy as np

from manufold.scheduling.shop.dispatch import Rule, dispatch, first_answer
from manufold.scheduling.shop.dispatch_kernel import MWKR
from manufold.scheduling.shop.problem import Answer, Goal, Shop, value_of

__all__ = ["Redispatch"]

#: how far starts are shaken, at most, as a share of the whole schedule
WIDEST = 0.2


class Redispatch:
    """A `Search` by repeated dispatch; a move is one whole schedule.

    Args:
        best: the best answer so far.
        value: its objective.
        moves: tried so far.
    """

    def __init__(self, shop: Shop, goal: Goal, seed: int, start: Answer | None = None) -> None:
        """Begin from a start or from the best of the rules.

        Args:
            shop: of any kind.
            goal: what is made small.
            seed: of its dice.
            start: a feasible answer.
        """
        self._shop, self._goal = shop, goal
        self._dice = np.random.default_rng(seed)
        self.best = first_answer(shop, goal) if start is None else start
        self.value = value_of(shop, self.best, goal)
        self.moves = 0

    def go(self, moves: int) -> None:
        """Try so many schedules more."""
        for _ in range(moves):
            start_s = self.best.start_s
            width_s = WIDEST * float(self._dice.random()) ** 3 * max(1.0, float(start_s.max()))
            rank = start_s + width_s * self._dice.standard_normal(len(start_s))
            answer = dispatch(
                self._shop, Rule(MWKR, patient=bool(self._dice.random() < 0.5)), rank=rank
            )
            self.moves += 1
            self.take(answer)

    def take(self, answer: Answer) -> None:
        """Go on from an answer that is no worse than its own."""
        value = value_of(self._shop, answer, self._goal)
        if value <= self.value:
            self.best, self.value = answer, value
