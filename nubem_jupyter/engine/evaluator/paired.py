"""Two targets on the same cases: the difference is surer than the means, since what makes a case hard cancels out."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from nubem_jupyter.core.evaluation import Sample
from nubem_jupyter.engine.evaluator.statistics import CONFIDENCE, clustered_error
from nubem_jupyter.engine.evaluator.summary import cluster_of
from nubem_jupyter.engine.interval import student_quantile
from nubem_jupyter.errors import EvaluationError


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """How much better one target is than another, over the cases that both have."""

    target: str
    """Which target."""
    baseline: str
    """Compared with which."""
    n: int
    """Cases compared."""
    difference: float
    """Mean score of the target less the baseline's."""
    standard_error: float | None
    """Of the difference, clustered as the cases are; None for fewer than two clusters."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""


def paired_difference(samples: Iterable[Sample], target: str, baseline: str) -> Difference:
    """Compare two targets case by case; repeats of a case are averaged, samples without an answer count as 0.

    The interval is Student's t on the clusters' differences; -1 to 1 for a single cluster.

    Raises:
        EvaluationError: they have no case in common.
    """
    listed = list(samples)
    first, second = (_by_case(listed, name) for name in (target, baseline))
    clusters = {sample.case: cluster_of(sample) for sample in listed}
    groups: dict[str, list[float]] = {}
    for case in first:
        if case in second:
            groups.setdefault(clusters[case], []).append(first[case] - second[case])
    gaps = [gap for group in groups.values() for gap in group]
    if not gaps:
        raise EvaluationError(f"'{target}' and '{baseline}' have no case in common", hint="run both on one dataset")
    mean = math.fsum(gaps) / len(gaps)
    error = clustered_error(list(groups.values()))
    half = 2.0 if error is None else student_quantile(CONFIDENCE, len(groups) - 1) * error
    return Difference(
        target=target,
        baseline=baseline,
        n=len(gaps),
        difference=mean,
        standard_error=error,
        low=max(-1.0, mean - half),
        high=min(1.0, mean + half),
    )


def _by_case(samples: Iterable[Sample], target: str) -> dict[str, float]:
    scores: dict[str, list[float]] = {}
    for sample in samples:
        if sample.target == target:
            scores.setdefault(sample.case, []).append(sample.score or 0.0)
    return {case: math.fsum(values) / len(values) for case, values in scores.items()}
