"""Strategies for plans, runs and evaluations."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from nubem_jupyter.core import event
from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.cascade import CascadePlan, Member, Verdict
from nubem_jupyter.core.evaluation import Evaluation, Lesson, Mean, Sample
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId, NodePath, RunId
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Plan, Question, Range, Rewrite
from nubem_jupyter.core.run import Failure, MemberRun, NodeRun, NodeState, Outcome, Run
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.testing.strategies.flows import flows
from nubem_jupyter.testing.strategies.models import constraints, evidence
from nubem_jupyter.testing.strategies.values import amounts, dates, json_values, model_ids, node_ids, shares, words

_whole_json = json_values(4)
_few_json = st.dictionaries(words, json_values(3), max_size=2)
_counts = st.integers(0, 10**6)


def ranges(of: st.SearchStrategy[float] = amounts) -> st.SearchStrategy[Range]:
    """Estimates whose ends are in order."""
    three = st.lists(of, min_size=3, max_size=3).map(sorted)
    return three.map(lambda ends: Range(low=ends[0], value=ends[1], high=ends[2]))


def estimates() -> st.SearchStrategy[Estimate]:
    """What a plan may be expected to take, unknown parts too."""
    amount = st.none() | ranges()
    return st.builds(Estimate, cost_usd=amount, latency_s=amount, quality=st.none() | ranges(shares))


def candidates() -> st.SearchStrategy[Candidate]:
    """Models and cascades for a step, with and without predictions."""
    return st.builds(
        _candidate,
        model_ids | cascades(),
        quality=st.none() | ranges(shares),
        cost_usd=st.none() | ranges(),
        latency_s=st.none() | ranges(),
        evidence=st.lists(evidence(), max_size=1).map(tuple),
        feasible=st.booleans(),
        reason=words,
    )


def _candidate(asked: ModelId | CascadePlan, **fields: Any) -> Candidate:
    if isinstance(asked, CascadePlan):
        return Candidate(model=asked.name, cascade=asked, **fields)
    return Candidate(model=asked, **fields)


def cascades() -> st.SearchStrategy[CascadePlan]:
    """Two or three members, of whom the first two may agree in any way."""
    verdicts = st.dictionaries(
        st.sampled_from(("aa", "ab", "a-")), st.builds(Verdict, member=st.integers(0, 1), chance=shares)
    )
    member = st.builds(Member, model=model_ids, sample=st.integers(0, 2))
    members = st.lists(member, min_size=2, max_size=3).map(tuple)
    return st.builds(CascadePlan, members=members, at_once=st.integers(1, 2), verdicts=verdicts)


@st.composite
def plans(draw: st.DrawFn, *, max_steps: int = 4, alternatives: int = 1) -> Plan:
    """Plans with a choice for every model call of their flow."""
    flow = draw(flows(max_steps=max_steps))
    choice = st.builds(Choice, chosen=candidates(), alternatives=st.lists(candidates(), max_size=1).map(tuple))
    others = st.lists(plans(max_steps=2, alternatives=0), max_size=alternatives)
    return Plan(
        request=draw(words),
        language=draw(st.sampled_from(("en", "es"))),
        flow=flow,
        constraints=draw(constraints()),
        route={place: draw(choice) for place, node in flow.walk() if isinstance(node.work, Prompt)},
        estimate=draw(estimates()),
        questions=tuple(draw(st.lists(st.builds(Question, text=words, name=node_ids), max_size=1))),
        alternatives=tuple(draw(others)) if alternatives else (),
        rewrites=tuple(draw(st.lists(st.builds(Rewrite, rule=words, description=words), max_size=1))),
        confidence=draw(st.none() | shares),
        explanation=draw(words),
        warnings=tuple(draw(st.lists(words, max_size=1))),
        spent_usd=draw(amounts),
    )


def events(run: RunId) -> st.SearchStrategy[event.Event]:
    """Every kind of event of one run."""
    head = {"run": st.just(run), "at_s": amounts}
    node = {**head, "node": node_ids.map(NodePath)}
    return st.one_of(
        st.builds(event.RunStarted, nodes=_counts, **head),
        st.builds(event.NodeStarted, model=st.none() | model_ids, **node),
        st.builds(event.Tokens, text=words, **node),
        st.builds(event.NodeRetried, error=words, wait_s=amounts, **node),
        st.builds(event.MemberAnswered, model=model_ids, place=st.integers(0, 3), text=words, error=words, **node),
        st.builds(event.CascadeDecided, model=model_ids, verdict=words, **node),
        st.builds(event.NodeFinished, cost_usd=amounts, tokens=_counts, **node),
        st.builds(event.NodeFailed, error=words, optional=st.booleans(), **node),
        st.builds(event.BudgetWarning, spent_usd=amounts, limit_usd=amounts, **head),
        st.builds(event.RunEnded, outcome=st.sampled_from(Outcome).map(str), cost_usd=amounts, **head),
    )


def node_runs(flow: Flow) -> st.SearchStrategy[NodeRun]:
    """Records of one of the flow's nodes."""
    return st.sampled_from(list(flow.walk())).flatmap(
        lambda placed: st.builds(
            NodeRun,
            path=st.just(NodePath(placed[0])),
            kind=st.just(str(placed[1].kind)),
            capability=st.just(placed[1].capability),
            state=st.sampled_from(NodeState),
            value=_whole_json,
            model=st.none() | model_ids,
            members=st.lists(member_runs(), max_size=2).map(tuple),
            usage=usages(),
            cost_usd=amounts,
            started_s=amounts,
            ended_s=amounts,
            tries=st.integers(1, 4),
            failure=st.none() | failures(),
        )
    )


def member_runs() -> st.SearchStrategy[MemberRun]:
    """What came of asking members of a cascade."""
    return st.builds(
        MemberRun,
        place=st.integers(0, 3),
        model=model_ids,
        call=words,
        value=_whole_json,
        failure=st.none() | failures(),
        usage=usages(),
        cost_usd=amounts,
        latency_s=amounts,
        cached=st.booleans(),
        agreed=st.booleans(),
    )


def usages() -> st.SearchStrategy[Usage]:
    """Counts of tokens, of which some may have names of their own."""
    parts = {"cached_tokens": _counts, "cache_write_tokens": _counts, "reasoning_tokens": _counts}
    return st.builds(Usage, input_tokens=_counts, output_tokens=_counts, **parts)


def failures() -> st.SearchStrategy[Failure]:
    """Errors on record."""
    return st.builds(Failure, code=st.sampled_from(("run.node", "provider.failed")), message=words, hint=words)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Runs of every outcome, with records, inputs and a log."""
    plan = draw(plans(max_steps=3))
    name = RunId(draw(node_ids))
    return Run(
        id=name,
        plan=plan,
        inputs=draw(_few_json),
        outcome=draw(st.sampled_from(Outcome)),
        result=draw(_whole_json),
        nodes=tuple(draw(st.lists(node_runs(plan.flow), max_size=3))),
        started_at=draw(st.datetimes().map(lambda when: when.isoformat() + "Z")),
        latency_s=draw(amounts),
        failure=draw(st.none() | failures()),
        log=tuple(draw(st.lists(events(name), max_size=3))),
    )


def evaluations() -> st.SearchStrategy[Evaluation]:
    """Evaluations of a few samples."""
    sample = st.builds(Sample, target=words, case=words, answer=_whole_json, score=st.none() | shares, cost_usd=amounts)
    mean = st.builds(
        Mean,
        target=words,
        n=_counts,
        errors=_counts,
        mean=shares,
        standard_error=st.none() | shares,
        low=shares,
        high=shares,
        cost_usd=amounts,
        latency_s=amounts,
    )
    lesson = st.builds(
        Lesson,
        cases=st.dictionaries(model_ids, _counts, max_size=2),
        cascades=st.lists(model_ids, max_size=2).map(tuple),
        uncounted=words,
        no_cascade=words,
    )
    return st.builds(
        Evaluation,
        dataset=words,
        scorer=words,
        date=dates,
        samples=st.lists(sample, max_size=3).map(tuple),
        means=st.lists(mean, max_size=2).map(tuple),
        lesson=st.none() | lesson,
    )
