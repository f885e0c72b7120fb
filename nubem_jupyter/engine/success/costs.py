"""What a prompt tells of the cost of a call: long and hard ones cost more than others of their task."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from nubem_jupyter.engine.cascade.records import Floats, Ints, Records
from nubem_jupyter.engine.success.ridge import Ridge, fit_ridge, held_out
from nubem_jupyter.engine.success.vectors import vectors

_PENALTY = 2.5
_OF_LENGTH = 0.4
"""How much the length of a prompt counts beside its words."""
_FREE = 1e-9
"""In place of no cost at all, which has no logarithm."""


class CostReader(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Learned from records and their prompts."""

    tasks: tuple[str, ...]
    """Names of the rows of ``length``."""
    length: Floats
    """Tasks, and last any other: mean logarithm of the characters of a prompt, spaces left out."""
    ridge: Ridge
    """What a prompt tells of the logarithm of each model's cost."""
    scale: Floats
    """Of each model: mean of the exponent of what is read, so that costs come out right on average."""

    def relative(self, prompts: Sequence[str], tasks: Sequence[str | None]) -> Floats:
        """Return prompts x models: what a call is expected to take, as a multiple of what it takes for the task."""
        rows = [self.tasks.index(task) if task in self.tasks else len(self.tasks) for task in tasks]
        return np.asarray(np.exp(self.ridge.read(_features(prompts, self.length[rows]))) / self.scale)


def learn_costs(records: Records, prompts: Sequence[str]) -> CostReader:
    """Learn from records and the prompts of their queries."""
    length = _mean_lengths(records, prompts)
    features, rest = _features(prompts, length[records.task]), _rest(records)
    ridge = fit_ridge(features, rest, _PENALTY)
    scale = np.exp(ridge.read(features)).mean(axis=0)
    return CostReader(tasks=records.tasks, length=length, ridge=ridge, scale=scale)


def held_out_costs(records: Records, prompts: Sequence[str], seed: int = 0) -> Floats:
    """Return what readers that were learned from other queries say of each, as ``CostReader.relative`` does."""
    features = _features(prompts, _mean_lengths(records, prompts)[records.task])
    read = np.exp(held_out(features, _rest(records), _PENALTY, seed))
    return np.asarray(read / read.mean(axis=0))


def _rest(records: Records) -> Floats:
    """Return by how much each cost's logarithm lies off the mean of its task."""
    cost = np.log(np.maximum(records.cost_usd, _FREE))
    sums = np.zeros((len(records.tasks), len(records.models)))
    np.add.at(sums, records.task, cost)
    return np.asarray(cost - (sums / _counts(records.task, len(records.tasks))[:, None])[records.task])


def _mean_lengths(records: Records, prompts: Sequence[str]) -> Floats:
    length = _log_length(prompts)
    sums = np.bincount(records.task, weights=length, minlength=len(records.tasks))
    return np.append(sums / _counts(records.task, len(records.tasks)), length.mean())


def _counts(task: Ints, tasks: int) -> Floats:
    return np.asarray(np.maximum(np.bincount(task, minlength=tasks), 1), dtype=np.float64)


def _features(prompts: Sequence[str], mean_length: Floats) -> Floats:
    return np.column_stack([vectors(prompts), _OF_LENGTH * (_log_length(prompts) - mean_length)])


def _log_length(prompts: Sequence[str]) -> Floats:
    return np.asarray(np.log([len("".join(prompt.split())) + 1.0 for prompt in prompts]))
