"""Whether the cases have what a scorer compares answers with."""

from __future__ import annotations

from typing import Any

from nubem_jupyter.core.evaluation import Dataset
from nubem_jupyter.core.template import as_text
from nubem_jupyter.engine.evaluator.scorers import Contains, Regex
from nubem_jupyter.errors import EvaluationError
from nubem_jupyter.ports import Scorer


def check_targets(dataset: Dataset, scorer: Scorer) -> None:
    """Refuse cases that every answer, or none, would satisfy; a scorer with a pattern of its own needs no target.

    Raises:
        EvaluationError: no case has a target, or one is empty where the scorer looks for it inside the answer.
    """
    if isinstance(scorer, Regex) and scorer.pattern:
        return
    if all(case.target is None for case in dataset.cases):
        there = dict.fromkeys(name for case in dataset.cases for name in case.inputs)
        raise EvaluationError(
            f"the dataset '{dataset.name}' has no column 'target', which the scorer '{scorer.name}' compares with",
            hint=f"call the column with the right answers 'target'; there are: {', '.join(there)}",
        )
    if not isinstance(scorer, Contains | Regex):
        return
    for case in dataset.cases:
        if _is_empty(case.target):
            raise EvaluationError(
                f"the target of case '{case.id}' is empty, which the scorer '{scorer.name}' finds in every answer",
                hint="give the case a target, or leave it out",
            )


def _is_empty(target: Any) -> bool:
    return target == [] or not as_text(target).strip()
