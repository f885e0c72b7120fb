"""Scoring answers and saying how sure the result is."""

from nubem_jupyter.engine.evaluator.cases import parse_cases
from nubem_jupyter.engine.evaluator.evidence import evidence_from
from nubem_jupyter.engine.evaluator.paired import Difference, paired_difference
from nubem_jupyter.engine.evaluator.scorers import scorer, scorer_names
from nubem_jupyter.engine.evaluator.summary import summarize
from nubem_jupyter.engine.evaluator.targets import check_targets

__all__ = [
    "Difference",
    "check_targets",
    "evidence_from",
    "paired_difference",
    "parse_cases",
    "scorer",
    "scorer_names",
    "summarize",
]
