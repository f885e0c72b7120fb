"""What models did on the same queries: the table from which cascades are learned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NOTHING = -1
"""In place of an answer that cannot be compared."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One scored call of one model."""

    query: str
    """Which query; the calls of all models for it share this name."""
    task: str
    """The capability that it asks for."""
    model: str
    """Who was asked."""
    score: float
    """0 to 1."""
    cost_usd: float
    """US dollars of the call."""
    latency_s: float | None = None
    """Seconds of the call; None where not recorded."""
    answer: str | None = None
    """The answer in a form that can be compared; None where there is none."""


class Records(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Queries by models; every model was asked every query."""

    models: tuple[str, ...]
    """Names of the columns."""
    tasks: tuple[str, ...]
    """Names that ``task`` counts through."""
    answers: tuple[str, ...]
    """Texts that ``answer`` counts through."""
    task: Ints
    """Of each query."""
    score: Floats
    """Queries x models, 0 to 1."""
    cost_usd: Floats
    """Queries x models."""
    latency_s: Floats | None = None
    """Queries x models, seconds; None where not all were recorded."""
    answer: Ints
    """Queries x models; ``NOTHING`` where an answer cannot be compared."""

    def __len__(self) -> int:
        return len(self.task)

    def take(self, rows: Bools) -> Records:
        """Return the queries that are marked."""
        return msgspec.structs.replace(
            self,
            task=self.task[rows],
            score=self.score[rows],
            cost_usd=self.cost_usd[rows],
            latency_s=None if self.latency_s is None else self.latency_s[rows],
            answer=self.answer[rows],
        )

    @property
    def best(self) -> int:
        """The column of the single model that is best on average; of equals the first."""
        return int(self.score.mean(axis=0).argmax())


def records_of(outcomes: Iterable[Outcome]) -> Records:
    """Line up calls by query; queries that not every model answered are left out.

    The order is that in which queries, models and tasks first come.
    """
    by_query: dict[str, dict[str, Outcome]] = {}
    models: dict[str, None] = {}
    for outcome in outcomes:
        by_query.setdefault(outcome.query, {})[outcome.model] = outcome
        models[outcome.model] = None
    rows = [[calls[model] for model in models] for calls in by_query.values() if len(calls) == len(models)]
    tasks = _numbered(row[0].task for row in rows)
    texts = _numbered(call.answer for row in rows for call in row if call.answer is not None)
    timed = all(call.latency_s is not None for row in rows for call in row)
    return Records(
        models=tuple(models),
        tasks=tuple(tasks),
        answers=tuple(texts),
        task=np.array([tasks[row[0].task] for row in rows], dtype=np.int64),
        score=_table([[call.score for call in row] for row in rows], len(models)),
        cost_usd=_table([[call.cost_usd for call in row] for row in rows], len(models)),
        latency_s=_table([[call.latency_s or 0.0 for call in row] for row in rows], len(models)) if timed else None,
        answer=np.array(
            [[NOTHING if call.answer is None else texts[call.answer] for call in row] for row in rows], dtype=np.int64
        ).reshape(len(rows), len(models)),
    )


def folds(n: int, count: int, seed: int) -> Ints:
    """Return a fold for each of n queries: equally many in each, at random by the seed."""
    return np.random.default_rng(seed).permutation(n) % count


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _table(values: Sequence[Sequence[float]], width: int) -> Floats:
    return np.array(values, dtype=np.float64).reshape(len(values), width)
