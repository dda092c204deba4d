"""Shares with their uncertainty, and quantiles, of small numbers of orders."""

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt

__all__ = ["Z_95", "quantile", "wilson"]

#: two-sided 95 % of the normal distribution
Z_95 = 1.959963984540054


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share; total >= 1.

    Source: E. B. Wilson, J. Amer. Statist. Assoc. 22 (1927) 209-212.
    """
    assert 0 <= hits <= total and total >= 1, (hits, total)
    share, z2 = hits / total, Z_95 * Z_95
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 * sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    return low, 1.0 if hits == total else min(1.0, middle + half)


def quantile(values: Sequence[int], share: Fraction) -> Fraction:
    """Return a quantile between the two nearest of the values, exact; at least one value.

    Source: R. J. Hyndman and Y. Fan, Amer. Statist. 50 (1996) 361-365, definition 7.
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    row = place.numerator // place.denominator
    if row + 1 >= len(ordered):
        return Fraction(ordered[-1])
    return ordered[row] + (place - row) * (ordered[row + 1] - ordered[row])
