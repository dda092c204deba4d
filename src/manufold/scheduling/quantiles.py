"""P50 and P90: how much later than planned work really ends, learned from what was recorded.

The score of a finished order is its delay over its planned span, on whatever axis the caller
counts seconds (`scheduling.lateness` counts working ones). Too few scores
of the order's own class fall back to all of them, too few at all to stated defaults, flagged.

Source  split conformal prediction: V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a
        Random World, Springer 2005; the quantile is the value of rank ceil((n + 1) q) of n.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from manufold.model.errors import Reason
from manufold.model.units import DAY_S

__all__ = [
    "DEFAULT_SCORES",
    "SCORES_MIN",
    "QuantileFinish",
    "Scores",
    "quantile_finish",
    "score_of",
    "work_class",
]

#: fewer scores than this say less than a careful default does
SCORES_MIN = 30

#: (q, score) where nothing was recorded. Why: small delays are the rule (waiting for a person, a
#: tool, a first good piece), a breakdown or a remake of scrap the exception that P90 must cover.
#: How much: what keeps P90 with room in simulated worlds of seeds 11 to 18 (decision 0018).
DEFAULT_SCORES = ((0.0, 0.0), (0.5, 0.03), (0.9, 0.15), (1.0, 0.6))

#: work that begins within this is made before much can go wrong ahead of it
_SOON_S = DAY_S


@dataclass(frozen=True, slots=True)
class Scores:
    """Recorded scores of finished orders.

    Args:
        values: of all finished orders, in any order.
        by_class: the same by a class of work, e.g. "mill.3axis/soon".
    """

    values: tuple[float, ...] = ()
    by_class: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuantileFinish:
    """A finish that is kept with probability `q`, and what it stands on."""

    finish_s: int
    q: float
    reason: Reason


def work_class(capability: str, waits_s: int) -> str:
    """Return the class of work whose lateness is alike: what it mainly needs, and how soon.

    Args:
        capability: of its longest operation.
        waits_s: from the promise to its first slot.
    """
    return f"{capability}/{'soon' if waits_s < _SOON_S else 'later'}"


def score_of(planned_start_s: int, planned_finish_s: int, actual_finish_s: int) -> float:
    """Return how late a finish was, as a share of the order's planned span; early is negative."""
    return (actual_finish_s - planned_finish_s) / max(1, planned_finish_s - planned_start_s)


def quantile_finish(
    planned_start_s: int,
    planned_finish_s: int,
    scores: Scores,
    q: float,
    work_class: str | None = None,
) -> QuantileFinish:
    """Return by when the work ends with probability `q`; never falling as `q` grows.

    Args:
        q: 0 < q < 1.
        work_class: of `scores.by_class`; too few there fall back to all scores.
    """
    assert 0 < q < 1, q
    own = scores.by_class.get(work_class, ()) if work_class is not None else ()
    for values, code in (
        (own, "schedule.quantile_recorded_class"),
        (scores.values, "schedule.quantile_recorded_all"),
    ):
        rank = math.ceil((len(values) + 1) * q)
        if len(values) >= SCORES_MIN:
            ordered = sorted(values)
            score = ordered[min(rank, len(values)) - 1]
            if rank > len(values):  # beyond what was seen, the careful one of two guesses
                score = max(score, _default_score(q))
            reason = Reason(code, _params(q, len(values)))
            return QuantileFinish(_later(planned_start_s, planned_finish_s, score), q, reason)
    reason = Reason("schedule.quantile_default", _params(q, len(scores.values)))
    return QuantileFinish(_later(planned_start_s, planned_finish_s, _default_score(q)), q, reason)


def _later(planned_start_s: int, planned_finish_s: int, score: float) -> int:
    return planned_finish_s + math.ceil(
        round(score * max(1, planned_finish_s - planned_start_s), 3)
    )


def _default_score(q: float) -> float:
    for (low, low_score), (high, high_score) in itertools.pairwise(DEFAULT_SCORES):
        if q <= high:
            return low_score + (high_score - low_score) * (q - low) / (high - low)
    return DEFAULT_SCORES[-1][1]


def _params(q: float, count: int) -> dict[str, int]:
    return {"percent": round(q * 100), "count": count}
