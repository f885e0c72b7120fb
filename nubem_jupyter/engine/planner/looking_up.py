"""Steps that look things up: passages of files, or rows of a table, are found first, and a model answers from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import msgspec

from nubem_jupyter.core.component import ComponentInfo
from nubem_jupyter.core.flow import Flow, Node
from nubem_jupyter.core.ids import NodeId
from nubem_jupyter.core.template import escape
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Component, Example, Input, Prompt
from nubem_jupyter.engine.planner.language import read_in
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.maps import LISTS
from nubem_jupyter.engine.planner.places import HERE, Place, find_place
from nubem_jupyter.engine.planner.searching import query_in
from nubem_jupyter.engine.planner.tokens import Token, tokenize

_CAPABILITY = "retrieve"
_PASSAGES = "passages"
_ROWS = "rows"
_FROM_A_PLACE = frozenset({"answer", "search", "retrieve", "summarize", "extract", "generate", "compare", "critique"})
"""What can be done with passages that a request names the place of."""
_FROM_NOTES = frozenset({"answer", "search", "retrieve"})
"""What is meant by a few passages where only *my notes* are named; a summary is one of them all."""
_MATERIAL = frozenset({"text", "documents"})
"""Inputs that are asked for, and that passages stand for."""
_NO_TOPIC = ("of", "within", "article", "possessive", "deictic", "notes", "searched")
_PASSAGES_READ = 3
"""Passages that an answer is given from: most right ones are among them, and a small model can read so many."""
_ANSWER_TOKENS = 160
_ROWS_READ = 5


class Retriever(msgspec.Struct, frozen=True, kw_only=True):
    """Components that look up passages."""

    folder: ComponentInfo
    """In the files of a folder."""
    rows: ComponentInfo | None = None
    """In a table or a list; None where nothing can."""
    missing: tuple[str, ...] = ()
    """Permissions that ``folder`` needs and that nobody grants; it is not used before they are."""
    words_alone: str = ""
    """What to do so that passages are found by what they mean; empty where they are."""


def find_retriever(tools: Iterable[ComponentInfo]) -> Retriever | None:
    """Return the first tool that looks a query up in a folder, and the first that does in rows."""
    able = [info for info in tools if info.capability == _CAPABILITY]
    folder = next((info for info in able if _needs(info) == {"query"} and _takes(info, "path")), None)
    rows = next((info for info in able if _needs(info) == {"query", _ROWS}), None)
    return Retriever(folder=folder, rows=rows) if folder else None


def _needs(info: ComponentInfo) -> Set[str]:
    return {parameter.name for parameter in info.inputs if parameter.required}


def _takes(info: ComponentInfo, name: str) -> bool:
    return any(parameter.name == name for parameter in info.inputs)


def may_look_up(request: str, given: Mapping[str, ValueType]) -> bool:
    """Tell whether a request may be one that looks things up, before anybody asks what can."""
    lexicon, words = read_in(request), tokenize(request)
    rows = not LISTS.isdisjoint(given.values()) and lexicon.has("which search", words)
    return rows or "/" in request or lexicon.has("notes folder", words)


def place_of(request: str, lexicon: Lexicon) -> Place | None:
    """Return where a request is to be answered from; its own notes lie somewhere in the workspace."""
    found = find_place(request, lexicon)
    if found is None and lexicon.has("notes", tokenize(request)):
        return Place(HERE, request)
    return found


def look_up(flow: Flow, place: Place, info: ComponentInfo, lexicon: Lexicon, given: Mapping[str, ValueType]) -> Flow:
    """Return the flow with its first model steps reading passages of the place; as it was where none can."""
    material = {
        node.id for node in flow.nodes if isinstance(node.work, Input) and node.id in _MATERIAL and node.id not in given
    }
    named = place.path != HERE or bool(place.pattern)
    if given and not named:  # what is given are the notes
        return flow
    readers = [node for node in flow.nodes if _reads(node, flow, _FROM_A_PLACE if named else _FROM_NOTES)]
    if not readers or (not named and not any(_looks(node, material) for node in readers)):
        return flow
    passages = _fresh(_PASSAGES, flow)
    asked = _query(readers, place, given, lexicon)
    args = {"path": place.path, "limit": _PASSAGES_READ} | ({"pattern": place.pattern} if place.pattern else {})
    use = Component(name=info.name, output=info.output, args=args | ({} if asked.input else {"query": asked.text}))
    inputs = {"query": asked.input} if asked.input else {}
    found = Node(id=NodeId(passages), capability=_CAPABILITY, inputs=inputs, work=use)
    changed = {node.id: _reading(node, place.rest, passages, material, lexicon) for node in readers}
    return _rebuilt(flow, changed, found, material)


def look_up_rows(
    flow: Flow, request: str, info: ComponentInfo, lexicon: Lexicon, given: Mapping[str, ValueType]
) -> Flow:
    """Return the flow with a step that asks which rows speak of something reading those alone that fit best."""
    words = tokenize(request)
    tables = {name for name, kind in given.items() if kind in LISTS}
    reader = next((node for node in flow.nodes if _asks_for_rows(node, words, tables, lexicon)), None)
    if reader is None:
        return flow
    key, source = next((key, source) for key, source in reader.inputs.items() if source in tables)
    args = {"query": query_in(request, lexicon), "limit": _ROWS_READ}
    use = Component(name=info.name, output=info.output, args=args)
    best = _fresh("best_rows", flow)
    found = Node(id=NodeId(best), capability=_CAPABILITY, inputs={_ROWS: source}, work=use)
    changed = msgspec.structs.replace(reader, capability="answer", inputs={**reader.inputs, key: NodeId(best)})
    return _rebuilt(flow, {reader.id: changed}, found, frozenset())


def _asks_for_rows(node: Node, words: tuple[Token, ...], tables: Set[str], lexicon: Lexicon) -> bool:
    if not isinstance(node.work, Prompt) or len([source for source in node.inputs.values() if source in tables]) != 1:
        return False
    which = node.capability == "answer" and lexicon.has("which", words[:3]) and lexicon.has("about", words)
    return which or node.capability in {"search", _CAPABILITY}


def _reads(node: Node, flow: Flow, capabilities: Set[str]) -> bool:
    """Tell whether a model does the step and nothing but inputs of the flow are before it."""
    if not isinstance(node.work, Prompt) or node.capability not in capabilities:
        return False
    return all(isinstance(flow.node(source).work, Input) for source in map(_node_of, node.inputs.values()))


def _node_of(source: str) -> str:
    return source.partition(".")[0]


def _looks(node: Node, material: Set[str]) -> bool:
    """Tell whether the step lacks the notes that it speaks of, or has none and would make them up."""
    return node.capability == _CAPABILITY or any(source in material for source in node.inputs.values())


class _Query(msgspec.Struct, frozen=True):
    text: str = ""
    input: str = ""


def _query(readers: Iterable[Node], place: Place, given: Mapping[str, ValueType], lexicon: Lexicon) -> _Query:
    """Say what is looked up: a question that the flow is given, or the request's own words."""
    sources = {source for node in readers for source in node.inputs.values()} - _MATERIAL
    if len(sources) == 1 and given.get(source := sources.pop(), ValueType.TEXT) is ValueType.TEXT:
        return _Query(input=source)
    return _Query(text=_topic(query_in(place.rest, lexicon), lexicon))


def _topic(query: str, lexicon: Lexicon) -> str:
    """Leave *in my notes for the* at the beginning out."""
    words = tokenize(query)
    at = 0
    while length := max(lexicon.match(group, words, at) for group in _NO_TOPIC):
        at += length
    return query[words[at].start :] if at < len(words) else query


def _reading(node: Node, request: str, passages: str, material: Set[str], lexicon: Lexicon) -> Node:
    """Have a step read the passages: an answer by a prompt of its own, any other step beside what it does."""
    assert isinstance(node.work, Prompt)  # noqa: S101  # only such nodes read
    inputs = {key: NodeId(passages) if source in material else source for key, source in node.inputs.items()}
    key = next((key for key, source in inputs.items() if source == passages), passages)
    inputs[key] = NodeId(passages)
    if node.capability not in _FROM_NOTES or node.work.schema is not None:
        return msgspec.structs.replace(node, inputs=inputs, work=_beside(node.work, key, lexicon))
    asked = escape(request)
    for name in inputs.keys() - {key}:
        asked = asked.replace(escape(f"{{{name}}}"), f"{{{name}}}")
    others = [f"{{{name}}}" for name in inputs if name != key and f"{{{name}}}" not in asked]
    work = msgspec.structs.replace(
        node.work,
        prompt=_asked(f"{{{key}}}", "\n".join([asked, *others]), lexicon),
        examples=_examples(lexicon),
        max_tokens=max(_ANSWER_TOKENS, node.work.max_tokens),
    )
    return msgspec.structs.replace(node, capability="answer", inputs=inputs, work=work)


def _asked(passages: str, request: str, lexicon: Lexicon) -> str:
    """Put the passages first: a small model heeds best what stands at the end."""
    return f"{lexicon.say['files.passages']}\n{passages}\n\n{request}\n\n{lexicon.say['files.answer']}"


def _examples(lexicon: Lexicon) -> tuple[Example, ...]:
    """Give two, each with both passages, the right one once first and once last: a small model repeats a lone one."""
    say = lexicon.say
    rooms = {"file": "rooms.md", "first_line": 3, "last_line": 3, "text": say["files.sample"], "score": 0.8}
    lunch = {"file": "lunch.md", "first_line": 1, "last_line": 1, "text": say["files.sample2"], "score": 0.6}
    return tuple(
        Example(
            given=_asked(msgspec.json.encode([rooms, lunch]).decode(), say[f"{sample}.asked"], lexicon),
            answer=say[f"{sample}.answer"],
        )
        for sample in ("files.sample", "files.sample2")
    )


def _beside(work: Prompt, key: str, lexicon: Lexicon) -> Prompt:
    shown = "" if f"{{{key}}}" in work.prompt else f"\n\n{lexicon.say['files.passages']}\n{{{key}}}"
    return msgspec.structs.replace(work, prompt=f"{work.prompt}\n\n{lexicon.say['files.use']}{shown}")


def _rebuilt(flow: Flow, changed: Mapping[NodeId, Node], found: Node, gone: Set[str]) -> Flow:
    """Put the steps that changed in, the one that finds before the first of them, and unread inputs out."""
    nodes: list[Node] = []
    for node in flow.nodes:
        if node.id in changed and found not in nodes:
            nodes.append(found)
        nodes.append(changed.get(node.id, node))
    read = {_node_of(source) for node in nodes for source in node.inputs.values()}
    return msgspec.structs.replace(flow, nodes=tuple(node for node in nodes if node.id not in gone or node.id in read))


def _fresh(name: str, flow: Flow) -> str:
    taken = {str(node.id) for node in flow.nodes}
    count = 2
    chosen = name
    while chosen in taken:
        chosen, count = f"{name}_{count}", count + 1
    return chosen
