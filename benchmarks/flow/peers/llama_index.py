"""LlamaIndex workflows: a step and an event type for each node, collected where one reads several; its own retry.

A wide fan is written the documented way, one step with many workers: a step for each would make its checks quadratic.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Union

from workflows import Context, Workflow, step
from workflows.events import Event, StartEvent, StopEvent
from workflows.retry_policy import retry_policy, stop_after_attempt, wait_exponential

from benchmarks.flow.engine import Call, Retry
from benchmarks.flow.flows import FlowSpec, Node

VERSION = version("llama-index-workflows")
_LONGEST_WAIT_S = 30
_LEAST_WORKERS = 4
_WIDE = 100


class Given(Event):
    """Work for one of many workers."""

    node: object
    x: object
    value: object


class Done(Event):
    """What one of them found."""

    x: object
    value: object


async def build(flow: FlowSpec, call: Call, retry: Retry | None = None) -> Workflow:
    policy = retry and retry_policy(
        wait=wait_exponential(multiplier=retry.delay, exp_base=2, max=_LONGEST_WAIT_S),
        stop=stop_after_attempt(retry.attempts),
    )
    last = flow.nodes[flow.sinks[0]]
    if len(last.deps) >= _WIDE:
        return _fan(flow, call, policy)(timeout=None)
    events = {name: _event(name) for name in flow.nodes}
    steps = {name: _step(node, flow, call, policy, events) for name, node in flow.nodes.items()}
    return type("Steps", (Workflow,), steps)(timeout=None)


async def run(handle: Workflow, x: Any) -> dict[str, Any]:
    return await handle.run(x=x)


def _event(name: str) -> type[Event]:
    fields = {"__annotations__": {"value": object, "x": object}, "__module__": __name__}
    return type(f"Event_{name}", (Event,), fields)


def _step(node: Node, flow: FlowSpec, call: Call, policy: Any, events: dict[str, type[Event]]) -> Any:
    read = [events[source] for source in node.deps] or [StartEvent]
    gives = StopEvent if node.id in flow.sinks else events[node.id]

    async def work(_self: Any, ctx: Context, ev: Any) -> Any:
        found = [ev] if len(read) == 1 else ctx.collect_events(ev, read)
        if found is None:
            return None
        value = await call(node, ev.x, [one.value for one in found] if node.deps else [])
        return StopEvent(result={node.id: value}) if gives is StopEvent else gives(value=value, x=ev.x)

    work.__name__, work.__qualname__ = node.id, f"Steps.{node.id}"
    work.__annotations__ = {"ctx": Context, "ev": Union[tuple(read)], "return": Union[gives, None]}  # noqa: UP007
    return step(num_workers=max(_LEAST_WORKERS, len(node.deps)), retry_policy=policy)(work)


def _fan(flow: FlowSpec, call: Call, policy: Any) -> type[Workflow]:
    first, *middle, last = flow.nodes.values()

    async def begin(_self: Any, ctx: Context, ev: StartEvent) -> Any:
        value = await call(first, ev.x, [])
        for node in middle:
            ctx.send_event(Given(node=node, x=ev.x, value=value))

    async def work(_self: Any, ev: Given) -> Any:
        return Done(x=ev.x, value=await call(ev.node, ev.x, [ev.value]))

    async def end(_self: Any, ctx: Context, ev: Done) -> Any:
        found = ctx.collect_events(ev, [Done] * len(middle))
        if found is None:
            return None
        return StopEvent(result={last.id: await call(last, ev.x, [one.value for one in found])})

    begin.__annotations__ = {"ctx": Context, "ev": StartEvent, "return": Union[Given, None]}  # noqa: UP007
    work.__annotations__ = {"ev": Given, "return": Done}
    end.__annotations__ = {"ctx": Context, "ev": Done, "return": Union[StopEvent, None]}  # noqa: UP007
    steps = {"begin": begin, "work": work, "end": end}
    for name, function in steps.items():
        function.__name__, function.__qualname__ = name, f"Fan.{name}"  # else it asks for a class to belong to
    steps["work"] = step(num_workers=len(middle), retry_policy=policy)(work)
    steps |= {"begin": step()(begin), "end": step()(end)}
    return type("Fan", (Workflow,), steps)
