"""Brief questions: those that one short sentence answers."""

from __future__ import annotations

from collections.abc import Sequence

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.engine.planner.grammar import skip_fillers
from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.sources import Source
from nubem_jupyter.engine.planner.steps import Step
from nubem_jupyter.engine.planner.tokens import Token, tokenize

_MOST_WORDS = 25
_INNER_STOPS = frozenset(".;!?:\n")


def is_brief_question(step: Step, sources: Sequence[Source], lexicon: Lexicon) -> bool:
    """Tell whether the step is one short question that says all there is to it, or to answer one that is given."""
    if step.capability != "answer":
        return False
    words = tokenize(step.text)
    if sources:
        return len(sources) == 1 and sources[0].type is ValueType.TEXT and _only_says_answer(words, lexicon)
    return len(words) <= _MOST_WORDS and _asks(words, lexicon)


def _only_says_answer(words: Sequence[Token], lexicon: Lexicon) -> bool:
    """Tell whether this is *Answer the question* and no more."""
    at = skip_fillers(words, lexicon, 0)
    rest = words[at + lexicon.match("answer", words, at) :]
    small = [
        token
        for token in rest
        if not (lexicon.has("article deictic asked refer framing", [token]) or token.word == ".")
    ]
    return len(rest) < len(words) - at and lexicon.has("asked", rest) and not small


def _asks(words: Sequence[Token], lexicon: Lexicon) -> bool:
    start = 1 if words[:1] and words[0].word == "¿" else 0
    inner = words[:-1] if words[-1:] and words[-1].word in _INNER_STOPS else words
    if any(token.is_quote or token.word in _INNER_STOPS for token in inner):
        return False
    if lexicon.match("question", words, start):
        return True
    instructs = bool(lexicon.verbs_at(words, skip_fillers(words, lexicon, start)))
    return words[-1].word == "?" and not instructs
