"""Makespan: a tabu search on one critical path after another, begun again between its best.

First some runs from schedules of their own make a small pool of elites. Then each run starts
between two of them and, if it ends well and is not there yet, takes the place of the worst. A pool
that has become one is left for a new one, but for its best. One move costs a sweep of what lies
behind it, so that the same search serves a hundred operations and twenty thousand.

Units   whole seconds. Cost O(n) a move at worst, a few nanoseconds an operation.
Source  tabu search with path relinking: B. Peng, Z. Lu, T. Cheng, Comput. Oper. Res. 53 (2015)
        154-164, doi:10.1016/j.cor.2014.08.006; moves and estimates: see `tabu_moves`.
"""

from math import isqrt

import numpy as np

from manufold.scheduling.kernel import seconds
from manufold.scheduling.shop.makespan_cross import cross
from manufold.scheduling.shop.makespan_graph import graph_of, load, makespan
from manufold.scheduling.shop.makespan_start import LUCK, begin_of, dispatch, order_of
from manufold.scheduling.shop.problem import Answer, Shop
from manufold.scheduling.shop.tabu import BEST, STALE, VALUE, memory_of, tabu
from manufold.scheduling.shop.tabu_moves import drawn

__all__ = ["MakespanSearch"]

#: elites kept; more are better only where time does not matter
POOL = 5
#: a run ends after so many moves without a better schedule, and so many more an operation
PATIENCE = 5_000
PATIENCE_PER_OP = 50
#: to begin a run costs about as much as so many moves
BEGINNING = 50
#: children in a row that are no better than the worst elite, and the pool is left
BARREN = 30


class MakespanSearch:
    """A `Search` for the makespan of shops without workers and set-ups.

    Args:
        best: the best answer so far.
        value: when its last operation ends.
        moves: tried so far.
    """

    def __init__(
        self, shop: Shop, seed: int, start: Answer | None = None, *, bound_s: int = 0
    ) -> None:
        """Begin from a start or from a dispatch.

        Args:
            shop: nobody but machines is needed, nothing changes over.
            seed: of all chance.
            start: a feasible answer.
            bound_s: that no schedule can end before; reached, the search stops.
        """
        assert shop.worker_count == 0 and shop.setup_s.size == 0, "machines only"
        self.moves = 0
        self._n = n = len(shop.job_of)
        self._g = graph_of(shop)
        self._m = memory_of(n, seed)
        self._begin = begin_of(shop, self._g)
        self._bound_s = max(bound_s, self._begin.bound_s)
        # the longer a critical path, the more can be done instead of going back
        self._tenure = 5 + len(shop.job_ptr) // max(1, shop.machine_count) + isqrt(n) // 4
        self._patience = PATIENCE + PATIENCE_PER_OP * n
        self._orders = np.zeros((POOL, n + 1), dtype=np.uint32)
        self._alts = np.zeros((POOL, n + 1), dtype=np.uint32)
        self._values: list[int] = []
        self._barren = 0
        self._order = np.zeros(n + 1, dtype=np.uint32)
        self._alt = np.zeros(n + 1, dtype=np.uint32)
        if start is None:
            dispatch(self._g, self._begin, 0, self._m.state, self._order, self._alt)
        else:
            order_of(self._g, self._begin, start, self._order, self._alt)
        self._load()
        self.value = int(self._m.state[BEST])
        self.best = self._answer()

    def _load(self) -> None:
        """Let a run begin at the schedule at hand."""
        load(self._g, self._order, self._alt)
        state = self._m.state
        state[VALUE] = state[BEST] = makespan(self._g)
        state[STALE] = 0
        self._m.order[:], self._m.alt[:] = self._order, self._alt

    def _answer(self) -> Answer:
        """Return the schedule that the graph holds."""
        g, n = self._g, self._n
        rows = g.alt_row[g.alt[:n]]
        return Answer(alt=seconds(rows), start_s=seconds(g.out_s[:n] - g.span_s[:n]))

    def go(self, moves: int) -> None:
        """Try about this many moves more; it returns at once when none can be better."""
        left = moves
        while left > 0 and self.value > self._bound_s:
            made = tabu(self._g, self._m, left, self._patience, self._bound_s, self._tenure)
            self.moves += made
            left -= made
            self._keep()
            if self._m.state[STALE] >= self._patience:
                self._adopt()
                self._again()
                left -= BEGINNING

    def _keep(self) -> None:
        """Keep the best schedule of the run if it is the best of all."""
        if self._m.state[BEST] < self.value:
            now = self._g.order.copy(), self._g.alt.copy()
            load(self._g, self._m.order, self._m.alt)
            self.value, self.best = int(self._m.state[BEST]), self._answer()
            load(self._g, *now)

    def _adopt(self) -> None:
        """Take the best schedule of the run into the pool, unless it is worse or there already."""
        value = int(self._m.state[BEST])
        load(self._g, self._m.order, self._m.alt)
        if len(self._values) < POOL:
            place = len(self._values)
            self._values.append(value)
        else:
            place = int(np.argmax(self._values))
            if value > self._values[place] or value in self._values:
                self._barren += 1
                return
            self._barren = 0
            self._values[place] = value
        self._orders[place], self._alts[place] = self._m.order, self._m.alt

    def _again(self) -> None:
        """Begin the next run: on its own while the pool fills, then between two elites."""
        state = self._m.state
        if self._barren >= BARREN:
            best = int(np.argmin(self._values))
            self._orders[0], self._alts[0] = self._orders[best], self._alts[best]
            self._values, self._barren = [self._values[best]], 0
        if len(self._values) < POOL:
            dispatch(self._g, self._begin, LUCK, state, self._order, self._alt)
        else:
            one = drawn(state, POOL)
            other = (one + 1 + drawn(state, POOL - 1)) % POOL
            pair = [one, other]
            share = 200 + drawn(state, 312)
            cross(
                self._g, self._orders[pair], self._alts[pair], share, state, self._order, self._alt
            )
        self._load()

    def take(self, answer: Answer) -> None:
        """Go on from an answer that somebody else found, if it is better than its own."""
        order_of(self._g, self._begin, answer, self._order, self._alt)
        now = self._g.order.copy(), self._g.alt.copy()
        load(self._g, self._order, self._alt)
        if makespan(self._g) >= self.value:
            load(self._g, *now)
            return
        self._load()
        self.value, self.best = int(self._m.state[BEST]), self._answer()
