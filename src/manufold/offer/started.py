"""How many pieces to start so that the ordered quantity comes out good."""

from bisect import bisect_left
from decimal import Decimal
from math import comb, erf

from manufold.model.errors import CannotMake

__all__ = ["quantity_to_start"]

#: more than this many started for each one wanted is not a way to make it, whatever the lot
_MOST_STARTED_EACH = 10
#: up to here the binomial is summed exactly
_EXACT_MOST = 500


def quantity_to_start(
    quantity: int, yield_fraction: Decimal, confidence_fraction: float = 0.95
) -> int:
    """Return the fewest pieces to start so that enough come out good, with that confidence.

    Pieces turn out good independently, so the good ones are binomial; above 500 pieces the
    normal approximation stands in, which is within one piece there. More pieces never make it less
    sure, so the number is found by halving.

    Args:
        quantity: good pieces wanted, >= 1.
        yield_fraction: share of started pieces that come out good, 0 < it <= 1.

    Raises:
        CannotMake: `offer.yield_hopeless` when more than ten times as many would be needed.
    """
    good = float(yield_fraction)
    if good >= 1:
        return quantity

    def sure(started: int) -> bool:
        return _enough(started, quantity, good) >= confidence_fraction

    least, most = quantity, quantity * _MOST_STARTED_EACH
    if least <= _EXACT_MOST < most:  # each side of the seam is monotone in itself
        if sure(_EXACT_MOST):
            most = _EXACT_MOST
        else:
            least = _EXACT_MOST + 1
    if not sure(most):
        percent = round(good * 100)
        raise CannotMake("offer.yield_hopeless", percent=percent, quantity=quantity)
    return bisect_left(range(most), True, lo=least, key=sure)


def _enough(started: int, wanted: int, good: float) -> float:
    """Return P(at least `wanted` of `started` are good)."""
    if started > _EXACT_MOST:
        mean, deviation = started * good, (started * good * (1 - good)) ** 0.5
        return 0.5 * (1 + erf((mean - wanted + 0.5) / (deviation * 2**0.5)))
    bad_allowed = started - wanted
    return sum(
        comb(started, bad) * good ** (started - bad) * (1 - good) ** bad
        for bad in range(bad_allowed + 1)
    )
