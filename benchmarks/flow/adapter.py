"""Our engine for the flow benchmark, as its users get it: planned, routed, with events, a trace and the cache.

A benchmark's flow has nodes with ``id`` and ``deps``; ``call(node, x, [values])`` does a node's work and stands for the
model. ``retry`` is None (none), or has ``attempts``, ``delay`` (seconds, doubling) and ``default`` (our own policy).
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nubem_jupyter import __version__ as VERSION  # part of the adapter's interface
from nubem_jupyter.core.call import Answer, Chunk, ModelCall, Usage
from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.ids import ModelId
from nubem_jupyter.core.model import Figure, ModelInfo, Price
from nubem_jupyter.core.plan import Plan
from nubem_jupyter.core.run import Outcome
from nubem_jupyter.engine.retry import RetryPolicy
from nubem_jupyter.errors import CallFailedError
from nubem_jupyter.session.run_options import RunOptions
from nubem_jupyter.session.session import Session
from nubem_jupyter.session.settings import Settings

Call = Callable[[Any, Any, list[Any]], Awaitable[Any]]
_QUIET: RunOptions = {"events": False, "cache": False} if os.environ.get("NUBEM_BENCH_QUIET") else {}
"""With NUBEM_BENCH_QUIET=1 in the environment nothing is told and nothing is looked up or kept."""
_FREE = Figure(value=0.0, source="listed: simulated")


_USAGE = Usage(input_tokens=1, output_tokens=1)
_numbers = itertools.count()


class Service(NamedTuple):
    """One flow's simulated model."""

    nodes: dict[str, Any]
    call: Call


class Handle(NamedTuple):
    plan: Plan
    sinks: tuple[str, ...]
    policy: RetryPolicy
    numbers: Iterator[int]


class SimProvider:
    """Answers by the benchmark's own ``call``; the prompt says which node, the flow's input and what it reads."""

    name = "sim"

    def __init__(self) -> None:
        self._services: dict[ModelId, Service] = {}
        self._models: list[ModelInfo] = []

    def add(self, nodes: dict[str, Any], call: Call) -> ModelId:
        """Offer a model of its own for one flow: what is learned of its speed and its limits is learned anew."""
        model = ModelId(f"sim/model-{len(self._services)}")
        self._services[model] = Service(nodes, call)
        self._models.append(ModelInfo(id=model, provider="sim", price=Price(input_usd=_FREE, output_usd=_FREE)))
        return model

    def models(self) -> Sequence[ModelInfo]:
        return self._models

    async def stream(self, call: ModelCall) -> AsyncIterator[Chunk]:
        service = self._services[call.model]
        name, _number, x, *values = call.messages[-1].content.split("\n")
        try:
            answer = await service.call(service.nodes[name], _value(x), [_value(value) for value in values])
        except Exception as error:
            status = getattr(error, "status", None)
            if status is None:
                raise
            message = f"HTTP {status}"
            after_s = getattr(error, "retry_after", None)
            raise CallFailedError(message, status=status, retry_after_s=after_s) from error
        yield Answer(text=str(answer), usage=_USAGE)

    async def aclose(self) -> None:
        return


@cache
def _session() -> tuple[Session, SimProvider]:
    """Open the one session that this process has, as a notebook's kernel would."""
    home = Path(tempfile.mkdtemp(prefix="nubem-bench-"))
    provider = SimProvider()
    return Session(Settings(home=home, workspace=home), {}, providers={"sim": provider}), provider


async def build(flow: Any, call: Call, retry: Any = None) -> Handle:
    """Plan the flow once; a handle may be run many times, also at once."""
    session, provider = _session()
    builder = Flow.build(flow.name).input("x").input("number")
    for node in flow.nodes.values():
        # The number makes each run's calls new ones: the cache is on, and looks, keeps, and never has the answer.
        lines = [node.id, "{number}", "{x}", *(f"{{{source}}}" for source in node.deps)]
        builder.model(node.id, "\n".join(lines))
    sinks = tuple(flow.sinks)
    ours = builder.join("all", sinks).output("all")
    model = provider.add(flow.nodes, call)
    plan = await session.plan(ours, constraints=Constraints(models=(model,)))
    return Handle(plan, sinks, _policy(retry), _numbers)


async def run(handle: Handle, x: Any) -> dict[str, Any]:
    """Run the flow on one input; return the sinks' values, or raise when the flow failed."""
    inputs = {"x": x, "number": next(handle.numbers)}
    # Writing to the store is left out, as it has threads, whose time this benchmark's clock cannot tell.
    started = _session()[0].start(handle.plan, inputs, keep=False, policy=handle.policy, **_QUIET)
    run = await started.wait()
    if run.outcome is not Outcome.FINISHED:
        run.raise_for_outcome()
    return {name: _value(str(value)) for name, value in run.result.items()}


def _policy(retry: Any) -> RetryPolicy:
    if retry is None:
        return RetryPolicy(max_tries=1)
    if retry.default:
        return RetryPolicy()
    return RetryPolicy(max_tries=retry.attempts, first_wait_s=retry.delay)


def _value(text: str) -> Any:
    return int(text) if text.isdigit() else text


__all__ = ["VERSION", "Handle", "build", "run"]
