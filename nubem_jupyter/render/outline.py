"""A flow as lines of text, for where no picture can be drawn or seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nubem_jupyter.core.dot import Badge
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.work import NodeKind

_MARKS = {"done": "✓ ", "failed": "✗ ", "idle": "· ", "changed": "− "}


def outline(flow: Flow, badges: Mapping[str, Badge] | None = None) -> str:
    """List the steps in an order in which they could run, each with what it reads; bodies are indented."""
    return "\n".join(_lines(flow, badges or {}, "", ""))


def describe(flow: Flow) -> str:
    """Name the flow's steps in one line, for a picture's alternative text."""
    steps = ", ".join(node.id for node in flow.nodes if node.kind not in {NodeKind.INPUT, NodeKind.OUTPUT})
    return f"flow {flow.name}: {steps}"


def _lines(flow: Flow, badges: Mapping[str, Badge], prefix: str, indent: str) -> Iterator[str]:
    for node in flow.nodes:
        yield indent + _line(node, badges.get(prefix + node.id, Badge()))
        for name, body in node.bodies:
            yield f"{indent}  {name}:"
            yield from _lines(body, badges, f"{prefix}{node.id}/{name}/", indent + "    ")


def _line(node: Node, badge: Badge) -> str:
    kind = node.kind if node.kind == node.capability or not node.capability else f"{node.kind}: {node.capability}"
    # An input or output is named by its kind already when nobody gave it another name.
    named = node.id if node.id == kind else f"{node.id} ({kind})"
    sources = ", ".join(dict.fromkeys(node.inputs.values()))
    notes = "".join(f"  [{line}]" for line in badge.lines)
    return f"{_MARKS.get(badge.state, '')}{named}" + (f" ← {sources}" if sources else "") + notes
