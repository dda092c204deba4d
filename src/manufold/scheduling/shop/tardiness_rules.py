"""A dispatch rule that learns how long one waits where: many runs, the best schedule kept.

Apparent tardiness cost knows what work remains, not where it will wait. Here the lead of an
operation also holds the mean waits that the best schedule so far had at the machines still ahead
(by stretch of time, if that is better), and its worth falls with the congested work that remains:
in a shop with too much to do it pays to let long work be late. The numbers of the rule walk at
random and stay where the schedule got better. One run costs about a microsecond per operation.

Source  lead time iteration: A. Vepsalainen, T. Morton, Manage. Sci. 33 (1987) 1035-1047,
        doi:10.1287/mnsc.33.8.1035; prices of machines: T. Morton, D. Pentico, Heuristic
        Scheduling Systems (Wiley, 1993), chapter 10.
"""

from typing import NamedTuple

import numpy as np

from manufold.scheduling.shop.tardiness_start import Floats, dispatch, floor_of
from manufold.scheduling.shop.tardiness_table import Book, Ints

__all__ = ["Rules"]


class _Rule(NamedTuple):
    """The numbers of a rule.

    Args:
        ahead: spans that the rule looks ahead.
        work: how often the remaining work counts in the lead.
        wait: how often the waits ahead count in the lead.
        crowding: how much more work counts where one waits.
        content: power of an operation's share in its remaining work.
        weight: power of the job's weight.
        patient: at least 0.5 if operations wait for a machine that ends them sooner.
    """

    ahead: float
    work: float
    wait: float
    crowding: float
    content: float
    weight: float
    patient: float


#: the first rules tried, as in the literature, then with waits
PLAIN = tuple(_Rule(ahead, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0) for ahead in (2.0, 8.0, 1.0, 4.0))
WAITING = tuple(_Rule(ahead, 1.0, 0.6, 0.2, 0.3, 0.85, 1.0) for ahead in (3.0, 1.0))
#: how far each number walks at once; the first one in its logarithm
STEP = _Rule(0.3, 0.1, 0.2, 0.2, 0.1, 0.1, 0.5)
#: how often a number walks, and how often waits are taken from the best schedule anew
WALKS, RELEARNS = 0.4, 0.4
#: operations of a machine in one stretch of time; 0 is one stretch for all time
STRETCHES = (0, 5, 12)
#: operations whose waits equal what is believed of a machine before it was looked at
BELIEF = 2.0


class Rules:
    """Learns a rule on one shop.

    Args:
        book: the shop.
        rng: where chance comes from.

    Attributes:
        value: weighted tardiness of the best schedule, None before the first run.
        alt: shape (ops,); likewise `start`.
        runs: dispatches so far.
    """

    def __init__(self, book: Book, rng: np.random.Generator) -> None:
        self.value: int | None = None
        self.runs = 0
        self._book = book
        self._rng = rng
        self._many = np.diff(book.alt_ptr)
        self._owner = np.repeat(np.arange(len(book.job_of)), self._many)
        least = np.minimum.reduceat(book.alt_span, book.alt_ptr[:-1])
        self._least = np.maximum(least, 1).astype(np.float64)
        self._lead = (book.tail + least).astype(np.float64)
        self._weight = np.maximum(book.weight, 1e-6)[book.job_of]
        self._mean = max(1.0, float(book.alt_span.mean()))
        self._rule, self._wait = PLAIN[0], np.zeros_like(self._lead)
        self.alt: Ints = np.zeros(0, dtype=np.int32)
        self.start: Ints = np.zeros(0, dtype=book.alt_span.dtype)

    def run(self) -> None:
        """Try one more rule."""
        rule, wait = self._next()
        floor = floor_of(self._book)
        ahead = self._ahead(wait)
        price = 1.0 + rule.crowding * wait / max(1e-9, float(wait.mean()))
        share = self._least * price / (self._least * price + self._ahead(price * self._least))
        worth = self._weight**rule.weight * share**rule.content
        lead = self._lead * rule.work + ahead * rule.wait
        dispatch(self._book, floor, worth, lead, rule.ahead * self._mean, rule.patient >= 0.5)
        end = floor.start + self._book.alt_span[floor.alt]
        done = np.maximum.reduceat(end, self._book.job_ptr[:-1]).astype(np.int64)
        value = int((self._book.weight * np.maximum(0, done - self._book.due)).sum())
        self.runs += 1
        if self.value is None or value < self.value:
            self.value, self.alt, self.start = value, floor.alt, floor.start
            self._rule, self._wait = rule, wait

    def _next(self) -> tuple[_Rule, Floats]:
        """Return the rule to try and the waits it believes in."""
        tried = self.runs
        if tried < len(PLAIN):
            return PLAIN[tried], self._wait
        if tried < len(PLAIN) + len(WAITING):
            return WAITING[tried - len(PLAIN)], self._waits(0)
        rng = self._rng
        wait = self._wait
        if rng.random() < RELEARNS:
            wait = self._waits(STRETCHES[int(rng.integers(len(STRETCHES)))])
        walk = rng.normal(size=len(STEP)) * STEP * (rng.random(len(STEP)) < WALKS)
        ahead = max(0.05, self._rule.ahead * float(np.exp(walk[0])))
        others = (max(0.0, n + float(w)) for n, w in zip(self._rule[1:], walk[1:], strict=True))
        return _Rule(ahead, *others), wait

    def _ahead(self, values: Floats) -> Floats:
        """Return, of a value per operation, the sum over the operations of its job behind it."""
        total = np.cumsum(values)
        last = self._book.job_ptr[1:] - 1
        behind: Floats = np.maximum(0.0, total[last][self._book.job_of] - total)
        return behind

    def _waits(self, per_stretch: int) -> Floats:
        """Return how long each operation may expect to wait, from the best schedule so far."""
        book = self._book
        ops, machines = len(book.job_of), len(book.row) - 1
        end = self.start + book.alt_span[self.alt]
        ready = book.release[book.job_of].astype(np.int64)
        after = np.repeat(np.arange(ops), np.diff(book.before_ptr))
        np.maximum.at(ready, after, end[book.before_op])
        stretches = max(1, ops // machines // per_stretch) if per_stretch else 1
        stretch = ready * stretches // (int(end.max()) + 1)
        machine = book.alt_machine[self.alt].astype(np.int64)
        cell = machine * stretches + stretch
        cells = machines * stretches
        total = np.bincount(cell, self.start - ready, cells).reshape(machines, stretches)
        count = np.bincount(cell, minlength=cells).reshape(machines, stretches)
        mean = total.sum(1, keepdims=True) / np.maximum(1, count.sum(1, keepdims=True))
        expected = ((total + BELIEF * mean) / (count + BELIEF)).ravel()
        each = expected[book.alt_machine * stretches + stretch[self._owner]]
        waits: Floats = np.bincount(self._owner, each, ops) / self._many
        return waits
