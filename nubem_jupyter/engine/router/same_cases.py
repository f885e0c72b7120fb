"""Two models held against each other on the same cases: surer than two means, since what makes a case hard cancels out.

It goes by the same evidence as their qualities do: cases that have grown old count as little, what others let expect
of the models counts as so many cases more, and what like prompts tell of each moves the difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from nubem_jupyter.core.model import Evidence
from nubem_jupyter.core.plan import Candidate, Expected, Range
from nubem_jupyter.engine.estimator.prediction import CONFIDENCE
from nubem_jupyter.engine.estimator.told import NOTHING, Beside, ToldOfModels
from nubem_jupyter.engine.interval import normal_quantile, paired_mean


class Gap(NamedTuple):
    """By how much one is surer to be right than another."""

    surer: Range
    """With its 90 % interval."""
    n: int
    """Cases that both answered."""


def on_same_cases(best: Candidate, one: Candidate, told: ToldOfModels) -> Gap | None:
    """Return by how much the best is surer; None where the same cases cannot tell.

    They cannot where they are too few, or less than half of those that one of the two was measured by, or where
    results of one have changed: the cases do not say which of them came before.
    """
    beside = told.get(best.model, NOTHING).beside.get(one.model)
    if beside is None or best.changes or one.changes:
        return None
    if 2 * beside.n < max(_cases(best.evidence), _cases(one.evidence)):
        return None
    mean, variance = paired_mean(*_with_expected(beside, best, one))
    for like, quality, sign in ((best.like, best.quality, 1), (one.like, one.quality, -1)):
        if like and quality:
            mean += sign * like.shift
            variance += quality.value * (1 - quality.value) / like.as_cases
    half = normal_quantile(CONFIDENCE) * math.sqrt(variance)
    return Gap(Range(low=max(-1.0, mean - half), value=mean, high=min(1.0, mean + half)), beside.n)


def _cases(evidence: Sequence[Evidence]) -> int:
    """Count the cases; those that were measured the same way several times are the same ones."""
    by_method = {entry.method: entry.n for entry in sorted(evidence, key=lambda entry: entry.n) if entry.method}
    return sum(by_method.values()) + sum(entry.n for entry in evidence if not entry.method)


def _counting(evidence: Sequence[Evidence]) -> float:
    """Return what a case counts for now, 0 to 1."""
    return sum(entry.n * entry.weight for entry in evidence) / sum(entry.n for entry in evidence)


def _with_expected(beside: Beside, best: Candidate, one: Candidate) -> tuple[float, float, float]:
    """Return cases, differences and their squares as they count now, with what is expected of both."""
    weight = min(_counting(best.evidence), _counting(one.evidence))
    n, total, squares = (weight * figure for figure in beside)
    if best.expected and one.expected:
        more = min(best.expected.as_cases, one.expected.as_cases)
        apart = best.expected.chance.value - one.expected.chance.value
        spread = _spread(best.expected) + _spread(one.expected)
        n, total, squares = n + more, total + more * apart, squares + more * (spread + apart**2)
    return n, total, squares


def _spread(expected: Expected) -> float:
    return expected.chance.value * (1 - expected.chance.value)
