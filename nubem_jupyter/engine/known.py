"""What a run that goes on need not do again: the values that stand, by the path of their node."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from nubem_jupyter.core.check import sources_of
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.paths import around
from nubem_jupyter.core.run import NodeRun, NodeState

_INSIDE = re.compile(r"\[\d+\]/")


def known_values(flow: Flow, nodes: Iterable[NodeRun]) -> dict[str, Any]:
    """Return path -> value of what stands.

    That is what finished. What failed and was gone on without, an optional step or items of a map, stands as nothing
    where something that finished was built on that: else it would not agree with what was built. Where nothing was, it
    is tried again.
    """
    recorded = list(nodes)
    readers, optional = _edges(flow)
    begun = _begun(recorded)
    known: dict[str, Any] = {}
    for node in recorded:
        place = _INSIDE.sub("/body/", node.path)
        failed = node.state is NodeState.FAILED and place in optional
        if failed or node.item_failures:
            head = node.path.removesuffix(place.rpartition("/")[2])
            if any(head + reader in begun for reader in readers[place]):
                known[node.path] = node.value
        elif node.state is NodeState.FINISHED:
            known[node.path] = node.value
    return known


def _edges(flow: Flow) -> tuple[dict[str, list[str]], set[str]]:
    """Return place -> ids of the nodes that read it, and the places that are optional."""
    readers: dict[str, list[str]] = defaultdict(list)
    optional = set()
    for place, node in flow.walk():
        head = place[: len(place) - len(node.id)]
        for source in set(sources_of(node)):
            readers[head + source].append(node.id)
        if node.optional:
            optional.add(place)
    return readers, optional


def _begun(nodes: Iterable[NodeRun]) -> set[str]:
    """Return the paths at which something finished, those of the nodes around it included."""
    begun: set[str] = set()
    for node in nodes:
        if node.state is NodeState.FINISHED:
            begun.add(node.path)
            begun.update(around(node.path))
    return begun
