"""How long a model's answers to a capability's cases were, and whether long prompts had longer ones."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean

import msgspec

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.core.plan import Range

LEAST_ANSWERS = 19
"""Below the least of so many lies the next one with a chance of 5 %."""
_TAIL = 0.05


class Lengths(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of one model's answers of one kind; lengths are in tokens."""

    kind: str
    """The kind of answer; see ``engine.answer_form``. Empty for answers that cannot be compared."""
    model: ModelId
    """Whose."""
    prompt: float
    """Logarithm of a prompt's length in the middle."""
    slope: float
    """By how much an answer's logarithm rises with that of its prompt; 0 where that is not plain to see."""
    low: float
    """What 5 % of answers to such a prompt were shorter than."""
    mean: float
    """Mean of answers to such a prompt."""
    high: float
    """What 5 % of answers to such a prompt were longer than."""

    def of(self, prompt_tokens: float | None) -> Range:
        """Return what is expected of an answer; None stands for a prompt that is not known yet."""
        apart = 0.0 if prompt_tokens is None else math.log(max(prompt_tokens, 1.0)) - self.prompt
        times = math.exp(self.slope * apart)
        return Range(low=self.low * times, value=self.mean * times, high=self.high * times)


def learn_lengths(outcomes: Sequence[CaseOutcome]) -> tuple[Lengths, ...]:
    """Learn of each model and kind with enough answers; equal outcomes give equal lengths."""
    calls: dict[tuple[str, ModelId], list[CaseOutcome]] = defaultdict(list)
    for one in outcomes:
        if one.output_tokens > 0 and one.input_tokens > 0:
            calls[one.kind, one.model].append(one)
    return tuple(_learned(*key, calls[key]) for key in sorted(calls) if len(calls[key]) >= LEAST_ANSWERS)


def _learned(kind: str, model: ModelId, calls: Sequence[CaseOutcome]) -> Lengths:
    given = [math.log(one.input_tokens) for one in calls]
    made = [math.log(one.output_tokens) for one in calls]
    slope, middle = _slope(given, made), fmean(given)
    # As answers to a prompt of the middle length would have been.
    alike = sorted(math.exp(answer - slope * (prompt - middle)) for prompt, answer in zip(given, made, strict=True))
    below = math.floor(_TAIL * (len(alike) + 1)) - 1
    return Lengths(
        kind=kind,
        model=model,
        prompt=middle,
        slope=slope,
        low=alike[below],
        mean=fmean(alike),
        high=alike[-1 - below],
    )


def _slope(given: Sequence[float], made: Sequence[float]) -> float:
    """Return the least-squares slope, drawn towards 0 by what chance alone would find (James and Stein 1961)."""
    x, y = fmean(given), fmean(made)
    square = math.fsum((one - x) ** 2 for one in given)
    if square <= 0:
        return 0.0
    slope = math.fsum((one - x) * (other - y) for one, other in zip(given, made, strict=True)) / square
    left = math.fsum((other - y - slope * (one - x)) ** 2 for one, other in zip(given, made, strict=True))
    variance = left / (len(given) - 2) / square
    return slope * (1 - variance / slope**2) if slope**2 > variance else 0.0
