"""How much of a flow's size is known before it runs, from the values that are already there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nubem_jupyter.core.condition import look_up
from nubem_jupyter.core.flow import Flow, Map, Node
from nubem_jupyter.core.template import as_text, render
from nubem_jupyter.core.work import Input, Prompt


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """What is known; a place that is missing is unknown."""

    chars: Mapping[str, int] = {}
    """Place of a model call -> characters by which the known values make its templates longer."""
    items: Mapping[str, int] = {}
    """Place of a map -> how many items it will run over."""


def known_sizes(flow: Flow, inputs: Mapping[str, Any]) -> Sizes:
    """Follow the given inputs, and the defaults of the others, to the steps that read them directly.

    Inside a map the longest item stands for each.
    """
    chars: dict[str, int] = {}
    items: dict[str, int] = {}
    _follow(flow, "", inputs, chars, items)
    return Sizes(chars=chars, items=items)


def _follow(flow: Flow, prefix: str, inputs: Mapping[str, Any], chars: dict[str, int], items: dict[str, int]) -> None:
    given: dict[str, Any] = {
        node.id: inputs.get(node.id, node.work.default)
        for node in flow.nodes
        if isinstance(node.work, Input) and (node.id in inputs or node.work.optional)
    }
    for node in flow.nodes:
        place = prefix + node.id
        values = _values(node, given)
        if isinstance(node.work, Prompt):
            chars[place] = _filled(node.work, values)
        if isinstance(node.work, Map) and isinstance(values.get(node.work.over), list | tuple):
            listed = values[node.work.over]
            items[place] = len(listed)
            values[node.work.item] = max(listed, key=lambda item: len(as_text(item)), default=None)
        for name, body in node.bodies:
            _follow(body, f"{place}/{name}/", values, chars, items)


def _values(node: Node, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {}
    for name, source in node.inputs.items():
        origin, _, path = source.partition(".")
        if origin in given:
            known[name] = look_up(given[origin], path)
    return known


def _filled(work: Prompt, values: Mapping[str, Any]) -> int:
    given = {**dict.fromkeys(work.uses), **values}
    return max(0, sum(len(render(template, given)) - len(template) for template in (work.system, work.prompt)))
