"""The router: for each model call of a flow, the model and the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nubem_jupyter.core.cascade import LearnedCascade
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.plan import Candidate, Choice, Expected
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.checked import task_of
from nubem_jupyter.engine.estimator import known_sizes, predict
from nubem_jupyter.engine.estimator.expected import expectations
from nubem_jupyter.engine.estimator.told import NOTHING, ToldOfSteps
from nubem_jupyter.engine.router.cascades import cascades_for
from nubem_jupyter.engine.router.chains import keep_chains
from nubem_jupyter.engine.router.keeping import keep_within, what_would_allow
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.router.names import named_models
from nubem_jupyter.engine.router.ranking import rank
from nubem_jupyter.engine.router.refusal import Offer, Refusal, refusals
from nubem_jupyter.engine.router.words import because
from nubem_jupyter.errors import InfeasibleError

_SHOWN_REFUSED = 8
"""A plan keeps the nearest of the models that may not do a step. Those elsewhere that nobody has set up are left out:
a catalog lists thousands of them, and they would crowd out what can be done."""


class _Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the router, for every step alike."""

    models: Sequence[ModelInfo]
    constraints: Constraints
    named: frozenset[ModelId]
    cascades: Mapping[str, Sequence[LearnedCascade]]
    told: ToldOfSteps
    expected: Mapping[str, Mapping[ModelId, Expected]]
    """Capability -> model -> what others let expect of it."""


class _Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A model that may not do a step."""

    candidate: Candidate
    refusals: tuple[Refusal, ...]
    far: int
    """0 can be called now, 1 could be brought to this machine, 2 is elsewhere and not set up."""


class _Options(msgspec.Struct, frozen=True, kw_only=True):
    """The models for one step: those that may do it, best first, and the others, nearest first."""

    ranked: tuple[Candidate, ...]
    refused: tuple[_Refused, ...]


def route(
    flow: Flow,
    models: Sequence[ModelInfo],
    constraints: Constraints,
    *,
    inputs: Mapping[str, Any] | None = None,
    uses_usd: Mapping[str, float | None] | None = None,
    cascades: Mapping[str, Sequence[LearnedCascade]] | None = None,
    told: ToldOfSteps | None = None,
) -> Mapping[str, Choice]:
    """Choose a model for each model call, keyed by its place in ``Flow.walk``; equal arguments give equal routes.

    ``inputs`` are values already known: they tell how long prompts are and how many items maps run over.
    ``uses_usd`` tells of places with a tool what a use costs; one that nobody knows the cost of is none of the models'
    fault, and counts for nothing here. ``cascades`` are those that were learned for each place: each stands beside the
    models where all of its members may do the step. ``told`` is what scored cases tell of each place's prompt.

    Raises:
        UnknownModelError: the constraints name a model that is not listed.
        RoutingError: they name one that cannot be called now.
        InfeasibleError: no model may do some step, or none of the choices keeps the run within its limits.
    """
    given = inputs or {}
    request = _Request(
        models=models,
        constraints=constraints,
        named=named_models(constraints.models, models),
        cascades=cascades or {},
        told=told or {},
        expected={
            capability: expectations(models, capability)
            for capability in sorted({node.capability for _, node in flow.walk() if isinstance(node.work, Prompt)})
        },
    )
    chars = known_sizes(flow, given).chars
    steps = {place: (node, chars[place]) for place, node in flow.walk() if place in chars}
    tools = {place: usd for place, usd in (uses_usd or {}).items() if usd is not None}
    known = Known(inputs=given, uses_usd=tools, told=request.told)

    def unlimited() -> dict[str, Sequence[Candidate]]:
        return {place: one.ranked for place, one in _all_options(steps, _without_limits(request)).items()}

    options = _options_each(steps, request)
    stuck = next((place for place, option in options.items() if not option.ranked), None)
    if stuck is not None:
        raise _nobody(stuck, options[stuck].refused, request, what_would_allow(flow, unlimited(), constraints, known))
    ranked = {place: option.ranked for place, option in options.items()}
    chosen = keep_within(flow, ranked, constraints, known, unlimited)
    found = {place: _choice(chosen[place], option) for place, option in options.items()}
    return keep_chains(flow, found, constraints, known)


_Steps = Mapping[str, tuple[Node, int]]
"""Place of a model call -> its node, and how many characters of known inputs are in its prompt."""


def _options_each(steps: _Steps, request: _Request) -> dict[str, _Options]:
    return {place: _options(request, place, *step) for place, step in steps.items()}


def _all_options(steps: _Steps, request: _Request) -> dict[str, _Options]:
    """Return what there is for each step.

    Raises:
        InfeasibleError: there is nothing for one.
    """
    found = _options_each(steps, request)
    for place, option in found.items():
        if not option.ranked:
            raise _nobody(place, option.refused, request, "")
    return found


def _without_limits(request: _Request) -> _Request:
    free = msgspec.structs.replace(request.constraints, max_cost_usd=None, max_latency_s=None, min_quality=None)
    return msgspec.structs.replace(request, constraints=free)


def _options(request: _Request, place: str, node: Node, filled_chars: int) -> _Options:
    allowed: list[Candidate] = []
    refused: list[_Refused] = []
    offers: list[Offer] = []
    task = task_of(node)
    told, expected = request.told.get(place, {}), request.expected[node.capability]
    for model in request.models:
        candidate = predict(
            node,
            model,
            filled_chars=filled_chars,
            task=task,
            told=told.get(model.id, NOTHING),
            expected=expected.get(model.id),
        )
        offer = Offer(
            node=node,
            model=model,
            candidate=candidate,
            constraints=request.constraints,
            named=model.id in request.named,
            filled_chars=filled_chars,
        )
        offers.append(offer)
        found = refusals(offer)
        if found:
            far = 0 if model.available else 1 if model.local else 2
            refused.append(_Refused(candidate=candidate, refusals=found, far=far))
        else:
            allowed.append(candidate)
    if place in request.cascades:
        allowed += cascades_for(node, request.cascades[place], offers)
    refused.sort(key=_distance)
    if not allowed:
        return _Options(ranked=(), refused=tuple(refused))
    parameters = {model.id: model.parameters for model in request.models if model.parameters is not None}
    ranked = rank(allowed, request.constraints.prefer, parameters, node.capability, told)
    return _Options(ranked=ranked, refused=tuple(refused))


def _distance(one: _Refused) -> tuple[int, int, float, str]:
    """Order what is refused by how little would have to change, so that a hint names the nearest limit."""
    return one.far, len(one.refusals), max(refusal.strain for refusal in one.refusals), one.candidate.model


def _nobody(place: str, refused: Sequence[_Refused], request: _Request, enough: str) -> InfeasibleError:
    """Say why, of those models alone that are named where some are; how to mend it may be to name another.

    ``enough`` says which limits would be, for the whole run.
    """
    wanted = [one for one in refused if not request.named or one.candidate.model in request.named]
    callable_now = [one for one in wanted if one.far == 0]
    if not callable_now:
        ways = _way_to_one(refused, request.constraints)
        return InfeasibleError(f"no model can be called yet for step '{place}'", hint=ways)
    told = "; ".join(f"{one.candidate.model}: {one.refusals[0].reason}" for one in callable_now[:3])
    more = f" (and {len(callable_now) - 3} more)" if len(callable_now) > 3 else ""
    hints = (refusal.relax for one in (*wanted, *refused) for refusal in one.refusals if refusal.relax)
    return InfeasibleError(f"no model may do step '{place}': {told}{more}", hint=enough or next(hints, ""))


def _way_to_one(refused: Sequence[_Refused], constraints: Constraints) -> str:
    """Say how to bring the nearest model here, and, where the data may leave, that hosted ones need a key."""
    ways = [one.refusals[0].relax for one in refused if one.far == 1][:1] or ["nubem models pull NAME"]
    if not constraints.keeps_data_local:
        ways.append("set the key of a hosted provider; see: nubem models --all")
    return ", or ".join(ways)


def _choice(chosen: Candidate, options: _Options) -> Choice:
    first = options.ranked[0]
    if chosen.model != first.model:
        first = because(first, f"would be the first, but {chosen.model} is {chosen.reason}")
    others = [one for one in (first, *options.ranked[1:]) if one.model != chosen.model]
    refused = [
        msgspec.structs.replace(one.candidate, feasible=False, reason=one.refusals[0].reason)
        for one in options.refused[:_SHOWN_REFUSED]
        if one.far < 2
    ]
    return Choice(chosen=chosen, alternatives=(*others, *refused))
