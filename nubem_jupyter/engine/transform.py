"""The same flow with every model call changed, those inside bodies too."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import msgspec

from nubem_jupyter.core.flow import Branch, Flow, Loop, Map, Node
from nubem_jupyter.core.work import Prompt

SEEDS = 1 << 31
"""Seeds are below this; every provider takes them."""


def map_prompts(flow: Flow, change: Callable[[Prompt], Prompt]) -> Flow:
    """Return the flow with ``change`` applied to each model call."""
    return map_nodes(flow, lambda node: _with_prompt(node, change))


def map_nodes(flow: Flow, change: Callable[[Node], Node]) -> Flow:
    """Return the flow with ``change`` applied to each node, innermost flows first; itself where nothing changes."""

    def rebuilt(node: Node) -> Node:
        match node.work:
            case Map(body=body) | Loop(body=body):
                changed = map_nodes(body, change)
                if changed is body:
                    return change(node)
                inner: dict[str, Any] = {"body": changed}
            case Branch(cases=cases, otherwise=otherwise):
                bodies = [msgspec.structs.replace(case, body=map_nodes(case.body, change)) for case in cases]
                inner = {"cases": tuple(bodies), "otherwise": otherwise and map_nodes(otherwise, change)}
            case _:
                return change(node)
        return change(msgspec.structs.replace(node, work=msgspec.structs.replace(node.work, **inner)))

    nodes = tuple(rebuilt(node) for node in flow.nodes)
    # A flow that nothing changes stays itself: checking a large one anew for each run would cost more than running it.
    same = all(new is old for new, old in zip(nodes, flow.nodes, strict=True))
    return flow if same else msgspec.structs.replace(flow, nodes=nodes)


def with_sampling(flow: Flow, *, temperature: float | None = None, seed: int | None = None) -> Flow:
    """Return the flow with the given temperature on every model call, and seeds that follow from the given one.

    None leaves a setting as it is. Each call gets a seed of its own, so that independent draws stay independent.
    """
    seeds = itertools.count(seed or 0)

    def sampled(prompt: Prompt) -> Prompt:
        heat = prompt.temperature if temperature is None else temperature
        return msgspec.structs.replace(
            prompt, temperature=heat, seed=prompt.seed if seed is None else next(seeds) % SEEDS
        )

    return flow if temperature is None and seed is None else map_prompts(flow, sampled)


def pin_seeds(flow: Flow, seed: int) -> Flow:
    """Give every sampling call without a seed one of its own, so that the run on record can be made again."""
    seeds = itertools.count(seed)

    def pinned(prompt: Prompt) -> Prompt:
        open_seed = prompt.temperature > 0 and prompt.seed is None
        return msgspec.structs.replace(prompt, seed=next(seeds) % SEEDS) if open_seed else prompt

    return map_prompts(flow, pinned)


def with_other_seeds(flow: Flow, turn: int) -> Flow:
    """Return the flow as it draws in a repeat: given seeds are moved by its number, from 0 on; where they are equal.

    Calls that do not draw, and those without a seed, stay as they are.
    """

    def moved(prompt: Prompt) -> Prompt:
        if not turn or not prompt.temperature or prompt.seed is None:
            return prompt
        return msgspec.structs.replace(prompt, seed=(prompt.seed + turn) % SEEDS)

    return map_prompts(flow, moved)


def _with_prompt(node: Node, change: Callable[[Prompt], Prompt]) -> Node:
    if not isinstance(node.work, Prompt):
        return node
    work = change(node.work)
    return node if work is node.work else msgspec.structs.replace(node, work=work)
