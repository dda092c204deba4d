"""How many pieces to start so that the ordered quantity comes out good."""

from decimal import Decimal
from math import comb, erf

from manufold.model.errors import InputFault

__all__ = ["quantity_to_start"]

_MOST_EXTRA = 10_000


def quantity_to_start(
    quantity: int, yield_fraction: Decimal, confidence_fraction: float = 0.95
) -> int:
    """Return the fewest pieces to start so that enough come out good, with that confidence.

    Pieces turn out good independently, so the good ones are binomial; above 500 pieces the
    normal approximation stands in, which is within one piece there.

    Args:
        quantity: good pieces wanted, >= 1.
        yield_fraction: share of started pieces that come out good, 0 < it <= 1.

    Raises:
        InputFault: `offer.yield_hopeless` when more than 10,000 extra pieces would be needed.
    """
    good = float(yield_fraction)
    started = quantity
    if good >= 1:
        return started
    while _enough(started, quantity, good) < confidence_fraction:
        started += 1
        if started - quantity > _MOST_EXTRA:
            raise InputFault("offer.yield_hopeless", percent=round(good * 100), quantity=quantity)
    return started


def _enough(started: int, wanted: int, good: float) -> float:
    """Return P(at least `wanted` of `started` are good)."""
    if started > 500:
        mean, deviation = started * good, (started * good * (1 - good)) ** 0.5
        return 0.5 * (1 + erf((mean - wanted + 0.5) / (deviation * 2**0.5)))
    bad_allowed = started - wanted
    return sum(
        comb(started, bad) * good ** (started - bad) * (1 - good) ** bad
        for bad in range(bad_allowed + 1)
    )
