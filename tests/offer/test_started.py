"""How many pieces are started so that enough come out good."""

from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manufold.model.errors import InputFault
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
    with pytest.raises(InputFault, match="offer.yield_hopeless"):
        quantity_to_start(400, Decimal("0.01"))


def test_large_lots_agree_with_small_ones_at_the_seam() -> None:
    """The normal approximation takes over without a jump of more than a piece."""
    steps = [quantity_to_start(q, Decimal("0.97")) - q for q in range(470, 500)]
    assert all(abs(a - b) <= 1 for a, b in pairwise(steps))
