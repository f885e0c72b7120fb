"""How likely each model is to do a prompt right: its mean, that of the task, and what like prompts tell.

Each level is drawn towards the one before it, so that few cases move little. What like prompts tell counts as much as
it was worth on prompts that were held out, which is often little: then the task's mean stands.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from nubem_jupyter.core.plan import Range
from nubem_jupyter.engine.cascade.records import Floats, Records
from nubem_jupyter.engine.interval import wilson
from nubem_jupyter.engine.success.ridge import Ridge, fit_ridge, held_out
from nubem_jupyter.engine.success.vectors import vectors

CONFIDENCE = 0.9
"""Of the ranges."""
_AS_CASES = 20.0
"""How many cases of a task all tasks together count as."""
_PENALTY = 6.0


class Success(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Learned from records and their prompts."""

    models: tuple[str, ...]
    """Names of the columns."""
    tasks: tuple[str, ...]
    """Names of the rows of ``mean``."""
    mean: Floats
    """Tasks, and last any other, x models."""
    cases: Floats
    """How many cases each row of ``mean`` rests on."""
    ridge: Ridge
    """What like prompts tell: by how much a score lies off its task's mean."""
    trust: Floats
    """Of each model, how much of that held on prompts that were held out, 0 to 1."""

    def chances(self, prompts: Sequence[str], tasks: Sequence[str | None]) -> Floats:
        """Return prompts x models, 0 to 1; a task that is not known, or None, counts as any other."""
        rows = [self._row(task) for task in tasks]
        local = self.ridge.read(vectors(prompts)) * self.trust
        return np.asarray(np.clip(self.mean[rows] + local, 0.0, 1.0))

    def ranges(self, prompt: str, task: str | None) -> tuple[Range, ...]:
        """Return each model's chance with the 90 % range that as many cases of the task allow."""
        n = int(self.cases[self._row(task)])
        return tuple(wilson(float(chance) * n, n, CONFIDENCE) for chance in self.chances([prompt], [task])[0])

    def _row(self, task: str | None) -> int:
        return self.tasks.index(task) if task in self.tasks else len(self.tasks)


def learn_success(records: Records, prompts: Sequence[str], seed: int = 0) -> Success:
    """Learn from records and the prompts of their queries."""
    mean, cases = _means(records)
    rest = records.score - mean[records.task]
    features = vectors(prompts)
    ridge = fit_ridge(features, rest, _PENALTY)
    return Success(
        models=records.models,
        tasks=records.tasks,
        mean=mean,
        cases=cases,
        ridge=ridge,
        trust=_trust(held_out(features, rest, _PENALTY, seed), rest),
    )


def _means(records: Records) -> tuple[Floats, Floats]:
    """Return each task's mean scores, drawn towards each model's own, and the cases behind them."""
    counts = np.bincount(records.task, minlength=len(records.tasks)).astype(np.float64)
    overall = records.score.mean(axis=0)
    sums = np.zeros((len(records.tasks), len(records.models)))
    np.add.at(sums, records.task, records.score)
    level = (sums.sum(axis=1) / np.maximum(counts, 1) / len(records.models))[:, None] - overall.mean()
    drawn = (sums + _AS_CASES * np.clip(overall + level, 0.0, 1.0)) / (counts + _AS_CASES)[:, None]
    return np.vstack([drawn, overall]), np.append(counts, counts.sum())


def _trust(read: Floats, rest: Floats) -> Floats:
    """Return by which factor each model's reading fits best what was held out."""
    square = (read**2).sum(axis=0)
    return np.asarray(np.clip((read * rest).sum(axis=0) / np.maximum(square, 1e-12), 0.0, 1.0))
