"""Which inputs a request needs that nobody gave."""

from __future__ import annotations

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.engine.planner.details import find_targets
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.steps import Step

_ALWAYS = frozenset({"classify", "extract", "rewrite", "review_code", "debug_code"})
"""Capabilities that work on a text in every case."""
_WHERE_NAMED = frozenset({"summarize", "translate", "compare", "critique", "judge", "compute", "generate", "answer"})
"""Capabilities that may also work on what the request itself says."""
_SHORT = 2
_NEAR = 4


def missing_inputs(step: Step, lexicon: Lexicon, *, first: bool) -> dict[str, ValueType]:
    """Return names and types of what the step works on, where no earlier step gives it."""
    if step.capability == "retrieve":
        return {"documents": ValueType.ANY}
    if not first:
        return {}
    if step.capability == "read_data":
        return {"table": ValueType.ANY}
    if any(token.is_quote for token in step.said):
        return {}
    return _for_code(step, lexicon) if step.capability in {"run_code", "write_code"} else _for_text(step, lexicon)


def _for_code(step: Step, lexicon: Lexicon) -> dict[str, ValueType]:
    running = step.capability == "run_code"
    by_code = running and lexicon.has("by_code", step.said)
    if (lexicon.has("code tests", step.said) and not by_code) if running else lexicon.has("deictic", step.said):
        return {"code": ValueType.CODE}
    return {"table": ValueType.TABLE} if running and not _computes_alone(step, lexicon) else {}


def _computes_alone(step: Step, lexicon: Lexicon) -> bool:
    """Tell whether the words say all that the program needs (*the first 20 primes with Python*)."""
    return lexicon.has("by_code", step.said) and not lexicon.has("deictic table", step.said)


def _for_text(step: Step, lexicon: Lexicon) -> dict[str, ValueType]:
    return _material(step, lexicon) if _needs_material(step, lexicon) else {}


def _needs_material(step: Step, lexicon: Lexicon) -> bool:
    if step.capability in _ALWAYS:
        return True
    if step.capability not in _WHERE_NAMED or (step.copies > 1 and not _points(step, lexicon)):
        return False
    if _points(step, lexicon) or step.each:
        return True
    if step.capability in {"generate", "answer", "compute"}:
        return False
    rest = step.words[step.at + 1 :]
    return lexicon.has("textual", (*rest, *step.frame)) or _is_bare(step, lexicon)


def _points(step: Step, lexicon: Lexicon) -> bool:
    """Tell whether a text is pointed at (*this*, *my report*); whose boss it is names no text."""
    said = step.said
    return any(
        not lexicon.match("possessive", said, at) or lexicon.has("textual notes data code", said[at + 1 : at + _NEAR])
        for at in range(len(said))
        if lexicon.match("deictic", said, at)
    )


def _is_bare(step: Step, lexicon: Lexicon) -> bool:
    """Tell whether the clause names nothing to work on (*Summarise in one sentence*)."""
    rest = [token for token in step.words[step.at + 1 :] if token.is_word]
    if step.capability == "translate":
        return len(rest) <= _SHORT * max(1, len(find_targets(step, lexicon)))
    return len(rest) <= _SHORT or bool(lexicon.match("as", rest, 0) or lexicon.match("refer", rest, 0))


def _material(step: Step, lexicon: Lexicon) -> dict[str, ValueType]:
    if step.each:
        return {"items": ValueType.LIST}
    if step.capability in {"review_code", "debug_code"}:
        return {"code": ValueType.CODE}
    if step.capability == "compare" and any(lexicon.number(token) == 2 for token in step.words):
        return {"text": ValueType.TEXT, "other": ValueType.TEXT}
    return {"text": ValueType.TEXT}


def wants_question(step: Step, lexicon: Lexicon, previous: str) -> bool:
    """Tell whether the step answers somebody's question, which only an input can hold."""
    asks = step.capability == "answer" and previous in {"retrieve", "memory", "classify", "search", ""}
    return asks and lexicon.match("answer", step.words, step.at) > 0 and "?" not in step.text
