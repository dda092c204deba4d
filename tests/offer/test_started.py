"""How many pieces are started so that enough come out good."""

from decimal import Decimal
from itertools import pairwise
from math import comb
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manufold.model.errors import CannotMake
from manufold.offer.started import quantity_to_start


@pytest.mark.parametrize(
    ("quantity", "good", "started"),
    [(1, "1", 1), (10, "1", 10), (1, "0.98", 1), (10, "0.98", 11), (1, "0.5", 5)],
)
def test_known_quantities(quantity: int, good: str, started: int) -> None:
    """Small cases that anyone can check with a table of the binomial distribution."""
    assert quantity_to_start(quantity, Decimal(good)) == started


@given(st.integers(1, 60), st.integers(80, 99))
def test_enough_come_out_good_as_often_as_said(quantity: int, percent: int) -> None:
    """Counted by simulation, enough pieces are good in at least about 95 of 100 lots."""
    started = quantity_to_start(quantity, Decimal(percent) / 100)
    luck = Random(f"{quantity}/{percent}")
    lots = 400
    enough = sum(
        sum(luck.random() < percent / 100 for _ in range(started)) >= quantity for _ in range(lots)
    )
    assert enough / lots > 0.90


def test_a_hopeless_yield_is_refused() -> None:
    """A process that nearly never works is no offer."""
    with pytest.raises(CannotMake, match="offer.yield_hopeless"):
        quantity_to_start(400, Decimal("0.01"))


def test_hopeless_is_measured_by_the_lot() -> None:
    """Half of a large lot may be lost; of one piece, nine may not be needed for it."""
    assert 200_000 < quantity_to_start(100_000, Decimal("0.5")) < 202_000
    with pytest.raises(CannotMake, match="offer.yield_hopeless"):
        quantity_to_start(3, Decimal("0.05"))


@given(st.integers(1, 700), st.integers(30, 99))
def test_halving_finds_the_fewest(quantity: int, percent: int) -> None:
    """What is found is enough, and one piece fewer is not."""
    found = quantity_to_start(quantity, Decimal(percent) / 100)
    assert _sure(found, quantity, percent)
    assert found == quantity or not _sure(found - 1, quantity, percent)


def _sure(started: int, wanted: int, percent: int) -> bool:
    """Return whether enough are good in 95 of 100 lots, in whole numbers up to 500 pieces."""
    if started > 500:
        good = percent / 100
        spread = NormalDist(started * good, (started * good * (1 - good)) ** 0.5)
        return 1 - spread.cdf(wanted - 0.5) >= 0.95
    enough = sum(
        comb(started, good) * percent**good * (100 - percent) ** (started - good)
        for good in range(wanted, started + 1)
    )
    return 100 * enough >= 95 * 100**started


def test_large_lots_agree_with_small_ones_at_the_seam() -> None:
    """The normal approximation takes over without a jump of more than a piece."""
    steps = [quantity_to_start(q, Decimal("0.97")) - q for q in range(470, 500)]
    assert all(abs(a - b) <= 1 for a, b in pairwise(steps))
