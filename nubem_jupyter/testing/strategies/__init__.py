"""Hypothesis strategies for core's values, for property tests here and in plug-ins; needs ``hypothesis`` installed."""

from __future__ import annotations

from nubem_jupyter.testing.strategies.flows import flows
from nubem_jupyter.testing.strategies.models import constraints, evidence, figures, model_infos
from nubem_jupyter.testing.strategies.records import (
    candidates,
    estimates,
    evaluations,
    events,
    failures,
    node_runs,
    plans,
    ranges,
    runs,
)
from nubem_jupyter.testing.strategies.values import (
    amounts,
    capabilities,
    dates,
    json_values,
    model_ids,
    node_ids,
    shares,
    values_of,
    words,
)
from nubem_jupyter.testing.strategies.works import codes, components, conditions, inputs, joins, prompts

__all__ = [
    "amounts",
    "candidates",
    "capabilities",
    "codes",
    "components",
    "conditions",
    "constraints",
    "dates",
    "estimates",
    "evaluations",
    "events",
    "evidence",
    "failures",
    "figures",
    "flows",
    "inputs",
    "joins",
    "json_values",
    "model_ids",
    "model_infos",
    "node_ids",
    "node_runs",
    "plans",
    "prompts",
    "ranges",
    "runs",
    "shares",
    "values_of",
    "words",
]
