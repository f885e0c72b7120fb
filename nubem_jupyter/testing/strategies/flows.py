"""Strategies for whole flows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from nubem_jupyter.core.flow import Branch, Case, Flow, Loop, Map, Node
from nubem_jupyter.core.ids import NodeId
from nubem_jupyter.core.value import may_iterate
from nubem_jupyter.core.work import Output
from nubem_jupyter.testing.strategies.values import capabilities, node_ids, words
from nubem_jupyter.testing.strategies.works import codes, components, conditions, inputs, joins, prompts

_Maker = Callable[[st.DrawFn, Sequence[str], int], dict[str, Any]]
"""Draws the fields of one node, given the ids of earlier ones and how deep it may hold flows."""


@st.composite
def flows(draw: st.DrawFn, *, max_steps: int = 12, depth: int = 1) -> Flow:
    """Valid flows of 1 to ``max_steps`` steps and an output; ``depth`` bounds how deep they hold other flows."""
    names = draw(st.lists(node_ids, min_size=1, max_size=max_steps, unique=True))
    nodes: list[Node] = []
    for name in names:
        nodes.append(draw(_steps(NodeId(name), tuple(nodes), depth)))
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    nodes.append(Node(id=NodeId("output"), work=Output(), inputs={name: name for name in chosen}))
    return Flow(name=draw(words), nodes=tuple(draw(st.permutations(nodes))))


@st.composite
def _steps(draw: st.DrawFn, name: NodeId, earlier: tuple[Node, ...], depth: int) -> Node:
    makers: list[_Maker] = [_input_node, _model_node, _code_node]
    if earlier:
        makers += [_component_node, _join_node]
    if earlier and depth > 0:
        makers += [_loop_node, _branch_node, _map_node]
    fields = draw(st.sampled_from(makers))(draw, [node.id for node in earlier], depth)
    if isinstance(fields["work"], Map):
        fields["inputs"]["items"] = _list_source(draw, earlier)
    return Node(
        id=name,
        label=draw(words),
        optional=draw(st.booleans()),
        timeout_s=draw(st.none() | st.integers(1, 60) | st.floats(0.1, 60)),
        **fields,
    )


def _sources(draw: st.DrawFn, earlier: Sequence[str], least: int = 0) -> dict[str, str]:
    if not earlier:
        return {}
    pairs = st.lists(st.sampled_from(earlier), min_size=least, max_size=3, unique=True)
    path = st.sampled_from(("", ".items.0", ".language"))
    return {source: source + draw(path) for source in draw(pairs)}


def _list_source(draw: st.DrawFn, earlier: Sequence[Node]) -> str:
    whole: list[str] = [node.id for node in earlier if may_iterate(node.work.gives)]
    return draw(st.sampled_from([*whole, *(f"{node.id}.items" for node in earlier)]))


def _input_node(draw: st.DrawFn, _earlier: Sequence[str], _depth: int) -> dict[str, Any]:
    return {"work": draw(inputs())}


def _model_node(draw: st.DrawFn, earlier: Sequence[str], _depth: int) -> dict[str, Any]:
    named = _sources(draw, earlier)
    return {"work": draw(prompts(tuple(named))), "inputs": named, "capability": draw(capabilities)}


def _code_node(draw: st.DrawFn, earlier: Sequence[str], _depth: int) -> dict[str, Any]:
    named = _sources(draw, earlier)
    return {"work": draw(codes(tuple(named))), "inputs": named, "capability": "run_code"}


def _component_node(draw: st.DrawFn, earlier: Sequence[str], _depth: int) -> dict[str, Any]:
    return {"work": draw(components()), "inputs": _sources(draw, earlier), "capability": "search"}


def _join_node(draw: st.DrawFn, earlier: Sequence[str], _depth: int) -> dict[str, Any]:
    return {"work": draw(joins()), "inputs": _sources(draw, earlier, least=1)}


def _body(draw: st.DrawFn, earlier: Sequence[str], depth: int) -> tuple[Flow, dict[str, str]]:
    """Draw a small flow and a source for each input that it cannot do without."""
    body = draw(flows(max_steps=3, depth=depth - 1))
    return body, {node.id: draw(st.sampled_from(earlier)) for node in body.inputs}


def _loop_node(draw: st.DrawFn, earlier: Sequence[str], depth: int) -> dict[str, Any]:
    body, named = _body(draw, earlier, depth)
    return {"work": Loop(body=body, until=draw(conditions()), max_rounds=draw(st.integers(1, 5))), "inputs": named}


def _map_node(draw: st.DrawFn, earlier: Sequence[str], depth: int) -> dict[str, Any]:
    body, named = _body(draw, earlier, depth)
    item = draw(st.sampled_from([node.id for node in body.inputs] or [NodeId("item")]))
    return {"work": Map(body=body, item=item), "inputs": named}


def _branch_node(draw: st.DrawFn, earlier: Sequence[str], depth: int) -> dict[str, Any]:
    drawn = [_body(draw, earlier, depth) for _ in range(draw(st.integers(1, 2)))]
    cases = tuple(Case(when=draw(conditions()), body=body) for body, _ in drawn)
    named = {name: source for _, needed in drawn for name, source in needed.items()}
    otherwise = draw(st.none() | st.just(cases[0].body))
    return {
        "work": Branch(cases=cases, otherwise=otherwise),
        "inputs": named | {"value": draw(st.sampled_from(earlier))},
    }
