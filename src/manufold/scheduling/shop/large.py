"""Search of very large job shops: whole schedules by rolling windows, each with other tunings.

First come plain dispatch, then dispatch by a rule that keeps machines fed, then rolled schedules of
growing effort, forwards and backwards in time. The best tuning is varied, more effort is spent as
less is gained. Jobs of any length may visit machines again; releases hold. In a flexible shop each
operation keeps the alternative of the best answer. A shop that is no chain (workers, set-ups,
graphs) is dispatched again and again by shaken orders.

Cost    a million operations: 0.6 s a dispatch, about 8 s a schedule with 20 swaps for each.
Source  see `large_windows`, `large_dispatch`.
"""

import numpy as np

from manufold.scheduling.shop.dispatch import first_answer
from manufold.scheduling.shop.large_chain import (
    Chain,
    answer_of,
    backwards,
    chain_of,
    floor_s,
    is_chain,
    mirrored,
)
from manufold.scheduling.shop.large_state import ENDED, Roll, Tuning, roll_of
from manufold.scheduling.shop.large_windows import rolled_on
from manufold.scheduling.shop.problem import Answer, Shop, makespan_s
from manufold.scheduling.shop.redispatch import Redispatch

__all__ = ["LargeSearch"]

#: the first schedules: dispatch by rule, then windows for jobs that bind, then for machines too
PLAIN = Tuning(1.0, 8.0, 2.0, 0.0, 0.5, 0.05, 2.0, 1.0, 0.0)
FIRST = (
    PLAIN,
    Tuning(1.0, 8.0, 2.0, 5.0, 0.5, 0.05, 3.0, 1.0, 1.5),
    Tuning(1.0, 16.0, 4.0, 8.0, 0.5, 0.1, 1.0, 1.0, 0.0),
    PLAIN._replace(rule=0.3),
)
#: swaps tried for each operation: where variation begins, how it grows, where it ends
TRIALS, TRIALS_MORE, TRIALS_MOST = 12.0, 1.25, 120.0
#: a tuning is varied by a factor e to so many standard normals
VARIED = 0.35
#: chance of turning time round, and of a mere dispatch by a scale of the rule drawn anew
TURNED, CHEAP = 0.25, 0.2
#: jobs for each machine of which a window should settle at least this share at a time
SHARE = 0.25
#: a schedule is stretched at most so much beyond its longest job, in weighing jobs
STRETCH_MOST = 2.0
#: stretch from which jobs alone no longer bind: long windows that weigh only them are not tried
CALM = 1.3


class LargeSearch:
    """A `Search` for the makespan of a large shop; a move is a swap tried, or some dispatches.

    Args:
        best: the best answer so far.
        value: its makespan.
        moves: tried so far.
    """

    def __init__(self, shop: Shop, seed: int, start: Answer | None = None) -> None:
        """Begin from a start or from the best of the plain rules.

        Args:
            shop: of any kind; job shops and flexible ones are rolled.
            seed: of its dice; odd seeds begin forwards, even ones backwards in time.
            start: a feasible answer.
        """
        self._shop = shop
        self._dice = np.random.default_rng(seed)
        self.best = first_answer(shop, "makespan") if start is None else start
        self.value = makespan_s(shop, self.best)
        self.moves = 0
        self._other = None if is_chain(shop) else Redispatch(shop, "makespan", seed, self.best)
        self._flexible = len(shop.alt_machine) > len(shop.job_of)
        self._can_turn = not shop.release_s.any()
        self._turned_first = seed % 2 == 0
        self._begun = 0
        self._trials = TRIALS
        self._centre, self._centre_turned, self._centre_value = FIRST[1], False, -1
        self._chain: Chain | None = None
        self._roll: Roll | None = None
        self._plain: Chain | None = None
        self._plain_alt = self.best.alt
        self._alt = self.best.alt
        self._tuning, self._turned = PLAIN, False

    def go(self, moves: int) -> None:
        """Try about this many moves more; return early where the bound is reached."""
        if self._other is not None:
            self._other.go(max(1, moves * 8 // len(self._shop.job_of)))
            self.moves += max(moves, 1)
            self.best, self.value = self._other.best, self._other.value
            return
        goal = self.moves + moves
        while self.moves < goal and not self._is_proven():
            if self._chain is None or self._roll is None:
                self._begin()
            assert self._chain is not None and self._roll is not None
            self.moves += int(rolled_on(self._chain, self._roll, self._tuning, goal - self.moves))
            if self._roll.book[ENDED]:
                self._end()

    def take(self, answer: Answer) -> None:
        """Go on from an answer that is better than its own."""
        value = makespan_s(self._shop, answer)
        if self._other is not None:
            self._other.take(answer)
        if value < self.value:
            self.best, self.value = answer, value

    def _is_proven(self) -> bool:
        return not self._flexible and self.value <= floor_s(self._forward())

    def _forward(self) -> Chain:
        """Return the chain of the best answer's alternatives."""
        if self._plain is None or self._plain_alt is not self.best.alt:
            self._plain, self._plain_alt = chain_of(self._shop, self.best.alt), self.best.alt
        return self._plain

    def _begin(self) -> None:
        """Begin the next schedule."""
        chain = self._forward()
        self._alt = self.best.alt
        self._tuning, self._turned = self._next(chain)
        self._begun += 1
        self._chain = backwards(chain) if self._turned else chain
        self._roll = roll_of(self._chain, int(self._dice.integers(2**31)))

    def _next(self, chain: Chain) -> tuple[Tuning, bool]:
        """Return the next tuning, and whether time runs backwards."""
        stretch = min(STRETCH_MOST, max(1.0, self.value / max(1, int(chain.tail_s.max()))))
        if self._begun < len(FIRST):
            tuning, turned = FIRST[self._begun], self._turned_first
            if tuning.trials > 0 and tuning.machines == 0 and stretch > CALM:
                tuning = FIRST[1]._replace(trials=TRIALS)
        else:
            varied = self._centre
            factor = np.exp(VARIED * self._dice.standard_normal(len(varied)))
            tuning = Tuning(*(float(x * f) for x, f in zip(varied, factor, strict=True)))
            tuning = tuning._replace(trials=self._trials, step=tuning.reach / 4)
            turned = self._centre_turned ^ bool(self._dice.random() < TURNED)
            if self._dice.random() < CHEAP:
                tuning = tuning._replace(trials=0.0, rule=float(self._dice.exponential()))
        crowd = SHARE * len(chain.release_s) / len(chain.load_s)
        step = max(tuning.step, crowd)
        tuning = tuning._replace(
            step=step, reach=max(tuning.reach, step + 4.0), cold=min(tuning.cold, tuning.hot),
            stretch=stretch,
        )  # fmt: skip
        return tuning, bool(turned and self._can_turn)

    def _end(self) -> None:
        """Keep the schedule if it is the best; learn from it."""
        assert self._chain is not None and self._roll is not None
        start_s = self._roll.start_s
        if self._turned:
            start_s = mirrored(self._chain, start_s)
        answer = answer_of(self._alt, start_s)
        value = makespan_s(self._shop, answer)
        rolled = self._tuning.trials > 0
        if rolled and (self._centre_value < 0 or value < self._centre_value):
            self._centre, self._centre_turned = self._tuning, self._turned
            self._centre_value = value
        elif rolled and self._begun > len(FIRST):
            self._trials = min(TRIALS_MOST, self._trials * TRIALS_MORE)
        self._chain = self._roll = None
        self.take(answer)
