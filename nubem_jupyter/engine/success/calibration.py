"""From a reading to odds: a logistic regression on what was read of cases that were held out (Platt 1999)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.cascade.records import Floats

_ROUNDS = 25
_STEP = 2.0
"""A step of Newton's is cut to this: where classes are almost apart a whole one runs away."""
_TINY = 1e-12


class Calibration(NamedTuple):
    """What a reading means: ``lean + slope * reading`` is added to the mean's log-odds."""

    lean: float
    slope: float
    variance: float
    """Of the slope."""


def calibrate(read: Floats, score: Floats) -> Calibration | None:
    """Learn from readings of held-out cases, not all alike, and their scores; None where they tell nothing.

    What was found is drawn towards nothing by what chance alone would find: by ``1 - 1 / z²``, with z its standard
    errors (the positive part of James and Stein 1961, for one figure). Of a reading with no worth that leaves nothing
    in most cases, and little in the others.
    """
    scale = float(read.std())
    if scale < _TINY:
        return None
    rows = np.column_stack([np.ones_like(read), read / scale])
    mean = (score.sum() + 0.5) / (len(score) + 1)
    start = np.array([np.log(mean / (1 - mean)), 0.0])
    # About the mean's odds nothing is assumed; a standard deviation of the reading is taken to change odds e-fold.
    held = np.diag([_TINY, 1.0])
    found = start.copy()
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-rows @ found))
        square = (rows * (chance * (1 - chance))[:, None]).T @ rows + held
        step = np.linalg.solve(square, rows.T @ (score - chance) - held @ (found - start))
        found = found + np.clip(step, -_STEP, _STEP)
    lean, slope = found - start
    variance = float(np.linalg.inv(square)[1, 1])
    worth = 1 - variance / slope**2 if slope > 0 else 0.0
    if worth <= 0:
        return None
    return Calibration(float(worth * lean), float(worth * slope / scale), variance / scale**2)
