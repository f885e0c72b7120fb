"""Why a model cannot do a step at all: one rule a reason."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Node
from nubem_jupyter.core.model import STANDS_IN, ModelInfo
from nubem_jupyter.core.plan import Candidate
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.estimator.tokens import input_tokens
from nubem_jupyter.engine.router.words import rounded_up
from nubem_jupyter.engine.whereabouts import strays


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One model offered for one step."""

    node: Node
    """The step; its work is a prompt."""
    model: ModelInfo
    """The model."""
    candidate: Candidate
    """What is predicted."""
    constraints: Constraints
    """What the run must stay within."""
    named: bool
    """Whether the user named this model."""
    filled_chars: int = 0
    """Characters of known inputs in the prompt."""

    @property
    def work(self) -> Prompt:
        """What the step asks."""
        if not isinstance(self.node.work, Prompt):
            raise TypeError(f"node '{self.node.id}' calls no model")
        return self.node.work


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why an offer is refused."""

    reason: str
    """In a sentence."""
    relax: str = ""
    """What the user could do to have it accepted; empty for a limit that could be another: how far it would have to
    give way is a matter of the whole run."""
    strain: float = 0.0
    """How many times the limit would have to be stretched; infinite where no limit that is stretched would do."""


def refusals(offer: Offer) -> tuple[Refusal, ...]:
    """Return every reason against an offer; a model that cannot be called is not looked at any further."""
    if not offer.model.available:
        return (Refusal(reason=f"cannot be called now: {offer.model.missing}", relax=offer.model.missing),)
    return tuple(found for rule in _RULES if (found := rule(offer)))


def _not_named(offer: Offer) -> Refusal | None:
    if offer.named or not offer.constraints.models:
        return None
    return Refusal(reason="not one of the models that the constraints name", relax=f"add {offer.model.id} to --models")


def _stands_in(offer: Offer) -> Refusal | None:
    if offer.named or STANDS_IN not in offer.model.features:
        return None
    return Refusal(
        reason="only stands in for a model in tests", relax=f"name it: --models {offer.model.id}", strain=math.inf
    )


def _strays_off(offer: Offer) -> Refusal | None:
    stray = strays(offer.model, offer.constraints)
    return None if stray is None else Refusal(reason=stray.reason, relax=stray.mend)


def _lacks_features(offer: Offer) -> Refusal | None:
    lacking = [feature for feature in offer.constraints.require if feature not in offer.model.features]
    if not lacking:
        return None
    return Refusal(reason=f"lacks {', '.join(lacking)}", relax=f"leave out --require {' '.join(lacking)}")


def _lacks_schema(offer: Offer) -> Refusal | None:
    if offer.work.schema is None or "json_schema" in offer.model.features:
        return None
    return Refusal(reason="cannot hold its answer to the JSON Schema that this step asks for")


def _too_long(offer: Offer) -> Refusal | None:
    most = offer.model.context_tokens
    needed = input_tokens(offer.work, offer.filled_chars).value + offer.work.max_tokens
    if most is None or needed <= most:
        return None
    return Refusal(reason=f"prompt and answer take about {needed:.0f} tokens, and it holds {most}")


def _too_weak(offer: Offer) -> Refusal | None:
    """Hold the best single value against the limit: with few cases the low end would refuse even a faultless model."""
    least = offer.constraints.min_quality
    if least is None:
        return None
    quality = offer.candidate.quality
    if quality is None:
        return Refusal(
            reason="nothing is measured of its quality here, so min_quality cannot be promised",
            relax=f"measure it with %evaluate --models {offer.model.id}, or leave out --min-quality",
            strain=math.inf,
        )
    if quality.value >= least:
        return None
    return Refusal(
        reason=f"{_rightness(offer.candidate, quality.value)}, below min_quality {least:g}",
        strain=least / quality.value if quality.value else math.inf,
    )


def _rightness(candidate: Candidate, chance: float) -> str:
    if candidate.like is None:
        return f"right in {chance:.0%} of the measured cases"
    return f"expected to be right in {chance:.0%} of prompts like this"


def _too_dear(offer: Offer) -> Refusal | None:
    """Hold the high end against the limit: a run that is planned must not be stopped half-way by its budget."""
    most = offer.constraints.max_cost_usd
    if most is None:
        return None
    cost = offer.candidate.cost_usd
    if cost is None:
        return Refusal(
            reason="its price is not known, so max_cost cannot be kept",
            relax=f"leave out --max-cost: the price of {offer.model.id} is not known (of an endpoint "
            "you can say it in nubem.toml: price)",
            strain=math.inf,
        )
    if cost.high <= most:
        return None
    return Refusal(
        reason=f"this step alone may cost ${rounded_up(cost.high)}, above max_cost ${most:g}",
        strain=cost.high / most,
    )


def _too_slow(offer: Offer) -> Refusal | None:
    """Hold the best single value against the limit; an unknown speed is let through, the run's deadline guards it."""
    most, latency = offer.constraints.max_latency_s, offer.candidate.latency_s
    if most is None or latency is None or latency.value <= most:
        return None
    return Refusal(
        reason=f"this step alone takes about {latency.value:.2g} s, above max_latency {most:g} s",
        strain=latency.value / most,
    )


_RULES: tuple[Callable[[Offer], Refusal | None], ...] = (
    _not_named, _stands_in, _strays_off, _lacks_features, _lacks_schema, _too_long, _too_weak, _too_dear, _too_slow,
)  # fmt: skip
