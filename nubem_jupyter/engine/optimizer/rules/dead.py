"""Nodes whose value reaches no output."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.check import sources_of
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.plan import Rewrite
from nubem_jupyter.core.work import Code, Component, Input


def drop_dead(flow: Flow) -> tuple[Flow, Rewrite] | None:
    """Remove every node from which no path leads to the output, nor to one that may act on the world.

    Invariant: the result reads none of them, so it stays the same, and nothing else would have come of them. Tools and
    programs stay even unread, since what they do may be what they are there for, and so does what they read. Inputs
    stay too: they are what callers of the flow pass to it.
    """
    by_id = {str(node.id): node for node in flow.nodes}
    wanted = {str(flow.output.id), *(name for name, node in by_id.items() if _may_act(node))}
    for node in reversed(flow.nodes):  # readers come after what they read, so one pass backwards reaches all
        if node.id in wanted:
            wanted.update(sources_of(node))
    dead = tuple(name for name, node in by_id.items() if name not in wanted and not isinstance(node.work, Input))
    if not dead:
        return None
    kept = tuple(node for name, node in by_id.items() if name not in dead)
    names = ", ".join(dead)
    rewrite = Rewrite(rule="dead", description=f"nothing reads {names}, so it is not done", removed=dead)
    return msgspec.structs.replace(flow, nodes=kept), rewrite


def _may_act(node: Node) -> bool:
    """Tell whether doing the node can have more effect than its value."""
    if isinstance(node.work, Component | Code):
        return True
    return any(_may_act(inner) for _, body in node.bodies for inner in body.nodes)
