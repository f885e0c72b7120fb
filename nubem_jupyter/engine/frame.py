"""A flow under way: which values are there and which nodes still wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nubem_jupyter.core.check import sources_of
from nubem_jupyter.core.condition import look_up
from nubem_jupyter.core.flow import Flow, Node


class Wiring:
    """What a flow's edges mean for scheduling; worked out once a flow, shared by all its frames."""

    __slots__ = ("flow", "nodes", "pulls", "readers", "sources", "waits")

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.nodes: dict[str, Node] = {node.id: node for node in flow.nodes}
        self.readers: dict[str, list[str]] = {name: [] for name in self.nodes}
        self.waits: dict[str, int] = {}
        self.pulls: dict[str, tuple[tuple[str, str, str], ...]] = {}
        for node in flow.nodes:
            needed = set(sources_of(node))
            self.waits[node.id] = len(needed)
            for source in needed:
                self.readers[source].append(node.id)
            self.pulls[node.id] = tuple((name, *_split(source)) for name, source in node.inputs.items())
        self.sources = tuple(node for node in flow.nodes if not self.waits[node.id])


def _split(source: str) -> tuple[str, str]:
    head, _, path = source.partition(".")
    return head, path


class Frame:
    """One flow being worked through: the outermost, or a body for one map item, one branch or one loop round."""

    __slots__ = ("dead", "given", "owner", "place", "prefix", "slot", "values", "waiting", "wiring")

    def __init__(
        self, wiring: Wiring, given: Mapping[str, Any], *, prefix: str = "", place: str = "", slot: int = 0,
        owner: Any = None,
    ) -> None:  # fmt: skip
        self.wiring = wiring
        self.given = given
        self.prefix = prefix
        self.place = place
        self.slot = slot
        self.owner = owner
        self.values: dict[str, Any] = {}
        self.waiting = dict(wiring.waits)
        self.dead = False

    def settle(self, node: Node, value: Any) -> list[Node]:
        """Put a node's value in; return the nodes that now have all they wait for."""
        self.values[node.id] = value
        ready = []
        waiting, nodes = self.waiting, self.wiring.nodes
        for reader in self.wiring.readers[node.id]:
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(nodes[reader])
        return ready

    def inputs_of(self, node: Node) -> dict[str, Any]:
        """Return the values that the node reads, by its own names for them."""
        values = self.values
        return {
            name: look_up(values[source], path) if path else values[source]
            for name, source, path in self.wiring.pulls[node.id]
        }
