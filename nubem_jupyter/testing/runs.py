"""Made-up runs for tests of stores and displays."""

from __future__ import annotations

from typing import Any

import msgspec

from nubem_jupyter.core.call import Usage
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.event import Event, NodeFailed, NodeFinished, NodeStarted, RunEnded, RunStarted, Tokens
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId, NodePath, RunId
from nubem_jupyter.core.plan import Candidate, Choice, Plan, Range
from nubem_jupyter.core.run import Failure, NodeRun, NodeState, Outcome, Run

MODEL = ModelId("echo/echo")
"""The model that the made-up runs were answered by."""


def sample_flow() -> Flow:
    """Give a small flow: an input, a model call, an output."""
    return (
        Flow.build("sample")
        .input("text", type="text")
        .model("shorter", "Shorten: {text}", capability="summarize")
        .output()
    )


def sample_plan() -> Plan:
    """Give a plan of the small flow with its one choice."""
    chosen = Candidate(model=MODEL, cost_usd=Range(low=0.0, value=0.0, high=0.0), reason="it is the only one")
    return Plan(
        request="Shorten «text», añadiendo nada\n",
        language="es",
        flow=sample_flow(),
        constraints=Constraints(max_cost_usd=0.5),
        route={"shorter": Choice(chosen=chosen)},
        explanation="One clause became one step.",
    )


def sample_node(path: NodePath) -> NodeRun:
    """Give the record of a model call that finished."""
    return NodeRun(
        path=path,
        kind="model",
        capability="summarize",
        state=NodeState.FINISHED,
        value={"text": "¡Olé! 🙂", "parts": [1, 2.5, None, True, {"deep": []}]},
        model=MODEL,
        prompt="Shorten: …",
        reason="it is the only one",
        usage=Usage(input_tokens=7, output_tokens=3),
        cost_usd=0.125,
        started_s=0.25,
        ended_s=1.5,
        first_token_s=0.5,
        finish_reason="stop",
    )


def sample_run(name: str, *, outcome: Outcome = Outcome.FINISHED, **fields: Any) -> Run:
    """Give a run that has ended; ``fields`` replace those of ``Run``."""
    run_id = RunId(name)
    failure = None
    nodes: tuple[NodeRun, ...] = (NodeRun(path=NodePath("text"), kind="input", state=NodeState.FINISHED, value="long"),)
    if outcome is Outcome.FINISHED:
        nodes += (sample_node(NodePath("shorter")),)
    else:
        failure = Failure(code="run.node", message="node 'shorter' failed", hint="try again")
        nodes += (NodeRun(path=NodePath("shorter"), kind="model", state=NodeState.FAILED, tries=3, failure=failure),)
    run = Run(
        id=run_id,
        plan=sample_plan(),
        inputs={"text": "long", "more": [1, {"ü": None}]},
        outcome=outcome,
        result="¡Olé!" if failure is None else None,
        nodes=nodes,
        started_at="2030-01-01T08:00:00Z",
        latency_s=1.5,
        failure=failure,
        log=_log(run_id, failure),
    )
    return msgspec.structs.replace(run, **fields)


def _log(run: RunId, failure: Failure | None) -> tuple[Event, ...]:
    node = NodePath("shorter")
    ending: tuple[Event, ...] = (
        (Tokens(run=run, at_s=1.0, node=node, text="¡Olé!"), NodeFinished(run=run, at_s=1.5, node=node, tokens=3))
        if failure is None
        else (NodeFailed(run=run, at_s=1.5, node=node, error=failure.message),)
    )
    return (
        RunStarted(run=run, at_s=0.0, nodes=3),
        NodeStarted(run=run, at_s=0.25, node=node, model=MODEL),
        *ending,
        RunEnded(run=run, at_s=1.5, outcome="failed" if failure else "finished"),
    )
