"""What an evaluation's samples say of each target."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from nubem_jupyter.core.evaluation import Mean, Sample
from nubem_jupyter.engine.evaluator.statistics import clustered_error, score_interval


def summarize(samples: Iterable[Sample]) -> tuple[Mean, ...]:
    """Return the mean of each target, best first; samples without an answer count as 0 and as errors."""
    by_target: dict[str, list[Sample]] = {}
    for sample in samples:
        by_target.setdefault(sample.target, []).append(sample)
    means = [_mean(target, mine) for target, mine in by_target.items()]
    return tuple(sorted(means, key=lambda mean: (-mean.mean, mean.cost_usd, mean.latency_s, mean.target)))


def cluster_of(sample: Sample) -> str:
    """Name what a sample belongs to: its cluster, else its case, so that repeats of a case stay together."""
    return f"cluster {sample.cluster}" if sample.cluster else f"case {sample.case}"


def _mean(target: str, samples: Sequence[Sample]) -> Mean:
    clusters: dict[str, list[float]] = {}
    for sample in samples:
        clusters.setdefault(cluster_of(sample), []).append(sample.score or 0.0)
    groups = list(clusters.values())
    interval = score_interval(groups)
    errors = sum(sample.score is None for sample in samples)
    return Mean(
        target=target,
        n=len(samples) - errors,
        errors=errors,
        mean=interval.value,
        standard_error=clustered_error(groups),
        low=interval.low,
        high=interval.high,
        cost_usd=math.fsum(sample.cost_usd for sample in samples),
        latency_s=math.fsum(sample.latency_s for sample in samples) / len(samples),
    )
