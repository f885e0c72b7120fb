"""What an engine looks like to the benchmark: a module with these functions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.flow.flows import FlowSpec
from benchmarks.flow.service import HttpError

Call = Callable[[Any, Any, list[Any]], Awaitable[Any]]
"""Does a node's work: (node, the flow's input, the values that the node reads)."""


@dataclass(frozen=True, kw_only=True)
class Retry:
    """When a failed call is made again."""

    attempts: int = 5
    """The first one counts."""
    delay: float = 0.05
    """Seconds before the second attempt; doubled from there on."""
    default: bool = False
    """Whether the engine's own policy holds instead."""


class Engine(Protocol):
    """An engine's module."""

    VERSION: str

    async def build(self, flow: FlowSpec, call: Call, retry: Retry | None) -> Any:
        """Make ready to run a flow, also many times at once."""
        ...

    async def run(self, handle: Any, x: Any) -> dict[str, Any]:
        """Return at least the last nodes' values; raise when the flow failed."""
        ...


def by_hand(call: Call, retry: Retry | None) -> Call:
    """Make failed calls again, for engines that do not."""
    if retry is None:
        return call

    async def again(node: Any, x: Any, values: list[Any]) -> Any:
        for attempt in range(retry.attempts - 1):
            try:
                return await call(node, x, values)
            except HttpError:
                await asyncio.sleep(retry.delay * 2**attempt)
        return await call(node, x, values)

    return again
