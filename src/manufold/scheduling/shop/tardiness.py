"""Total weighted tardiness of large flexible job shops: learn a rule, then ruin and recreate.

First a dispatch rule learns where one waits (`tardiness_rules`), some hundred runs; from its best
schedule on, a few jobs at a time are taken out and booked again under simulated annealing
(`tardiness_moves`). The temperature falls with the moves per job, not with a clock, and rises
again to a fraction whenever nothing got better for long. A dispatch counts as many moves as it
takes the time of. Graphs of operations, single operations, jobs without weight and pinned jobs
are all kept; workers and set-ups are not this search's trade.

Several processes at once: `tardiness_team` gives each its share of the time.

Source  see the modules; annealing: S. Kirkpatrick et al., Science 220 (1983) 671-680,
        doi:10.1126/science.220.4598.671.
"""

import numpy as np

from manufold.scheduling.kernel import seconds
from manufold.scheduling.shop.problem import Answer, Shop
from manufold.scheduling.shop.tardiness_log import MOST, Log, priced_all
from manufold.scheduling.shop.tardiness_moves import CROWD, Scratch, anneal
from manufold.scheduling.shop.tardiness_rules import Rules
from manufold.scheduling.shop.tardiness_table import (
    Book,
    Ints,
    Table,
    answer_of,
    book_of,
    empty_table,
    placed_of,
)

__all__ = ["TardinessSearch"]

#: dispatches of the rule that learns, and how many in vain end it
RUNS, VAIN = 120, 24
#: operations whose dispatch takes the time of one move
OPS_A_MOVE = 40
#: moves in one call of the kernel
CHUNK = 2_000
#: temperature at the beginning, in mean spans of a mean weight
HEAT = 0.16
#: moves per job after which the temperature is down by a factor of sqrt(2)
COOLS = 25.0
#: moves per job without a better value after which it is warmer again, as if younger by a factor
PATIENCE, YOUNGER = 1_000.0, 8.0


class TardinessSearch:
    """A `Search` for small total weighted tardiness, the same for the same seed.

    Args:
        shop: the shop, without workers and set-ups; precedences within jobs.
        seed: of all chance.
        start: where to begin unless a rule finds something better.
        cooled: moves per job that led to `start`, the search is as cool as after them; after
            any, or with pinned jobs, no rule is learnt.
        movable: jobs before this one move, the others stand as in `start`; None moves all.
        until_s: no operation that moves may end later; None where there is no such instant.

    Attributes:
        best: the best answer so far.
        value: its total weighted tardiness.
        moves: tried so far.
        cooled: moves per job, of this search and before `start`.

    Raises:
        ValueError: the shop has workers, set-ups or precedences between jobs, or jobs are pinned
            and there is no `start` to take their places from.
    """

    def __init__(
        self,
        shop: Shop,
        seed: int,
        start: Answer | None = None,
        *,
        cooled: float = 0.0,
        movable: int | None = None,
        until_s: int | None = None,
    ) -> None:
        jobs = len(shop.release_s)
        movable = jobs if movable is None else movable
        _check(shop, start, movable, until_s)
        self.cooled = cooled
        self._book = book_of(shop, movable, until_s)
        self._jobs = max(1, movable)
        rng = np.random.default_rng(seed)
        learns = start is None or (cooled == 0.0 and movable == jobs and until_s is None)
        self._rng: Ints = rng.integers(1, 2**63, 1, dtype=np.uint64)
        self._rules = Rules(self._book, rng) if learns else None
        weights = shop.weight[:movable]
        heavy = float(weights[weights > 0].mean()) if (weights > 0).any() else 0.0
        self._heat = HEAT * float(shop.alt_span_s.mean()) * heavy
        self._better_at = 0
        self._vain = 0
        self._spent = 0
        self._noted: tuple[int, Answer] | None = None
        if start is not None:
            self._begin(*placed_of(self._book, start))
        elif self._rules is not None:
            self._rules.run()
            self._begin(self._rules.alt, self._rules.start)

    @property
    def settled(self) -> bool:
        """Whether the rule is learnt: from now on the search moves single jobs."""
        return self._rules is None

    @property
    def best(self) -> Answer:
        """The best answer so far."""
        if self._noted is None or self._noted[0] != self.value:
            scratch = self._scratch
            found = answer_of(self._book, scratch.best_alt, scratch.best_start)
            self._noted = self.value, found
        return self._noted[1]

    @property
    def value(self) -> int:
        """Its total weighted tardiness."""
        return int(self._scratch.value[1])

    @property
    def moves(self) -> int:
        """Tried so far."""
        return self._spent + int(self._scratch.value[2])

    def go(self, moves: int) -> None:
        """Try about this many moves more; return early if nothing is late."""
        target = self.moves + moves
        while self.moves < target and self.value > 0:
            if self._rules is not None:
                self._learn(self._rules)
            else:
                self._anneal(min(CHUNK, target - self.moves))

    def take(self, answer: Answer) -> None:
        """Go on from another answer if it is better."""
        alt, start = placed_of(self._book, answer)
        end = start + self._book.alt_span[alt]
        done = np.maximum.reduceat(end, self._book.job_ptr[:-1]).astype(np.int64)
        late = np.maximum(0, done - self._book.due)
        if int((self._book.weight * late).sum()) < self.value:
            self._spent += int(self._scratch.value[2])
            self._begin(alt, start)

    def _learn(self, rules: Rules) -> None:
        """Run one more rule."""
        before = rules.value
        rules.run()
        self._vain = 0 if rules.value != before else self._vain + 1
        self._spent += 1 + len(self._book.job_of) // OPS_A_MOVE
        if rules.value is not None and rules.value < self.value:
            self._begin(rules.alt, rules.start)
        if rules.runs >= RUNS or self._vain >= VAIN:
            self._rules = None

    def _anneal(self, moves: int) -> None:
        """Try moves at the temperature of now."""
        before, tried = self.value, int(self._scratch.value[2])
        heat = self._heat / float(np.sqrt(1.0 + self.cooled / COOLS))
        anneal(self._book, self._table, self._log, self._scratch, moves, heat)
        tried = int(self._scratch.value[2]) - tried
        self.cooled += tried / self._jobs
        self._better_at = 0 if self.value < before else self._better_at + tried
        if self._better_at > PATIENCE * self._jobs:
            self._better_at = 0
            self.cooled /= YOUNGER

    def _begin(self, alt: Ints, start: Ints) -> None:
        """Build the table of a schedule."""
        self._table = _table_of(self._book, alt, start)
        self._log = _log_of(self._book)
        ops = len(alt)
        priced_all(self._book, self._table, self._log)
        value = int(self._log.at[1])

        def numbers(rows: int) -> Ints:
            return np.zeros(rows, dtype=np.int32)

        self._scratch: Scratch = Scratch(
            self._rng, numbers(CROWD), numbers(CROWD), numbers(ops + 1), numbers(ops),
            alt.astype(np.int32), start.copy(), seconds([value, value, 0]),
        )  # fmt: skip


def _check(shop: Shop, start: Answer | None, movable: int, until_s: int | None) -> None:
    if shop.worker_count or shop.setup_s.size:
        raise ValueError("TardinessSearch knows neither workers nor set-ups")
    owner = np.repeat(shop.job_of, np.diff(shop.before_ptr))
    if (owner != shop.job_of[shop.before_op]).any():
        raise ValueError("TardinessSearch needs precedences that stay within a job")
    if start is None and (movable < len(shop.release_s) or until_s is not None):
        raise ValueError("jobs are pinned, but no start says where")


def _table_of(book: Book, alt: Ints, start: Ints) -> Table:
    """Return the timetable of a schedule."""
    table = empty_table(book)
    machine = book.alt_machine[alt]
    end = start + book.alt_span[alt]
    order = np.lexsort((end, start, machine))
    count = np.bincount(machine, minlength=len(book.row) - 1)
    first = np.concatenate(([0], np.cumsum(count)[:-1]))
    rows = np.arange(len(alt)) - np.repeat(first - book.row[:-1], count)
    table.slot_from[rows], table.slot_to[rows] = start[order], end[order]
    table.slot_op[rows], table.used[:] = order, count
    table.start[:], table.end[:], table.alt[:] = start, end, alt
    return table


def _log_of(book: Book) -> Log:
    """Return a log with room for the largest move."""
    out = min(len(book.job_of), CROWD * int(np.diff(book.job_ptr).max()))
    fan = max(1, int(np.diff(book.after_ptr).max()))
    rows = 2 * out + 4 * CROWD + 8 * MOST
    most = rows + 4 * MOST
    return Log(
        np.zeros(most, dtype=np.int8), np.zeros(most, dtype=np.int32),
        np.zeros(most, dtype=np.int32), seconds(np.zeros(most)),
        np.zeros((MOST + 1) * fan, dtype=np.int32), seconds([0, 0, rows - out - 2 * CROWD]),
    )  # fmt: skip
