"""Intervals for mean scores: how sure a few cases make us. Scores lie between 0 and 1.

Where the methods are made for right-or-wrong scores they are used for partial credit too: nothing on [0, 1] with the
same mean varies more than right-or-wrong does, so the interval is then too wide rather than too narrow.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from nubem_jupyter.core.plan import Range

_MOST_DEGREES = 1000
"""Above it Student's t is within a quarter of a percent of its limit; sums stay short."""


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors on each side hold this share of a normal distribution."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(score_sum: float, n: float, confidence: float) -> Range:
    """Return the mean with Wilson's score interval (Wilson 1927); with no case at all that is 0 to 1 around 1/2.

    ``n`` is a fraction where cases count for less than one.
    """
    square = normal_quantile(confidence) ** 2
    mean = score_sum / n if n else 0.5
    centre = (score_sum + square / 2) / (n + square)
    half = math.sqrt(square * (n * mean * (1 - mean) + square / 4)) / (n + square)
    return Range(low=max(0.0, min(mean, centre - half)), value=mean, high=min(1.0, max(mean, centre + half)))


def difference(first: Range, second: Range) -> Range:
    """Return first minus second with Newcombe's hybrid score interval (Newcombe 1998, method 10).

    Both must be Wilson intervals of one confidence, from different cases or at least taken as such; for two models on
    the same cases that is the cautious reading.
    """
    gap = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return Range(low=gap - below, value=gap, high=gap + above)


def paired_mean(n: float, total: float, squares: float) -> tuple[float, float]:
    """Return the mean of differences on the same cases, and its variance; ``squares`` is the sum of their squares.

    Half a case is added to each of right and wrong, wrong and right, and twice to no difference (Agresti and Min 2005):
    few cases with a difference are surer than they look.
    """
    cases = n + 2
    mean = total / cases
    return mean, max(0.0, (squares + 1) / cases - mean**2) / cases


def student_quantile(confidence: float, degrees: int) -> float:
    """Return how many standard errors on each side hold this share of Student's t.

    The distribution in closed form for whole degrees (Abramowitz and Stegun 26.7.3 and 26.7.4), inverted by bisection.
    """
    degrees = min(degrees, _MOST_DEGREES)
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_share(middle, degrees) < confidence else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def _student_share(angle: float, degrees: int) -> float:
    """Return the share within ``sqrt(degrees) * tan(angle)`` of zero, on both sides."""
    odd = degrees % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for step in range(odd + 2, degrees + 1, 2):
        total += term
        term *= math.cos(angle) ** 2 * (step - 1) / step
    total *= math.sin(angle)
    return (angle + total) * 2 / math.pi if odd else total
