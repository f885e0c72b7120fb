"""The model service that every engine calls, inside the process: slow, sometimes failing, limited, or late."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.flow.flows import FlowSpec, Node

_REFUSAL_S = 0.002
"""How long the service takes to refuse a call."""


class HttpError(Exception):
    """A refusal."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after = retry_after
        """Seconds that the service asks to wait."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """What calls meet."""

    errors: float = 0.0
    """Share of calls that fail with HTTP 500, half-way through."""
    late: float = 0.0
    """Share of calls that take 5 to 15 times as long."""
    calls_per_s: float = 0.0
    """The limit beyond which calls are refused with HTTP 429; 0 sets none."""
    burst: int = 0
    """How many calls may come at once before the limit holds."""
    seed: int = 1


class Service:
    """Answers calls; chance depends on seed, node, input and try alone, so that every engine meets the same."""

    def __init__(self, weather: Weather | None = None) -> None:
        self.requests = 0
        self._weather = weather or Weather()
        self._tries: Counter[tuple[str, Any]] = Counter()
        self._tokens = float(self._weather.burst)
        self._filled_s: float | None = None

    async def call(self, node: Node, x: Any, values: Sequence[Any]) -> str:
        """Answer for a node.

        Raises:
            HttpError: it fails, or is refused.
        """
        self.requests += 1
        if self._weather.calls_per_s:
            await self._admit()
        which = (node.id, x)
        self._tries[which] += 1
        took_s = node.latency_s
        if self._happens(self._weather.late, "late", which):
            took_s *= 5 + 10 * self._chance("how late", which)
        if self._happens(self._weather.errors, "error", which):
            await asyncio.sleep(took_s / 2)
            raise HttpError(500)
        await asyncio.sleep(took_s)
        return answer(node, x, values)

    async def _admit(self) -> None:
        """Take a token from the bucket.

        Raises:
            HttpError: it is empty.
        """
        now_s, weather = asyncio.get_running_loop().time(), self._weather
        since_s = now_s - (now_s if self._filled_s is None else self._filled_s)
        self._tokens = min(max(weather.burst, 1), self._tokens + since_s * weather.calls_per_s)
        self._filled_s = now_s
        if self._tokens < 1:
            after_s = (1 - self._tokens) / weather.calls_per_s
            await asyncio.sleep(_REFUSAL_S)
            raise HttpError(429, after_s)
        self._tokens -= 1

    def _happens(self, share: float, what: str, which: tuple[str, Any]) -> bool:
        return share > 0 and self._chance(what, which) < share

    def _chance(self, what: str, which: tuple[str, Any]) -> float:
        facts = f"{self._weather.seed}|{what}|{which}|{self._tries[which]}".encode()
        return int.from_bytes(hashlib.blake2b(facts, digest_size=8).digest(), "big") / 2**64


def answer(node: Node, x: Any, values: Sequence[Any]) -> str:
    """What a node is answered; it depends on all that the node reads."""
    facts = f"{node.id}|{x}|{list(values)}".encode()
    return "a" + hashlib.blake2b(facts, digest_size=8).hexdigest()


def right_answers(spec: FlowSpec, x: Any) -> dict[str, str]:
    """What a flow's last nodes are answered when nothing is lost or mixed up."""
    found: dict[str, str] = {}
    for node in spec.nodes.values():
        found[node.id] = answer(node, x, [found[source] for source in node.deps])
    return {name: found[name] for name in spec.sinks}


async def add_up(_node: Node, x: int, values: Sequence[int]) -> int:
    """A node's work that takes no time: what is left is the engine's own."""
    return (x + sum(values) + 1) & 0xFFFF_FFFF
