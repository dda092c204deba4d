"""First answers: machines that never wait choose by a rule; the best of several rules is kept.

Time goes from event to event. A machine that falls free, or to which an operation comes, takes the
waiting operation whose key is smallest; an operation that could run on several idle machines takes
the one that ends it first. A *patient* run lets an operation wait for a busy machine that would
still end it sooner. Workers, set-ups, releases and graphs of operations are all kept.

Cost    O(operations x those that wait at a machine); a million operations take about a second.
Source  FIFO, SPT, EDD, most work remaining: R. Haupt, OR Spektrum 11 (1989) 3-16,
        doi:10.1007/BF01721162; apparent tardiness cost: A. Vepsalainen, T. Morton, Management
        Science 33 (1987) 1035-1047, doi:10.1287/mnsc.33.8.1035.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, seconds
from manufold.scheduling.shop.dispatch_kernel import (
    ATC,
    EDD,
    FIFO,
    MWKR,
    SPT,
    Chooser,
    dispatched,
    empty_floor,
)
from manufold.scheduling.shop.paths import mean_spans_s, shortest_spans_s, tails_s
from manufold.scheduling.shop.problem import Answer, Goal, Shop, value_of

__all__ = ["RULES", "Rule", "dispatch", "first_answer", "first_answers"]

#: operations that `first_answer` dispatches in all, the first rule whatever it costs
OPERATIONS_MOST = 1_500_000
#: how far apparent tardiness cost looks ahead, in mean spans
LOOK_AHEADS = (2.0, 4.0, 1.0, 8.0, 0.5, 16.0)
#: what a job without weight weighs, so that its operations still have an order
LEAST_WEIGHT = 1e-6


class Rule(NamedTuple):
    """How a machine chooses.

    Args:
        kind: FIFO, SPT, EDD, MWKR or ATC.
        look_ahead: of ATC, in mean spans.
        patient: whether operations wait for a machine that would end them sooner.
    """

    kind: int
    look_ahead: float = 1.0
    patient: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        kind = ("FIFO", "SPT", "EDD", "MWKR", "ATC")[self.kind]
        shown = f"{kind} {self.look_ahead:g}" if self.kind == ATC else kind
        return f"{shown}, patient" if self.patient else shown


RULES: dict[Goal, tuple[Rule, ...]] = {
    "makespan": (Rule(MWKR), Rule(FIFO), Rule(SPT)),
    "tardiness": (*(Rule(ATC, k) for k in LOOK_AHEADS), Rule(EDD), Rule(SPT)),
}


def dispatch(shop: Shop, rule: Rule, *, rank: NDArray[np.float64] | None = None) -> Answer:
    """Return the schedule that a rule makes.

    Args:
        shop: to schedule.
        rule: how machines choose.
        rank: float64, shape (ops,), chosen by instead of the rule's kind; the smallest first.
    """
    span_s = mean_spans_s(shop)
    tail_s = tails_s(shop, span_s)
    if rank is None:
        rank = _rank(shop, rule.kind, tail_s)
    slack_s = shop.due_s[shop.job_of] - tail_s + span_s if rule.kind == ATC else seconds()
    chooser = Chooser(
        rank=rank,
        kind=rule.kind,
        slack_s=slack_s,
        per_second=1.0 / max(1e-9, rule.look_ahead * float(shortest_spans_s(shop).mean())),
        patient=rule.patient and len(shop.alt_machine) > len(shop.job_of),
    )
    floor = empty_floor(shop)
    dispatched(shop, floor, chooser)
    return Answer(floor.alt, floor.start_s)


def first_answers(shop: Shop, goal: Goal) -> Iterator[tuple[Rule, Answer]]:
    """Yield the answers of one rule after another, the most promising first."""
    for rule in _rules(shop, goal):
        yield rule, dispatch(shop, rule)


def first_answer(shop: Shop, goal: Goal) -> Answer:
    """Return the best answer of the portfolio; the larger the shop, the fewer rules are tried."""
    tries = max(1, OPERATIONS_MOST // len(shop.job_of))
    rules = _rules(shop, goal)[:tries]
    answers = (dispatch(shop, rule) for rule in rules)
    return min(answers, key=lambda answer: value_of(shop, answer, goal))


def _rules(shop: Shop, goal: Goal) -> list[Rule]:
    rules = list(RULES[goal])
    if len(shop.alt_machine) > len(shop.job_of):
        rules = [rule._replace(patient=patient) for rule in rules for patient in (True, False)]
    return rules


def _rank(shop: Shop, kind: int, tail_s: Seconds) -> NDArray[np.float64]:
    if kind == MWKR:
        return -tail_s.astype(np.float64)
    if kind == EDD:
        return shop.due_s[shop.job_of].astype(np.float64)
    if kind == ATC:
        return -np.log(np.maximum(shop.weight[shop.job_of], LEAST_WEIGHT))
    return np.zeros(len(shop.job_of))
