"""Ridge regression on text vectors, with predictions for its own cases that did not know them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nubem_jupyter.engine.cascade.records import Floats, folds

_FOLDS = 5


class Ridge(NamedTuple):
    """A linear reading of vectors."""

    centre: Floats
    weights: Floats

    def read(self, vectors: Floats) -> Floats:
        """Return vectors x targets."""
        return np.asarray((vectors - self.centre) @ self.weights)


def fit_ridge(vectors: Floats, targets: Floats, penalty: float) -> Ridge:
    """Fit targets (cases x targets, around zero) by vectors."""
    centre = vectors.mean(axis=0)
    inner = vectors - centre
    square = inner.T @ inner + penalty * np.eye(vectors.shape[1])
    return Ridge(centre, np.linalg.solve(square, inner.T @ targets))


def held_out(vectors: Floats, targets: Floats, penalty: float, seed: int) -> Floats:
    """Return for each case what a ridge that was fitted without it reads."""
    fold, read = folds(len(vectors), _FOLDS, seed), np.zeros_like(targets)
    for number in range(_FOLDS):
        held = fold == number
        read[held] = fit_ridge(vectors[~held], targets[~held], penalty).read(vectors[held])
    return read
