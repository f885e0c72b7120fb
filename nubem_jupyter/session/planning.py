"""From a request to a plan: draft, optimize, route, estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.explanation import calls_told, change_told
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import ModelInfo
from nubem_jupyter.core.plan import Choice, Plan
from nubem_jupyter.core.value import ValueType, value_type_of
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.engine.estimator import estimate
from nubem_jupyter.engine.estimator.told import ToldOfSteps
from nubem_jupyter.engine.optimizer import optimize
from nubem_jupyter.engine.planner import Draft, draft_flow
from nubem_jupyter.engine.planner.language import detect_language
from nubem_jupyter.engine.planner.looking_up import Retriever, may_look_up
from nubem_jupyter.engine.planner.searching import Searcher, search_through, searches
from nubem_jupyter.engine.router import route
from nubem_jupyter.engine.router.limits import Known
from nubem_jupyter.engine.whereabouts import staying, strays
from nubem_jupyter.errors import InfeasibleError
from nubem_jupyter.ports import Provider
from nubem_jupyter.session.call_notes import CallNotes
from nubem_jupyter.session.foresight import doubts
from nubem_jupyter.session.leave import Foreseen

if TYPE_CHECKING:
    from nubem_jupyter.session.deployments import Neighbours
    from nubem_jupyter.session.exploring import Explore
    from nubem_jupyter.session.learned import Learned

Choose = Callable[..., Mapping[str, Choice]]
"""Chooses as ``route`` does: takes what it takes but for the cascades."""

_MOST_CHANGES = 3
"""Models that a plan warns of because their results have changed."""


def finish_plan(
    draft: Draft,
    request: str,
    constraints: Constraints,
    models: Sequence[ModelInfo],
    *,
    inputs: Mapping[str, Any] | None = None,
    optimized: bool = True,
    foresee: Callable[[Flow, Constraints], Foreseen] = lambda _flow, _constraints: Foreseen(),
    choose: Choose = route,
) -> Plan:
    """Optimize, route and estimate a drafted flow. Values given already make the estimate narrower.

    ``foresee`` tells what the flow's components cost, and what stands in their way; ``choose`` does as ``route``, and
    may have more to choose from (``chooser``).

    Raises:
        RoutingError: no model can be chosen for a node; an ``InfeasibleError`` holds the flow.
    """
    flow, rewrites = optimize(draft.flow) if optimized else (draft.flow, ())
    tools = foresee(flow, constraints)
    try:
        chosen = choose(flow, models, constraints, inputs=inputs, uses_usd=tools.uses_usd)
    except InfeasibleError as error:
        error.flow = flow
        raise
    expected = estimate(flow, chosen, inputs=inputs, uses_usd=tools.uses_usd)
    return Plan(
        request=request,
        language=draft.language,
        flow=flow,
        constraints=constraints,
        route=chosen,
        estimate=expected,
        questions=draft.questions,
        rewrites=rewrites,
        confidence=draft.confidence,
        explanation=draft.explanation,
        warnings=(*draft.warnings, *tools.warnings, *doubts(expected, constraints), *_changes(chosen)),
    )


def _changes(route: Mapping[str, Choice]) -> tuple[str, ...]:
    """Say of models that may be asked whose results are others than they were."""
    asked = (one for choice in route.values() for one in choice.in_turn)
    told = dict.fromkeys(
        line
        for one in asked
        for line in (
            *(change_told(one.model, change) for change in one.changes),
            *(f"Calls of {one.model} have changed: {calls_told(change)}." for change in one.calls_changed),
        )
    )
    return tuple(told)[:_MOST_CHANGES]


def chooser(
    cascades: Callable[[Flow, Constraints, Sequence[ModelInfo]], Learned] | None,
    explore: Callable[[Sequence[ModelInfo]], Explore] | None,
    told: Callable[[Flow, Mapping[str, Any]], ToldOfSteps],
) -> Choose:
    """Return what chooses among models, and the cascades that there are for the steps, and tries models in some steps.

    Without ``cascades`` or ``explore`` there is none of that. ``told`` says what scored cases tell of the steps with
    these inputs.
    """

    def choose(
        flow: Flow,
        models: Sequence[ModelInfo],
        constraints: Constraints,
        *,
        inputs: Mapping[str, Any] | None = None,
        uses_usd: Mapping[str, float | None] | None = None,
    ) -> Mapping[str, Choice]:
        learned = cascades(flow, constraints, models) if cascades else None
        of_steps = told(flow, inputs or {})
        chosen = route(flow, models, constraints, inputs=inputs, uses_usd=uses_usd, cascades=learned, told=of_steps)
        if explore is None:
            return chosen
        known_usd = {place: usd for place, usd in (uses_usd or {}).items() if usd is not None}
        return explore(models)(flow, chosen, constraints, Known(inputs=inputs or {}, uses_usd=known_usd))

    return choose


def draft_of_flow(flow: Flow) -> Draft:
    """Wrap a flow that somebody wrote or saved, so that it goes the way of every draft."""
    # Nobody worded it, so that there was nothing to understand.
    return Draft(flow=flow, confidence=None, explanation=f"the flow '{flow.name}' as it was written")


def input_types(inputs: Mapping[str, Any]) -> dict[str, ValueType]:
    """Name the type of each value, for the planner."""
    return {name: value_type_of(value) for name, value in inputs.items()}


def with_words(constraints: Constraints, words: Mapping[str, Any]) -> Constraints:
    """Fill constraints that nobody set by those that the request's own words say."""
    unset = msgspec.structs.asdict(Constraints())
    given = msgspec.structs.asdict(constraints)
    return msgspec.structs.replace(
        constraints, **{name: value for name, value in words.items() if given[name] == unset[name]}
    )


class Drafter:
    """Drafts flows: by the words of the request, and by a model where one is set for that and may be asked."""

    def __init__(
        self,
        model: str,
        providers: Mapping[str, Provider],
        models: Sequence[ModelInfo],
        searcher: Callable[[Constraints], Searcher | None] = lambda _: None,
        notes: CallNotes | None = None,
        retriever: Callable[[Constraints], Retriever | None] = lambda _: None,
        neighbours: Callable[[], Neighbours] | None = None,
    ) -> None:
        """Set up.

        Args:
            model: Who may draft; empty for nobody.
            providers: Who calls it.
            models: What is known of models.
            searcher: Gives what can search within the constraints; it is asked where a step would.
            notes: Where the model's calls are taken down.
            retriever: Gives what can look things up in files and rows; it is asked where a request may want that.
            neighbours: Gives what was learned lately of who answers how; it is asked where the model is at several
                places, or limits are said of it.
        """
        self._neighbours = neighbours
        self._retriever = retriever
        self._notes = notes
        self._searcher = searcher
        self._model = model
        self._providers = providers
        self._info = next((info for info in models if info.id == model), None)

    async def draft(
        self, request: str, inputs: Mapping[str, ValueType], constraints: Constraints, *, may_spend: bool
    ) -> tuple[Draft, float]:
        """Return the draft and what it cost, in US dollars; where the model fails, the draft by words says why.

        Raises:
            PlanError: the request is blank.
        """
        draft = self._by_words(request, inputs, constraints)
        if not self._model:
            return draft, 0.0
        from nubem_jupyter.session.model_planner import Among, ModelPlanner  # most plans are made by words alone

        ledger = Ledger(constraints.max_cost_usd)
        # A request that says where data may go is data itself.
        within = with_words(constraints, draft.constraints)
        flow, reason = None, self._refusal(within, may_spend)
        if self._info is not None and not reason:
            sites = staying(self._info, within)
            among = Among(self._neighbours(), sites) if sites and self._neighbours is not None else None
            asked = ModelPlanner(self._providers[self._info.caller], self._info, ledger, self._notes, among)
            flow, reason = await asked.draft(request, inputs)
            flow = flow and self._through_search(flow, request, within)
        if flow is None:
            return msgspec.structs.replace(draft, warnings=(*draft.warnings, reason)), ledger.spent_usd
        told = f"{self._model} drafted this flow."
        return msgspec.structs.replace(draft, flow=flow, questions=(), explanation=told), ledger.spent_usd

    def _by_words(self, request: str, inputs: Mapping[str, ValueType], constraints: Constraints) -> Draft:
        draft = draft_flow(request, inputs)
        within = with_words(constraints, draft.constraints)
        retriever = self._retriever(within) if may_look_up(request, inputs) else None
        if retriever is not None:
            draft = draft_flow(request, inputs, None, retriever)
        if searches(draft.flow):
            draft = draft_flow(request, inputs, self._searcher(within), retriever)
        return draft

    def _through_search(self, flow: Flow, request: str, constraints: Constraints) -> Flow:
        found = self._searcher(constraints) if searches(flow) else None
        return flow if found is None or found.missing else search_through(flow, found.info, detect_language(request))

    def _refusal(self, constraints: Constraints, may_spend: bool) -> str:
        """Say why the model may not be asked; empty when it may."""
        info = self._info
        if info is None:
            return f"The planner_model '{self._model}' is not known to any provider."
        if not info.available:
            return f"The planner_model '{self._model}' cannot be called: {info.missing}"
        stray = strays(info, constraints)
        if stray is not None and constraints.keeps_data_local:
            return f"The planner_model '{self._model}' is not on this machine, where the data has to stay."
        if stray is not None:
            return f"The planner_model '{self._model}' {stray.reason}."
        free = info.price is not None and not (info.price.input_usd.value or info.price.output_usd.value)
        return "" if may_spend or free else f"'{self._model}' was not asked for a plan, because that would cost money."
