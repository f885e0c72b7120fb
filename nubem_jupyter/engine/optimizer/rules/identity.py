"""Joins that hand their only input on as it is."""

from __future__ import annotations

from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.plan import Rewrite
from nubem_jupyter.core.value import ValueType, is_textual
from nubem_jupyter.core.work import Input, Join, JoinMode
from nubem_jupyter.engine.optimizer.rules.rewiring import replace_node


def drop_identity(flow: Flow) -> tuple[Flow, Rewrite] | None:
    """Remove one join with a single input that changes nothing; its readers take the input.

    Invariant: a text join of one whole text gives that text, and a vote among one value that is no list gives that
    value. Object and list joins wrap their input, and a vote over a list counts its items: those stay. So does all
    that may be null: a join that is optional, or that reads what is.
    """
    for node in flow.nodes:
        if _changes_nothing(node, flow):
            (source,) = node.inputs.values()
            without = replace_node(flow, node.id, source)
            description = f"{node.id} joins one value, which is read directly"
            return without, Rewrite(rule="identity", description=description, removed=(node.id,))
    return None


def _changes_nothing(node: Node, flow: Flow) -> bool:
    if not isinstance(node.work, Join) or len(node.inputs) != 1 or node.optional:
        return False
    (source,) = node.inputs.values()
    name, _, path = source.partition(".")
    read = flow.node(name)
    if path or read.optional or (isinstance(read.work, Input) and read.work.optional):
        return False
    gives = read.work.gives
    if node.work.mode is JoinMode.TEXT:
        return is_textual(gives)
    return node.work.mode is JoinMode.VOTE and (is_textual(gives) or gives in {ValueType.NUMBER, ValueType.BOOLEAN})
