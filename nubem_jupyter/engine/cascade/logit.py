"""The conditional logit behind a jury: votes have weights, and the heaviest answer is the likeliest (McFadden 1974).

Each row is a question's *situation*: which options there are, what speaks for each, and how often each was right.
Tasks have weights of their own, drawn towards those of all tasks together, so that a task with few cases says little.
"""

from __future__ import annotations

import numpy as np

from nubem_jupyter.engine.cascade.records import Bools, Floats, Ints

_ROUNDS = 12
_TASK_ROUNDS = 4
_ENOUGH = 1e-3
_ABSENT = -1e9
_STRIDE = 1.0
"""A step changes no weight by more: where all agree the slope flattens, and a whole step would never come back."""


def chances(features: Floats, present: Bools, weights: Floats) -> Floats:
    """Return the chance of each option: features are rows x options x weights, the weights rows x weights."""
    worth = np.where(present, np.einsum("rkj,rj->rk", features, weights), _ABSENT)
    odds = np.exp(worth - worth.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def fit_all(features: Floats, present: Bools, right: Floats, start: Floats, ridge: Floats) -> Floats:
    """Return the weights that make what was right likeliest, drawn towards ``start`` by ``ridge``."""
    everyone = np.zeros(len(features), dtype=np.int64)
    weights = start[None, :]
    for _ in range(_ROUNDS):
        step = _newton(features, present, right, everyone, weights, start, ridge)
        weights = weights - step
        if np.abs(step).max() < _ENOUGH:
            break
    return np.asarray(weights[0])


def fit_tasks(
    features: Floats, present: Bools, right: Floats, task: Ints, common: Floats, ridge: Floats, tasks: int
) -> Floats:
    """Return each task's weights, drawn towards the common ones by ``ridge``."""
    weights = np.tile(common, (tasks, 1))
    for _ in range(_TASK_ROUNDS):
        weights = weights - _newton(features, present, right, task, weights, common, ridge)
    return weights


def _newton(
    features: Floats, present: Bools, right: Floats, group: Ints, weights: Floats, centre: Floats, ridge: Floats
) -> Floats:
    """Return Newton's step for the weights of each group, all groups at once."""
    rows, _, size = features.shape
    chance = chances(features, present, weights[group])
    cases = right.sum(axis=1)[:, None]
    expected = np.matmul(chance[:, None, :], features)[:, 0]
    member = (group == np.arange(len(weights))[:, None]).astype(np.float64)
    slope = member @ np.matmul((cases * chance - right)[:, None, :], features)[:, 0]
    slope += ridge * (weights - centre)
    bend = np.matmul((features * (cases * chance)[:, :, None]).transpose(0, 2, 1), features)
    bend -= cases[:, :, None] * expected[:, :, None] * expected[:, None, :]
    bends = (member @ bend.reshape(rows, -1)).reshape(len(weights), size, size)
    step = np.linalg.solve(bends + np.diag(ridge), slope[:, :, None])[:, :, 0]
    return np.asarray(step / np.maximum(1.0, np.abs(step).max(axis=1, keepdims=True) / _STRIDE))
