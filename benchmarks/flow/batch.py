"""Running a flow many times, and what came of it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from benchmarks.flow.engine import Call, Engine, Retry
from benchmarks.flow.flows import FlowSpec
from benchmarks.flow.service import Service, Weather, right_answers

WARM_UP = 20


class Batch(NamedTuple):
    """Many runs of one flow."""

    took_s: float
    """From the first one's start to the last one's end."""
    flows_s: list[float]
    """How long each that finished took, from short to long."""
    finished: float
    """The share that finished with the right answers."""
    requests: int
    """Calls that the service saw."""
    trouble: str
    """Why one did not finish."""

    def quantile_s(self, share: float) -> float:
        """Seconds within which that share of the finished flows was done; none finished takes forever."""
        if not self.flows_s:
            return float("inf")
        return self.flows_s[min(len(self.flows_s) - 1, int(share * len(self.flows_s)))]


class Times(NamedTuple):
    """How often a flow is run."""

    all: int
    at_once: int


@asynccontextmanager
async def built(engine: Engine, spec: FlowSpec, call: Call, retry: Retry | None) -> AsyncIterator[Any]:
    """Build a flow; let go of it at the end where the engine can."""
    handle = await engine.build(spec, call, retry)
    try:
        yield handle
    finally:
        if hasattr(engine, "close"):
            await engine.close(handle)


async def timed(engine: Engine, handle: Any, x: Any) -> float:
    """Seconds of one run."""
    clock = asyncio.get_running_loop().time
    gc.collect()
    began_s = clock()
    await engine.run(handle, x)
    return clock() - began_s


async def run_batch(engine: Engine, spec: FlowSpec, weather: Weather, times: Times, retry: Retry | None) -> Batch:
    """Run a flow on as many inputs; each batch has a service and an engine's handle of its own."""
    service = Service(weather)
    async with built(engine, spec, service.call, retry) as handle:
        return await _run_all(engine, spec, handle, service, times)


async def warm_up(engine: Engine, spec: FlowSpec) -> None:
    """Let an engine import and compile what it puts off until it is used."""
    await run_batch(engine, spec, Weather(), Times(WARM_UP, WARM_UP), None)


async def _run_all(engine: Engine, spec: FlowSpec, handle: Any, service: Service, times: Times) -> Batch:
    clock, turns = asyncio.get_running_loop().time, asyncio.Semaphore(times.at_once)
    flows_s: list[float] = []
    given: dict[int, dict[str, Any]] = {}
    troubles: list[str] = []

    async def one(x: int) -> None:
        async with turns:
            began_s = clock()
            try:
                given[x] = await engine.run(handle, x)
                flows_s.append(clock() - began_s)
            # Engines fail with whatever they have; a flow that is lost is a figure here and ends nothing.
            except Exception as error:  # noqa: BLE001
                troubles.append(worded(error))

    gc.collect()
    began_s = clock()
    await asyncio.gather(*(one(x) for x in range(times.all)))
    took_s = clock() - began_s
    right = sum(_is_right(spec, x, values) for x, values in given.items())
    if right < len(given):
        troubles.append("wrong answers")
    return Batch(took_s, sorted(flows_s), right / times.all, service.requests, troubles[0] if troubles else "")


def worded(error: Exception) -> str:
    """Say on one short line what went wrong."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]


def _is_right(spec: FlowSpec, x: int, values: dict[str, Any]) -> bool:
    return all(values.get(name) == value for name, value in right_answers(spec, x).items())
