"""How many calls an answer is expected to take where calls fail."""

from __future__ import annotations

import math

from nubem_jupyter.core.model import Figure
from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.retry import RetryPolicy


def expected_tries(error_rate: Figure | None) -> float:
    """Return how many tries a step is expected to make: ``1 + p + p² + …``, with as many terms as it may make tries.

    ``p`` is ``failures / (calls + 1)``: to what was seen one call is added that was answered. A model that nobody has
    called yet therefore stands beside one that always answered, and a lone failure is not taken for certainty. A rate
    that is listed, without a number of calls, is taken as it is.
    """
    if error_rate is None:
        return 1.0
    seen = error_rate.n / (error_rate.n + 1) if error_rate.n else 1.0
    share = error_rate.value * seen
    return math.fsum(share**failed for failed in range(RetryPolicy().max_tries))


def with_tries(one: Range, tries: float) -> Range:
    """Return what an answer takes, tries that failed included, each of which may take as much as the last.

    The low end stays: a call may fail at once, and for nothing.
    """
    return Range(low=one.low, value=one.value * tries, high=one.high * tries)
