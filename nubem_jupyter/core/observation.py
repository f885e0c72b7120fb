"""What one real model call told of its deployment: how it ended and how long it took, never what was asked."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.call import Answer, Usage
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.run import NodeRun, NodeState
from nubem_jupyter.errors import CallFailedError, NodeError, ProviderError

_DEPLOYMENTS_FAULT = frozenset({ProviderError.code, CallFailedError.code})
"""Codes of failures that tell of the deployment. A call that it refuses, a missing key or a rest tell nothing of it.
Nor does one that reached nobody: as often as not this machine is offline, and that a server is down its list says."""


class CallObservation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One call that ended."""

    model: ModelId
    """Who was asked."""
    capability: str
    """What for."""
    at_s: float
    """When it ended: seconds since 1970, UTC."""
    ok: bool
    """Whether it was answered."""
    error_kind: str = ""
    """The error's stable code where it was not."""
    first_token_s: float | None = None
    """Seconds to its first text; None where nobody could tell."""
    output_tokens: int = 0
    """Tokens generated; 0 where nobody could tell."""
    total_s: float | None = None
    """Seconds to its end; None where nobody could tell."""
    cached_share: float = 0.0
    """Share of its prompt's tokens that the provider had read before, 0 to 1; known where ``output_tokens`` is."""
    cached: bool = False
    """Whether the answer was at hand: that tells nothing of the deployment, and is left out."""

    @property
    def tokens_per_s(self) -> float | None:
        """Tokens a second after the first; None where the call was too short to tell."""
        if self.first_token_s is None or self.total_s is None or self.output_tokens < 2:
            return None
        writing_s = self.total_s - self.first_token_s
        return (self.output_tokens - 1) / writing_s if writing_s > 0 else None


def failed_call(model: ModelId, capability: str, at_s: float, code: str) -> CallObservation | None:
    """Return what a call told that failed with an error of this code; None where that lies with the caller."""
    if code not in _DEPLOYMENTS_FAULT:
        return None
    return CallObservation(model=model, capability=capability, at_s=at_s, ok=False, error_kind=code)


def answered_call(model: ModelId, capability: str, at_s: float, answer: Answer) -> CallObservation:
    """Return what a call told that was answered."""
    return CallObservation(
        model=model,
        capability=capability,
        at_s=at_s,
        ok=True,
        first_token_s=answer.first_token_s,
        output_tokens=answer.usage.output_tokens,
        total_s=answer.total_s,
        cached_share=_cached_share(answer.usage),
    )


class CheckedAnswer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the check of a step said of one answer; neither the question nor the answer is in it."""

    model: ModelId
    """Who answered."""
    capability: str
    """What for."""
    task: str
    """Digest of the step."""
    step: str
    """Where it stands in its flow."""
    case: str
    """Digest of what was asked: the same case asked again tells nothing new."""
    day: str
    """ISO day."""
    passed: bool
    """Whether the answer could be used and passed."""


class CheckedDay(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the check of a step said of one model's answers on one day."""

    model: ModelId
    """Who answered."""
    capability: str
    """What for."""
    task: str
    """Digest of the step."""
    step: str
    """Where it stands in its flow."""
    day: str
    """ISO day."""
    n: int
    """How many cases."""
    passed: int
    """How many of the answers passed."""


def passed_check(node: NodeRun) -> bool | None:
    """Tell whether the answer passed that the record of a checked step tells of, or of a try that another follows.

    An answer that is not of the form that the step asks for has not passed. None where there was no answer, or one that
    was at hand, or the check itself could not be run. The calls of a cascade tell of themselves.
    """
    if node.model is None or node.cached or node.members:
        return None
    if node.state is NodeState.FINISHED:
        return True
    refused = node.failure is not None and node.failure.code == NodeError.code and node.usage.output_tokens > 0
    return False if refused and node.state is NodeState.FAILED else None


def observed(node: NodeRun, at_s: float) -> CallObservation | None:
    """Return what the record of a step, or of a try that another follows, tells of its deployment at ``at_s``.

    None where no call was made, or where it was stopped or failed for a reason that lies with the caller. A call whose
    answer could not be used was answered all the same. The calls of a cascade tell of themselves.
    """
    model = node.model
    if model is None or node.cached or node.members:
        return None
    failed = node.failure and failed_call(model, node.capability, at_s, node.failure.code)
    if failed:
        return failed
    if node.call_s is None and node.state is not NodeState.FINISHED:
        return None
    # The record has the tokens of all tries together, and the times of the one that answered.
    alone = node.tries == 1 and not node.hedges and not node.estimated
    return CallObservation(
        model=model,
        capability=node.capability,
        at_s=at_s,
        ok=True,
        first_token_s=node.first_token_s,
        output_tokens=node.usage.output_tokens if alone else 0,
        total_s=node.call_s,
        cached_share=_cached_share(node.usage) if alone else 0.0,
    )


def _cached_share(usage: Usage) -> float:
    return usage.cached_tokens / usage.input_tokens if usage.input_tokens else 0.0
