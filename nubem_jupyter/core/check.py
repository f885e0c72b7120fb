"""What makes a set of nodes a flow; each check names the node at fault."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nubem_jupyter.core.capability import check_capability
from nubem_jupyter.core.text import nearest
from nubem_jupyter.core.value import may_iterate
from nubem_jupyter.core.work import Input, NodeKind, Output, Prompt
from nubem_jupyter.errors import DanglingInputError, DuplicateNodeError, FlowError, ValueTypeError

if TYPE_CHECKING:
    from nubem_jupyter.core.flow import Flow, Node

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_UNTAGGED = frozenset({NodeKind.INPUT, NodeKind.OUTPUT, NodeKind.JOIN, NodeKind.MAP, NodeKind.BRANCH, NodeKind.LOOP})


def sources_of(node: Node) -> tuple[str, ...]:
    """Return the ids of the nodes that this one reads."""
    return tuple(source.partition(".")[0] for source in node.inputs.values())


def check_ids(nodes: Sequence[Node]) -> None:
    """Check that ids are well formed and unique.

    Raises:
        FlowError: an id is malformed.
        DuplicateNodeError: two nodes share one.
    """
    seen: set[str] = set()
    for node in nodes:
        if not _ID.fullmatch(node.id):
            raise FlowError(
                f"'{node.id}' cannot name a node",
                hint="start with a letter; then letters, digits, '_' and '-'",
            )
        if node.id in seen:
            raise DuplicateNodeError(f"two nodes have the id '{node.id}'", hint="rename one of them")
        seen.add(node.id)


def check_sources(nodes: Sequence[Node]) -> None:
    """Check that every input comes from a node that is there and gives a value.

    Raises:
        DanglingInputError: a source is missing, or is the output.
    """
    by_id: dict[str, Node] = {node.id: node for node in nodes}
    for node in nodes:
        for name, source in zip(node.inputs, sources_of(node), strict=True):
            if source not in by_id:
                close = nearest(source, by_id)
                hint = f"did you mean '{close}'?" if close else f"the flow's nodes are: {' '.join(by_id)}"
                raise DanglingInputError(
                    f"input '{name}' of node '{node.id}' comes from '{source}', which is not in the flow",
                    hint=hint,
                )
            if isinstance(by_id[source].work, Output):
                raise DanglingInputError(
                    f"node '{node.id}' reads the output '{source}', which gives nothing on",
                    hint=f"read the node that '{source}' takes its value from",
                )


def check_nodes(nodes: Sequence[Node]) -> None:
    """Check each node against its own work, and that there is one output.

    Raises:
        FlowError: or one of its children, as ``Flow`` lists.
    """
    outputs = [node for node in nodes if isinstance(node.work, Output)]
    if len(outputs) != 1:
        raise FlowError(
            f"a flow needs exactly one output, and this one has {len(outputs)}",
            hint="join several results first" if outputs else "add an output node; a file without one may be cut off",
        )
    by_id: dict[str, Node] = {node.id: node for node in nodes}
    for node in nodes:
        _check_tag(node)
        _check_arity(node)
        _check_uses(node)
        _check_map(node, by_id)
        for _, body in node.bodies:
            _check_body(node, body)


def _check_tag(node: Node) -> None:
    if node.capability or node.kind not in _UNTAGGED:
        check_capability(node.capability, node=node.id)


def _check_arity(node: Node) -> None:
    if node.kind is NodeKind.INPUT and node.inputs:
        raise FlowError(
            f"the input node '{node.id}' cannot read another node",
            hint="its value comes from outside; remove its inputs",
        )
    if node.kind in {NodeKind.OUTPUT, NodeKind.JOIN} and not node.inputs:
        raise DanglingInputError(f"node '{node.id}' has no input", hint="say which node it takes its value from")


def _check_uses(node: Node) -> None:
    for name in node.work.uses:
        if name in node.inputs:
            continue
        if not isinstance(node.work, Prompt):
            raise DanglingInputError(
                f"node '{node.id}' needs the input '{name}', which it does not have",
                hint=f"add '{name}' to its inputs and say which node it comes from",
            )
        close = nearest(name, node.inputs)
        raise DanglingInputError(
            f"node '{node.id}' uses {{{name}}}, which is not one of its inputs",
            hint=(f"did you mean {{{close}}}? If not, " if close else "")
            + f"add '{name}' to its inputs, or write {{{{{name}}}}} for the plain text",
        )


def _check_map(node: Node, by_id: Mapping[str, Node]) -> None:
    if node.kind is not NodeKind.MAP:
        return
    over = node.inputs[node.work.uses[0]]
    source = by_id[over.partition(".")[0]]
    gives = source.work.gives
    if "." not in over and not may_iterate(gives):
        raise ValueTypeError(
            f"map '{node.id}' runs over '{source.id}', which gives {gives} and not a list",
            hint=f"let '{source.id}' give a list or a table, or name the part of its value that is one",
        )


def _check_body(node: Node, body: Flow) -> None:
    given = set(node.inputs) | {getattr(node.work, name) for name in ("item", "carry") if hasattr(node.work, name)}
    for inner in body.inputs:
        if isinstance(inner.work, Input) and not inner.work.optional and inner.id not in given:
            raise DanglingInputError(
                f"the flow inside '{node.id}' needs '{inner.id}', which the node does not pass on",
                hint=f"add '{inner.id}' to the inputs of '{node.id}'",
            )
