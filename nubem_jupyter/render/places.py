"""Which step of the flow a record of a run belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.run import NodeRun

_REPEAT = re.compile(r"\[\d+\]")


def place_of(flow: Flow, path: str) -> str:
    """Return the place (as ``Flow.walk`` names it) of a run's path: ``each[3]/translate`` is ``each/body/translate``.

    A path that the flow does not have is returned without its item and round numbers.
    """
    plain = _REPEAT.sub("", path)
    return _shortened(flow).get(plain, plain)


def by_place(flow: Flow, nodes: Iterable[NodeRun]) -> dict[str, list[NodeRun]]:
    """Group a run's records by step, in the order in which the steps first ended."""
    shortened = _shortened(flow)
    groups: dict[str, list[NodeRun]] = {}
    for node in nodes:
        plain = _REPEAT.sub("", node.path)
        groups.setdefault(shortened.get(plain, plain), []).append(node)
    return groups


def _shortened(flow: Flow, prefix: str = "", short: str = "") -> dict[str, str]:
    """Map a run's way of naming each step, and the flow's own, to the flow's."""
    found: dict[str, str] = {}
    for node in flow.nodes:
        found[prefix + node.id] = found[short + node.id] = prefix + node.id
        for name, body in node.bodies:
            # A run's path names the way that a branch took, but not the one body of a map or loop.
            step = f"{node.id}/" if name == "body" else f"{node.id}/{name}/"
            inner = _shortened(body, f"{prefix}{node.id}/{name}/", short + step)
            found = inner | found
    return found
