"""Order and cycles of a directed graph given as node -> the nodes it needs."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

from nubem_jupyter.errors import CycleError


def topological_order(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Order the nodes so that each comes after what it needs; ties go by name, so equal graphs give equal orders.

    Kahn's algorithm with a heap. Every needed node must itself be a key.

    Raises:
        CycleError: names one cycle.
    """
    remaining = {node: set(sources) for node, sources in needs.items()}
    readers: dict[str, list[str]] = {node: [] for node in needs}
    for node, sources in remaining.items():
        for source in sources:
            readers[source].append(node)
    ready = [node for node, sources in remaining.items() if not sources]
    heapq.heapify(ready)
    order: list[str] = []
    while ready:
        node = heapq.heappop(ready)
        order.append(node)
        for reader in readers[node]:
            remaining[reader].discard(node)
            if not remaining[reader]:
                heapq.heappush(ready, reader)
    if len(order) < len(remaining):
        raise CycleError(_find_cycle({node: needed for node, needed in remaining.items() if needed}))
    return tuple(order)


def _find_cycle(needs: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Walk along needs until a node comes again; what a node left over by Kahn still needs is left over too."""
    node = min(needs)
    path: list[str] = []
    while node not in path:
        path.append(node)
        node = min(needs[node])
    cycle = path[path.index(node) :]
    return tuple(reversed([*cycle, node]))
