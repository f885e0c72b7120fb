"""Mean scores with honest errors: cases of one cluster, and repeats of one case, are not independent."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.interval import student_quantile, wilson

CONFIDENCE = 0.95
"""Of the intervals of an evaluation."""


def clustered_error(groups: Sequence[Sequence[float]]) -> float | None:
    """Return the standard error of the mean of all values, which come in clusters; None for fewer than two.

    Liang and Zeger 1986, as Miller 2024 ("Adding error bars to evals") puts it for evaluations, with the usual
    ``g / (g - 1)`` for g clusters, so that clusters of one give the ordinary standard error.
    """
    if len(groups) < 2:
        return None
    values = [value for group in groups for value in group]
    mean = math.fsum(values) / len(values)
    squares = math.fsum(math.fsum(value - mean for value in group) ** 2 for group in groups)
    return math.sqrt(squares * len(groups) / (len(groups) - 1)) / len(values)


def score_interval(groups: Sequence[Sequence[float]]) -> Range:
    """Return the mean of scores from 0 to 1 with its 95 % interval.

    Wilson's for right-or-wrong scores without clusters, and, on the number of clusters, where nothing varies; 0 to 1
    for a single cluster; else Student's t with one degree of freedom less than clusters, cut to 0 and 1.
    """
    values = [value for group in groups for value in group]
    mean = math.fsum(values) / len(values)
    error = clustered_error(groups)
    alone = all(len(group) == 1 for group in groups)
    if error == 0 or (alone and set(values) <= {0.0, 1.0}):
        return wilson(mean * len(groups), len(groups), CONFIDENCE)
    if error is None:
        return Range(low=0.0, value=mean, high=1.0)
    half = student_quantile(CONFIDENCE, len(groups) - 1) * error
    return Range(low=max(0.0, mean - half), value=mean, high=min(1.0, mean + half))
