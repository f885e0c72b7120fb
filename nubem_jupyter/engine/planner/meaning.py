"""Counting and filtering a list by what its texts mean: a model labels each text, and a program counts or keeps."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.steps import Step, join_words
from nubem_jupyter.engine.planner.tokens import Token, fold

_AXES = ("sentiment", "spam")
"""What texts are labelled by where a usual label is named."""
_SMALL = (
    "article", "filler", "of", "from", "each", "refer", "deictic", "question", "quantity", "textual", "and", "that",
)  # fmt: skip
"""Groups of words that say nothing about what is meant."""
_STEM = 6
"""Letters of a label that its inflected forms share."""


def sift_by_meaning(steps: Sequence[Step], lexicon: Lexicon) -> tuple[Step, ...]:
    """Replace a first step that counts or filters by meaning by one that labels each text and one that sifts."""
    first, *others = steps
    sifts = _sifts(first, lexicon)
    words = first.words[first.at :]
    predicate = _predicate(words, lexicon)
    about_texts = _speaks_of_texts(words, lexicon) or any(_named_label(predicate, lexicon))
    if not (sifts and predicate and about_texts) or any(lexicon.number(token) is not None for token in words):
        return tuple(steps)
    return (*_sifting(first, sifts, predicate, lexicon), *others)


def _sifts(step: Step, lexicon: Lexicon) -> str:
    """Return ``count``, ``keep`` or ``drop``; empty when the step does none of them."""
    if step.capability == "run_code":
        counts = lexicon.match("count", step.words, step.at) or lexicon.has("quantity", step.words[:3])
        return "count" if counts else ""
    if lexicon.match("drop", step.words, step.at):
        return "drop"
    return "keep" if lexicon.match("keep", step.words, step.at) else ""


def _speaks_of_texts(words: Sequence[Token], lexicon: Lexicon) -> bool:
    """Tell whether texts are counted or kept, and not what is in them (*the words in each review*)."""
    place = lexicon.find("textual", words)
    before = words[: max(place, 0)]
    return place >= 0 and not (_predicate(before, lexicon) and lexicon.has("of from", before))


def _predicate(words: Sequence[Token], lexicon: Lexicon) -> tuple[Token, ...]:
    """Return the words that say which texts are meant (*positive*, *mention the price*)."""
    verb = lexicon.verb_length(words, 0)
    return tuple(
        token
        for at, token in enumerate(words[verb:], verb)
        if token.is_word and not any(lexicon.match(group, words, at) for group in _SMALL)
    )


def _named_label(predicate: Sequence[Token], lexicon: Lexicon) -> tuple[str, str]:
    """Return an axis and its label that the words name alone; empty when they say more or something else."""
    found = (
        (axis, label)
        for axis in _AXES
        for label in lexicon.labels[axis]
        if len(predicate) == 1 and predicate[0].word.startswith(fold(label)[:_STEM])
    )
    return next(found, ("", ""))


def _sifting(step: Step, sifts: str, predicate: tuple[Token, ...], lexicon: Lexicon) -> tuple[Step, Step]:
    axis, label = _named_label(predicate, lexicon)
    labels = lexicon.labels[axis or "yes_no"]
    wanted = label or labels[0]
    labelling = msgspec.structs.replace(
        step,
        capability="classify",
        each=True,
        labels=labels,
        asks="" if axis else join_words(predicate),
    )
    sifting = msgspec.structs.replace(
        step, capability="run_code", link="then", each=sifts != "count", sifts=sifts, wanted=wanted
    )
    return labelling, sifting
