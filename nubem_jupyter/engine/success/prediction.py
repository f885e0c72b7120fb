"""How likely each model is right on a prompt: what like prompts tell beside its mean at the capability.

Prompts are vectors. Of each model's scores a ridge regression on the directions in which they differ most reads by how
much a prompt is harder or easier than others; what that is worth is seen on cases that were left out, and counts for
no more than that. Where it tells nothing the mean stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

import msgspec
import numpy as np

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.cascade.records import Floats
from nubem_jupyter.engine.estimator.told import Like
from nubem_jupyter.engine.success.calibration import Calibration, calibrate
from nubem_jupyter.engine.success.left_out import LeftOut, leave_one_out
from nubem_jupyter.engine.success.packed import unpacked

LEAST_CASES = 40
"""Of a model: with fewer nothing can be told apart."""
_MOST_DIRECTIONS = 64
_PENALTIES = 12
_LEAST_PENALTY = 0.5
_UNLIKE = 0.5
"""A prompt may be so much less like the cases' mean than the case is that is least like it: then it is of their kind
still, in other words."""
_MOST_ALIKE = 1e-9
"""Prompts that differ by less are all the same."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of one model."""

    model: ModelId
    """Whom."""
    n: int
    """Cases that it rests on."""
    mean: float
    """Its mean score there, half a case each way added."""
    weights: bytes
    """By the directions, as 32-bit floats."""
    offset: float
    """What the weights give for its mean case."""
    lean: float
    """Log-odds that are added whatever is read."""
    slope: float
    """Log-odds a unit of what is read."""
    variance: float
    """Of the slope."""


class PromptFit(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned of a capability's prompts; small, and read as it is written."""

    n: int
    """Prompts."""
    centre: bytes
    """Their mean, as 32-bit floats."""
    directions: bytes
    """Directions x width, as 16-bit floats."""
    strength: tuple[float, ...]
    """How much the prompts differ in each, as a sum of squares."""
    penalty: float
    """Of the ridge."""
    least: float
    """Of a prompt that is less like their mean than this nothing is told."""
    readings: tuple[Reading, ...]
    """Of the models of which something is told."""

    def tell(self, vectors: Floats) -> dict[ModelId, Like]:
        """Return what is told of the mean of these prompts (one or more); nothing of ones that are like no case."""
        centre = np.frombuffer(self.centre, np.float32).astype(np.float64)
        place = vectors.mean(axis=0)
        if float(place @ centre) < self.least:
            return {}
        at = _projected(place - centre, _directions(self.directions, len(centre)))
        return {one.model: self._told(one, at) for one in self.readings}

    def _told(self, one: Reading, at: Floats) -> Like:
        read = float(at @ np.frombuffer(one.weights, np.float32)) - one.offset
        log_odds = one.lean + one.slope * read
        mean_odds = one.mean / (1 - one.mean)
        chance = 1 - 1 / (1 + mean_odds * float(np.exp(log_odds)))
        # The slope is uncertain, and so is what is read: least where most cases lie.
        of_read = float((at**2 / (np.array(self.strength) * (one.n / self.n) + self.penalty)).sum())
        of_slope = chance * (1 - chance) * one.variance * read**2
        return Like(log_odds=log_odds, as_cases=1 / max(of_read + of_slope, 1 / self.n**2), n=one.n)


def learn_prompts(outcomes: Sequence[CaseOutcome], vectors: Mapping[str, bytes]) -> PromptFit | None:
    """Learn from one capability's outcomes and the packed vectors of their queries, all of one kind.

    None where there is too little to learn from, or where like prompts tell nothing of any model. Equal arguments
    give equal fits.
    """
    scores = _scores(outcomes, _of_one_width(vectors))
    queries = sorted({query for of_model in scores.values() for query in of_model})
    if len(queries) < LEAST_CASES:
        return None
    rows = unpacked([vectors[query] for query in queries])
    centre = rows.mean(axis=0).astype(np.float32)
    strength, directions = _principal(rows - centre)
    if not strength.size:
        return None
    features = _projected(rows - centre, directions.astype(np.float64))
    penalties = np.geomspace(_LEAST_PENALTY, len(queries), _PENALTIES)
    fitted = {model: _Fitted(features, queries, of_model, penalties) for model, of_model in scores.items()}
    best = int(np.argmin(np.sum([[one.error for one in model.left_out] for model in fitted.values()], axis=0)))
    readings = tuple(found for model, one in fitted.items() if (found := one.reading(model, best)) is not None)
    if not readings:
        return None
    return PromptFit(
        n=len(queries),
        centre=centre.tobytes(),
        directions=directions.tobytes(),
        strength=tuple(map(float, strength)),
        penalty=float(penalties[best]),
        least=_least(float((rows @ centre).min())),
        readings=readings,
    )


class _Fitted:
    """One model's cases, and a ridge of them for each penalty."""

    def __init__(
        self, features: Floats, queries: Sequence[str], scores: Mapping[str, float], penalties: Floats
    ) -> None:
        own = features[[place for place, query in enumerate(queries) if query in scores]]
        self._score = np.array([scores[query] for query in queries if query in scores])
        self._middle = own.mean(axis=0)
        self.left_out: list[LeftOut] = leave_one_out(own - self._middle, self._score - self._score.mean(), penalties)

    def reading(self, model: ModelId, number: int) -> Reading | None:
        """Return what is worth knowing with the penalty of this number; None where nothing is."""
        chosen, n = self.left_out[number], len(self._score)
        found: Calibration | None = calibrate(chosen.read, self._score)
        if found is None:
            return None
        return Reading(
            model=model,
            n=n,
            mean=float((self._score.sum() + 0.5) / (n + 1)),
            weights=chosen.weights.astype(np.float32).tobytes(),
            offset=float(self._middle @ chosen.weights),
            lean=found.lean,
            slope=found.slope,
            variance=found.variance,
        )


def _least(alike: float) -> float:
    """Return what a prompt has to have in common with the mean, where the case that has least of it has so much."""
    return alike - _UNLIKE * abs(alike)


def _of_one_width(vectors: Mapping[str, bytes]) -> frozenset[str]:
    """Return the queries whose vectors are as wide as most: another one is damaged."""
    widths = Counter(map(len, vectors.values()))
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    return frozenset(query for query, row in vectors.items() if len(row) == usual)


def _scores(outcomes: Sequence[CaseOutcome], known: frozenset[str]) -> dict[ModelId, dict[str, float]]:
    """Return model -> query -> mean score, of models with enough cases whose scores are not all the same."""
    found: dict[ModelId, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in outcomes:
        if one.query in known:
            found[one.model][one.query].append(one.score)
    means = {model: {query: fmean(all_) for query, all_ in of.items()} for model, of in sorted(found.items())}
    return {model: of for model, of in means.items() if len(of) >= LEAST_CASES and len(set(of.values())) > 1}


def _principal(centred: Floats) -> tuple[Floats, np.ndarray[tuple[int, int], np.dtype[np.float16]]]:
    """Return how much rows differ in the directions in which they do most, and these directions."""
    _, size, directions = np.linalg.svd(centred, full_matrices=False)
    kept = np.flatnonzero(size**2 > _MOST_ALIKE)[:_MOST_DIRECTIONS]
    return size[kept] ** 2, directions[kept].astype(np.float16)


def _directions(written: bytes, width: int) -> Floats:
    return np.frombuffer(written, np.float16).astype(np.float64).reshape(-1, width)


def _projected(rows: Floats, directions: Floats) -> Floats:
    return np.asarray(rows @ directions.T)
