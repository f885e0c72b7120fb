"""Apache Hamilton's asynchronous driver: a function for each node. Calls are made again by hand."""

from __future__ import annotations

import inspect
import itertools
import os
import sys
from importlib.metadata import version
from typing import Any, NamedTuple

os.environ["HAMILTON_TELEMETRY_ENABLED"] = "false"  # before the import, which would else call home

from hamilton import ad_hoc_utils, async_driver, base

from benchmarks.flow.engine import Call, Retry, by_hand
from benchmarks.flow.flows import FlowSpec, Node

VERSION = version("apache-hamilton")
_MODULES = itertools.count()
_DEPTH = 20_000

sys.setrecursionlimit(_DEPTH)  # it walks a chain by recursion, and a thousand nodes are too many for the usual limit


class Handle(NamedTuple):
    flow: FlowSpec
    driver: Any


async def build(flow: FlowSpec, call: Call, retry: Retry | None = None) -> Handle:
    tried = by_hand(call, retry)
    name = f"flow_{next(_MODULES)}"
    module = ad_hoc_utils.create_temporary_module(
        *(_function(node, tried) for node in flow.nodes.values()), module_name=name
    )
    builder = async_driver.Builder().with_modules(module).with_adapters(base.DictResult())
    return Handle(flow, await builder.build())


async def run(handle: Handle, x: Any) -> dict[str, Any]:
    return await handle.driver.execute(handle.flow.sinks, inputs={"x": x})


def _function(node: Node, call: Call) -> Any:
    """Make a function whose parameters are the node's sources: that is how Hamilton finds its edges."""

    async def work(**values: Any) -> Any:
        return await call(node, values["x"], [values[source] for source in node.deps])

    names = ("x", *node.deps)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(name, kind, annotation=object) for name in names]
    work.__name__ = work.__qualname__ = node.id
    work.__signature__ = inspect.Signature(parameters, return_annotation=object)
    work.__annotations__ = {**dict.fromkeys(names, object), "return": object}
    return work
