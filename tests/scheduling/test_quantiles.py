"""P50 and P90 come from recorded scores, or from stated defaults, and never cross."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manufold.scheduling.quantiles import (
    DEFAULT_SCORES,
    SCORES_MIN,
    Scores,
    quantile_finish,
    score_of,
)

START_S, FINISH_S = 1000, 11_000


def test_a_score_is_lateness_over_the_planned_span() -> None:
    """A tenth of the span late is 0.1, early is negative, a span of nothing divides by one."""
    assert score_of(START_S, FINISH_S, 12_000) == pytest.approx(0.1)
    assert score_of(START_S, FINISH_S, 10_000) == pytest.approx(-0.1)
    assert score_of(5, 5, 8) == 3


def test_too_few_scores_give_the_stated_default() -> None:
    """29 scores are not learned from, whatever they say; the reason tells how many there are."""
    scores = Scores((5.0,) * (SCORES_MIN - 1))
    table = dict(DEFAULT_SCORES)
    for q in (0.5, 0.9):
        found = quantile_finish(START_S, FINISH_S, scores, q)
        assert found.finish_s == FINISH_S + round(10_000 * table[q])
        assert found.reason.code == "schedule.quantile_default"
        assert found.reason.params == {"percent": round(q * 100), "count": SCORES_MIN - 1}


def test_the_rank_is_that_of_split_conformal_prediction() -> None:
    """Of 39 scores the P50 is the 20th and the P90 the 36th."""
    values = [number / 100 for number in range(39)]
    random.Random(1).shuffle(values)
    half = quantile_finish(START_S, FINISH_S, Scores(tuple(values)), 0.5)
    most = quantile_finish(START_S, FINISH_S, Scores(tuple(values)), 0.9)
    assert half.finish_s == FINISH_S + 1900
    assert most.finish_s == FINISH_S + 3500
    assert most.reason.code == "schedule.quantile_recorded_all"


def test_early_records_make_an_early_median() -> None:
    """A shop that always ends early is believed."""
    found = quantile_finish(START_S, FINISH_S, Scores((-0.2,) * 40), 0.5)
    assert found.finish_s == FINISH_S - 2000


def test_a_class_of_its_own_is_asked_first() -> None:
    """Enough scores of the class win over all; too few fall back to all."""
    scores = Scores((0.5,) * 40, {"mill": (0.1,) * 30, "lathe": (0.1,) * 29})
    assert quantile_finish(0, 1000, scores, 0.9, "mill").finish_s == 1100
    assert quantile_finish(0, 1000, scores, 0.9, "lathe").finish_s == 1500
    mill = quantile_finish(0, 1000, scores, 0.9, "mill").reason
    assert (mill.code, mill.params["count"]) == ("schedule.quantile_recorded_class", 30)


def test_beyond_what_was_seen_the_default_holds() -> None:
    """P99 of 30 good scores is not better than the careful default."""
    found = quantile_finish(0, 1000, Scores((0.01,) * 30), 0.99)
    assert found.finish_s > 1300


@given(
    st.lists(st.floats(-1, 3), max_size=60).map(tuple),
    st.floats(0.01, 0.99),
    st.floats(0.01, 0.99),
)
def test_a_higher_quantile_is_never_earlier(
    values: tuple[float, ...], one: float, other: float
) -> None:
    """P90 >= P50, and so on, for any scores."""
    low, high = sorted((one, other))
    soon = quantile_finish(START_S, FINISH_S, Scores(values), low).finish_s
    late = quantile_finish(START_S, FINISH_S, Scores(values), high).finish_s
    assert soon <= late


def test_nine_of_ten_future_orders_end_by_p90() -> None:
    """On exchangeable scores the share kept by P90 is at least 0.9 on average."""
    rng = random.Random(3)
    kept = trials = 0
    for _ in range(400):
        scores = Scores(tuple(rng.lognormvariate(-2, 0.8) for _ in range(40)))
        limit_s = quantile_finish(START_S, FINISH_S, scores, 0.9).finish_s
        for _ in range(20):
            actual_s = FINISH_S + rng.lognormvariate(-2, 0.8) * 10_000
            kept, trials = kept + (actual_s <= limit_s), trials + 1
    assert 0.89 <= kept / trials <= 0.93
