"""The prompts of steps as they will be asked, where the values that are already there fill them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nubem_jupyter.core.condition import look_up
from nubem_jupyter.core.flow import Flow, Map, Node
from nubem_jupyter.core.template import render
from nubem_jupyter.core.work import Input, Prompt

MOST_ITEMS = 24
"""Of a longer list as many stand for all, evenly spread over it."""

_Values = Mapping[str, Any]


def known_prompts(flow: Flow, inputs: _Values) -> dict[str, tuple[str, ...]]:
    """Return place -> prompt, or one for each item of a map that runs over it; of a loop that of its first round.

    A place is left out where its prompt needs an answer that is not there yet.
    """
    found: dict[str, list[str]] = {}
    _follow(flow, "", [inputs], found)
    return {place: tuple(texts) for place, texts in found.items() if texts}


def prompt_text(work: Prompt, values: _Values) -> str | None:
    """Return what is asked, all in one, without the examples; None where a value is missing."""
    if any(name not in values for name in work.uses):
        return None
    return "\n".join(filter(None, (render(work.system, values), render(work.prompt, values))))


def _follow(flow: Flow, prefix: str, given: Sequence[_Values], found: dict[str, list[str]]) -> None:
    """Take in a flow that is done once for each of some sets of inputs."""
    inputs = [_inputs(flow, one) for one in given]
    for node in flow.nodes:
        place = prefix + node.id
        values = [_values(node, one) for one in inputs]
        if isinstance(node.work, Prompt):
            texts = [prompt_text(node.work, one) for one in values]
            found[place] = [] if None in texts else [text for text in texts if text is not None]
        bodies = _spread([each for one in values for each in _items(node, one)]) if node.bodies else []
        for name, body in node.bodies:
            _follow(body, f"{place}/{name}/", bodies, found)


def _inputs(flow: Flow, given: _Values) -> dict[str, Any]:
    return {
        node.id: given.get(node.id, node.work.default)
        for node in flow.nodes
        if isinstance(node.work, Input) and (node.id in given or node.work.optional)
    }


def _values(node: Node, inputs: _Values) -> dict[str, Any]:
    parts = ((name, *source.partition(".")[::2]) for name, source in node.inputs.items())
    return {name: look_up(inputs[origin], path) for name, origin, path in parts if origin in inputs}


def _items(node: Node, values: dict[str, Any]) -> Sequence[_Values]:
    """Return what the node's bodies are given: of a map once an item, where the list is known."""
    if not isinstance(node.work, Map):
        return (values,)
    listed = values.get(node.work.over)
    return [{**values, node.work.item: item} for item in _spread(listed)] if isinstance(listed, list | tuple) else ({},)


def _spread(listed: Sequence[Any]) -> Sequence[Any]:
    """Return the list, or of a long one so many, evenly spread."""
    if len(listed) <= MOST_ITEMS:
        return listed
    return [listed[number * len(listed) // MOST_ITEMS] for number in range(MOST_ITEMS)]
