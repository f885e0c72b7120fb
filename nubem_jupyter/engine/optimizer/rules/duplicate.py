"""Two nodes that do the same with the same."""

from __future__ import annotations

import re

from nubem_jupyter.core.digest import digest
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.plan import Rewrite
from nubem_jupyter.core.work import Code, Component, Input, Output, Prompt
from nubem_jupyter.engine.optimizer.rules.rewiring import replace_node

_CHANGING = re.compile(r"random|time|uuid|secrets|open|input|import os|import sys|numpy")
"""Words of programs whose answer may differ from one run to the next."""


def merge_duplicate(flow: Flow) -> tuple[Flow, Rewrite] | None:
    """Remove one node that equals an earlier one, whose value its readers then take.

    Invariant: both would give the same value, since work, inputs, capability and limits are equal and the work is
    deterministic. Sampled answers without a seed are different draws and stay apart: votes rest on them. So do
    tools, which may act on the world, and programs that are not known yet or that ask for chance or the time.
    """
    seen: dict[str, Node] = {}
    for node in flow.nodes:
        if isinstance(node.work, Input | Output) or not is_deterministic(node):
            continue
        first = seen.setdefault(_content(node), node)
        if first is not node:
            description = f"{node.id} does the same as {first.id}, so it is done once"
            return replace_node(flow, node.id, first.id), Rewrite(
                rule="duplicate", description=description, removed=(node.id,)
            )
    return None


def is_deterministic(node: Node) -> bool:
    """Tell whether the same inputs give the same value every time."""
    if isinstance(node.work, Prompt):
        return node.work.temperature == 0 or node.work.seed is not None
    if isinstance(node.work, Component):
        return False
    if isinstance(node.work, Code):
        return bool(node.work.source) and not _CHANGING.search(node.work.source)
    return all(is_deterministic(inner) for _, body in node.bodies for inner in body.nodes)


def _content(node: Node) -> str:
    return digest((node.work, node.capability, list(node.inputs.items()), node.optional, node.timeout_s))
