"""A flow on its way: nodes with names of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.ids import NodeId
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Input, Output, Work
from nubem_jupyter.engine.planner.sources import Source


class Drawing:
    """Collects nodes; ``finish`` makes the flow, which checks everything."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._names: set[str] = set()

    def fresh(self, name: str) -> str:
        """Return the name, or the name with the first number that makes it new, and keep it."""
        chosen, count = name, 2
        while chosen in self._names:
            chosen, count = f"{name}_{count}", count + 1
        self._names.add(chosen)
        return chosen

    def input(self, source: Source, *, optional: bool = False, default: str | list[str] | None = None) -> Source:
        """Add an input for the source, under its own key, which must be new."""
        work = Input(type=source.type, optional=optional, default=default)
        self._names.add(source.key)
        self._nodes.append(Node(id=NodeId(source.key), work=work))
        return source._replace(name=source.key, ref=source.key)

    def add(
        self, name: str, work: Work, sources: Iterable[Source], *, capability: str = "", path: str = "", label: str = ""
    ) -> Source:
        """Add a step that reads the sources, and return what it gives."""
        inputs = {source.key: source.ref for source in sources}
        return self.wire(name, work, inputs, capability=capability, path=path, label=label)

    def wire(
        self, name: str, work: Work, inputs: dict[str, str], *, capability: str = "", path: str = "", label: str = ""
    ) -> Source:
        """Add a step whose inputs have names of their own."""
        chosen = self.fresh(name)
        node = Node(id=NodeId(chosen), capability=capability, inputs=inputs, work=work, label=label)  # type: ignore[arg-type]
        self._nodes.append(node)
        ref = f"{chosen}.{path}" if path else chosen
        return Source(chosen, ref, ValueType.ANY if path else work.gives)

    def finish(self, sources: Sequence[Source], name: str = "flow") -> Flow:
        """Close the flow with an output of the sources."""
        self.wire("output", Output(), {source.key: source.ref for source in sources})
        return Flow(name=name, nodes=tuple(self._nodes))
