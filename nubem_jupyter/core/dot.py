"""A flow in Graphviz's language, with notes and states on its nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from nubem_jupyter.core.work import NodeKind

if TYPE_CHECKING:
    from nubem_jupyter.core.flow import Flow, Node

_SHAPES = {
    NodeKind.INPUT: "oval",
    NodeKind.OUTPUT: "oval",
    NodeKind.MODEL: "box",
    NodeKind.COMPONENT: "component",
    NodeKind.CODE: "note",
    NodeKind.JOIN: "invtriangle",
    NodeKind.MAP: "box3d",
    NodeKind.BRANCH: "diamond",
    NodeKind.LOOP: "box",
}
# Mid tones with dark text, on no background, read on white and on dark pages alike; six digits, because
# Debian's dot renders three as black.
_FILLS = {
    "plain": ("#dbe7f5", "#4a78b0"),
    "edge": ("#e6e6ea", "#7a7a86"),
    "done": ("#d5ecd8", "#3f8f55"),
    "failed": ("#f6d5d3", "#c0443c"),
    "idle": ("#ececec", "#9a9a9a"),
    "changed": ("#fbe8c6", "#c2862a"),
}
_LINE = "#7d8590"
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """What a picture says of a node beside its name."""

    lines: tuple[str, ...] = ()
    """Short lines under the name: model, cost, time."""
    state: str = "plain"
    """Colour: plain, edge, done, failed, idle or changed."""


def to_dot(flow: Flow, badges: Mapping[str, Badge] | None = None) -> str:
    """Draw the flow from left to right; ``badges`` go by place, as ``Flow.walk`` names it."""
    lines = [
        "digraph flow {",
        '  graph [rankdir=LR, bgcolor="transparent", nodesep=0.3, ranksep=0.45, compound=true];',
        '  node [style="filled,rounded", fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.3,0.12",'
        ' penwidth=1.2, fontcolor="#1f2328"];',
        f'  edge [color="{_LINE}", arrowsize=0.7, fontname="Helvetica,Arial,sans-serif", fontsize=9,'
        f' fontcolor="{_LINE}"];',
        *_draw(flow, "", badges or {}, "  "),
        "}",
    ]
    return "\n".join(lines)


def _draw(flow: Flow, prefix: str, badges: Mapping[str, Badge], indent: str) -> list[str]:
    lines = [indent + _node(node, prefix + node.id, badges.get(prefix + node.id)) for node in flow.nodes]
    for node in flow.nodes:
        for name, body in node.bodies:
            place = f"{prefix}{node.id}/{name}"
            lines += [
                f"{indent}subgraph {_quote('cluster_' + place)} {{",
                f'{indent}  label={_quote(f"{node.id}: {name}")}; style="rounded,dashed"; color="{_LINE}";'
                f' fontcolor="{_LINE}"; fontsize=10; fontname="Helvetica,Arial,sans-serif";',
                *_draw(body, place + "/", badges, indent + "  "),
                indent + "}",
                f"{indent}{_quote(prefix + node.id)} -> {_quote(f'{place}/{body.nodes[0].id}')}"
                " [style=dashed, arrowhead=none];",
            ]
    lines += [indent + _edge(prefix, edge.source, edge.target, edge.path) for edge in flow.edges]
    return lines


def _node(node: Node, place: str, badge: Badge | None) -> str:
    ends = node.kind in {NodeKind.INPUT, NodeKind.OUTPUT}
    shown = badge or Badge(state="edge" if ends else "plain")
    fill, line = _FILLS[shown.state]
    label = "\n".join([node.label or node.id, *shown.lines])
    return f'{_quote(place)} [label={_quote(label)}, shape={_SHAPES[node.kind]}, fillcolor="{fill}", color="{line}"];'


def _edge(prefix: str, source: str, target: str, path: str) -> str:
    label = f" [label={_quote(path)}]" if path else ""
    return f"{_quote(prefix + source)} -> {_quote(prefix + target)}{label};"


def _quote(text: str) -> str:
    """Quote any text; ``&`` too, since Graphviz reads entities, and what no XML can hold becomes a blank."""
    shown = _NOT_XML.sub(" ", text).replace("&", "&amp;")
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
