"""Lateness in working time: an hour late on Friday afternoon is an hour late on Monday morning.

Scores are taken and applied on the working seconds of the work unit that does the last operation.
On the wall clock the same small delay would be nothing inside a shift and two and a half days
across a weekend, and no quantile could serve both.

A score is lateness over the planned working span *and a day*. Over the span alone, an order of
four working hours would be promised an hour's grace and one of eighty a whole day's, while what
delays them (a breakdown, a run ahead that goes on, scrap) does not know how long they are: measured
on simulated orders, the P90 of lateness grows from five working hours to twelve while the span
grows from four to eighty-four (decision 0016).
"""

from manufold.model.units import DAY_S
from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.gaps import finish_s, working_start_s
from manufold.scheduling.quantiles import (
    SCORES_MIN,
    QuantileFinish,
    Scores,
    quantile_finish,
    score_of,
)
from manufold.scheduling.worktime import Worktime

__all__ = ["PAD_S", "late_finish", "late_score", "recorded_like"]

#: working seconds that every span is counted longer, since troubles do not grow with it
PAD_S = DAY_S


def recorded_like(scores: Scores, wanted: str) -> Scores:
    """Return the scores to promise work of a class by: its own, or those of all work as soon.

    What begins soon ends soon, so it is recorded first; taken for work that begins later, it would
    promise too much. Until enough of either is recorded, nothing is.
    """
    soon = wanted.rpartition("/")[2]
    for name in (wanted, f"/{soon}"):
        own = scores.by_class.get(name, ())
        if len(own) >= SCORES_MIN:
            return Scores(own, {wanted: own})
    return Scores(scores.by_class.get(f"/{soon}", ()))


def late_finish(
    worktime: Worktime,
    planned_start_s: int,
    planned_finish_s: int,
    scores: Scores,
    q: float,
    wanted: str | None = None,
) -> QuantileFinish:
    """Return by when work ends with probability `q`, counted in working time.

    Args:
        wanted: a `quantiles.work_class`; without one, all scores count.
        worktime: of the work unit that ends it, from the planned start to long after the end.
        planned_start_s: of the whole order.
    """
    span_s = worktime.worked_s(planned_start_s, planned_finish_s)
    like = scores if wanted is None else recorded_like(scores, wanted)
    found = quantile_finish(0, span_s + PAD_S, like, q, wanted)
    extra_s = found.finish_s - span_s - PAD_S
    if extra_s <= 0:
        return QuantileFinish(planned_finish_s, q, found.reason)
    again_s = working_start_s(planned_finish_s, worktime.start_s, worktime.end_s)
    ends_s = NEVER
    if again_s != NEVER:
        ends_s = finish_s(again_s, extra_s, worktime.start_s, worktime.end_s, worktime.before_s)
    late_s = planned_finish_s + extra_s if ends_s == NEVER else int(ends_s)
    return QuantileFinish(late_s, q, found.reason)


def late_score(
    worktime: Worktime, planned_start_s: int, planned_finish_s: int, actual_finish_s: int
) -> float:
    """Return how late a finish was in working time, as a share of the planned span and a day."""
    span_s = worktime.worked_s(planned_start_s, planned_finish_s) + PAD_S
    if actual_finish_s < planned_finish_s:
        return score_of(0, span_s, span_s - worktime.worked_s(actual_finish_s, planned_finish_s))
    return score_of(0, span_s, span_s + worktime.worked_s(planned_finish_s, actual_finish_s))
