"""Paired comparison: closed forms, SciPy, honest coverage, and a loss that is called a loss."""

from math import isclose, sqrt
from random import Random

import pytest
from scipy import stats

from manufold.improvement.paired import LEAST_PAIRS, paired, t_quantile


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 9, 29, 199])
@pytest.mark.parametrize("probability", [0.5, 0.6, 0.9, 0.975, 0.9995])
def test_quantiles_are_those_of_student(probability: float, freedom: int) -> None:
    """Our t is SciPy's."""
    wanted = float(stats.t.ppf(probability, freedom))
    assert isclose(t_quantile(probability, freedom), wanted, rel_tol=1e-9, abs_tol=1e-9)


def test_quantiles_have_their_closed_forms() -> None:
    """With one degree of freedom t is a tangent, with two a root: t(0.975) = 12.706 and 4.303."""
    assert isclose(t_quantile(0.975, 1), 12.706204736432095, rel_tol=1e-10)
    p = 0.975
    assert isclose(t_quantile(p, 2), (2 * p - 1) * sqrt(2 / (4 * p * (1 - p))), rel_tol=1e-10)


def test_a_comparison_by_hand() -> None:
    """Differences 1 to 5: mean 3, standard error sqrt(2.5 / 5), t(4) = 2.776."""
    found = paired([10, 20, 30, 40, 50], [11, 22, 33, 44, 55])
    assert (found.pairs, found.mean_a, found.mean_b, found.difference) == (5, 30, 33, 3)
    half = 2.7764451051977987 * sqrt(0.5)
    assert found.low is not None and found.high is not None
    assert isclose(found.low, 3 - half, rel_tol=1e-9)
    assert isclose(found.high, 3 + half, rel_tol=1e-9)
    assert (found.above, found.below, found.same) == (5, 0, 0)
    assert found.sign_p == 2 / 32


@pytest.mark.parametrize("seed", range(20))
def test_interval_and_sign_test_are_those_of_scipy(seed: int) -> None:
    """Random pairs, some of them equal: the same interval and p as SciPy gives."""
    rng = Random(seed)
    count = rng.randint(LEAST_PAIRS, 40)
    a = [rng.gauss(100, 20) for _ in range(count)]
    b = [x if rng.random() < 0.2 else x + rng.gauss(3, 5) for x in a]
    found = paired(a, b)
    wanted = stats.ttest_rel(b, a).confidence_interval(0.95)
    assert found.low == pytest.approx(wanted.low, rel=1e-8, abs=1e-8)
    assert found.high == pytest.approx(wanted.high, rel=1e-8, abs=1e-8)
    assert found.same == sum(x == y for x, y in zip(a, b, strict=True))
    if found.above + found.below:
        sign = stats.binomtest(found.above, found.above + found.below)
        assert found.sign_p == pytest.approx(sign.pvalue)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 1,000 comparisons of eight seeds, 95 % contain the true difference, give or take 2 %."""
    rng = Random(7)
    hits = 0
    for _ in range(1000):
        common = [rng.gauss(0, 30) for _ in range(8)]  # what both arms share cancels
        found = paired(
            [x + rng.gauss(0, 1) for x in common], [x + 2 + rng.gauss(0, 1) for x in common]
        )
        assert found.low is not None and found.high is not None
        hits += found.low <= 2 <= found.high
    assert 930 <= hits <= 970


def test_the_same_against_itself_is_nothing() -> None:
    """Equal values give a difference of exactly nought in every pair, and are called equal."""
    rng = Random(1)
    values = [rng.random() for _ in range(9)]
    found = paired(values, list(values))
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert (found.above, found.below, found.same, found.sign_p) == (0, 0, 9, 1.0)
    assert found.verdict(more_is_better=True) == found.verdict(more_is_better=False) == "equal"


def test_a_loss_is_called_a_loss() -> None:
    """A clear fall is worse where more is better, better where less is, and never clipped."""
    a, b = [9.0, 8.0, 9.5, 8.5, 9.0, 9.2], [7.0, 6.5, 7.2, 6.1, 7.0, 6.9]
    found = paired(a, b)
    assert found.difference == pytest.approx(sum(b) / 6 - sum(a) / 6)
    assert found.high is not None and found.high < 0
    assert found.verdict(more_is_better=True) == "worse"
    assert found.verdict(more_is_better=False) == "better"
    back = paired(b, a)
    assert back.low == pytest.approx(-found.high) and back.verdict(more_is_better=True) == "better"


def test_what_may_be_chance_is_no_difference() -> None:
    """An interval that holds nought says that nothing is shown, whichever way the mean points."""
    found = paired([1.0, 2, 3, 4, 5, 6], [2.0, 1, 4, 3, 6, 5.5])
    assert found.low is not None and found.high is not None and found.low < 0 < found.high
    assert found.verdict(more_is_better=True) == "no_difference"


@pytest.mark.parametrize("count", range(1, LEAST_PAIRS))
def test_too_few_pairs_say_nothing(count: int) -> None:
    """Fewer than five seeds have means, and neither an interval nor a verdict."""
    found = paired([1.0] * count, [2.0] * count)
    assert (found.low, found.high, found.difference) == (None, None, 1.0)
    assert found.verdict(more_is_better=True) == "too_few"
