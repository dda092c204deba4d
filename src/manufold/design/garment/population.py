"""What some measures of a person tell of the others: two normal populations, on logarithms.

Women and men of the public ANSUR II tables are told by a mean and a covariance each
(`population.toml`). Conditioned on whatever was given, they answer every subset of measures at
once: the regression of each missing one on all the given ones, and its interval. Given measures
are believed within a careful measurer's error. Where no sex was said, both populations answer,
each as much as the given measures are likely in it; neither is likelier beforehand.

Shapes  every value is a number or an array of one shape; what comes out has that shape.
Source  conditional normal distributions: T. W. Anderson, An Introduction to Multivariate
        Statistical Analysis, 3rd ed., 2003, section 2.5.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from manufold.design.garment.columns import Sex
from manufold.design.garment.tables import known

__all__ = [
    "SEXES",
    "WITHIN_SD",
    "Misfit",
    "Range",
    "expected",
    "misfits",
    "population",
    "unlikely",
    "usual_spread",
]

Values = Mapping[str, Any]
Floats = NDArray[np.float64]

SEXES: tuple[Sex, ...] = ("female", "male")
#: of a normal distribution, 95 % lie within so many standard deviations
WITHIN_SD = 1.959964
_TAILS = (0.025, 0.5, 0.975)
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Range:
    """What is expected of a measure, in its unit: 95 of 100 lie between low and high."""

    low: Any
    middle: Any
    high: Any

    @property
    def spread(self) -> Any:
        """Half of the interval's width, as a standard deviation."""
        return (self.high - self.low) / (2 * WITHIN_SD)


@dataclass(frozen=True, slots=True)
class Misfit:
    """How far a given measure lies from what all others lead one to expect."""

    far_sd: Any
    expected: Any


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Both sexes: names, error of taking each (logarithm), mean and covariance by sex."""

    names: tuple[str, ...]
    mean: Mapping[Sex, Floats]
    covariance: Mapping[Sex, Floats]


@cache
def population() -> Population:
    """Return the shipped populations."""
    text = (files("manufold.design.garment") / "population.toml").read_text(encoding="utf-8")
    return read(tomllib.loads(text))


def read(table: Mapping[str, Any]) -> Population:
    """Return the populations of a table."""
    size = len(table["names"])
    covariance: dict[Sex, Floats] = {}
    for sex in SEXES:
        lower = np.zeros((size, size))
        for row, cells in enumerate(table[sex]["covariance_log"]):
            lower[row, : row + 1] = cells
        covariance[sex] = lower + np.tril(lower, -1).T
    mean = {sex: np.array(table[sex]["mean_log"]) for sex in SEXES}
    return Population(tuple(table["names"]), mean, covariance)


def expected(
    given: Values, sex: Sex | None = None, of: Population | None = None
) -> Mapping[str, Range]:
    """Return what the given measures lead one to expect of every other.

    Args:
        given: by name without sides ("arm_length_mm"), in mm and kg, > 0; others are left out.
        sex: None where it was not said.
        of: other populations than those that ship.
    """
    people = of or population()
    found = [one for one in people.names if one not in given]
    there = [one for one in people.names if one in given]
    g, o = _places(people, there), _places(people, found)
    told = _logs(given, there)
    middles, spreads, chances = [], [], []
    for one in SEXES if sex is None else (sex,):
        mean, covariance = people.mean[one], people.covariance[one]
        inner = _believed(people, one, there)
        factors = np.linalg.solve(inner, covariance[np.ix_(g, o)])
        off = told - mean[g]
        left = np.diag(covariance)[o] - (factors * covariance[np.ix_(g, o)]).sum(axis=0)
        middles.append(mean[o] + off @ factors)
        spreads.append(np.sqrt(left))
        chances.append(_log_likelihood(off, inner))
    low, middle, high = _quantiles(np.array(middles), np.array(spreads), np.array(chances))
    return {name: Range(low[..., k], middle[..., k], high[..., k]) for k, name in enumerate(found)}


def usual_spread(given: Iterable[str], *, sex_said: bool) -> Mapping[str, float]:
    """Return the standard deviation of every other measure for people in general.

    Args:
        given: names without sides; of a woman and of a man who are the mean of their sex.

    Returns:
        In mm and kg, the mean of both: nothing of a particular person is in it.
    """
    people = population()
    found = []
    for sex in SEXES:
        means = dict(zip(people.names, np.exp(people.mean[sex]), strict=True))
        told = {name: means[name] for name in given if name in means}
        found.append(expected(told, sex if sex_said else None))
    return {name: float(found[0][name].spread + found[1][name].spread) / 2 for name in found[0]}


def misfits(given: Values, sex: Sex | None = None) -> Mapping[str, Misfit]:
    """Return how far each given measure lies from what all other given ones lead one to expect.

    Where no sex was said, the sex in which a measure is the less unusual counts.
    """
    people = population()
    there = [one for one in people.names if one in given]
    if len(there) < 2:
        return {}
    told = _logs(given, there)
    far, off_by = [], []
    for one in SEXES if sex is None else (sex,):
        precision = np.linalg.inv(_believed(people, one, there))
        own = np.diag(precision)
        pulled = (told - people.mean[one][_places(people, there)]) @ precision
        far.append(pulled / np.sqrt(own))
        off_by.append(pulled / own)
    nearest = np.abs(far).argmin(axis=0)[np.newaxis]
    far_sd = np.take_along_axis(np.array(far), nearest, axis=0)[0]
    off = np.take_along_axis(np.array(off_by), nearest, axis=0)[0]
    return {
        name: Misfit(far_sd[..., k], np.exp(told - off)[..., k]) for k, name in enumerate(there)
    }


def unlikely(given: Values, sex: Sex | None = None) -> Any:
    """Return how far all given measures together lie from the nearer population: minus two
    logarithms of their likelihood, up to a constant of their number."""
    people = population()
    there = [one for one in people.names if one in given]
    told = _logs(given, there)
    g = _places(people, there)
    return np.min(
        [
            -2 * _log_likelihood(told - people.mean[one][g], _believed(people, one, there))
            for one in (SEXES if sex is None else (sex,))
        ],
        axis=0,
    )


def _places(people: Population, names: list[str]) -> list[int]:
    return [people.names.index(name) for name in names]


def _logs(given: Values, names: list[str]) -> Floats:
    if not names:  # nothing was given: what everybody has is expected
        return np.zeros(0)
    return np.log(np.stack([np.asarray(given[name], dtype=np.float64) for name in names], axis=-1))


def _believed(people: Population, sex: Sex, names: list[str]) -> Floats:
    """Return the covariance of measures as they are given: with the error of taking them."""
    g = _places(people, names)
    errors = np.array([float(known()[name].error) for name in names])
    return people.covariance[sex][np.ix_(g, g)] + np.diag(
        (errors / np.exp(people.mean[sex][g])) ** 2
    )


def _log_likelihood(off: Floats, covariance: Floats) -> Floats:
    pulled = np.linalg.solve(covariance, off[..., np.newaxis])[..., 0]
    found: Floats = -0.5 * ((off * pulled).sum(axis=-1) + np.linalg.slogdet(covariance)[1])
    return found


def _quantiles(middles: Floats, spreads: Floats, log_chances: Floats) -> Iterator[Floats]:
    """Yield the quantiles of a mixture of normal distributions of logarithms, by halving.

    Args:
        middles: shape (mixed, ..., measures).
        spreads: shape (mixed, measures).
        log_chances: of each, up to a constant; shape (mixed, ...).
    """
    weights = np.exp(log_chances - log_chances.max(axis=0))
    weights = (weights / weights.sum(axis=0))[..., np.newaxis]
    spread = spreads.reshape((len(spreads), *(1,) * (middles.ndim - 2), spreads.shape[-1]))
    for tail in _TAILS:
        low, high = (middles - 9 * spread).min(axis=0), (middles + 9 * spread).max(axis=0)
        for _ in range(_HALVINGS):
            centre = (low + high) / 2
            below = (weights * ndtr((centre - middles) / spread)).sum(axis=0) < tail
            low, high = np.where(below, centre, low), np.where(below, high, centre)
        yield np.exp((low + high) / 2)
