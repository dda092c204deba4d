"""A member of a team that makes weighted tardiness small: each has its share of the time axis.

All members learn a rule first, each with its own dice. Then time is cut into windows, one a
member (`tardiness_split`), and a member moves only what is in its own: at a meeting it keeps its
own window and takes everything else as the others have it, which fits as long as they cut at the
same instants. They do nearly always: cuts lie on a coarse grid, and come from the answer that all
share after a meeting and from the number of meetings, which all hold equally often. Every few
meetings the cuts walk, and where a member has several windows it takes the next. Where answers
do not fit (somebody was late for the walk, or began elsewhere) the best of them is taken whole.
Where each could try thousands of moves per job anyway, windows win nothing (measured: 10,000
operations, two members): there everybody searches the whole and the best answer goes on.
"""

from collections.abc import Sequence

import numpy as np

from manufold.scheduling.shop.problem import Answer, Shop, ends_s, makespan_s, value_of
from manufold.scheduling.shop.tardiness import TardinessSearch
from manufold.scheduling.shop.tardiness_split import Part, merge, part_search, split

__all__ = ["TardinessMember", "fits"]

#: meetings between two walks of the cuts
EPOCH = 4
#: operations in a window; members of a team whose shares are smaller each search the whole
WINDOW = 50_000
#: instants of the whole time at which members may cut
GRID = 32


class TardinessMember:
    """A `Search` with `meet`; alone it is a `TardinessSearch`.

    Args:
        shop: the shop, as for `TardinessSearch`.
        seed: of this member's dice.
        start: a feasible answer, the same for all members.
        part: number of this member, and how many there are.

    Attributes:
        moves: tried so far.
    """

    def __init__(self, shop: Shop, seed: int, start: Answer, part: tuple[int, int]) -> None:
        self._shop = shop
        self._seed = seed
        self._grid_s = max(1, makespan_s(shop, start) // GRID)
        self._number, self._members = part
        self._each = round(len(shop.job_of) / self._members / WINDOW)
        self._search = TardinessSearch(shop, seed, start)
        self._learns = True
        self._meetings = 0
        self._turn = -1
        self._spent = 0
        self._part: Part | None = None
        self._others: list[Part] = []
        self._base, self._base_value = start, 0
        self._noted: tuple[int, Answer] | None = None

    @property
    def moves(self) -> int:
        """Tried so far."""
        return self._spent + self._search.moves

    @property
    def value(self) -> int:
        """Total weighted tardiness of the best answer."""
        return self._base_value + self._search.value

    @property
    def best(self) -> Answer:
        """The best answer: own window as found here, the rest as the others had it."""
        if self._noted is None or self._noted[0] != self.value:
            found = self._search.best
            if self._part is not None:
                found = merge(self._base, [self._part], [found])
            self._noted = self.value, found
        return self._noted[1]

    def go(self, moves: int) -> None:
        """Try about this many moves more."""
        self._search.go(moves)

    def take(self, answer: Answer) -> None:
        """Go on from another answer if it is better."""
        if value_of(self._shop, answer, "tardiness") < self.value:
            self._settle(answer)

    def meet(self, answers: Sequence[Answer]) -> None:
        """Look at the latest answer of every other member.

        Args:
            answers: feasible ones.
        """
        self._meetings += 1
        if self._members == 1 or not self._search.settled:
            return
        turn = self._meetings // EPOCH
        best, value = self._joined(answers)
        whole = self._learns and self._each > 0
        self._learns = False
        for other in answers:
            other_value = value_of(self._shop, other, "tardiness")
            if other_value < value:
                best, value, whole = other, other_value, True
        if whole or (turn != self._turn and self._each) or self._search.value == 0:
            self._turn = turn
            self._settle(best)
        else:
            self._base, self._base_value = best, value - self._search.value
            self._noted = None

    def _joined(self, answers: Sequence[Answer]) -> tuple[Answer, int]:
        """Return own answer with whatever window fits and is better elsewhere, and its value."""
        best, value = self.best, self.value
        for other in answers:
            for part in self._others:
                ops = part.ops[: part.shop.job_ptr[part.movable]]
                alt, start_s = best.alt.copy(), best.start_s.copy()
                alt[ops], start_s[ops] = other.alt[ops], other.start_s[ops]
                joined = Answer(alt, start_s)
                joined_value = value_of(self._shop, joined, "tardiness")
                if joined_value < value and fits(self._shop, joined):
                    best, value = joined, joined_value
        return best, value

    def _settle(self, answer: Answer) -> None:
        """Go on in this member's window of an answer; in all of it if nothing is late there."""
        self._spent += self._search.moves
        cooled = max(1.0, self._search.cooled)
        seed = self._seed + 7919 * (self._meetings + 1)
        value = value_of(self._shop, answer, "tardiness")
        self._noted = None
        self._base, self._base_value, self._part = answer, 0, None
        parts: list[Part] = []
        if not self._learns and self._each:
            windows = self._members * self._each
            parts = split(self._shop, answer, windows, self._turn, self._grid_s)
        now = self._turn % max(1, self._each)
        own = self._number * self._each + now
        self._others = [p for p in parts if p.window % self._each == now and p.window != own]
        for part in parts:
            if part.window == own:
                search = part_search(part, seed, cooled)
                if search.value > 0:
                    self._part, self._search = part, search
                    self._base_value = value - search.value
                    return
        self._others = []
        self._search = TardinessSearch(self._shop, seed, answer, cooled=cooled)


def fits(shop: Shop, answer: Answer) -> bool:
    """Return whether an answer made of several keeps releases, precedences and machines."""
    end_s = ends_s(shop, answer)
    start_s = answer.start_s
    after = np.repeat(np.arange(len(start_s)), np.diff(shop.before_ptr))
    if (start_s < shop.release_s[shop.job_of]).any():
        return False
    if (end_s[shop.before_op] > start_s[after]).any():
        return False
    machine = shop.alt_machine[answer.alt]
    order = np.lexsort((end_s, start_s, machine))
    machine, start_s, end_s = machine[order], start_s[order], end_s[order]
    return not ((machine[1:] == machine[:-1]) & (start_s[1:] < end_s[:-1])).any()
