"""What one run of an evaluation tells of the model that it called; neither the question nor the answer is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from nubem_jupyter.core.digest import digest, short_digest
from nubem_jupyter.core.evaluation import EvalCase, Score
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.core.run import NodeRun, NodeState, Run
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.answer_form import digest_of, form_in, kind_of
from nubem_jupyter.engine.estimator.prompts import known_prompts
from nubem_jupyter.errors import NodeError

_MOST_SAMPLES = 5
"""Answers of one model to one case that are told apart."""


class Scored(NamedTuple):
    """One run of an evaluation, with its score."""

    inputs: Mapping[str, Any]
    case: EvalCase
    run: Run
    score: Score | None
    """None where there is no answer."""


class Outcomes:
    """Collects what the runs of one evaluation tell, where each case is one model's answer to one call."""

    def __init__(self, flow: Flow, scorer: str, capability: str, date: str) -> None:
        self.prompts: dict[str, str] = {}
        """What was asked, by the query's digest, where nothing but the case's values is in it."""
        self._whole = flow
        self._flow = digest(flow)
        self._scorer = scorer
        self._node = _only_call(flow)
        self._capability = capability
        self._date = date
        self._samples: Counter[tuple[str, str]] = Counter()
        self._kind = None if self._node is None else _kind(self._node, capability)

    @property
    def kind(self) -> str | None:
        """Which kind of answer the call gives; None where answers cannot be compared, or there is no single call."""
        return self._kind

    @property
    def lack(self) -> str:
        """Why nothing can be learned from the runs for cascades; empty where something can."""
        if self._node is None:
            return "the flow does not call a model in just one step, once a run"
        return "" if self._kind else "its answers are texts of any length, which cannot be compared"

    def of(self, scored: Scored) -> CaseOutcome | None:
        """Return what a run tells; None where it was no single call of one model, or nobody could answer it."""
        node = self._record(scored.run)
        if node is None or node.model is None:
            return None
        query = short_digest([self._flow, scored.inputs, self._scorer, scored.case.target])
        sample = self._samples[query, node.model]
        if sample >= (_MOST_SAMPLES if self._draws else 1):
            return None
        self._samples[query, node.model] += 1
        self._ask(query, scored.inputs)
        form = None if scored.score is None else self._form(node.value)
        return CaseOutcome(
            capability=self._capability,
            kind=self._kind or "",
            query=query,
            model=node.model,
            sample=sample,
            date=self._date,
            score=0.0 if scored.score is None else scored.score.value,
            form=None if form is None else short_digest([query, form]),
            answer=None if form is None else digest_of(form),
            cost_usd=None if node.unpriced else node.cost_usd,
            input_tokens=node.usage.input_tokens,
            output_tokens=node.usage.output_tokens,
            latency_s=node.latency_s if node.call_s is None else node.call_s,
            first_token_s=node.first_token_s,
        )

    def _ask(self, query: str, inputs: Mapping[str, Any]) -> None:
        if query not in self.prompts:
            self.prompts.update((query, texts[0]) for texts in known_prompts(self._whole, inputs).values())

    def _form(self, value: Any) -> str | None:
        assert self._node is not None and isinstance(self._node.work, Prompt)  # noqa: S101, PT018  # it has a record
        return form_in(self._node.work, self._capability, value)

    @property
    def _draws(self) -> bool:
        """Whether another answer of the same model may be another one."""
        return self._node is not None and isinstance(self._node.work, Prompt) and self._node.work.temperature > 0

    def _record(self, run: Run) -> NodeRun | None:
        """Return the record of the call; an answer that is not what was asked for is one too, and is not right."""
        place = "" if self._node is None else str(self._node.id)
        found = next((node for node in run.nodes if str(node.path) == place), None)
        if found is None or found.members:
            return None
        return found if found.state is NodeState.FINISHED or is_unusable(found) else None


def is_unusable(node: NodeRun) -> bool:
    """Tell whether a model answered, and not in the form that the step asks for."""
    failed = node.failure is not None and node.failure.code == NodeError.code
    return failed and node.model is not None and node.usage.output_tokens > 0


def _only_call(flow: Flow) -> Node | None:
    """Return the one step that calls a model, where it is done once a run."""
    calls = [(place, node) for place, node in flow.walk() if isinstance(node.work, Prompt)]
    return calls[0][1] if len(calls) == 1 and calls[0][0] == calls[0][1].id else None


def _kind(node: Node, capability: str) -> str | None:
    return kind_of(node.work, capability) if isinstance(node.work, Prompt) else None
