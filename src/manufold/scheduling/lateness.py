"""Lateness in working time: an hour late on Friday afternoon is an hour late on Monday morning.

Scores are taken and applied on the working seconds of the work unit that does the last operation.
On the wall clock the same small delay would be nothing inside a shift and two and a half days
across a weekend, and no quantile could serve both.
"""

from manufold.scheduling.calendar_rows import NEVER
from manufold.scheduling.gaps import finish_s, working_start_s
from manufold.scheduling.quantiles import QuantileFinish, Scores, quantile_finish, score_of
from manufold.scheduling.worktime import Worktime

__all__ = ["late_finish", "late_score"]


def late_finish(
    worktime: Worktime, planned_start_s: int, planned_finish_s: int, scores: Scores, q: float
) -> QuantileFinish:
    """Return by when work ends with probability `q`, counted in working time.

    Args:
        worktime: of the work unit that ends it, from the planned start to long after the end.
        planned_start_s: of the whole order.
    """
    span_s = worktime.worked_s(planned_start_s, planned_finish_s)
    found = quantile_finish(0, span_s, scores, q)
    extra_s = found.finish_s - span_s
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
    """Return how late a finish was in working time, as a share of the planned working span."""
    span_s = worktime.worked_s(planned_start_s, planned_finish_s)
    if actual_finish_s < planned_finish_s:
        return score_of(0, span_s, span_s - worktime.worked_s(actual_finish_s, planned_finish_s))
    return score_of(0, span_s, span_s + worktime.worked_s(planned_finish_s, actual_finish_s))
