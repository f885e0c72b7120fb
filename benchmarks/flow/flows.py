"""The flows that every engine is given: ids, what each node reads, and how long its call takes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

LATENCY_S = 0.05
"""How long a call takes where nothing else is said."""

_LATENCIES_S = (0.01, 0.02, 0.04, 0.08, 0.16)
_REPORT = {
    "read": (),
    "recall": (),
    "policy": (),
    "search": ("read",),
    "quote": ("read",),
    "facts": ("recall",),
    "table": ("read", "recall"),
    "risk": ("policy",),
    "draft": ("search", "facts"),
    "chart": ("table", "quote"),
    "review": ("risk", "facts"),
    "report": ("draft", "chart", "review"),
}


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    deps: tuple[str, ...] = ()
    latency_s: float = LATENCY_S


@dataclass(frozen=True)
class FlowSpec:
    """Nodes in an order in which each comes after those that it reads."""

    name: str
    nodes: Mapping[str, Node]

    @cached_property
    def readers(self) -> dict[str, list[str]]:
        readers: dict[str, list[str]] = {name: [] for name in self.nodes}
        for node in self.nodes.values():
            for source in node.deps:
                readers[source].append(node.id)
        return readers

    @cached_property
    def sources(self) -> list[str]:
        return [node.id for node in self.nodes.values() if not node.deps]

    @cached_property
    def sinks(self) -> list[str]:
        return [name for name, readers in self.readers.items() if not readers]

    @cached_property
    def critical_s(self) -> float:
        """The longest way through: no engine can be faster."""
        ready_s: dict[str, float] = {}
        for node in self.nodes.values():
            ready_s[node.id] = node.latency_s + max((ready_s[source] for source in node.deps), default=0.0)
        return max(ready_s.values())


def chain(length: int) -> FlowSpec:
    """One node after the other."""
    return _spec("chain", (Node(f"n{place}", (f"n{place - 1}",) if place else ()) for place in range(length)))


def fan(width: int) -> FlowSpec:
    """One node, then so many at once, then one that reads them all."""
    middle = tuple(f"w{place}" for place in range(width))
    return _spec("fan", (Node("first"), *(Node(name, ("first",)) for name in middle), Node("last", middle)))


def report() -> FlowSpec:
    """Twelve equally long calls on four levels, as a report takes them: looked up, checked, written."""
    return _spec("report", (Node(name, deps) for name, deps in _REPORT.items()))


def random_flow(seed: int) -> FlowSpec:
    """Twelve calls of very different lengths: the first three read nothing, the last reads all that is left over.

    Each of the others reads one to three of those before it.
    """
    rng = random.Random(seed)
    nodes: list[Node] = []
    for place in range(11):
        count = rng.randint(1, 3) if place >= 3 else 0
        deps = tuple(sorted(rng.sample([node.id for node in nodes], count)))
        nodes.append(Node(f"n{place}", deps, rng.choice(_LATENCIES_S)))
    read = {source for node in nodes for source in node.deps}
    loose = tuple(node.id for node in nodes if node.id not in read)
    return _spec("random", (*nodes, Node("last", loose, rng.choice(_LATENCIES_S))))


def _spec(name: str, nodes: Iterable[Node]) -> FlowSpec:
    return FlowSpec(name, {node.id: node for node in nodes})
