"""What a flow's edges mean for scheduling: worked out once a flow, shared by all who work through it."""

from __future__ import annotations

from enum import Enum

from nubem_jupyter.core.check import sources_of
from nubem_jupyter.core.flow import Branch, Flow, Loop, Map, Node
from nubem_jupyter.core.work import Input, Join, Output


class Role(Enum):
    """What the schedule has to do when a node is reached."""

    GIVEN = "given"
    """Take the value from outside the flow."""
    JOINED = "joined"
    """Put values together here."""
    RESULT = "result"
    """End the flow."""
    OPENED = "opened"
    """Work through the flows inside."""
    OUTSIDE = "outside"
    """Have it done: it is a model call, a tool or code."""


_ROLES: dict[type, Role] = {
    Input: Role.GIVEN,
    Join: Role.JOINED,
    Output: Role.RESULT,
    Map: Role.OPENED,
    Branch: Role.OPENED,
    Loop: Role.OPENED,
}
_WORKING = frozenset({Role.OUTSIDE, Role.OPENED})


class Step:
    """One node with its edges; values and counts of a frame are kept by ``index``."""

    __slots__ = ("id", "index", "node", "pulls", "readers", "role")

    def __init__(self, node: Node, index: int) -> None:
        self.node = node
        self.id: str = node.id
        self.index = index
        self.role = _ROLES.get(type(node.work), Role.OUTSIDE)
        self.pulls: tuple[tuple[str, int, str], ...] = ()
        self.readers: list[Step] = []


class Wiring:
    """The steps of one flow."""

    __slots__ = ("flow", "inputs", "loose", "maps", "sources", "total", "waits", "width")

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        steps = {step.id: step for step in map(Step, flow.nodes, range(len(flow.nodes)))}
        self.width = len(steps)
        self.inputs: dict[str, Node] = {node.id: node for node in flow.inputs}
        self.maps = tuple(node for node in flow.nodes if isinstance(node.work, Map))
        # With the steps of the flows inside.
        self.total = sum(1 for _ in flow.walk())
        self.waits: list[int] = []
        for step in steps.values():
            needed = set(sources_of(step.node))
            self.waits.append(len(needed))
            for source in needed:
                steps[source].readers.append(step)
            step.pulls = tuple(_pull(steps, name, source) for name, source in step.node.inputs.items())
        self.sources = tuple(step for step in steps.values() if not self.waits[step.index])
        # Whether some of the work leads to nothing, so that it may still be under way when the result is there.
        self.loose = any(not step.readers and step.role in _WORKING for step in steps.values())


def _pull(steps: dict[str, Step], name: str, source: str) -> tuple[str, int, str]:
    head, _, path = source.partition(".")
    return name, steps[head].index, path


class Wirings:
    """The wiring of every flow met, by identity: an entry holds its flow, so that no other can take its place."""

    def __init__(self) -> None:
        self._known: dict[int, Wiring] = {}

    def of(self, flow: Flow) -> Wiring:
        """Return the flow's wiring."""
        wiring = self._known.get(id(flow))
        if wiring is None:
            wiring = self._known[id(flow)] = Wiring(flow)
        return wiring
