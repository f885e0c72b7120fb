"""Putting an evaluation on record, with what it says about models."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.engine.evaluator import evidence_from
from nubem_jupyter.errors import StorageError

if TYPE_CHECKING:
    from nubem_jupyter.storage.evaluations import EvaluationStore
    from nubem_jupyter.storage.evidence import EvidenceStore


def file_evaluation(
    evaluation: Evaluation, evaluations: EvaluationStore, evidence: EvidenceStore, *, of_models: bool
) -> None:
    """Record the evaluation; where its targets are models and it has a capability, also as evidence for routing.

    A store that cannot be written is warned of and no error: the answers were paid for, and the caller has them.
    """
    try:
        evaluations.save(evaluation)
        if evaluation.capability and of_models:
            for model, entry in evidence_from(evaluation, evaluation.capability):
                evidence.add(model, entry)
    except StorageError as error:
        warnings.warn(f"the evaluation is not on record: {error.message}", stacklevel=1)
