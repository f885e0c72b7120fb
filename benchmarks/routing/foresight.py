"""What the mean score of more queries will lie within.

Two things are not known: the chance itself, which rests on so many cases, and the luck of the queries that come. The
beta-binomial distribution has both (Skellam 1948), with Jeffreys' prior.
"""

from __future__ import annotations

import numpy as np

from nubem_jupyter.core.plan import Range

_JEFFREYS = 0.5


def foreseen(mean: float, n: float, queries: int, confidence: float) -> Range:
    """Return the range of the mean score of so many queries, where ``n`` cases had this mean.

    At least that share of all means lies in it: few queries have few means.
    """
    right, wrong = mean * n + _JEFFREYS, (1 - mean) * n + _JEFFREYS
    k = np.arange(queries, dtype=np.float64)
    steps = np.log((queries - k) * (k + right)) - np.log((k + 1) * (queries - k - 1 + wrong))
    weight = np.append(0.0, np.cumsum(steps))
    share = np.exp(weight - weight.max())
    below = np.cumsum(share) / share.sum()
    low, high = (int(np.searchsorted(below, end)) for end in ((1 - confidence) / 2, (1 + confidence) / 2))
    return Range(low=min(mean, low / queries), value=mean, high=max(mean, high / queries))
