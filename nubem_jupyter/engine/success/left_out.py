"""Ridge regression with what it reads of each of its own cases where that one is left out, in closed form.

The leave-one-out residual is the residual over one less the leverage (Allen 1974, the PRESS statistic).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.cascade.records import Floats

_LEAST = 1e-6


class LeftOut(NamedTuple):
    """One penalty's ridge."""

    weights: Floats
    """By the columns of the features."""
    read: Floats
    """Of each case, what the others tell beside their mean."""
    error: float
    """Mean square of what that leaves, as a share of what the mean alone leaves; below 1 something is told."""


def leave_one_out(features: Floats, rest: Floats, penalties: Floats) -> list[LeftOut]:
    """Fit ``rest`` (cases, around zero, not all alike) by features that are centred, once a penalty."""
    strength, turn = np.linalg.eigh(features.T @ features)
    turned, strength = features @ turn, np.maximum(strength, 0.0)
    inner, n = turned.T @ rest, len(rest)
    beside = rest / (1 - 1 / n)
    found = []
    for penalty in penalties:
        weights = inner / (strength + penalty)
        leverage = (turned**2 / (strength + penalty)).sum(axis=1) + 1 / n
        residual = (rest - turned @ weights) / np.maximum(1 - leverage, _LEAST)
        error = float((residual**2).sum() / (beside**2).sum())
        found.append(LeftOut(turn @ weights, beside - residual, error))
    return found
