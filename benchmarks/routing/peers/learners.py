"""Peers in NumPy, on the vectors that our own router uses: only the way to decide differs.

Neighbours, clusters (as Avengers-Pro has them), ridge, low rank, a small network, and the table of means by task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SEED = 0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a peer may read of queries."""

    vectors: Any
    tasks: tuple[str | None, ...]


Predictor = Callable[[Seen], Any]
"""Predicts queries x models."""
Learner = Callable[[Seen, Any], Predictor]
"""Learns from queries and their scores (queries x models)."""


def neighbours(seen: Seen, score: Any, count: int = 50) -> Predictor:
    """The mean of the nearest queries, weighted by likeness."""

    def predict(new: Seen) -> Any:
        likeness = new.vectors @ seen.vectors.T
        found = np.empty((len(likeness), score.shape[1]))
        for row, like in enumerate(likeness):
            near = np.argpartition(-like, min(count, len(like) - 1))[:count]
            weight = np.maximum(like[near], 1e-6)
            found[row] = weight @ score[near] / weight.sum()
        return found

    return predict


def clusters(seen: Seen, score: Any, count: int = 32, rounds: int = 20) -> Predictor:
    """The mean of the nearest cluster of k-means."""
    rng = np.random.default_rng(SEED)
    count = min(count, len(seen.vectors))
    centres = seen.vectors[rng.choice(len(seen.vectors), count, replace=False)]
    for _ in range(rounds):
        of = (seen.vectors @ centres.T).argmax(axis=1)
        for number in range(count):
            if (of == number).any():
                middle = seen.vectors[of == number].mean(axis=0)
                centres[number] = middle / max(float(np.linalg.norm(middle)), 1e-9)
    of = (seen.vectors @ centres.T).argmax(axis=1)
    overall = score.mean(axis=0)
    means = np.array([score[of == number].mean(axis=0) if (of == number).any() else overall for number in range(count)])
    return lambda new: means[(new.vectors @ centres.T).argmax(axis=1)]


def ridge(seen: Seen, score: Any, penalty: float = 3.0) -> Predictor:
    """Linear in the vectors."""
    weights, mean, centre = _solved(seen.vectors, score, penalty)
    return lambda new: mean + (new.vectors - centre) @ weights


def low_rank(seen: Seen, score: Any, rank: int = 4) -> Predictor:
    """Ridge onto the first factors of the table of scores."""
    mean = score.mean(axis=0)
    _, _, factors = np.linalg.svd(score - mean, full_matrices=False)
    factors = factors[:rank]
    weights, level, centre = _solved(seen.vectors, (score - mean) @ factors.T, 3.0)
    return lambda new: mean + (level + (new.vectors - centre) @ weights) @ factors


def network(seen: Seen, score: Any, hidden: int = 32, rounds: int = 150) -> Predictor:
    """One hidden layer, trained by Adam with decay."""
    rng = np.random.default_rng(SEED)
    width, models = seen.vectors.shape[1], score.shape[1]
    parts = [rng.normal(0, 1, (width, hidden)) / 4, np.zeros(hidden), rng.normal(0, 0.1, (hidden, models))]
    parts.append(np.log((score.mean(axis=0) + 1e-3) / (1 - score.mean(axis=0) + 1e-3)))
    first, second = [np.zeros_like(part) for part in parts], [np.zeros_like(part) for part in parts]
    for turn in range(1, rounds + 1):
        for place, slope in enumerate(_slopes(parts, seen.vectors, score)):
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.999 * second[place] + 0.001 * slope**2
            step = first[place] / (1 - 0.9**turn) / (np.sqrt(second[place] / (1 - 0.999**turn)) + 1e-8)
            parts[place] = parts[place] - 0.01 * step
    return lambda new: _forward(parts, new.vectors)[1]


def task_table(seen: Seen, score: Any, as_cases: float = 20.0) -> Predictor:
    """The mean by task, drawn towards the mean of all."""
    overall = score.mean(axis=0)
    rows = {}
    for task in dict.fromkeys(seen.tasks):
        here = score[np.array([other == task for other in seen.tasks])]
        rows[task] = (here.sum(axis=0) + as_cases * overall) / (len(here) + as_cases)
    return lambda new: np.array([rows.get(task, overall) for task in new.tasks])


LEARNERS: dict[str, Learner] = {
    "knn": neighbours,
    "k-means": clusters,
    "ridge": ridge,
    "low-rank": low_rank,
    "mlp": network,
    "task table": task_table,
}


def _solved(vectors: Any, target: Any, penalty: float) -> tuple[Any, Any, Any]:
    centre, mean = vectors.mean(axis=0), target.mean(axis=0)
    inner = vectors - centre
    square = inner.T @ inner + penalty * np.eye(vectors.shape[1])
    return np.linalg.solve(square, inner.T @ (target - mean)), mean, centre


def _forward(parts: Sequence[Any], vectors: Any) -> tuple[Any, Any]:
    inner = np.maximum(vectors @ parts[0] + parts[1], 0)
    return inner, 1 / (1 + np.exp(-(inner @ parts[2] + parts[3])))


def _slopes(parts: Sequence[Any], vectors: Any, score: Any) -> list[Any]:
    inner, guess = _forward(parts, vectors)
    miss = (guess - score) / len(vectors)
    back = (miss @ parts[2].T) * (inner > 0)
    slopes = [vectors.T @ back, back.sum(axis=0), inner.T @ miss, miss.sum(axis=0)]
    return [slope + 1e-4 * part for slope, part in zip(slopes, parts, strict=True)]
