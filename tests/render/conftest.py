"""Values to show: a plan with alternatives, runs of it that went well and badly, an evaluation."""

import msgspec
import pytest

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.evaluation import Evaluation, Mean, Sample
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.plan import Candidate, Choice, Estimate, Plan, Range, Rewrite
from nubem_jupyter.core.run import Failure, NodeRun, NodeState, Outcome, Run


def around(value, spread=0.4):
    return Range(low=value * (1 - spread), value=value, high=value * (1 + spread))


FREE = Range(low=0.0, value=0.0, high=0.0)


@pytest.fixture
def flow():
    body = (
        Flow.build("each")
        .input("item", type="text")
        .model("translate", "Translate to Spanish: {item}", capability="translate")
        .output("translate")
    )
    return (
        Flow.build("review")
        .input("code", type="code")
        .input("notes", type="list")
        .model("review", "Review this:\n{code}", capability="review_code")
        .model("summary", "Summarise:\n{review}", capability="summarize")
        .map("each", body, "notes")
        .join("both", ["summary", "each"])
        .output("both")
    )


@pytest.fixture
def plan(flow):
    small = Candidate(
        model="local/smollm2-135m",
        quality=Range(low=0.31, value=0.42, high=0.55),
        cost_usd=FREE,
        latency_s=around(0.9),
        reason="as good as the best by evidence, and the fastest",
    )
    large = Candidate(
        model="openai/gpt-4o",
        quality=Range(low=0.85, value=0.91, high=0.95),
        cost_usd=around(0.0031),
        latency_s=around(2.4),
        reason="the only model that reaches min_quality 0.8",
    )
    unknown = Candidate(model="openai/new <b>", feasible=False, reason="its price is unknown & a ceiling is set")
    return Plan(
        request="Review {code}, summarise it and translate the notes",
        flow=flow,
        route={
            "review": Choice(chosen=large, alternatives=(small, unknown)),
            "summary": Choice(chosen=small, alternatives=(large,)),
            "each/body/translate": Choice(chosen=small),
        },
        estimate=Estimate(cost_usd=around(0.0031), latency_s=around(4.1), quality=around(0.4, 0.3)),
        rewrites=(Rewrite(rule="dead_nodes", description="'spare' had no reader", removed=("spare",)),),
        confidence=0.75,
        explanation="Three steps: review, summarise, translate each note.",
        warnings=("the small model is weak at translating",),
    )


def node(path, kind="model", model=None, value="", cost=0.0, start=0.0, end=0.0, **more):
    return NodeRun(
        path=path,
        kind=kind,
        state=more.pop("state", NodeState.FINISHED),
        model=model,
        value=value,
        cost_usd=cost,
        started_s=start,
        ended_s=end,
        usage=Usage(input_tokens=20, output_tokens=12 if model else 0),
        **more,
    )


@pytest.fixture
def run(plan):
    return Run(
        id="20261122-120000-ab12cd",
        plan=plan,
        inputs={"code": "x = 1", "notes": ["a", "b"]},
        outcome=Outcome.FINISHED,
        result={"summary": "The code assigns 1 to x.\nIt does nothing else worth telling.", "each": ["hola", "adiós"]},
        nodes=(
            node("review", model="openai/gpt-4o", value="Fine, but <script>alert(1)</script>", cost=0.0029, end=2.2),
            node("each[0]/translate", model="local/smollm2-135m", value="hola", end=0.8),
            node("each[1]/translate", model="local/smollm2-135m", value="adiós", start=0.1, end=0.9),
            node("each", kind="map", value=["hola", "adiós"], end=0.9),
            node("summary", model="local/smollm2-135m", value="The code assigns 1 to x.", start=2.2, end=3.1),
            node("both", kind="join", value={}, start=3.1, end=3.1),
        ),
        started_at="2026-11-22T12:00:00+00:00",
        latency_s=3.13,
    )


@pytest.fixture
def cached_run(run):
    """The same run made once more: the review and one of the two translations were at hand."""
    again = {"review": {"saved_usd": 0.0029}, "each[1]/translate": {}}
    nodes = [
        msgspec.structs.replace(step, cached=True, cost_usd=0.0, ended_s=step.started_s, **again[step.path])
        if step.path in again
        else step
        for step in run.nodes
    ]
    return msgspec.structs.replace(run, nodes=tuple(nodes))


@pytest.fixture
def failed_run(run):
    broken = NodeRun(
        path="summary",
        kind="model",
        state=NodeState.FAILED,
        model="local/smollm2-135m",
        started_s=2.2,
        ended_s=2.4,
        failure=Failure(code="provider.unavailable", message="the model's weights are missing"),
    )
    return msgspec.structs.replace(
        run,
        outcome=Outcome.FAILED,
        result=None,
        nodes=(run.nodes[0], broken),
        failure=Failure(code="run.node", message="'summary' failed: the weights are missing", hint="nubem models pull"),
    )


@pytest.fixture
def evaluation():
    samples = tuple(
        Sample(target=target, case=str(case), answer="positive", score=float(case % 2), latency_s=0.5)
        for target in ("local/a", "openai/b")
        for case in (1, 2, 3)
    )
    means = (
        Mean(
            target="openai/b",
            n=3,
            errors=0,
            mean=0.667,
            standard_error=0.272,
            low=0.13,
            high=1.0,
            cost_usd=0.0123,
            latency_s=0.5,
        ),
        Mean(
            target="local/a",
            n=1,
            errors=2,
            mean=0.333,
            standard_error=None,
            low=0.0,
            high=1.0,
            cost_usd=0.0,
            latency_s=71.4,
        ),
    )
    return Evaluation(dataset="reviews.csv", scorer="exact", samples=samples, means=means)
