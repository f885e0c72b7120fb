"""pydantic-graph: steps, with a join before each that reads several. Calls are made again by hand."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pydantic_graph import GraphBuilder, StepContext, reduce_null

from benchmarks.flow.engine import Call, Retry, by_hand
from benchmarks.flow.flows import FlowSpec, Node

VERSION = version("pydantic-graph")
_INPUT = "the input"


async def build(flow: FlowSpec, call: Call, retry: Retry | None = None) -> Any:
    graph = GraphBuilder(state_type=dict, output_type=object)
    tried = by_hand(call, retry)
    steps = {node.id: graph.step(_work(node, tried), node_id=node.id) for node in flow.nodes.values()}
    doors: dict[str, Any] = dict(steps)
    for node in flow.nodes.values():
        if len(node.deps) > 1:
            doors[node.id] = graph.join(reduce_null, initial=None, node_id=f"join {node.id}")
            graph.add(graph.edge_from(doors[node.id]).to(steps[node.id]))
    graph.add(graph.edge_from(graph.start_node).to(*(doors[name] for name in flow.sources)))
    for name, readers in flow.readers.items():
        graph.add(graph.edge_from(steps[name]).to(*([doors[reader] for reader in readers] or [graph.end_node])))
    return graph.build()


async def run(handle: Any, x: Any) -> dict[str, Any]:
    state = {_INPUT: x}
    await handle.run(state=state)
    return state


def _work(node: Node, call: Call) -> Any:
    async def work(context: StepContext) -> None:
        state = context.state
        state[node.id] = await call(node, state[_INPUT], [state[source] for source in node.deps])

    return work
