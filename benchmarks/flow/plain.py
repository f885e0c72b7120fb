"""Plain asyncio, the measure of the others: a task for each node, which awaits the tasks that it reads."""

from __future__ import annotations

import asyncio
import platform
from typing import Any

from benchmarks.flow.engine import Call, Retry, by_hand
from benchmarks.flow.flows import FlowSpec, Node
from benchmarks.flow.service import HttpError

VERSION = platform.python_version()


async def build(flow: FlowSpec, call: Call, retry: Retry | None = None) -> tuple[FlowSpec, Call]:
    return flow, by_hand(call, retry)


async def run(handle: tuple[FlowSpec, Call], x: Any) -> dict[str, Any]:
    flow, call = handle
    tasks: dict[str, asyncio.Task[Any]] = {}

    async def work(node: Node) -> Any:
        return await call(node, x, [await tasks[source] for source in node.deps])

    for node in flow.nodes.values():
        tasks[node.id] = asyncio.create_task(work(node))
    try:
        return {name: await tasks[name] for name in flow.sinks}
    except HttpError:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        raise
