"""Readers of one node made to read another."""

from __future__ import annotations

import msgspec

from nubem_jupyter.core.flow import Flow, Node


def replace_node(flow: Flow, gone: str, source: str) -> Flow:
    """Remove a node; who read it, or a part of it, reads the source instead."""

    def rewire(node: Node) -> Node:
        inputs = {name: _moved(read, gone, source) for name, read in node.inputs.items()}
        return node if inputs == node.inputs else msgspec.structs.replace(node, inputs=inputs)

    nodes = tuple(rewire(node) for node in flow.nodes if node.id != gone)
    return msgspec.structs.replace(flow, nodes=nodes)


def _moved(read: str, gone: str, source: str) -> str:
    node, dot, path = read.partition(".")
    return source + dot + path if node == gone else read
