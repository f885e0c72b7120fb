"""Putting an evaluation on record, with what it says about models."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.core.evaluation import Evaluation
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.engine.evaluator import evidence_from
from nubem_jupyter.errors import StorageError

if TYPE_CHECKING:
    from nubem_jupyter.storage.evaluations import EvaluationStore
    from nubem_jupyter.storage.evidence import EvidenceStore
    from nubem_jupyter.storage.outcomes import OutcomeStore


def file_evaluation(
    evaluation: Evaluation,
    evaluations: EvaluationStore,
    evidence: EvidenceStore,
    outcomes: OutcomeStore,
    *,
    of_models: Sequence[CaseOutcome] | None,
) -> None:
    """Record the evaluation; where its targets are models and it has a capability, also as evidence for routing.

    ``of_models`` is what each run told of its model, for cascades; None where the targets are none.
    A store that cannot be written is warned of and no error: the answers were paid for, and the caller has them.
    """
    try:
        evaluations.save(evaluation)
        if of_models is not None:
            for model, entry in evidence_from(evaluation, evaluation.capability):
                evidence.add(model, entry)
            outcomes.add(of_models)
    except StorageError as error:
        warnings.warn(f"the evaluation is not on record: {error.message}", stacklevel=1)
