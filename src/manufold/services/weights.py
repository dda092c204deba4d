"""Weights: which of several ways is best by somebody's own taste for date, price and carbon.

Days, money and grams have no common unit, so each measure is set on its own scale from the best of
all ways that can be promised (0) to the worst of them (1); where all ways are alike it counts 0.
The way with the least weighted mean of the three is best; ties go to the earlier date, then the
lower price, then the smaller footprint. What a weight says is how much of the range between best
and worst matters, not how many euros a day is worth.

Source  min-max normalised weighted sum: R. T. Marler, J. S. Arora, Struct. Multidisc. Optim. 41
        (2010) 853-862, doi:10.1007/s00158-009-0460-7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from manufold.model.errors import InputFault
from manufold.services.candidates import Candidate

__all__ = ["MEASURES", "WEIGHT_MOST", "Weights", "best_by_weights", "weights_of"]

MEASURES = ("day", "price", "carbon")
WEIGHT_MOST = 1_000_000
#: after the point: fractions of finer weights are whole numbers of as many digits
DECIMALS_MOST = 40


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each measure counts; only their ratios matter.

    Args:
        day_weight: of the promised date (P90) at the door.
        price_weight: of the whole price.
        carbon_weight: of the whole footprint.
    """

    day_weight: Decimal = Decimal(0)
    price_weight: Decimal = Decimal(0)
    carbon_weight: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for measure, weight in zip(MEASURES, self.each, strict=True):
            if not (weight.is_finite() and 0 <= weight <= WEIGHT_MOST) or _fine(weight):
                raise InputFault(
                    "promise.weight_outside",
                    measure=measure,
                    found=str(weight)[:40],
                    most=WEIGHT_MOST,
                    decimals=DECIMALS_MOST,
                )
        if not any(self.each):
            raise InputFault("promise.weights_nothing", measures=", ".join(MEASURES))

    @property
    def each(self) -> tuple[Decimal, Decimal, Decimal]:
        """In the order of `MEASURES`."""
        return self.day_weight, self.price_weight, self.carbon_weight

    @property
    def percent(self) -> dict[str, int]:
        """Rounded shares of a hundred, by measure."""
        total = sum(self.each)
        return {m: round(100 * w / total) for m, w in zip(MEASURES, self.each, strict=True)}


def _fine(weight: Decimal) -> bool:
    exponent = weight.as_tuple().exponent
    return isinstance(exponent, int) and exponent < -DECIMALS_MOST


def weights_of(text: str) -> Weights:
    """Return the weights of a text such as "day=5,price=3"; what is not named counts nothing.

    Raises:
        InputFault: `promise.weights_malformed`, and what `Weights` refuses.
    """
    found: dict[str, Decimal] = {}
    for part in text.split(","):
        name, _equals, value = (piece.strip() for piece in part.partition("="))
        try:
            number = Decimal(value)
        except ArithmeticError:
            number = None
        if name not in MEASURES or name in found or number is None:
            raise InputFault("promise.weights_malformed", text=text[:80], known=", ".join(MEASURES))
        found[name] = number
    return Weights(*(found.get(measure, Decimal(0)) for measure in MEASURES))


def best_by_weights(
    found: Sequence[Candidate], weights: Weights, now_s: int
) -> tuple[Candidate, Fraction]:
    """Return the best way by weights, and how far it lies from the best in everything, 0 to 1.

    Args:
        found: at least one.
        now_s: from when days are counted.
    """
    rows = [(one.promised_at_s - now_s, one.price_minor, one.carbon_g) for one in found]
    low, high = (tuple(ends(column) for column in zip(*rows, strict=True)) for ends in (min, max))
    total = Fraction(sum(weights.each))

    def far(row: tuple[int, int, int]) -> Fraction:
        shares = (
            Fraction(weight) * Fraction(value - best, max(1, worst - best))
            for weight, value, best, worst in zip(weights.each, row, low, high, strict=True)
        )
        return sum(shares, Fraction(0)) / total

    distance, _row, at = min((far(row), row, at) for at, row in enumerate(rows))
    return found[at], distance
