"""Steps that search: they ask a tool that can, and a model answers from what it finds, and not from memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from nubem_jupyter.core.component import ComponentInfo, Parameter
from nubem_jupyter.core.flow import Branch, Flow, Loop, Map, Node
from nubem_jupyter.core.ids import NodeId
from nubem_jupyter.core.template import render
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Component, Prompt
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import tokenize

_CAPABILITY = "search"
_RESULTS = "results"
_QUERY_TOKENS = 32
_VERB_WITHIN = 4
"""Words at a request's beginning among which the verb is (*Please search for …*)."""


class Searcher(msgspec.Struct, frozen=True, kw_only=True):
    """A component that searches."""

    info: ComponentInfo
    """What is known of it."""
    missing: tuple[str, ...] = ()
    """Permissions that it needs and that nobody grants; it is not used before they are."""


def find_searcher(tools: Iterable[ComponentInfo]) -> ComponentInfo | None:
    """Return the first tool that searches and needs to be told one text and nothing else."""
    return next((info for info in tools if info.capability == _CAPABILITY and _query_input(info)), None)


def searches(flow: Flow) -> bool:
    """Tell whether a step of the flow lets a model do as if it searched."""
    return any(_pretends(node) for _, node in flow.walk())


def search_through(flow: Flow, info: ComponentInfo, lexicon: Lexicon) -> Flow:
    """Return the flow with each such step reading what the tool finds, inside maps, branches and loops too."""
    taken = {str(node.id) for node in flow.nodes}
    nodes = [one for node in flow.nodes for one in _rebuilt(node, info, lexicon, taken)]
    return msgspec.structs.replace(flow, nodes=tuple(nodes))


def _pretends(node: Node) -> bool:
    return node.capability == _CAPABILITY and isinstance(node.work, Prompt)


def _rebuilt(node: Node, info: ComponentInfo, lexicon: Lexicon, taken: set[str]) -> Iterator[Node]:
    match node.work:
        case Map(body=body) | Loop(body=body):
            inner: dict[str, Any] = {"body": search_through(body, info, lexicon)}
        case Branch(cases=cases, otherwise=otherwise):
            bodies = [msgspec.structs.replace(case, body=search_through(case.body, info, lexicon)) for case in cases]
            inner = {"cases": tuple(bodies), "otherwise": otherwise and search_through(otherwise, info, lexicon)}
        case Prompt() as prompt if node.capability == _CAPABILITY:
            yield from _searched(node, prompt, info, lexicon, taken)
            return
        case _:
            yield node
            return
    capability = "answer" if node.capability == _CAPABILITY else node.capability
    yield msgspec.structs.replace(node, capability=capability, work=msgspec.structs.replace(node.work, **inner))


def _searched(node: Node, prompt: Prompt, info: ComponentInfo, lexicon: Lexicon, taken: set[str]) -> Iterator[Node]:
    """Yield the tool's use and the answer from it; where inputs decide what is looked for, a model words the query."""
    wanted = _query_input(info)
    assert wanted is not None  # noqa: S101  # only such tools are chosen
    use = Component(name=info.name, output=info.output)
    found = _fresh(f"{node.id}_{_RESULTS}", taken)
    if node.inputs:
        query = _fresh(f"{node.id}_query", taken)
        asked = lexicon.say["search.query"].format(request=prompt.prompt)
        worded = Prompt(prompt=asked, max_tokens=_QUERY_TOKENS)
        yield Node(id=NodeId(query), capability="rewrite", inputs=node.inputs, work=worded)
        inputs = {wanted.name: query}
    else:
        inputs = {}
        use = msgspec.structs.replace(use, args={wanted.name: query_in(render(prompt.prompt, {}), lexicon)})
    yield Node(id=NodeId(found), capability=_CAPABILITY, inputs=inputs, work=use)
    text = f"{prompt.prompt}\n\n{lexicon.say['search.results']}\n{{{_RESULTS}}}"
    yield msgspec.structs.replace(
        node,
        capability="answer",
        inputs={**node.inputs, _RESULTS: found},
        work=msgspec.structs.replace(prompt, prompt=text),
    )


def query_in(request: str, lexicon: Lexicon) -> str:
    """Return what a request wants to be searched: its words without *search the web for*."""
    words = tokenize(request)
    verbs = (max(lexicon.match(group, words, at) for group in ("search", "find")) for at in range(_VERB_WITHIN))
    at = next((at + length for at, length in enumerate(verbs) if length), 0)
    while length := lexicon.match("searched", words, at):
        at += length
    return request[words[at].start :].rstrip(" .?!") if at < len(words) else request


def _query_input(info: ComponentInfo) -> Parameter | None:
    needed = [parameter for parameter in info.inputs if parameter.required]
    fits = len(needed) == 1 and needed[0].type in (ValueType.TEXT, ValueType.ANY)
    return needed[0] if fits else None


def _fresh(name: str, taken: set[str]) -> str:
    chosen, count = name, 2
    while chosen in taken:
        chosen, count = f"{name}_{count}", count + 1
    taken.add(chosen)
    return chosen
