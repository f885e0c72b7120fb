"""What models did beside each other on the same cases of a capability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

import msgspec
import numpy as np

from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.estimator.told import Beside

LEAST_CASES = 20
"""That both answered: with fewer the interval of the difference is a rough one."""


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """One model beside others, at cases with one kind of answer."""

    kind: str
    """The kind of answer; see ``engine.answer_form``. Empty for answers that cannot be compared."""
    model: ModelId
    """Whom."""
    beside: dict[ModelId, Beside]
    """Other model -> what this one did beside it."""


_Scores = Mapping[ModelId, Mapping[str, float]]
"""Model -> query -> mean score."""


def learn_pairs(outcomes: Sequence[CaseOutcome]) -> tuple[Pairs, ...]:
    """Hold each two models against each other that share enough cases; equal outcomes give equal pairs."""
    return tuple(
        Pairs(kind=kind, model=model, beside=beside)
        for kind, scores in sorted(_scores(outcomes).items())
        for model, beside in _each_beside_others(scores).items()
        if beside
    )


def _scores(outcomes: Sequence[CaseOutcome]) -> dict[str, _Scores]:
    """Return kind -> scores."""
    found: dict[str, dict[ModelId, dict[str, list[float]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for one in outcomes:
        found[one.kind][one.model][one.query].append(one.score)
    return {
        kind: {model: {query: fmean(scores) for query, scores in of.items()} for model, of in sorted(models.items())}
        for kind, models in found.items()
    }


def _each_beside_others(scores: _Scores) -> dict[ModelId, dict[ModelId, Beside]]:
    queries = sorted({query for of in scores.values() for query in of})
    rows = np.array([[of.get(query, np.nan) for query in queries] for of in scores.values()])
    answered = np.isfinite(rows).astype(np.float64)
    own = np.where(answered > 0, rows, 0.0)
    # Models by models: of the cases that both answered, how many, and the sums of a model's scores and their squares.
    shared, sums, squares = answered @ answered.T, own @ answered.T, own**2 @ answered.T
    totals, apart = sums - sums.T, squares + squares.T - 2 * own @ own.T
    return {
        model: {
            other: Beside(int(shared[one, two]), float(totals[one, two]), max(0.0, float(apart[one, two])))
            for two, other in enumerate(scores)
            if one != two and shared[one, two] >= LEAST_CASES
        }
        for one, model in enumerate(scores)
    }
