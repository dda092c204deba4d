"""Paired comparison: the same seeds under two policies, and how sure the difference is.

A seed is one replication: all orders of a seed share machines and luck, so the values compared are
one per seed and policy, shares included. With common random numbers the differences vary far less
than the values do. The interval is Student's t on the differences: replications are independent,
each value is a mean over many orders, and for the ten or so seeds that a person waits for, the
percentile bootstrap is known to cover too little. The sign test beside it assumes neither.

Source  paired-t interval and common random numbers: A. M. Law, Simulation Modeling and Analysis,
        5th ed. (2015), sections 10.2.1 and 11.2; incomplete beta by Lentz's continued fraction:
        NIST Digital Library of Mathematical Functions, 8.17.22, https://dlmf.nist.gov/8.17.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, exp, fsum, lgamma, log, sqrt
from typing import Literal

__all__ = ["LEAST_PAIRS", "Paired", "Verdict", "paired", "t_quantile"]

#: with fewer pairs nothing is said: a 95 % interval of four is three standard deviations wide
LEAST_PAIRS = 5

Verdict = Literal["better", "worse", "no_difference", "equal", "too_few"]


@dataclass(frozen=True, slots=True)
class Paired:
    """What n pairs say about b less a.

    Args:
        pairs: how many.
        mean_a, mean_b: over all pairs.
        difference: mean of b less a.
        low, high: its confidence interval, None with fewer than `LEAST_PAIRS` pairs.
        above, below, same: pairs in which b is above, below or the same as a.
        sign_p: two-sided p of the sign test over the pairs that differ; 1 when none does.
    """

    pairs: int
    mean_a: float
    mean_b: float
    difference: float
    low: float | None
    high: float | None
    above: int
    below: int
    same: int
    sign_p: float

    def verdict(self, *, more_is_better: bool) -> Verdict:
        """Return what may be said of b against a."""
        if self.low is None or self.high is None:
            return "too_few"
        if self.same == self.pairs:
            return "equal"
        if self.low <= 0 <= self.high:
            return "no_difference"
        return "better" if (self.low > 0) == more_is_better else "worse"


def paired(a: Sequence[float], b: Sequence[float], *, confidence_fraction: float = 0.95) -> Paired:
    """Return the comparison of two policies, one value per seed each, in the same order.

    Args:
        a, b: finite numbers, at least one, as many of each.
    """
    assert len(a) == len(b) >= 1, (len(a), len(b))
    assert 0 < confidence_fraction < 1, confidence_fraction
    count = len(a)
    differences = [y - x for x, y in zip(a, b, strict=True)]
    mean = fsum(differences) / count
    low = high = None
    if count >= LEAST_PAIRS:
        variance = fsum((d - mean) ** 2 for d in differences) / (count - 1)
        half = t_quantile((1 + confidence_fraction) / 2, count - 1) * sqrt(variance / count)
        low, high = mean - half, mean + half
    above, below = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    return Paired(
        count,
        fsum(a) / count,
        fsum(b) / count,
        mean,
        low,
        high,
        above,
        below,
        count - above - below,
        _sign_p(above, below),
    )


def t_quantile(probability: float, freedom: int) -> float:
    """Return Student's t below which `probability` lies, by halving; to 1e-9 of itself.

    Args:
        probability: 0.5 <= it < 1.
        freedom: degrees of freedom, >= 1.
    """
    assert 0.5 <= probability < 1 and freedom >= 1, (probability, freedom)
    low, high = 0.0, 1.0
    while _t_below(high, freedom) < probability:
        low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _t_below(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return high


def _t_below(t: float, freedom: int) -> float:
    """Return P(T <= t) for t >= 0."""
    return 1 - 0.5 * _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    if x > (a + 1) / (a + b + 2):  # where the fraction converges slowly, use the symmetry
        return 1 - front * _fraction(b, a, 1 - x) / b
    return front * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function."""
    tiny = 1e-300
    c, d = 1.0, 1 / _far(1 - (a + b) * x / (a + 1), tiny)
    value = d
    for m in range(1, 500):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _far(1 + step * d, tiny), _far(1 + step / c, tiny)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def _far(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny


def _sign_p(above: int, below: int) -> float:
    """Return the exact two-sided p of as uneven a split when both signs are equally likely."""
    count, fewer = above + below, min(above, below)
    if not count:
        return 1.0
    tail = sum(comb(count, k) for k in range(fewer + 1))
    return min(1.0, float(2 * tail / 2**count))
