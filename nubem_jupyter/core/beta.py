"""The beta distribution, in place of a library of a hundred megabytes, and what follows from it for ranks."""

from __future__ import annotations

import math
from collections.abc import Callable

_STEPS = 50
"""Halvings of a bisection: more digits than the shares have."""
_TERMS = 1000
_ENOUGH = 1e-12
_TINY = 1e-300


def beta_share(x: float, a: float, b: float) -> float:
    """Return the share of Beta(a, b) at or below x, which is the regularised incomplete beta function.

    The continued fraction of DLMF 8.17.22 by Lentz's method, on the side where it converges fast.
    """
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_share(1.0 - x, b, a)
    log_front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return min(1.0, math.exp(log_front) * _fraction(x, a, b) / a)


def beta_quantile(share: float, a: float, b: float) -> float:
    """Return the x with this share of Beta(a, b) at or below it."""
    return _where(lambda x: beta_share(x, a, b) < share, 0.0, 1.0)


def low_rank(share: float, n: float, tail: float) -> float | None:
    """Return the highest rank of n values that lies at or below their distribution's quantile, but for a chance of
    ``tail``; None where not even the lowest value does.

    The order statistics' interval, which holds for every distribution (David and Nagaraja 2003); n and
    ranks may be fractions, as the beta distribution takes them.
    """

    def holds(rank: float) -> bool:
        return beta_share(share, rank, n - rank + 1) >= 1 - tail

    if n < 1 or not holds(1.0):
        return None
    return n if holds(n) else _where(holds, 1.0, n)


def _where(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return up to where a condition holds that holds at ``low`` and from somewhere on no more."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1.0 / _apart(1.0 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _apart(1.0 + term * d)
            c = _apart(1.0 + term / c)
            found *= c * d
        if abs(c * d - 1.0) < _ENOUGH:
            break
    return found


def _apart(value: float) -> float:
    """Keep a divisor off zero."""
    return value if abs(value) > _TINY else _TINY
