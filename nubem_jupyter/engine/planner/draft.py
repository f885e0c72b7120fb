"""From a request in words to a flow, with what was understood on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.frozen import freeze_fields
from nubem_jupyter.core.plan import Question
from nubem_jupyter.core.text import shorten
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import NodeKind
from nubem_jupyter.engine.planner.clauses import in_order, split_clauses
from nubem_jupyter.engine.planner.explain import explain
from nubem_jupyter.engine.planner.grammar import Context
from nubem_jupyter.engine.planner.language import read_in
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.limits import read_limits, unheld
from nubem_jupyter.engine.planner.looking_up import Retriever, look_up, look_up_rows, place_of
from nubem_jupyter.engine.planner.maps import LISTS
from nubem_jupyter.engine.planner.material import MOST_CHARS, Split, split_material
from nubem_jupyter.engine.planner.meaning import sift_by_meaning
from nubem_jupyter.engine.planner.places import Place
from nubem_jupyter.engine.planner.searching import Searcher, search_through, searches
from nubem_jupyter.engine.planner.stages import arrange
from nubem_jupyter.engine.planner.steps import Reading, Step, read_steps
from nubem_jupyter.engine.planner.tokens import tokenize
from nubem_jupyter.engine.planner.typos import space
from nubem_jupyter.engine.planner.weave import weave
from nubem_jupyter.errors import PlanError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A flow drawn from the words of a request, and how sure the drawing is."""

    flow: Flow
    """The steps."""
    language: str = "en"
    """The request's language, as ISO 639-1."""
    constraints: Mapping[str, Any] = {}
    """Fields of ``Constraints`` that stand in the words."""
    questions: tuple[Question, ...] = ()
    """What the request leaves open."""
    confidence: float | None = 0.0
    """The share of the request's clauses that were understood, 0 to 1."""
    explanation: str = ""
    """How the request was read, in its language."""
    warnings: tuple[str, ...] = ()
    """What the user should know before running."""

    def __post_init__(self) -> None:
        freeze_fields(self, "constraints")


def draft_flow(
    request: str,
    inputs: Mapping[str, ValueType] | None = None,
    searcher: Searcher | None = None,
    retriever: Retriever | None = None,
) -> Draft:
    """Turn a request into a flow by matching capabilities, order and fan-out words; the same words give the same flow.

    Steps that search do so through ``searcher``, where there is one with leave, and what is to be answered from files
    or from a table's fitting rows is looked up by ``retriever``.

    Raises:
        PlanError: the request is blank, or an input's name cannot name a node.
    """
    if not request.strip():
        raise PlanError("the request is empty", hint="say in plain words what is to be done")
    given = dict(inputs or {})
    _check_names(given)
    lexicon = read_in(request)
    whole = given and len(request) <= MOST_CHARS
    split = Split(request.strip()) if whole else split_material(request.strip(), lexicon)
    constraints, instruction = read_limits(space(split.instruction, lexicon), lexicon)
    place = place_of(instruction, lexicon) if retriever and not split.material else None
    said = split.instruction
    if place and retriever and not retriever.missing:
        said = instruction = place.rest
    reading = _read(instruction, lexicon, given, has_text=bool(split.material))
    steps = reading.steps or (_fallback(said),)
    if ValueType.LIST in given.values() or not given:
        steps = sift_by_meaning(steps, lexicon)
    has_list = not LISTS.isdisjoint(given.values()) or bool(split.material)
    stages = arrange(steps, lexicon, has_list=has_list)
    woven = weave(stages, lexicon, given, _material(split, stages[0]))
    if place and len(stages) > 1:  # what is looked up is what the first step says
        place = place._replace(rest=stages[0][0].text)
    looked = _look(woven.flow, instruction, place, retriever, lexicon, given) if retriever else _Looked(woven.flow)
    finds = searcher is not None and not searcher.missing
    flow = search_through(looked.flow, searcher.info, lexicon) if searcher and finds else looked.flow
    warnings = (*_warnings(reading, lexicon, instruction, is_guess=split.is_guess), *looked.warnings)
    return Draft(
        flow=flow,
        language=lexicon.code,
        constraints=constraints,
        questions=tuple(question for question in woven.questions if any(n.id == question.name for n in flow.nodes)),
        confidence=_confidence(reading),
        explanation=explain(stages, constraints, lexicon, goes_over=_goes_over(woven.flow, steps)),
        warnings=warnings if finds or not searches(flow) else (*warnings, _memory_alone(lexicon, searcher)),
    )


def _check_names(inputs: Mapping[str, ValueType]) -> None:
    for name in inputs:
        if not _NAME.fullmatch(name):
            raise PlanError(
                f"the input '{name}' cannot be used in a flow by this name", hint=f"pass it on renamed: -i text={name}"
            )


def _read(instruction: str, lexicon: Lexicon, given: Mapping[str, ValueType], *, has_text: bool) -> Reading:
    words = tokenize(instruction)
    types = set(given.values())
    context = Context(
        code=lexicon.has("code tests", words) or ValueType.CODE in types,
        tabular=lexicon.has("table data", words) or ValueType.TABLE in types,
        text=has_text or bool(given) or lexicon.has("deictic", words),
        rows=not types.isdisjoint(LISTS)
        or (not types and lexicon.has("deictic", words) and lexicon.has("table data", words)),
        given_table=ValueType.TABLE in types,
    )
    return read_steps(in_order(split_clauses(instruction, lexicon)), lexicon, context)


def _fallback(request: str) -> Step:
    return Step(capability="answer", text=request.strip())


def _material(split: Split, steps: Sequence[Step]) -> str | list[str] | None:
    return split.items if split.material and any(step.each for step in steps) else split.material or None


class _Looked(NamedTuple):
    flow: Flow
    warnings: tuple[str, ...] = ()


def _look(
    flow: Flow,
    request: str,
    place: Place | None,
    retriever: Retriever,
    lexicon: Lexicon,
    given: Mapping[str, ValueType],
) -> _Looked:
    """Have passages and rows looked up, and say what would let files be read, or be read better."""
    rows = retriever.rows and look_up_rows(flow, request, retriever.rows, lexicon, given)
    found = look_up(rows or flow, place, retriever.folder, lexicon, given) if place else rows or flow
    if found == flow:
        return _Looked(flow)
    if found != (rows or flow) and retriever.missing:
        allow = ",".join(retriever.missing)
        return _Looked(rows or flow, (lexicon.say["warn.files"].format(name=retriever.folder.name, allow=allow),))
    how = retriever.words_alone
    return _Looked(found, (lexicon.say["warn.words"].format(how=how),) if how else ())


def _goes_over(flow: Flow, steps: Sequence[Step]) -> bool:
    """Tell whether anything is done for each item: by a map, or for each part of a plan."""
    return any(node.kind is NodeKind.MAP for node in flow.nodes) or any(step.each and step.apart for step in steps)


def _confidence(reading: Reading) -> float:
    if not reading.steps:
        return 0.0
    return round(1 - len(reading.unread) / max(1, reading.said), 3)


def _warnings(reading: Reading, lexicon: Lexicon, instruction: str, *, is_guess: bool) -> tuple[str, ...]:
    warnings = [lexicon.say["warn.long"]] if is_guess else []
    if not reading.steps:
        warnings.append(lexicon.say["warn.unread"])
    elif reading.unread:
        parts = "; ".join(shorten(part, 60) for part in reading.unread)
        warnings.append(lexicon.say["warn.partly"].format(parts=parts))
    return (*warnings, *unheld(instruction, lexicon))


def _memory_alone(lexicon: Lexicon, searcher: Searcher | None) -> str:
    """Say that a model searches its memory, and what would let it do better."""
    if searcher is None:
        return lexicon.say["warn.search"]
    allow = ",".join(searcher.missing)
    return lexicon.say["warn.search.leave"].format(name=searcher.info.name, allow=allow)
