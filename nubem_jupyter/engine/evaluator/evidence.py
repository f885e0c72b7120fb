"""What an evaluation tells the router."""

from __future__ import annotations

import math
import re

from nubem_jupyter.core.evaluation import Evaluation, Sample
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Evidence

_MODEL = re.compile(r"[^\s/]+/\S+")
"""How a model's id looks; ``my flow on local/x`` is a flow's name."""


def evidence_from(evaluation: Evaluation, capability: str, method: str = "") -> tuple[tuple[ModelId, Evidence], ...]:
    """Return one entry a target that is a model, in the order of the samples; other targets are no evidence of a model.

    ``method`` is the digest of how it was measured.

    Samples without an answer tell of calls and not of answers, and are left out, but an answer that nobody can use is
    wrong; a case counts once, with the mean of its repeats.
    """
    by_model: dict[ModelId, dict[str, list[float]]] = {}
    for sample in evaluation.samples:
        model = _model_of(sample)
        if model and (sample.score is not None or sample.unusable):
            by_model.setdefault(model, {}).setdefault(sample.case, []).append(sample.score or 0.0)
    return tuple(
        (
            model,
            Evidence(
                capability=capability,
                n=len(cases),
                score_sum=math.fsum(math.fsum(scores) / len(scores) for scores in cases.values()),
                source=f"evaluation of {evaluation.dataset}",
                date=evaluation.date[:10],
                method=method,
            ),
        )
        for model, cases in by_model.items()
    )


def _model_of(sample: Sample) -> ModelId | None:
    return ModelId(sample.target) if _MODEL.fullmatch(sample.target) else None
