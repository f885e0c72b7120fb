"""LangGraph: a state graph with one channel that nodes merge into; its own retry policy."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any, NamedTuple, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from benchmarks.flow.engine import Call, Retry
from benchmarks.flow.flows import FlowSpec, Node

VERSION = version("langgraph")
_SPARE_STEPS = 10


def merge(held: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    """Merge in place, the cheapest way that a user could write."""
    held = {} if held is None else held
    held.update(new)
    return held


class State(TypedDict):
    x: object
    values: Annotated[dict, merge]


class Handle(NamedTuple):
    graph: Any
    most_steps: int


async def build(flow: FlowSpec, call: Call, retry: Retry | None = None) -> Handle:
    graph = StateGraph(State)
    policy = retry and RetryPolicy(initial_interval=retry.delay, max_attempts=retry.attempts, jitter=False)
    for node in flow.nodes.values():
        graph.add_node(node.id, _work(node, call), retry_policy=policy)
    for node in flow.nodes.values():
        match node.deps:
            case ():
                graph.add_edge(START, node.id)
            case (source,):
                graph.add_edge(source, node.id)
            case sources:
                graph.add_edge(list(sources), node.id)
    for sink in flow.sinks:
        graph.add_edge(sink, END)
    return Handle(graph.compile(), len(flow.nodes) + _SPARE_STEPS)


async def run(handle: Handle, x: Any) -> dict[str, Any]:
    state = await handle.graph.ainvoke({"x": x, "values": {}}, {"recursion_limit": handle.most_steps})
    return state["values"]


def _work(node: Node, call: Call) -> Any:
    async def work(state: State) -> dict[str, Any]:
        return {"values": {node.id: await call(node, state["x"], [state["values"][one] for one in node.deps])}}

    return work
