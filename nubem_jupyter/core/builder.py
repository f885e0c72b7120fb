"""Writing a flow by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, Self, TypeVar

import msgspec

from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.template import placeholders
from nubem_jupyter.core.wire import convert
from nubem_jupyter.errors import FlowError

F = TypeVar("F")


class FlowBuilder(Generic[F]):
    """Collects steps in the flow's stored form; ``output`` lets the flow read them, which checks everything.

    An input that a step uses and that ``inputs`` does not mention comes from the node of the same name::

        Flow.build("review").input("code").model("review", "Review this:\\n{code}",
            capability="review_code").output("review")
    """

    def __init__(self, name: str, flow_type: type[F]) -> None:
        self._name = name
        self._flow_type = flow_type
        self._nodes: list[dict[str, Any]] = []

    def input(self, name: str, *, type: str = "any", optional: bool = False, default: Any = None) -> Self:
        """Add a value from outside; with a default it is optional."""
        optional = optional or default is not None
        return self.add(name, {"kind": "input", "type": type, "optional": optional, "default": default})

    def model(
        self, name: str, prompt: str, *, capability: str = "answer", similar: float | None = None, **options: Any
    ) -> Self:
        """Add a model call; ``options`` are fields of ``Prompt`` (system, schema, max_tokens, …) or of ``Node``.

        With ``similar`` the answer of an earlier call may be given again that is worded otherwise; see ``Prompt``.
        """
        used = placeholders(options.get("system", "")) + placeholders(prompt)
        work = {"kind": "model", "prompt": prompt, "similar": similar}
        return self._step(name, work, used, capability=capability, **options)

    def code(self, name: str, source: str = "", *, capability: str = "run_code", **options: Any) -> Self:
        """Add a Python program; ``options`` are fields of ``Code`` or of ``Node``."""
        used = filter(None, [options.get("source_from", "")])
        return self._step(name, {"kind": "code", "source": source}, used, capability=capability, **options)

    def component(self, name: str, component: str, *, capability: str = "", **options: Any) -> Self:
        """Add a tool; ``options`` are fields of ``Component`` or of ``Node``.

        Where no ``capability`` says what it is for here, that is the tool's own name.
        """
        work = {"kind": "component", "name": component}
        return self._step(name, work, (), capability=capability or component, **options)

    def join(self, name: str, sources: Mapping[str, str] | Iterable[str], *, mode: str = "object") -> Self:
        """Add a join of the named nodes, in that order; a mapping gives each the name that it has in the join.

        Raises:
            FlowError: two sources would have the same name.
        """
        inputs = dict(sources) if isinstance(sources, Mapping) else _named(sources)
        return self.add(name, {"kind": "join", "mode": mode}, inputs=inputs)

    def map(self, name: str, body: F, over: str, *, item: str = "item", **options: Any) -> Self:
        """Add a map of the body over the list that the node ``over`` gives."""
        work = {"kind": "map", "body": body, "over": "items", "item": item}
        options["inputs"] = {"items": over, **options.get("inputs", {})}
        return self._step(name, work, (), capability=main_capability(body), **options)

    def branch(
        self, name: str, on: str, cases: Iterable[tuple[Condition, F]], *, otherwise: F | None = None, **options: Any
    ) -> Self:
        """Add a branch on the value of the node ``on``: the body of the first case whose check holds is done."""
        named = [{"when": when, "body": body} for when, body in cases]
        work = {"kind": "branch", "on": "value", "cases": named, "otherwise": otherwise}
        options["inputs"] = {"value": on, **options.get("inputs", {})}
        capability = main_capability(named[0]["body"]) if named else ""
        return self._step(name, work, (), capability=capability, **options)

    def loop(self, name: str, body: F, until: Condition, *, max_rounds: int = 3, **options: Any) -> Self:
        """Add a bounded loop of the body."""
        work = {"kind": "loop", "body": body, "until": until, "max_rounds": max_rounds}
        return self._step(name, work, (), capability=main_capability(body), **options)

    def add(self, name: str, work: Mapping[str, Any], **fields: Any) -> Self:
        """Add a node of any kind: its work and its other fields in stored form."""
        self._nodes.append({"id": name, "work": work, **fields})
        return self

    def output(self, *sources: str, name: str = "output") -> F:
        """Add the output of the named nodes (the last step if none is named) and give the flow.

        Raises:
            FlowError: or one of its children, as ``Flow`` lists; or two sources would have the same name.
        """
        chosen = sources or tuple(node["id"] for node in self._nodes[-1:])
        nodes = [*self._nodes, {"id": name, "work": {"kind": "output"}, "inputs": _named(chosen)}]
        return convert({"name": self._name, "nodes": msgspec.to_builtins(nodes)}, self._flow_type)

    def _step(self, name: str, work: dict[str, Any], used: Iterable[str], **options: Any) -> Self:
        own = {key: options.pop(key) for key in ("capability", "label", "optional", "timeout_s") if key in options}
        inputs = {source: source for source in used} | dict(options.pop("inputs", {}))
        return self.add(name, work | options, inputs=inputs, **own)


def _named(sources: Iterable[str]) -> dict[str, str]:
    """Name each source after itself, with ``_`` for dots, so that paths can lead to it."""
    named: dict[str, str] = {}
    for source in sources:
        name = source.replace(".", "_")
        if name in named:
            raise FlowError(
                f"'{named[name]}' and '{source}' would both be named '{name}'",
                hint='join them first under names of your own: join("both", {"first": …, "second": …})',
            )
        named[name] = source
    return named


def main_capability(flow: Any) -> str:
    """Return the capability of the last tagged step of a flow; it names what the whole is for."""
    tagged = [node.capability for node in flow.nodes if node.capability]
    return tagged[-1] if tagged else ""
