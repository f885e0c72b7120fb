"""What a model's size or price lets expect of it at a capability, learned from the models that were measured there.

An empirical Bayes prior: the log-odds of models' mean scores are regressed on the logarithm of their parameters, or of
their listed price, with a variance between models beside that of their cases (random-effects meta-regression, its
variance after Paule and Mandel 1982). A model is judged by what the others let expect, and its own cases on top.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import STANDS_IN, ModelInfo
from nubem_jupyter.core.plan import Expected, Range
from nubem_jupyter.engine.interval import normal_quantile, student_quantile

LEAST_MODELS = 5
"""Measured ones: a line through fewer tells nothing of how models scatter around it."""
_CONFIDENCE = 0.9
_FITTED = 2
"""Figures that a line has."""
_LEAST_SPREAD = math.log(2)
"""Models of which the largest is not twice the smallest are all of one size."""
_ROUNDS = 60
_MOST_VARIANCE = 100.0
_FURTHEST = 30.0
"""Log-odds beyond which a chance is 0 or 1 as far as floats can tell."""


class _Point(NamedTuple):
    """A measured model."""

    x: float
    y: float
    """Log-odds of its mean score."""
    variance: float


class _Sums(NamedTuple):
    """Of weights, and of these times x, y, x² and xy: a line is fitted by them, and one point can be taken out."""

    w: float
    x: float
    y: float
    xx: float
    xy: float

    def without(self, one: _Sums) -> _Sums:
        return _Sums(*(total - part for total, part in zip(self, one, strict=True)))


class Relation(NamedTuple):
    """How a capability's scores go with one listed figure."""

    by: str
    """Which figure: ``size`` or ``price``."""
    of: Callable[[ModelInfo], float | None]
    """Its logarithm for a model; None where it is not listed."""
    variance: float
    """Between models, of log-odds."""
    sums: _Sums
    n: int
    """Measured models."""

    def expected(self, model: ModelInfo, capability: str) -> Expected | None:
        """Return what is expected of a model, its own cases left out; None where that cannot be said."""
        x, point = self.of(model), _point(model, capability, self.of)
        sums = self.sums if point is None else self.sums.without(_sums([point], self.variance))
        others = self.n - (point is not None)
        spread = sums.xx * sums.w - sums.x**2
        if x is None or others < LEAST_MODELS or spread <= _tiny(sums):
            return None
        slope = (sums.w * sums.xy - sums.x * sums.y) / spread
        log_odds = (sums.y - slope * sums.x) / sums.w + slope * x
        of_line = 1 / sums.w + (x - sums.x / sums.w) ** 2 * sums.w / spread
        return _expectation(log_odds, (self.variance + of_line) * _wider(others - _FITTED) ** 2, self.by, others)


class Relations(NamedTuple):
    """What is known of a capability; the surer of the two counts."""

    capability: str
    all: tuple[Relation, ...]

    def expected(self, model: ModelInfo) -> Expected | None:
        """Return what is expected of a model; None where nothing is known that it could follow from."""
        found = [one for relation in self.all if (one := relation.expected(model, self.capability)) is not None]
        return min(found, key=lambda one: one.chance.high - one.chance.low, default=None)


def expectations(models: Sequence[ModelInfo], capability: str) -> dict[ModelId, Expected]:
    """Return what is expected of each model at a capability; thousands that nobody has set up are not looked at."""
    known = relations(models, capability)
    near = [one for one in models if one.available or one.evidence] if known.all else []
    return {one.id: found for one in near if (found := known.expected(one)) is not None}


def relations(models: Sequence[ModelInfo], capability: str) -> Relations:
    """Learn from the models that were measured at a capability; of too few nothing is learned."""
    measured = [one for one in models if STANDS_IN not in one.features and one.evidence_for(capability)]
    found = (_relation(measured, capability, by, of) for by, of in (("size", _log_size), ("price", _log_price)))
    return Relations(capability, tuple(one for one in found if one is not None))


def _relation(
    models: Iterable[ModelInfo], capability: str, by: str, of: Callable[[ModelInfo], float | None]
) -> Relation | None:
    points = [point for model in models if (point := _point(model, capability, of)) is not None]
    sizes = [point.x for point in points]
    if len(points) < LEAST_MODELS or max(sizes) - min(sizes) < _LEAST_SPREAD:
        return None
    variance = _variance(points)
    return Relation(by, of, variance, _sums(points, variance), len(points))


def _point(model: ModelInfo, capability: str, of: Callable[[ModelInfo], float | None]) -> _Point | None:
    x, evidence = of(model), model.evidence_for(capability)
    n = sum(entry.n * entry.weight for entry in evidence)
    if x is None or n <= 0:
        return None
    mean = (sum(entry.score_sum * entry.weight for entry in evidence) + 0.5) / (n + 1)
    return _Point(x, math.log(mean / (1 - mean)), 1 / ((n + 1) * mean * (1 - mean)))


def _log_size(model: ModelInfo) -> float | None:
    return math.log(model.parameters) if model.parameters else None


def _log_price(model: ModelInfo) -> float | None:
    usd = model.price.output_usd.value if model.price else 0.0
    return math.log(usd) if usd > 0 else None


def _sums(points: Iterable[_Point], variance: float) -> _Sums:
    rows = [(1 / (one.variance + variance), one.x, one.y) for one in points]
    terms = [(w, w * x, w * y, w * x * x, w * x * y) for w, x, y in rows]
    return _Sums(*(math.fsum(column) for column in zip(*terms, strict=True)))


def _tiny(sums: _Sums) -> float:
    """Return what a spread of nothing may come to by rounding."""
    return 1e-9 * sums.w * sums.xx


def _variance(points: Sequence[_Point]) -> float:
    """Return the variance between models at which squares as small as these come in a quarter of all cases.

    Where they are what they should be, as Paule and Mandel have it, few models often seem not to scatter at all, and
    ranges hold too little. It is 0 where cases alone scatter more.
    """
    low, high, due = 0.0, _MOST_VARIANCE, _low_quartile(len(points) - _FITTED)
    if _squares(points, low) <= due:
        return 0.0
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if _squares(points, middle) > due else (low, middle)
    return low


def _low_quartile(degrees: int) -> float:
    """Return what a sum of so many squares is below in a quarter of all cases (Wilson and Hilferty 1931)."""
    part = 2 / (9 * degrees)
    return degrees * (1 - part - normal_quantile(0.5) * math.sqrt(part)) ** 3


def _squares(points: Sequence[_Point], variance: float) -> float:
    sums = _sums(points, variance)
    slope = (sums.w * sums.xy - sums.x * sums.y) / (sums.xx * sums.w - sums.x**2)
    start = (sums.y - slope * sums.x) / sums.w
    return math.fsum((one.y - start - slope * one.x) ** 2 / (one.variance + variance) for one in points)


@cache
def _wider(degrees: int) -> float:
    """Return how much wider Student's t is than the normal distribution: few models tell little of how they scatter."""
    return student_quantile(_CONFIDENCE, degrees) / normal_quantile(_CONFIDENCE)


def _expectation(log_odds: float, variance: float, by: str, n: int) -> Expected:
    half = normal_quantile(_CONFIDENCE) * math.sqrt(variance)
    low, value, high = (_chance(log_odds + apart) for apart in (-half, 0.0, half))
    # As many cases as leave a mean as uncertain.
    worth = max(0.0, 1 / (value * (1 - value) * variance) - 1) if 0 < value < 1 else 0.0
    return Expected(chance=Range(low=low, value=value, high=high), as_cases=worth, by=by, n=n)


def _chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(log_odds, -_FURTHEST), _FURTHEST)))
