"""Cases through targets: every case is run, scored and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.digest import digest, short_digest
from nubem_jupyter.core.evaluation import Dataset, EvalCase, Evaluation, Sample, Score
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.model import STANDS_IN, ModelInfo
from nubem_jupyter.core.outcome import CaseOutcome
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Outcome, Run
from nubem_jupyter.core.work import Input
from nubem_jupyter.engine.budget import Ledger
from nubem_jupyter.engine.evaluator import check_targets, summarize
from nubem_jupyter.engine.evaluator import scorer as find_scorer
from nubem_jupyter.engine.router.names import find_model
from nubem_jupyter.engine.transform import with_other_seeds
from nubem_jupyter.errors import EvaluationError
from nubem_jupyter.ports import Scorer
from nubem_jupyter.session.exploring import without_trying
from nubem_jupyter.session.filing import Observed, file_evaluation
from nubem_jupyter.session.foresight import check_sandbox
from nubem_jupyter.session.outcomes import Outcomes, Scored, is_unusable

if TYPE_CHECKING:
    from nubem_jupyter.session.session import Session

_AT_ONCE = 4
"""Cases under way together; local models answer two at a time and the rest wait with them."""

RunCase = Callable[[Plan, Mapping[str, Any]], Awaitable[Run]]


class Target(NamedTuple):
    """What is evaluated."""

    name: str
    plan: Plan


Observe = Callable[[Target, Scored], None]
"""Is told of each run with its score."""


class Evaluating(msgspec.Struct, frozen=True, kw_only=True):
    """How an evaluation is to be done; see ``Session.evaluate``."""

    scorer: str
    """How answers are scored."""
    models: Sequence[str]
    """Each target is tried on each of these; none leaves the choice to the router."""
    constraints: Constraints | None
    """What each case's run must stay within."""
    repeat: int
    """How often each case is run."""
    budget_usd: float | None
    """Ceiling for all cases together, in US dollars."""
    capability: str
    """What the cases are about; empty leaves the catalog as it is."""

    async def run(self, session: Session, dataset: Dataset, targets: Mapping[str, Flow | Plan]) -> Evaluation:
        """Do it; raises as ``Session.evaluate`` does, and then nothing has been run."""
        if self.repeat < 1:
            raise EvaluationError(f"repeat is {self.repeat}, which runs nothing", hint="give 1 or more")
        ledger = None if self.budget_usd is None else Ledger(Constraints(max_cost_usd=self.budget_usd).max_cost_usd)
        chosen = find_scorer(self.scorer)
        check_targets(dataset, chosen)
        plans = await plan_targets(session, targets, self.models, self.constraints)
        for _, plan in plans:
            check_sandbox(plan.flow, plan.constraints, session.sandbox)

        async def run_case(plan: Plan, values: Mapping[str, Any]) -> Run:
            # Each case is answered anew: repeating it is how its spread is measured, and its cost and time are too.
            return await (await session.begin(plan, values, keep=False, cache=False, ledger=ledger)).wait()

        date = datetime.now(UTC).isoformat(timespec="milliseconds")
        outcomes = _Outcomes(chosen.name, self.capability, date[:10]) if self.capability and self.models else None
        observe = None if outcomes is None else outcomes.take
        samples = await evaluate_targets(plans, dataset, chosen, run_case, repeat=self.repeat, observe=observe)
        evaluation = Evaluation(
            dataset=dataset.name,
            scorer=chosen.name,
            capability=self.capability,
            date=date,
            samples=samples,
            means=summarize(samples),
        )
        observed = None if outcomes is None else outcomes.observed(_method(plans, dataset, chosen.name))
        return await asyncio.to_thread(file_evaluation, session, evaluation, observed)


class _Outcomes:
    """What the runs of an evaluation tell of the models that it names."""

    def __init__(self, scorer: str, capability: str, date: str) -> None:
        self._found: list[CaseOutcome] = []
        self._scorer = scorer
        self._capability = capability
        self._date = date
        self._of_flow: dict[Flow, Outcomes] = {}

    def take(self, target: Target, scored: Scored) -> None:
        """Take a run in."""
        flow = target.plan.flow
        if flow not in self._of_flow:
            self._of_flow[flow] = Outcomes(flow, self._scorer, self._capability, self._date)
        outcome = self._of_flow[flow].of(scored)
        if outcome is not None:
            self._found.append(outcome)

    def observed(self, method: str) -> Observed:
        """Return what all that were taken in told."""
        flows = self._of_flow.values()
        kinds = frozenset(one.kind for one in flows if one.kind is not None)
        prompts = {query: text for one in flows for query, text in one.prompts.items()}
        return Observed(self._found, prompts, kinds, next((one.lack for one in flows if one.lack), ""), method)


def _method(targets: Sequence[Target], dataset: Dataset, scorer: str) -> str:
    """Return the digest of how models are measured: what they are asked, of which cases, and how answers are scored."""
    flows = sorted({digest(target.plan.flow) for target in targets})
    return short_digest((scorer, flows, [(case.inputs, case.target) for case in dataset.cases]))


def inputs_for(flow: Flow, case: EvalCase) -> dict[str, Any]:
    """Return the case's values under the flow's names; a lone value fits a lone needed input whatever its name.

    Raises:
        EvaluationError: the flow needs what the case does not have.
    """
    known = [node.id for node in flow.inputs]
    given = {name: value for name, value in case.inputs.items() if name in known}
    needed = [n.id for n in flow.inputs if isinstance(n.work, Input) and not n.work.optional and n.id not in given]
    spare = [value for name, value in case.inputs.items() if name not in known]
    if len(needed) == 1 and len(spare) == 1:
        return {**given, needed[0]: spare[0]}
    if needed:
        raise EvaluationError(
            f"case '{case.id}' has no value for '{needed[0]}', which the flow '{flow.name}' needs",
            hint=f"the case has: {', '.join(case.inputs) or 'nothing'}",
        )
    return given


async def evaluate_targets(
    targets: tuple[Target, ...],
    dataset: Dataset,
    scorer: Scorer,
    run_case: RunCase,
    *,
    repeat: int = 1,
    observe: Observe | None = None,
) -> tuple[Sample, ...]:
    """Run every case through every target, ``repeat`` times, and score the answers; samples keep that order.

    ``observe`` is told of each run as it ends.

    Raises:
        EvaluationError: a case does not fit a target; nothing has been run then.
    """
    gate = asyncio.Semaphore(_AT_ONCE)
    turns = [(target, [_drawn_anew(target.plan, turn) for turn in range(repeat)]) for target in targets]
    jobs = [
        (target, plan, case, inputs_for(target.plan.flow, case))
        for target, plans in turns
        for case in dataset.cases
        for plan in plans
    ]

    async def one(target: Target, plan: Plan, case: EvalCase, inputs: Mapping[str, Any]) -> Sample:
        async with gate:
            run = await run_case(plan, inputs)
        score = scorer.score(run.result, case) if run.outcome is Outcome.FINISHED else None
        if observe is not None:
            observe(target, Scored(inputs, case, run, score))
        return _sample(target.name, case, run, score)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(*job)) for job in jobs]
    return tuple(task.result() for task in tasks)


def _drawn_anew(plan: Plan, turn: int) -> Plan:
    """Return the plan for a repeat: seeds that were given are others each time, else it would draw the same again."""
    flow = with_other_seeds(plan.flow, turn)
    return plan if flow is plan.flow else msgspec.structs.replace(plan, flow=flow)


def _sample(target: str, case: EvalCase, run: Run, score: Score | None) -> Sample:
    return Sample(
        target=target,
        case=case.id,
        cluster=case.cluster,
        answer=run.result,
        score=score.value if score else None,
        unusable=score is None and any(is_unusable(node) for node in run.nodes),
        explanation=score.explanation if score else (run.failure.message if run.failure else str(run.outcome)),
        cost_usd=run.cost_usd,
        latency_s=run.latency_s,
    )


async def plan_targets(
    session: Session, targets: Mapping[str, Flow | Plan], models: Sequence[str], constraints: Constraints | None
) -> tuple[Target, ...]:
    """Plan every target, on each of the models where some are named; ``all`` stands for those that are offered.

    With models, a lone target's samples go by the model's name, so that what they say can become evidence.

    Raises:
        RoutingError: a model is unknown or cannot be called.
    """
    known = session.models()
    named = _offered(known) if tuple(models) == ("all",) else tuple(find_model(name, known).id for name in models)
    planned = []
    for name, target in targets.items():
        if not named:
            plan = target if isinstance(target, Plan) else await session.plan(target, constraints=constraints)
            planned.append(Target(name, without_trying(plan)))
        for model in named:
            only = msgspec.structs.replace(constraints or Constraints(), models=(model,))
            title = model if len(targets) == 1 else f"{name} on {model}"
            flow = target.flow if isinstance(target, Plan) else target
            planned.append(Target(title, await session.plan(flow, constraints=only, cascades=False)))
    return tuple(planned)


def _offered(models: Sequence[ModelInfo]) -> tuple[str, ...]:
    return tuple(info.id for info in models if info.available and STANDS_IN not in info.features)
