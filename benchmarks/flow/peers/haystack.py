"""Haystack: a pipeline of components, run asynchronously. It has no retry of its own: calls are made again by hand."""

from __future__ import annotations

import os
from contextvars import ContextVar
from importlib.metadata import version
from typing import Any, NamedTuple

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # before the import, which would else call home

from haystack import Pipeline, component

from benchmarks.flow.engine import Call, Retry, by_hand
from benchmarks.flow.flows import FlowSpec, Node

VERSION = version("haystack-ai")
_LEAST_AT_ONCE = 1000
_INPUT: ContextVar[Any] = ContextVar("input")


@component
class Step:
    """One node; its inputs are named after its place among them."""

    def __init__(self, node: Node, call: Call) -> None:
        self.node = node
        self.call = call
        inputs = {f"value{place}": object for place in range(len(node.deps))} or {"x": object}
        component.set_input_types(self, **inputs)

    @component.output_types(value=object)
    def run(self, **values: Any) -> dict[str, Any]:
        raise NotImplementedError

    @component.output_types(value=object)
    async def run_async(self, **values: Any) -> dict[str, Any]:
        read = [values[f"value{place}"] for place in range(len(self.node.deps))]
        return {"value": await self.call(self.node, _INPUT.get(), read)}


class Handle(NamedTuple):
    flow: FlowSpec
    pipeline: Any


async def build(flow: FlowSpec, call: Call, retry: Retry | None = None) -> Handle:
    pipeline, tried = Pipeline(), by_hand(call, retry)
    for node in flow.nodes.values():
        pipeline.add_component(node.id, Step(node, tried))
    for node in flow.nodes.values():
        for place, source in enumerate(node.deps):
            pipeline.connect(f"{source}.value", f"{node.id}.value{place}")
    return Handle(flow, pipeline)


async def run(handle: Handle, x: Any) -> dict[str, Any]:
    flow, pipeline = handle
    _INPUT.set(x)
    at_once = max(_LEAST_AT_ONCE, len(flow.nodes))  # its default of 4 would be a limit of calls
    found = await pipeline.run_async({name: {"x": x} for name in flow.sources}, concurrency_limit=at_once)
    return {name: found[name]["value"] for name in flow.sinks}
