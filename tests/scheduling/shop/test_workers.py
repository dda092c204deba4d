"""Shows the search on machines and workers: the published shops, and one where workers are few."""

from pathlib import Path

import numpy as np
import pytest
from tests.scheduling.shop.setups_shops import faults

from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.read import read
from manufold.scheduling.shop.resources import ResourceSearch

#: proven by a complete solver
OPTIMA_S = {"Fattahi4": 364, "Fattahi10": 507, "Fattahi14": 538, "Fattahi18": 823}


def test_one_worker_for_many_machines_is_the_bottleneck() -> None:
    """Four free machines but one pair of hands: the makespan is the sum of the work."""
    shop = built(
        np.arange(5), np.arange(5), np.arange(4), np.array([3, 5, 7, 11]), 4,
        worker=np.zeros(4, dtype=np.int64), workers=1,
    )  # fmt: skip
    search = ResourceSearch(shop, "makespan", 0)
    search.go(100)
    assert search.value == 26
    assert faults(shop, search) == ()


@pytest.mark.parametrize(("name", "optimum_s"), list(OPTIMA_S.items()))
def test_reaches_proven_optima(test_data: Path, name: str, optimum_s: int) -> None:
    """Instances whose optimum is known are solved to it within a moderate number of moves."""
    text = (test_data / "scheduling" / "fjsp_w" / f"{name}.fjsw").read_text()
    shop = read(text, "fjsp-w")
    search = ResourceSearch(shop, "makespan", 1)
    search.go(50_000)
    assert search.value == optimum_s
    assert faults(shop, search) == ()
