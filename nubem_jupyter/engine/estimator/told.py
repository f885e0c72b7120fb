"""What scored cases tell of a model's answer to a step, beyond how often it is right at the capability."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.interval import wilson


class Like(NamedTuple):
    """What like prompts tell of a prompt, or of the mean of several."""

    log_odds: float
    """By how much the odds of a right answer are other than those of the mean case; 0 where they are the same."""
    as_cases: float
    """How many cases of just this prompt that is worth."""
    n: int
    """How many cases it was learned from."""


class Beside(NamedTuple):
    """What a model did beside another one on the same cases; score less score, each the mean of its answers."""

    n: int
    """Cases that both answered."""
    total: float
    """Sum of the differences, above 0 where this one was better."""
    squares: float
    """Sum of their squares."""


class Told(NamedTuple):
    """What is told of one model and one step."""

    like: Like | None = None
    """None where the prompt is not known yet, or like ones tell nothing."""
    output_tokens: Range | None = None
    """Of an answer; None where too few were seen."""
    beside: Mapping[ModelId, Beside] = MappingProxyType({})
    """Other model -> what this one did beside it, where they share enough cases with such answers."""


NOTHING = Told()
ToldOfModels = Mapping[ModelId, Told]
ToldOfSteps = Mapping[str, ToldOfModels]
"""Place of a step -> model -> what is told."""


def moved(score_sum: float, n: float, like: Like, confidence: float) -> Range:
    """Return the chance of a right answer to the prompt, where ``n`` cases of the capability came to ``score_sum``.

    The mean and what is told of the prompt are both uncertain, so the range is that of fewer cases than either has.
    """
    # Half a case each way: a mean of 0 or 1 has no odds.
    mean = (score_sum + 0.5) / (n + 1)
    odds = math.log(mean / (1 - mean)) + like.log_odds
    chance = min(1.0, max(0.0, score_sum / n + 1 / (1 + math.exp(-odds)) - mean))
    count = 1 / (1 / n + 1 / like.as_cases)
    return wilson(chance * count, count, confidence)
