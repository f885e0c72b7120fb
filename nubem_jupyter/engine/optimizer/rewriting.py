"""Rules applied until none fits, inside bodies first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.flow import Branch, Flow, Node
from nubem_jupyter.core.plan import Rewrite
from nubem_jupyter.engine.optimizer.rules import RULES


def optimize(flow: Flow) -> tuple[Flow, tuple[Rewrite, ...]]:
    """Apply every rule, in bodies too, until the flow stays as it is; inputs and result keep their meaning.

    Each rewrite removes a node, so this ends. Names of removed nodes inside a body carry the place of the body.
    """
    flow, rewrites = _optimize_bodies(flow)
    changed = True
    while changed:
        changed = False
        for rule in RULES:
            found = rule(flow)
            if found is not None:
                flow, rewrite = found
                rewrites = (*rewrites, rewrite)
                changed = True
    return flow, rewrites


def _optimize_bodies(flow: Flow) -> tuple[Flow, tuple[Rewrite, ...]]:
    nodes: list[Node] = []
    rewrites: list[Rewrite] = []
    for node in flow.nodes:
        better, found = _optimize_node(node)
        nodes.append(better)
        rewrites += found
    return (msgspec.structs.replace(flow, nodes=tuple(nodes)) if rewrites else flow), tuple(rewrites)


def _optimize_node(node: Node) -> tuple[Node, list[Rewrite]]:
    smaller: dict[str, Flow] = {}
    rewrites: list[Rewrite] = []
    for name, body in node.bodies:
        smaller[name], found = optimize(body)
        rewrites += [_placed(rewrite, f"{node.id}/{name}/") for rewrite in found]
    return (msgspec.structs.replace(node, work=_with_bodies(node, smaller)) if rewrites else node), rewrites


def _with_bodies(node: Node, bodies: Mapping[str, Flow]) -> Any:
    """Put bodies, named as ``Node.bodies`` names them, into a node's work."""
    if not isinstance(node.work, Branch):
        return msgspec.structs.replace(node.work, body=bodies["body"])
    cases = tuple(
        msgspec.structs.replace(case, body=bodies[f"case{index}"]) for index, case in enumerate(node.work.cases, 1)
    )
    return msgspec.structs.replace(node.work, cases=cases, otherwise=bodies.get("otherwise"))


def _placed(rewrite: Rewrite, place: str) -> Rewrite:
    return msgspec.structs.replace(rewrite, removed=tuple(place + name for name in rewrite.removed))
